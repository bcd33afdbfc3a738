"""Several fields of one kind trained side by side as one stack: what makes a GPU worth its start."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from typing import TypeAlias, TypeVar

import numpy as np

from fieldstone.fields.lesson import Lesson
from fieldstone.fields.network import Network
from fieldstone.fields.torch_fit import require_torch

__all__ = ["Trained", "in_stacks", "train_together"]

Item = TypeVar("Item")
Begun = TypeVar("Begun")
Trained: TypeAlias = tuple[Network, float, int]
"""A network, its error, and the epochs done."""
STACK = 16
"""Shapes that are trained as one on a GPU: their tables, moments and samples take some 60 MB each."""


def in_stacks(
    pool: Executor,
    begin: Callable[[Item], Begun],
    items: Sequence[Item],
    lesson: Callable[[Begun], Lesson | None],
    device: str,
) -> Iterator[tuple[Begun, Trained | None]]:
    """What `begin` makes of the items, some of it at a time on the pool's threads, and what came of its lesson, trained with the
    others' as one stack; None of what has none. Lessons have one recipe. Raises as `begin` and `train_together` do.
    """
    for first in range(0, len(items), STACK):
        begun = list(pool.map(begin, items[first : first + STACK]))
        lessons = [lesson(one) for one in begun]
        networks, errors, epochs = train_together([own for own in lessons if own is not None], device)
        trained = iter(zip(networks, errors, strict=True))
        for one, own in zip(begun, lessons, strict=True):
            yield one, None if own is None else (*next(trained), epochs)


def train_together(lessons: Sequence[Lesson], device: str) -> tuple[list[Network], list[float], int]:
    """Networks and errors of lessons with one recipe, and the epochs done.

    All stop at the end of the schedule, or when the error of each is at most the recipe's `stop_at`. MissingExtra without
    torch.
    """
    if not lessons:
        return [], [], 0
    require_torch(f"training on {device}")
    from fieldstone.fields.torch_stack import StackTrainer

    trainer = StackTrainer([lesson.first for lesson in lessons], lessons[0].function, device)
    schedule, stop_at, epoch = lessons[0].schedule, lessons[0].recipe.stop_at, 0
    networks = [lesson.first for lesson in lessons]
    errors = [lesson.error(network) for lesson, network in zip(lessons, networks, strict=True)]
    while epoch < schedule.epochs and (stop_at is None or max(errors) > stop_at):
        samples = [lesson.samples(epoch) for lesson in lessons]
        points, values = np.stack([s.points for s in samples]), np.stack([s.values for s in samples])
        order = np.stack([lesson.order(epoch) for lesson in lessons])
        trainer.epoch(points, values, order, schedule.batch, schedule.rates(epoch, order.shape[1]))
        epoch += 1
        networks = [lesson.network(t) for lesson, t in zip(lessons, trainer.tensors(), strict=True)]
        errors = [lesson.error(network) for lesson, network in zip(lessons, networks, strict=True)]
    return networks, errors, epoch
