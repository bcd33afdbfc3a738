"""Statistics of batch norms, measured anew before they are used; and those of a straight path's numbers, measured once.

In training a batch norm uses its batch; afterwards, running means that trail behind the weights and begin at 0 and 1. After
the few dozen steps in which a small library is learnt, these are far off. So the weights of an epoch get the plain mean
over some training batches (Wu, Johnson, Rethinking "Batch" in BatchNorm, 2021, section 3; not in 3DOR).
"""

from collections.abc import Callable, Iterable

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldstone.encoders.networks.inr import Fields, Inr, Straight
from fieldstone.training.fields import Readings
from fieldstone.training.learning import Learning
from fieldstone.training.seeding import numpy_generator

__all__ = ["settle", "settle_inputs", "settle_norms", "settle_rows"]

SETTLE = 7
"""Purpose of the random numbers, after the seed (see learning.py)."""
BATCHES = 8
BLOCK = 32
STILL = 1e-6
"""Deviations up to this are those of numbers that never moved."""


def settle(learning: Learning, epoch: int) -> None:
    """Give all batch norms that learn the statistics of a few training batches, drawn for this epoch. Weights stay."""
    place = (learning.seed, SETTLE, epoch)
    rows = numpy_generator(*place).permutation(learning.collection.rows("train"))
    size = learning.recipe.batch

    def look() -> None:
        for i in range(min(BATCHES, max(1, len(rows) // size))):
            learning.losses(rows[i * size : (i + 1) * size], (*place, i))

    settle_norms(learning.modules.values(), look)


def settle_norms(modules: Iterable[nn.Module], look: Callable[[], None]) -> None:
    """Give all batch norms that learn the plain mean of what they see while `look` shows them some batches."""
    modules = list(modules)
    for module in modules:
        module.train()
    norms = [
        norm
        for module in modules
        for norm in module.modules()
        if isinstance(norm, nn.modules.batchnorm._BatchNorm) and norm.training
    ]
    if not norms:
        return
    usual = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean over what comes
    with torch.no_grad():
        look()
    for norm, momentum in zip(norms, usual, strict=True):
        norm.momentum = momentum


def settle_rows(encoder: Inr, seen: Readings, device: str = "cpu") -> None:
    """Give the norm behind an encoder's rows (networks/inr.py: Config.norm) their mean and variance over all fields that it
    learnt from, each as it will be asked: in evaluation mode, which it stays in.

    While it learns, the norms within take their batch's statistics, and afterwards running ones, with which e is another: a
    mean measured in training is one that no row has, and the rows of one kind of field would stand apart from all others'.
    """
    encoder.eval()
    if not isinstance(encoder.norm, nn.BatchNorm1d):
        return
    rows = _over(seen, encoder.bare, device)
    encoder.norm.running_mean.copy_(rows.mean(dim=0))  # type: ignore[union-attr]
    encoder.norm.running_var.copy_(rows.var(dim=0))  # type: ignore[union-attr]


def settle_inputs(encoder: Inr, seen: Readings) -> None:
    """Give an encoder's straight path, where it has one, the mean and deviation of each number that it reads, over all
    fields that it will learn from. An encoder learns with them, so this comes before the first step.

    What never moved says nothing: it is given a deviation of 1, so that it hardly says more when it moves in a field that is
    asked with. No step teaches its weights, which are as they were drawn.
    """
    path = encoder.straight
    if not isinstance(path, Straight):
        return
    numbers = _over(seen, path.numbers, str(path.mean.device))
    spread = numbers.std(dim=0)
    path.mean.copy_(numbers.mean(dim=0))
    path.spread.copy_(torch.where(spread > STILL, spread, 1.0))


def _over(seen: Readings, of: Callable[[Fields], Tensor], device: str) -> Float[Tensor, "fields numbers"]:
    """What all the fields come to, some at a time."""
    with torch.no_grad():
        parts = np.array_split(np.arange(len(seen.rows)), -(-len(seen.rows) // BLOCK))
        return torch.cat([of(seen.fields(part, device)) for part in parts])
