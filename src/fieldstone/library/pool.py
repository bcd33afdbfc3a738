"""Worker processes that may hang or die: each holds one task at a time, and loses only that one.

`concurrent.futures` breaks the whole pool when a worker dies and cannot stop one that hangs; files from strangers do
both (a native library meets a hostile mesh), so every task has a deadline of its own and every death one victim.
"""

import multiprocessing as mp
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any, Generic, TypeVar

__all__ = ["Lost", "run"]

Task = TypeVar("Task")
START_SECONDS = 60.0  # importing numba and scipy in a cold process, beyond the task's own deadline
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


@dataclass(frozen=True, slots=True)
class Lost:
    """A task whose worker hung beyond the deadline or died."""

    hung: bool
    seconds: float


@dataclass(slots=True, eq=False)
class _Worker(Generic[Task]):
    process: BaseProcess
    pipe: Connection
    task: Task | None = None
    started: float = 0.0
    deadline: float = 0.0
    warm: bool = False


@contextmanager
def _plain_start() -> Iterator[None]:
    """Start children on one thread each, and without importing the user's script again.

    `spawn` runs the main script in every child; one without `if __name__ == "__main__"` would start itself for ever.
    """
    main, environment = sys.modules["__main__"], dict(os.environ)
    sys.modules["__main__"] = ModuleType("__main__")
    os.environ.update(ONE_THREAD)
    try:
        yield
    finally:
        sys.modules["__main__"] = main
        for name in ONE_THREAD:
            os.environ.pop(name)
            if name in environment:
                os.environ[name] = environment[name]


def _serve(pipe: Connection, prepare: Callable[..., Callable[[Any], Any]], arguments: tuple[Any, ...]) -> None:
    """The child: make the function once, then answer task after task until the pipe closes."""
    try:
        work = prepare(*arguments)
        while True:
            pipe.send(work(pipe.recv()))
    except (EOFError, KeyboardInterrupt, BrokenPipeError):
        pass


def _start(prepare: Callable[..., Callable[[Any], Any]], arguments: tuple[Any, ...]) -> "_Worker[Any]":
    context = mp.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, prepare, arguments), daemon=True)
    with _plain_start():
        process.start()
    theirs.close()
    return _Worker(process, ours)


def run(
    prepare: Callable[..., Callable[[Any], Any]],
    arguments: tuple[Any, ...],
    tasks: Iterable[Task],
    *,
    workers: int,
    seconds: float,
) -> Iterator[tuple[Task, Any | Lost]]:
    """Yield `(task, result)` as results come, in no order; `(task, Lost)` where the worker hung or died.

    `prepare(*arguments)` runs once in each child and returns the function that answers tasks; all of it must be
    importable. `seconds` is the deadline of one task; a worker's first task has its imports' time on top.
    """
    waiting = iter(tasks)
    crew: list[_Worker[Task]] = []
    try:
        for task in islice(waiting, workers):
            crew.append(worker := _start(prepare, arguments))
            _give(worker, task, seconds)
        while crew:
            nearest = min(worker.deadline for worker in crew)
            ready = wait([worker.pipe for worker in crew], max(0.0, nearest - time.monotonic()))
            now = time.monotonic()
            for place, worker in reversed(list(enumerate(crew))):
                if worker.pipe not in ready and now < worker.deadline:
                    continue
                yield _collect(worker, hung=worker.pipe not in ready)
                for task in islice(waiting, 1):
                    if not worker.process.is_alive() or worker.pipe.closed:
                        worker = crew[place] = _start(prepare, arguments)
                    _give(worker, task, seconds)
                if worker.task is None:
                    _stop(crew.pop(place))
    finally:
        for worker in crew:
            _stop(worker)


def _give(worker: "_Worker[Task]", task: Task, seconds: float) -> None:
    worker.task, worker.started = task, time.monotonic()
    worker.deadline = worker.started + seconds + (0.0 if worker.warm else START_SECONDS)
    with suppress(OSError):  # it died idle: the closed pipe says so at the next wait
        worker.pipe.send(task)


def _collect(worker: "_Worker[Task]", *, hung: bool) -> tuple[Task, Any | Lost]:
    assert worker.task is not None
    task, worker.task = worker.task, None
    if not hung:
        try:
            result = worker.pipe.recv()
            worker.warm = True
            return task, result
        except (EOFError, OSError):
            pass
    _stop(worker)
    return task, Lost(hung, time.monotonic() - worker.started)


def _stop(worker: "_Worker[Any]") -> None:
    worker.pipe.close()
    if worker.task is not None or worker.process.is_alive():
        worker.process.kill()
    worker.process.join()
