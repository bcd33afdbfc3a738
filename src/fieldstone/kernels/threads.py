"""Sharing rows among threads. Our kernels let go of the interpreter's lock, so plain threads run them side by side."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

__all__ = ["share"]


def share(n: int, work: Callable[[slice], None], workers: int | None = None, least: int = 1) -> None:
    """Call `work` on slices that cover n rows, each of at least about `least`, on `workers` threads.

    None means as many as numba may use (NUMBA_NUM_THREADS; all cores unless set).
    """
    from numba import get_num_threads

    workers = max(1, min(workers or get_num_threads(), n // least))
    parts = [slice(i * n // workers, (i + 1) * n // workers) for i in range(workers)]
    if workers == 1:
        work(parts[0])
        return
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(work, parts):
            pass
