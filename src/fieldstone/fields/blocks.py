"""Which parts of a regular lattice may hold a field's surface: coarse blocks first, then only what is left of them.

A lattice of `resolution` cells along the cube has one more cell on every side, in which everything is outside, so that
a solid that reaches the cube's border still closes. Cell (1, 1, 1) starts at (-1, -1, -1).
"""

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from fieldstone.fields.field import Field

__all__ = ["BATCH", "find_blocks", "node_points"]

BATCH = 1 << 18
"""Points asked of a field in one call."""
SLOPE = 1.5
"""How steep a learnt distance may be before a surface could be missed; an exact one has slope 1."""
COARSEST = 16
"""The search starts with at most about this many blocks along the cube, or twice as many."""
UNSURE = 0.5
"""An occupancy nearer to 0 than this may change its sign close by."""


def node_points(nodes: Int64[np.ndarray, "n 3"], resolution: int) -> Float64[np.ndarray, "n 3"]:
    """Where nodes of the lattice stand in the field's frame."""
    return -1.0 + (nodes - 1) * (2.0 / resolution)


def find_blocks(field: Field, resolution: int, side: int, level: float) -> Int64[np.ndarray, "blocks 3"]:
    """Positions, in blocks of `side` cells, of those that may hold the surface where the field passes `level`.

    Distances: a block is left out where the distance at its centre is more than SLOPE times the block's half diagonal
    away from `level`; nothing is missed where the field's slope stays below SLOPE on the way. Occupancy: one value a
    block; kept are those whose neighbourhood of 27 has both signs, or a value nearer to `level` than UNSURE; nothing is
    missed that is as thick as a block. Blocks that the field's structure rules out (`may_hold`) are left out.
    """
    if field.function == "occ":
        return _changing(field, resolution, side, level)
    size = side
    while resolution + 2 > size * 2 * COARSEST:
        size *= 2
    blocks = _all(-(-(resolution + 2) // size))
    while True:
        blocks = blocks[_near(field, blocks, resolution, size, level)]
        if size == side:
            return blocks
        size //= 2
        blocks = (2 * blocks[:, None] + _all(2)).reshape(-1, 3)
        blocks = blocks[(blocks * size < resolution + 2).all(axis=1)]


def _all(count: int) -> Int64[np.ndarray, "blocks 3"]:
    return np.indices((count,) * 3).reshape(3, -1).T.astype(np.int64)


def _centres(blocks: Int64[np.ndarray, "n 3"], resolution: int, size: int) -> Float64[np.ndarray, "n 3"]:
    return -1.0 + (blocks * size + size / 2 - 1) * (2.0 / resolution)


def _near(
    field: Field, blocks: Int64[np.ndarray, "n 3"], resolution: int, size: int, level: float
) -> Bool[np.ndarray, "n"]:
    half = size / resolution
    near = np.zeros(len(blocks), dtype=np.bool_)
    for start in range(0, len(blocks), BATCH):
        centres = _centres(blocks[start : start + BATCH], resolution, size)
        here = field.may_hold(centres, half)
        outside = np.linalg.norm(centres - np.clip(centres, -1.0, 1.0), axis=1)  # a value there is the border's
        reach = SLOPE * half * 3.0**0.5 + outside[here]
        here[here] = np.abs(field.values(centres[here]) - level) <= reach
        near[start : start + BATCH] = here
    return near


def _changing(field: Field, resolution: int, side: int, level: float) -> Int64[np.ndarray, "blocks 3"]:
    count = -(-(resolution + 2) // side)
    blocks = _all(count)
    values = np.zeros(len(blocks), dtype=np.float32)
    held = np.zeros(len(blocks), dtype=np.bool_)
    for start in range(0, len(blocks), BATCH):
        centres = _centres(blocks[start : start + BATCH], resolution, side)
        values[start : start + BATCH] = _outside_is_empty(field.values(centres), centres) - level
        held[start : start + BATCH] = field.may_hold(centres, side / resolution)
    return blocks[held & _mixed(values.reshape((count,) * 3)).ravel()]


def _outside_is_empty(values: Float32[np.ndarray, "n"], points: Float64[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n"]:
    return np.where((np.abs(points) > 1.0).any(axis=1), np.float32(-1.0), values)


def _mixed(values: Float32[np.ndarray, "a a a"]) -> Bool[np.ndarray, "a a a"]:
    """Where the 27 values around have both signs, or one is small."""
    from scipy.ndimage import maximum_filter, minimum_filter

    inside = values > 0.0
    mixed: Bool[np.ndarray, "a a a"] = maximum_filter(inside, 3) & ~minimum_filter(inside, 3)
    unsure: Bool[np.ndarray, "a a a"] = maximum_filter(np.abs(values) < UNSURE, 3)
    return mixed | unsure
