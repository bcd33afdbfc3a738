"""Feature grids on a GPU, in Triton: what reference.py says, fused, and the same bits on every run.

`grid_features` looks up and interpolates in one kernel. `step_rows` sums the gradients of each touched row and takes
its Adam step: slots are sorted by row (stable), stretches of equal rows are summed in pieces, pieces in their order.
No atomics, so no race. Numbers of rows are never asked for on the CPU, so the GPU never waits.

In Triton's interpreter (TRITON_INTERPRET=1) the same code runs on a CPU, slowly: that is how it is tested without a GPU.
"""

from typing import Any, no_type_check

import torch
import triton
import triton.language as tl
from jaxtyping import Float32, Int32
from torch import Tensor

from fieldstone.kernels.reference import BETAS, EPSILON, Lattice

__all__ = ["grid_features", "step_rows"]

KINDS = {"hash": 0, "octree": 1, "plane": 2}
BLOCK = 128
"""Points, or sorted slots, of one program."""
PIECE = 32
"""Sorted slots that one lane adds up at most; a power of two."""


@triton.jit
@no_type_check
def _cell(x, nodes, KIND: tl.constexpr):  # pragma: no cover
    """Lower node and share of the upper one, in double precision as lookup.py does it."""
    cells = nodes if KIND == 0 else nodes - 1
    at = (x.to(tl.float64) * 0.5 + 0.5) * cells
    at = tl.minimum(tl.maximum(at, 0.0), (nodes - 1).to(tl.float64))
    low = tl.minimum(at.to(tl.int32), nodes - 2)
    return low, (at - low).to(tl.float32)


@triton.jit
@no_type_check
def _hash_row(x, y, z, nodes, start, length):  # pragma: no cover
    dense = x + nodes * (y + nodes * z)
    mixed = x.to(tl.uint32) ^ (y.to(tl.uint32) * 2654435761) ^ (z.to(tl.uint32) * 805459861)
    return start + tl.where(nodes * nodes * nodes == length, dense, (mixed % length.to(tl.uint32)).to(tl.int32))


