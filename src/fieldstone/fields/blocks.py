"""Which parts of a regular lattice may hold a field's surface: coarse blocks first, then only what is left of them.

A lattice of `resolution` cells along the cube has one more cell on every side, in which everything is outside, so that
a solid that reaches the cube's border still closes. Cell (1, 1, 1) starts at (-1, -1, -1).
"""

import numpy as np
from jaxtyping import Bool, Float64, Int64

from fieldstone.fields.field import Field

__all__ = ["BATCH", "block_centres", "find_blocks", "node_points"]

BATCH = 1 << 18
"""Points asked of a field in one call."""
SLOPE = 1.5
"""How steep a learnt distance may be before a surface could be missed; an exact one has slope 1."""
COARSEST = 16
"""The search starts with at most about this many blocks along the cube, or twice as many."""
UNSURE = 0.5
"""An occupancy nearer to 0 than this may change its sign close by."""


def node_points(nodes: Int64[np.ndarray, "n 3"], resolution: int, shift: float = 0.0) -> Float64[np.ndarray, "n 3"]:
    """Where nodes of the lattice, moved by `shift` cells along each axis, stand in the field's frame."""
    return -1.0 + (nodes - 1 + shift) * (2.0 / resolution)


def find_blocks(
    field: Field, resolution: int, side: int, level: float, shift: float = 0.0
) -> Int64[np.ndarray, "blocks 3"]:
    """Positions, in blocks of `side` cells, of those that may hold the surface where the field passes `level`.

    Distances: a block is left out where the distance at its centre is more than SLOPE times the block's half diagonal
    away from `level`; nothing is missed where the field's slope stays below SLOPE on the way. Occupancy: one value a
    block; kept are those whose neighbourhood of 27 has both signs, or a value nearer to `level` than UNSURE; nothing is
    missed that is as thick as a block. Blocks that the field's structure rules out (`may_hold`) are left out. The
    lattice may be moved by `shift` cells, 0 to 1 (distances only).
    """
    if field.function == "occ":
        return _changing(field, resolution, side, level)
    size = side
    while resolution + 2 > size * 2 * COARSEST:
        size *= 2
    blocks = _all(-(-(resolution + 2) // size))
    while True:
        blocks = blocks[_near(field, blocks, resolution, size, level, shift)]
        if size == side:
            return blocks
        size //= 2
        blocks = (2 * blocks[:, None] + _all(2)).reshape(-1, 3)
        blocks = blocks[(blocks * size < resolution + 2).all(axis=1)]


def _all(count: int) -> Int64[np.ndarray, "blocks 3"]:
    return np.indices((count,) * 3).reshape(3, -1).T.astype(np.int64)


def block_centres(
    blocks: Int64[np.ndarray, "n 3"], resolution: int, size: int, shift: float = 0.0
) -> Float64[np.ndarray, "n 3"]:
    """Where the middles of blocks of `size` cells stand."""
    return -1.0 + (blocks * size + size / 2 - 1 + shift) * (2.0 / resolution)


def _near(
    field: Field, blocks: Int64[np.ndarray, "n 3"], resolution: int, size: int, level: float, shift: float
) -> Bool[np.ndarray, "n"]:
    half = size / resolution
    near = np.zeros(len(blocks), dtype=np.bool_)
    for start in range(0, len(blocks), BATCH):
        centres = block_centres(blocks[start : start + BATCH], resolution, size, shift)
        here = np.flatnonzero(field.may_hold(centres, half))
        centres = centres[here]
        beyond = np.linalg.norm(centres - np.clip(centres, -1.0, 1.0), axis=1)  # a value there is the border's
        reach = SLOPE * half * 3.0**0.5 + beyond
        value = field.values(centres) - level
        keep = (np.abs(value) <= reach) | ~field.may_hold(centres, 0.0)
        keep |= _at_border(centres, half) & (value < 0.0)
        near[start + here[keep]] = True
    return near


def _at_border(centres: Float64[np.ndarray, "n 3"], half: float) -> Bool[np.ndarray, "n"]:
    """Blocks that reach out of the cube, where everything is outside."""
    reaching: Bool[np.ndarray, "n"] = (np.abs(centres) + half > 1.0 + 1e-9).any(axis=1)
    return reaching


def _changing(field: Field, resolution: int, side: int, level: float) -> Int64[np.ndarray, "blocks 3"]:
    from scipy.ndimage import maximum_filter, minimum_filter

    count, half = -(-(resolution + 2) // side), side / resolution
    blocks = _all(count)
    inside, unsure, held, border = np.zeros((4, len(blocks)), dtype=np.bool_)
    for start in range(0, len(blocks), BATCH):
        part = slice(start, start + BATCH)
        centres = block_centres(blocks[part], resolution, side)
        value = field.values(centres) - np.float32(level)
        border[part] = _at_border(centres, half)
        inside[part] = (value > 0.0) & (np.abs(centres) < 1.0).all(axis=1)
        held[part] = field.may_hold(centres, half)
        unsure[part] = (np.abs(value) < UNSURE) | ~field.may_hold(centres, 0.0)
    cube = (count,) * 3
    any_inside, all_inside = maximum_filter(inside.reshape(cube), 3), minimum_filter(inside.reshape(cube), 3)
    near = any_inside & (~all_inside | border.reshape(cube)) | maximum_filter(unsure.reshape(cube), 3)
    return blocks[held & near.ravel()]
