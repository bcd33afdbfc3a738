"""Statistics of batch norms, measured anew before they are used.

In training a batch norm uses its batch; afterwards, running means that trail behind the weights and begin at 0 and 1. After
the few dozen steps in which a small library is learnt, these are far off. So the weights of an epoch get the plain mean
over some training batches (Wu, Johnson, Rethinking "Batch" in BatchNorm, 2021, section 3; not in 3DOR).
"""

import torch
from torch import nn

from fieldstone.training.learning import Learning
from fieldstone.training.seeding import numpy_generator

__all__ = ["settle"]

SETTLE = 7
"""Purpose of the random numbers, after the seed (see learning.py)."""
BATCHES = 8


def settle(learning: Learning, epoch: int) -> None:
    """Give all batch norms that learn the statistics of a few training batches, drawn for this epoch. Weights stay."""
    for module in learning.modules.values():
        module.train()
    norms = [
        norm
        for module in learning.modules.values()
        for norm in module.modules()
        if isinstance(norm, nn.modules.batchnorm._BatchNorm) and norm.training
    ]
    if not norms:
        return
    usual = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean over what comes
    place = (learning.seed, SETTLE, epoch)
    rows = numpy_generator(*place).permutation(learning.collection.rows("train"))
    size = learning.recipe.batch
    with torch.no_grad():
        for i in range(min(BATCHES, max(1, len(rows) // size))):
            learning.losses(rows[i * size : (i + 1) * size], (*place, i))
    for norm, momentum in zip(norms, usual, strict=True):
        norm.momentum = momentum
