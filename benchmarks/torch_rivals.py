"""The grid networks of Fieldstone in plain torch, trained in the ways that torch offers: rivals of the kernels.

Every way runs the same network on the same batch with Adam. `plain` is what one writes first: rows by indexing, and
torch.optim.Adam as it comes. `gather` and `dense` (rows by embedding_bag) step the whole table with fused Adam;
`sparse` is torch.optim.SparseAdam; `rows` is the step of kernels/reference.py: only touched rows, as the compiled
kernels do it.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from fieldstone.fields.grid import DECODER, GridNetwork
from fieldstone.kernels.reference import (
    BETAS,
    EPSILON,
    decode,
    features,
    grid_features,
    lattice_of,
    lookup,
    losses,
    step_rows,
)

EAGER = ("plain", "dense", "sparse", "rows")
COMPILED = ("gather", "rows")


class Rival:
    """One network, trained one way; `compiled` by torch.compile where it is a function of tensors."""

    def __init__(self, network: GridNetwork, way: str, compiled: bool, rate: float = 5e-3) -> None:
        self.lattice = lattice_of([network.lookup])
        self.table = nn.Parameter(torch.from_numpy(network.table.copy()))
        self.layers = [nn.Parameter(torch.from_numpy(network.decoder[name].copy())) for name in DECODER]
        self.way, self.rate, self.steps = way, rate, 0
        self.moments = torch.zeros_like(self.table), torch.zeros_like(self.table)
        dense = way in ("plain", "dense", "gather")
        whole = [self.table, *self.layers] if dense else self.layers
        self.optimiser = torch.optim.Adam(
            whole, lr=rate, betas=BETAS, eps=EPSILON, fused=None if way == "plain" else True
        )
        self.sparse = torch.optim.SparseAdam([self.table], lr=rate, betas=BETAS, eps=EPSILON)
        wrap: Callable[..., Callable[..., Tensor]] = torch.compile if compiled else lambda call, **_: call
        self.outputs = wrap(self._outputs, dynamic=False)
        self.loss = wrap(self._loss, dynamic=False)
        self.read = wrap(self._read, dynamic=False)
        self.decoded = wrap(self._decoded, dynamic=False)

    def _features(self, points: Tensor, table: Tensor) -> Tensor:
        rows, weights = lookup(self.lattice, points)
        if self.way not in ("plain", "gather"):
            return features(table, rows, weights, self.lattice, sparse=self.way == "sparse")
        read = table[rows] * weights[..., None]
        if self.lattice.summed:
            return read.sum(dim=1)
        return read.reshape(len(points), self.lattice.levels, -1, table.shape[1]).sum(dim=2).flatten(1)

    def _outputs(self, points: Tensor, table: Tensor, *layers: Tensor) -> Tensor:
        return decode(points, self._features(points, table), layers)

    def _loss(self, points: Tensor, values: Tensor, table: Tensor, *layers: Tensor) -> Tensor:
        return losses(self._outputs(points, table, *layers), values, squared=True)

    def _read(self, points: Tensor, table: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return grid_features(self.lattice, points, table)

    def _decoded(self, points: Tensor, values: Tensor, feature: Tensor, *layers: Tensor) -> Tensor:
        return losses(decode(points, feature, layers), values, squared=True)

    def step(self, points: Tensor, values: Tensor) -> Tensor:
        """One batch: forward, backward, optimiser; the loss."""
        self.steps += 1
        self.table.grad = None
        self.optimiser.zero_grad()
        if self.way == "rows":
            with torch.no_grad():
                feature, rows, weights = self.read(points, self.table.detach())
            feature.requires_grad_()
            loss = self.decoded(points, values, feature, *self.layers)
            loss.backward()
            step_rows(
                self.lattice, rows, weights, feature.grad, self.table.detach(), self.moments, self.rate, self.steps
            )
        else:
            loss = self.loss(points, values, self.table, *self.layers)
            loss.backward()
        self.optimiser.step()
        if self.way == "sparse":
            self.sparse.step()
        return loss.detach()

    def forward(self, points: Tensor) -> Tensor:
        """The outputs."""
        with torch.no_grad():
            return self.outputs(points, self.table, *self.layers)
