"""What the grid kernels compute, in plain torch: any float type, any device, differentiable by points and weights.

lookup.py, decode.py and adam.py (numba) and gpu_grid.py (Triton) say how the same is computed fast; tests hold all
equal. Leading dimensions stack shapes that are trained together: points [shapes, n, 3], one table for all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import embedding_bag

from fieldstone.kernels.decode import COLOR_WEIGHT
from fieldstone.kernels.lookup import PRIMES, HashLookup, Lookup, OctreeLookup, PlaneLookup

__all__ = [
    "BETAS",
    "DECODER",
    "EPSILON",
    "Lattice",
    "decode",
    "features",
    "grid_features",
    "lattice_of",
    "lookup",
    "losses",
    "row_gradients",
    "sparse_adam",
    "step_rows",
]

DECODER = ("decoder.weight1", "decoder.bias1", "decoder.weight2", "decoder.bias2")
BETAS = (0.9, 0.999)
EPSILON = 1e-15
"""Of Adam: wisp's, below every moment that matters."""
AXES = ((1, 2), (0, 2), (0, 1))
"""The two axes of each plane: yz, xz, xy."""
Kind: TypeAlias = Literal["hash", "octree", "plane"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Lattice:
    """Where the feature rows of a grid stand: levels of a hash grid or an octree, or three planes.

    A stack of shapes has one of these; shape s reads the rows from s * `rows` on.
    """

    kind: Kind
    nodes: tuple[int, ...]
    """Nodes along an axis, level by level."""
    starts: tuple[int, ...]
    """Rows before each level and in all; of an octree: cells of `index`."""
    rows: int
    """Rows of one shape's table; 0 for an octree, whose `corners` count on from shape to shape."""
    index: Int[Tensor, "*stack cells"] | None = None
    """An octree's voxels: the row of `corners` of each cell of its dense cubes, x fastest; -1 where no voxel is."""
    corners: Int[Tensor, "voxels 8"] | None = None
    """An octree's feature rows at the corners of each voxel."""

    @property
    def summed(self) -> bool:
        """Whether levels are added up (NGLOD) or stand side by side (iNGP, triplane)."""
        return self.kind == "octree"

    @property
    def levels(self) -> int:
        """Levels, or planes."""
        return len(self.nodes)

    @property
    def slots(self) -> int:
        """Rows that a point reads: levels x corners."""
        return self.levels * (4 if self.kind == "plane" else 8)

    def counts(self, device: torch.device) -> tuple[Int[Tensor, "levels"], Int[Tensor, "levels+1"]]:
        """`nodes` and `starts` on a device."""
        return torch.tensor(self.nodes, device=device), torch.tensor(self.starts, device=device)


def lattice_of(lookups: Sequence[Lookup], device: torch.device | str = "cpu") -> Lattice:
    """The lattice of a stack of shapes from the structures that the numba kernels read: all of one kind and size."""
    first = lookups[0]
    if isinstance(first, HashLookup):
        nodes, starts = tuple(first.nodes.tolist()), tuple(first.starts.tolist())
        return Lattice(kind="hash", nodes=nodes, starts=starts, rows=first.size)
    if isinstance(first, PlaneLookup):
        starts = tuple(k * first.nodes**2 for k in range(4))
        return Lattice(kind="plane", nodes=(first.nodes,) * 3, starts=starts, rows=first.size)
    trees = [each for each in lookups if isinstance(each, OctreeLookup)]
    assert len(trees) == len(lookups), "a stack holds lattices of one kind"
    index, corners, voxels, rows = [], [], 0, 0
    for each in trees:
        index.append(np.where(each.index >= 0, each.index + np.int32(voxels), np.int32(-1)))
        corners.append(each.corners_of + np.int32(rows))
        voxels, rows = voxels + len(each.corners_of), rows + each.size
    return Lattice(
        kind="octree",
        nodes=tuple(trees[0].nodes.tolist()),
        starts=tuple(trees[0].starts.tolist()),
        rows=0,
        index=torch.from_numpy(np.stack(index)).to(device),
        corners=torch.from_numpy(np.concatenate(corners)).to(device),
    )


def lookup(
    lattice: Lattice, points: Float[Tensor, "*stack n 3"]
) -> tuple[Int[Tensor, "*stack n slots"], Float[Tensor, "*stack n slots"]]:
    """Table rows around each point of the cube and their (multi)linear weights; slots are levels x corners.

    Corner k of a cell takes the upper node along axis a where bit a of k is set. Voxels that an octree lacks give
    weights of 0, at row 0.
    """
    if lattice.kind == "plane":
        rows, weights = _plane_lookup(lattice, points)
    elif lattice.kind == "octree":
        rows, weights = _octree_lookup(lattice, points)
    else:
        rows, weights = _hash_lookup(lattice, points)
    if points.ndim == 3:
        rows = rows + lattice.rows * torch.arange(len(points), device=points.device)[:, None, None, None]
    return rows.flatten(-2), weights.flatten(-2)


def _cells(
    points: Float[Tensor, "*stack n #levels d"], nodes: Int[Tensor, "levels"], whole: bool
) -> tuple[Int[Tensor, "*stack n levels d"], Float[Tensor, "*stack n levels 1 d"]]:
    """Lower node of each point's cell, and the upper nodes' share of it.

    `whole`: the nodes reach both ends of the cube. Otherwise wisp's convention: `nodes` cells on `nodes` nodes, of
    which the last is squeezed.
    """
    last = (nodes - 1)[:, None]
    at = (points * 0.5 + 0.5) * (last if whole else nodes[:, None])
    at = torch.minimum(at.clamp(min=0), last)
    low = torch.minimum(at.detach().floor().long(), last - 1)
    return low, (at - low)[..., None, :]


def _bits(d: int, device: torch.device) -> Int[Tensor, "corners d"]:
    corner = torch.arange(1 << d, device=device)
    return (corner[:, None] >> torch.arange(d, device=device)) & 1


def _corner_weights(share: Float[Tensor, "*stack levels 1 d"]) -> Float[Tensor, "*stack levels corners"]:
    upper = _bits(share.shape[-1], share.device) == 1
    return torch.where(upper, share, 1 - share).prod(-1)


def _hash_lookup(
    lattice: Lattice, points: Float[Tensor, "*stack n 3"]
) -> tuple[Int[Tensor, "*stack n levels 8"], Float[Tensor, "*stack n levels 8"]]:
    device = points.device
    nodes, starts = lattice.counts(device)
    lengths = starts.diff()
    low, share = _cells(points[..., None, :], nodes, whole=False)
    corner = low[..., None, :] + _bits(3, device)
    x, y, z = corner.unbind(-1)
    side = nodes[:, None]
    dense = x + side * (y + side * z)
    mixed = (x * PRIMES[0]) ^ ((y * PRIMES[1]) & 0xFFFFFFFF) ^ ((z * PRIMES[2]) & 0xFFFFFFFF)
    rows = torch.where((nodes**3 == lengths)[:, None], dense, mixed % lengths[:, None])
    return rows + starts[:-1, None], _corner_weights(share)


def _octree_lookup(
    lattice: Lattice, points: Float[Tensor, "*stack n 3"]
) -> tuple[Int[Tensor, "*stack n levels 8"], Float[Tensor, "*stack n levels 8"]]:
    assert lattice.index is not None, "an octree knows its voxels"
    assert lattice.corners is not None, "an octree's voxels have corners"
    nodes, starts = lattice.counts(points.device)
    low, share = _cells(points[..., None, :], nodes, whole=True)
    x, y, z = low.unbind(-1)
    cell = starts[:-1] + x + (nodes - 1) * (y + (nodes - 1) * z)
    if points.ndim == 3:
        cell = cell + lattice.index.shape[-1] * torch.arange(len(points), device=points.device)[:, None, None]
    voxel = lattice.index.flatten()[cell]
    here = (voxel >= 0)[..., None]
    rows = torch.where(here, lattice.corners[voxel.clamp(min=0)], 0)
    return rows.long(), torch.where(here, _corner_weights(share), 0)


def _plane_lookup(
    lattice: Lattice, points: Float[Tensor, "*stack n 3"]
) -> tuple[Int[Tensor, "*stack n 3 4"], Float[Tensor, "*stack n 3 4"]]:
    device = points.device
    nodes, starts = lattice.counts(device)
    low, share = _cells(points[..., torch.tensor(AXES, device=device)], nodes, whole=True)
    u, v = (low[..., None, :] + _bits(2, device)).unbind(-1)
    return starts[:-1, None] + v * nodes[:, None] + u, _corner_weights(share)


def features(
    table: Float[Tensor, "rows channels"],
    rows: Int[Tensor, "*stack n slots"],
    weights: Float[Tensor, "*stack n slots"],
    lattice: Lattice,
    sparse: bool = False,
) -> Float[Tensor, "*stack n _"]:
    """Interpolated rows, levels added up or side by side; `sparse`: the table's gradient lists its touched rows."""
    bag = rows.shape[-1] if lattice.summed else rows.shape[-1] // lattice.levels
    summed = embedding_bag(
        rows.reshape(-1, bag), table, mode="sum", sparse=sparse, per_sample_weights=weights.reshape(-1, bag)
    )
    return summed.reshape(*rows.shape[:-1], -1)


def decode(
    points: Float[Tensor, "*stack n 3"],
    feature: Float[Tensor, "*stack n _"],
    decoder: Mapping[str, Tensor] | Sequence[Tensor],
) -> Float[Tensor, "*stack n outputs"]:
    """y = W2 max(0, W1 [p, f] + b1) + b2, weights [*stack, inputs, outputs] and biases [*stack, outputs]."""
    weight1, bias1, weight2, bias2 = [decoder[k] for k in DECODER] if isinstance(decoder, Mapping) else decoder
    x = torch.cat([points, feature], dim=-1)
    if points.ndim == 2:
        return torch.addmm(bias2, torch.relu(torch.addmm(bias1, x, weight1)), weight2)
    return torch.baddbmm(bias2[:, None], torch.relu(torch.baddbmm(bias1[:, None], x, weight1)), weight2)


def losses(
    outputs: Float[Tensor, "*stack n outputs"], targets: Float[Tensor, "*stack n outputs"], squared: bool
) -> Float[Tensor, "*stack"]:
    """INRet's losses: the sum over outputs of (f - d)^2 (sdf) or |f - d| (udf, occ), averaged over the batch.

    Colours, the outputs after the first, count COLOR_WEIGHT; a target that is no number asks for nothing.
    """
    off = outputs - torch.where(targets.isnan(), outputs.detach(), targets)
    loss = (off.square() if squared else off.abs()).mean(dim=-2)
    return loss[..., 0] + float(COLOR_WEIGHT) * loss[..., 1:].sum(dim=-1)


def row_gradients(
    lattice: Lattice,
    rows: Int[Tensor, "*stack n slots"],
    weights: Float[Tensor, "*stack n slots"],
    d_features: Float[Tensor, "*stack n width"],
) -> tuple[Int[Tensor, "touched"], Float[Tensor, "touched channels"]]:
    """The touched rows, ascending, and the loss's derivatives by them, summed in the order of the points.

    A slot of weight 0 touches nothing.
    """
    channels = d_features.shape[-1] if lattice.summed else d_features.shape[-1] // lattice.levels
    pull = d_features.reshape(-1, 1 if lattice.summed else lattice.levels, 1, channels)
    share = weights.reshape(len(pull), lattice.levels, -1, 1)
    read = weights.flatten().nonzero()[:, 0]
    slots = (share * pull).reshape(-1, channels)[read]
    ordered, order = torch.sort(rows.flatten()[read], stable=True)
    touched, counts = torch.unique_consecutive(ordered, return_counts=True)
    return touched, torch.segment_reduce(slots[order], "sum", lengths=counts)


def sparse_adam(
    table: Float[Tensor, "rows channels"],
    moments: tuple[Float[Tensor, "rows channels"], Float[Tensor, "rows channels"]],
    touched: Int[Tensor, "n"],
    gradient: Float[Tensor, "n channels"],
    rate: float,
    step: int,
) -> None:
    """One step of Adam on the touched rows, in place; the others and their moments stay (torch.optim.SparseAdam)."""
    first = torch.lerp(moments[0][touched], gradient, 1 - BETAS[0])
    second = torch.lerp(moments[1][touched], gradient.square(), 1 - BETAS[1])
    moments[0][touched], moments[1][touched] = first, second
    size = (second / (1 - BETAS[1] ** step)).sqrt_().add_(EPSILON)
    table[touched] -= rate / (1 - BETAS[0] ** step) * first / size


def grid_features(
    lattice: Lattice, points: Float[Tensor, "*stack n 3"], table: Float[Tensor, "rows channels"]
) -> tuple[Float[Tensor, "*stack n width"], Int[Tensor, "*stack n slots"], Float[Tensor, "*stack n slots"]]:
    """Interpolated features of points of the cube, and the rows and weights that made them."""
    rows, weights = lookup(lattice, points)
    return features(table, rows, weights, lattice), rows, weights


def step_rows(
    lattice: Lattice,
    rows: Int[Tensor, "*stack n slots"],
    weights: Float[Tensor, "*stack n slots"],
    d_features: Float[Tensor, "*stack n width"],
    table: Float[Tensor, "rows channels"],
    moments: tuple[Float[Tensor, "rows channels"], Float[Tensor, "rows channels"]],
    rate: float,
    step: int,
) -> None:
    """One step of Adam, in place, on the touched rows, from the loss's derivatives by the features."""
    touched, gradient = row_gradients(lattice, rows, weights, d_features)
    sparse_adam(table, moments, touched, gradient, rate, step)