@triton.jit
@no_type_check
def _features(
    points, table, nodes, starts, index, corners, rows, weights, out, n, total, stride, cells,
    KIND: tl.constexpr, LEVELS: tl.constexpr, CHANNELS: tl.constexpr, WIDTH: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip  # pragma: no cover
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    here = i < total
    channel = tl.arange(0, WIDTH)
    tile = here[:, None] & (channel < CHANNELS)[None, :]
    CORNERS: tl.constexpr = 4 if KIND == 2 else 8
    SUMMED: tl.constexpr = KIND == 1
    shape = i // n
    feature = tl.zeros((BLOCK, WIDTH), tl.float32)
    for level in tl.static_range(LEVELS):
        side = tl.load(nodes + level)
        start = tl.load(starts + level)
        length = tl.load(starts + level + 1) - start
        # planes stand on the axes yz, xz, xy
        x, fx = _cell(
            tl.load(points + 3 * i + (1 if KIND == 2 and level == 0 else 0), mask=here, other=0.0), side, KIND
        )
        y, fy = _cell(tl.load(points + 3 * i + (2 if KIND == 2 and level < 2 else 1), mask=here, other=0.0), side, KIND)
        z, fz = _cell(tl.load(points + 3 * i + 2, mask=here, other=0.0), side, KIND)
        voxel = tl.zeros((BLOCK,), tl.int32)
        if KIND == 1:
            cell = shape.to(tl.int64) * cells + start + x + (side - 1) * (y + (side - 1) * z)
            voxel = tl.load(index + cell, mask=here, other=-1)
        if not SUMMED:
            feature = tl.zeros((BLOCK, WIDTH), tl.float32)
        for k in tl.static_range(CORNERS):
            weight = (fx if k & 1 else 1 - fx) * (fy if k & 2 else 1 - fy)
            if KIND == 2:
                row = start + x + (k & 1) + side * (y + (k >> 1)) + shape * stride
            else:
                weight = weight * (fz if k & 4 else 1 - fz)
                if KIND == 1:
                    row = tl.load(corners + voxel.to(tl.int64) * 8 + k, mask=here & (voxel >= 0), other=0)
                    weight = tl.where(voxel >= 0, weight, 0.0)
                else:
                    row = _hash_row(x + (k & 1), y + ((k >> 1) & 1), z + (k >> 2), side, start, length) + shape * stride
            slot = i.to(tl.int64) * (LEVELS * CORNERS) + level * CORNERS + k
            tl.store(rows + slot, row, mask=here)
            tl.store(weights + slot, weight, mask=here)
            value = tl.load(table + row.to(tl.int64)[:, None] * CHANNELS + channel[None, :], mask=tile, other=0.0)
            feature += weight[:, None] * value
        if not SUMMED:
            tl.store(out + (i.to(tl.int64) * LEVELS + level)[:, None] * CHANNELS + channel[None, :], feature, mask=tile)
    if SUMMED:
        tl.store(out + i.to(tl.int64)[:, None] * CHANNELS + channel[None, :], feature, mask=tile)


@triton.jit
@no_type_check
def _add_pieces(
    rows, order, weights, d_features, partial, n, slots, width,
    PIECE: tl.constexpr, CORNERS: tl.constexpr, SUMMED: tl.constexpr,
    CHANNELS: tl.constexpr, WIDTH: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip  # pragma: no cover
    """Gradients of sorted slots, summed from each start of a row or of a piece to the next start."""
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    channel = tl.arange(0, WIDTH)
    real = (channel < CHANNELS)[None, :]
    row = tl.load(rows + i, mask=i < n, other=-1)
    before = tl.load(rows + i - 1, mask=(i < n) & (i > 0), other=-1)
    begins = (row >= 0) & ((row != before) | (i % PIECE == 0))
    total = tl.zeros((BLOCK, WIDTH), tl.float32)
    at, active = i, begins
    while tl.max(active.to(tl.int32), axis=0) > 0:
        slot = tl.load(order + at, mask=active, other=0)
        column = 0 if SUMMED else (slot % slots) // CORNERS * CHANNELS
        pull = (slot // slots * width + column)[:, None] + channel[None, :]
        weight = tl.load(weights + slot, mask=active, other=0.0)
        total += weight[:, None] * tl.load(d_features + pull, mask=active[:, None] & real, other=0.0)
        at += 1
        after = tl.load(rows + at, mask=active & (at < n), other=-1)
        active = active & (after == row) & (at % PIECE != 0)
    tl.store(partial + i.to(tl.int64)[:, None] * CHANNELS + channel[None, :], total, mask=begins[:, None] & real)


@triton.jit
@no_type_check
def _step(
    rows, partial, table, first, second, n, rate, scale, beta1, beta2, epsilon,
    PIECE: tl.constexpr, CHANNELS: tl.constexpr, WIDTH: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip  # pragma: no cover
    """Pieces of each row summed in their order, then Adam on that row. `rate` and `scale` hold the bias corrections."""
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    channel = tl.arange(0, WIDTH)
    real = (channel < CHANNELS)[None, :]
    row = tl.load(rows + i, mask=i < n, other=-1)
    before = tl.load(rows + i - 1, mask=(i < n) & (i > 0), other=-1)
    begins = (row >= 0) & (row != before)
    gradient = tl.zeros((BLOCK, WIDTH), tl.float32)
    at, active = i, begins
    while tl.max(active.to(tl.int32), axis=0) > 0:
        piece = at.to(tl.int64)[:, None] * CHANNELS + channel[None, :]
        gradient += tl.load(partial + piece, mask=active[:, None] & real, other=0.0)
        at = at // PIECE * PIECE + PIECE
        after = tl.load(rows + at, mask=active & (at < n), other=-1)
        active = active & (after == row)
    here, mask = row.to(tl.int64)[:, None] * CHANNELS + channel[None, :], begins[:, None] & real
    m = beta1 * tl.load(first + here, mask=mask, other=0.0) + (1 - beta1) * gradient
    v = beta2 * tl.load(second + here, mask=mask, other=0.0) + (1 - beta2) * gradient * gradient
    p = tl.load(table + here, mask=mask, other=0.0) - rate * m / (tl.sqrt(v * scale) + epsilon)
    tl.store(first + here, m, mask=mask)
    tl.store(second + here, v, mask=mask)
    tl.store(table + here, p, mask=mask)


def _options(channels: int) -> dict[str, Any]:
    """What all kernels are compiled for; multiplications and additions may fuse (to be said, from Triton 3.9 on)."""
    return {
        "CHANNELS": channels,
        "WIDTH": triton.next_power_of_2(channels),
        "BLOCK": BLOCK,
        "enable_fp_fusion": True,
    }


def grid_features(
    lattice: Lattice, points: Float32[Tensor, "*stack n 3"], table: Float32[Tensor, "rows channels"]
) -> tuple[Float32[Tensor, "*stack n width"], Int32[Tensor, "*stack n slots"], Float32[Tensor, "*stack n slots"]]:
    """Interpolated features of points of the cube, and the rows and weights that made them, as `reference.lookup`."""
    points, device = points.contiguous(), points.device
    *stack, n, _ = points.shape
    total, slots = points.numel() // 3, lattice.slots
    width = table.shape[1] * (1 if lattice.summed else lattice.levels)
    out = torch.zeros((*stack, n, width), device=device)
    rows = torch.zeros((*stack, n, slots), dtype=torch.int32, device=device)
    weights = torch.zeros((*stack, n, slots), device=device)
    nodes, starts = lattice.counts(device)
    nothing = rows
    _features[(triton.cdiv(total, BLOCK),)](
        points, table, nodes, starts,
        nothing if lattice.index is None else lattice.index, nothing if lattice.corners is None else lattice.corners,
        rows, weights, out, n, total, lattice.rows, 0 if lattice.index is None else lattice.index.shape[-1],
        KIND=KINDS[lattice.kind], LEVELS=lattice.levels, **_options(table.shape[1]),
    )  # fmt: skip
    return out, rows, weights


def step_rows(
    lattice: Lattice,
    rows: Int32[Tensor, "*stack n slots"],
    weights: Float32[Tensor, "*stack n slots"],
    d_features: Float32[Tensor, "*stack n width"],
    table: Float32[Tensor, "rows channels"],
    moments: tuple[Float32[Tensor, "rows channels"], Float32[Tensor, "rows channels"]],
    rate: float,
    step: int,
) -> None:
    """One step of Adam, in place, on the touched rows, from the loss's derivatives by the features.

    A slot of weight 0 touches nothing.
    """
    slots, width, n = rows.shape[-1], d_features.shape[-1], rows.numel()
    ordered, order = torch.sort(torch.where(weights == 0, -1, rows).flatten(), stable=True)
    partial = torch.zeros((n, table.shape[1]), device=table.device)
    grid, options = (triton.cdiv(n, BLOCK),), _options(table.shape[1])
    _add_pieces[grid](
        ordered, order, weights.contiguous(), d_features.contiguous(), partial, n, slots, width,
        PIECE=PIECE, CORNERS=slots // lattice.levels, SUMMED=lattice.summed, **options,
    )  # fmt: skip
    corrected, scale = rate / (1 - BETAS[0] ** step), 1 / (1 - BETAS[1] ** step)
    _step[grid](ordered, partial, table, *moments, n, corrected, scale, *BETAS, EPSILON, PIECE=PIECE, **options)
