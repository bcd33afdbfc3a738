"""Ingest without worker processes: a test's patches hold in it, and it starts at once."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

__all__ = ["run_here"]


def run_here(
    prepare: Callable[..., Any], arguments: tuple[Any, ...], tasks: Iterable[Any], **_: object
) -> Iterator[tuple[Any, Any]]:
    """What stands in for `library.pool.run`: every task done in this process."""
    work = prepare(*arguments)
    return ((task, work(task)) for task in tasks)
