"""Functions that the pool's children import."""

import os
import time
from collections.abc import Callable


def work(task: tuple[str, int]) -> tuple[int, str]:
    kind, value = task
    if kind == "die":
        os._exit(3)
    if kind == "hang":
        time.sleep(60)
    return value * value, os.environ["OMP_NUM_THREADS"]


def prepare() -> Callable[[tuple[str, int]], tuple[int, str]]:
    return work
