"""Points cut into blocks of near neighbours, and the questions that nearest-neighbour kernels ask of them.

Points are put in Morton order and cut into about sqrt(n) blocks of a power of two of points, each with its box. Four
neighbouring queries at a time visit the blocks from the nearest box on, until no box is nearer than what they have
found. Within a block the search is a plain minimum, which becomes vector instructions: squares are compared by their
bits, since LLVM leaves a minimum of floats scalar, and floats that are not negative are ordered as their bits are.
"""

from typing import no_type_check

import numpy as np
from numba import njit

__all__ = [
    "GROUP",
    "INDEX",
    "MOST",
    "NEVER",
    "block_size",
    "boxes_of",
    "gaps_to_boxes",
    "in_order",
    "next_block",
    "visit",
]

GROUP = 4
"""Queries that search together; written out in `gaps_to_boxes` and `visit`."""
NEVER = np.int32(2147483647)
INDEX = np.int32(4095)
"""The low bits of a block's gap hold its number."""
MOST = 1 << 24
"""Points at most: 4096 blocks of 4096."""

DIGIT = 11  # bits of a pass of the sort; two passes
LATTICE = 127.5  # 128 cells along an axis, 7 bits: the bits of three axes fill 21 <= 2 * DIGIT


def block_size(n: int) -> int:
    """Points in a block: the power of two from 64 on whose square is at least n."""
    assert 0 < n <= MOST, f"a cloud holds 1 to {MOST} points"
    return max(64, 1 << ((n - 1).bit_length() + 1) // 2)


@njit(cache=True, nogil=True)
@no_type_check
def _keys(points):
    keys = np.zeros(points.shape[0], dtype=np.uint32)
    low, high = points[0].copy(), points[0].copy()
    for i in range(points.shape[0]):
        for axis in range(3):
            low[axis], high[axis] = min(low[axis], points[i, axis]), max(high[axis], points[i, axis])
    side = max(high[0] - low[0], high[1] - low[1], high[2] - low[2])
    scale = np.float32(LATTICE / side) if side > 0 else np.float32(0.0)
    for i in range(points.shape[0]):
        key = np.uint32(0)
        for axis in range(3):
            cell = np.uint32((points[i, axis] - low[axis]) * scale)
            cell = (cell | (cell << np.uint32(8))) & np.uint32(0x00700F)
            cell = (cell | (cell << np.uint32(4))) & np.uint32(0x0430C3)
            cell = (cell | (cell << np.uint32(2))) & np.uint32(0x049249)
            key |= cell << np.uint32(axis)
        keys[i] = key
    return keys


@njit(cache=True, nogil=True)
@no_type_check
def _order(keys):
    """Indices in ascending order of 22-bit keys, stable: a radix sort of two passes."""
    n = keys.shape[0]
    order, other = np.arange(n), np.zeros(n, dtype=np.int64)
    mask = np.uint32((1 << DIGIT) - 1)
    for turn in range(2):
        shift = np.uint32(turn * DIGIT)
        start = np.zeros((1 << DIGIT) + 1, dtype=np.int64)
        for i in range(n):
            start[((keys[i] >> shift) & mask) + np.uint32(1)] += 1
        for digit in range(1 << DIGIT):
            start[digit + 1] += start[digit]
        for i in range(n):
            digit = (keys[order[i]] >> shift) & mask
            other[start[digit]] = order[i]
            start[digit] += 1
        order, other = other, order
    return order


@njit(cache=True, nogil=True)
@no_type_check
def in_order(points, block):
    """Coordinates in Morton order, axis by axis, padded to whole blocks with the last point; and the order."""
    n = points.shape[0]
    cloud = np.zeros((3, (n + block - 1) // block * block), dtype=np.float32)
    order = _order(_keys(points))
    for i in range(cloud.shape[1]):
        at = order[min(i, n - 1)]
        cloud[0, i], cloud[1, i], cloud[2, i] = points[at, 0], points[at, 1], points[at, 2]
    return cloud, order


@njit(cache=True, nogil=True)
@no_type_check
def boxes_of(cloud, block):
    """Lowest and highest corner of each block, one row a number."""
    boxes = np.zeros((6, cloud.shape[1] // block), dtype=np.float32)
    for j in range(boxes.shape[1]):
        for axis in range(3):
            row = cloud[axis, j * block : (j + 1) * block]
            boxes[axis, j], boxes[3 + axis, j] = row.min(), row.max()
    return boxes


@njit(cache=True, nogil=True, fastmath=True)
@no_type_check
def gaps_to_boxes(group, boxes, gaps):
    """Bits of the squared gap between the group's box and each block's, the block's number in the low bits."""
    xs, ys, zs = group[0], group[1], group[2]
    x0, x1 = min(xs[0], xs[1], xs[2], xs[3]), max(xs[0], xs[1], xs[2], xs[3])
    y0, y1 = min(ys[0], ys[1], ys[2], ys[3]), max(ys[0], ys[1], ys[2], ys[3])
    z0, z1 = min(zs[0], zs[1], zs[2], zs[3]), max(zs[0], zs[1], zs[2], zs[3])
    zero = np.int32(0)
    for j in range(boxes.shape[1]):
        dx = max(max(np.float32(boxes[0, j] - x1).view(np.int32), np.float32(x0 - boxes[3, j]).view(np.int32)), zero)
        dy = max(max(np.float32(boxes[1, j] - y1).view(np.int32), np.float32(y0 - boxes[4, j]).view(np.int32)), zero)
        dz = max(max(np.float32(boxes[2, j] - z1).view(np.int32), np.float32(z0 - boxes[5, j]).view(np.int32)), zero)
        x, y, z = np.int32(dx).view(np.float32), np.int32(dy).view(np.float32), np.int32(dz).view(np.float32)
        gaps[j] = (np.float32(x * x + y * y + z * z).view(np.int32) & ~INDEX) | np.int32(j)


@njit(cache=True, nogil=True)
@no_type_check
def next_block(gaps, best):
    """The nearest block not yet visited, which then counts as visited; -1 where none is nearer than what all four have."""
    least = NEVER
    for j in range(gaps.shape[0]):
        least = min(least, gaps[j])
    if least == NEVER or (least & ~INDEX) >= max(best[0], best[1], best[2], best[3]):
        return -1
    gaps[least & INDEX] = NEVER
    return least & INDEX


@njit(cache=True, nogil=True, fastmath=True)
@no_type_check
def visit(group, best, cloud, start, block):
    """Lower the bits of the four squared distances by the points of one block, which begins at `start`."""
    x0, x1, x2, x3 = group[0, 0], group[0, 1], group[0, 2], group[0, 3]
    y0, y1, y2, y3 = group[1, 0], group[1, 1], group[1, 2], group[1, 3]
    z0, z1, z2, z3 = group[2, 0], group[2, 1], group[2, 2], group[2, 3]
    b0, b1, b2, b3 = best[0], best[1], best[2], best[3]
    xs, ys, zs = cloud[0], cloud[1], cloud[2]
    for j in range(np.uint64(start), np.uint64(start + block)):  # unsigned: no look at indices below 0
        x, y, z = xs[j], ys[j], zs[j]
        b0 = min(b0, np.float32((x0 - x) ** 2 + (y0 - y) ** 2 + (z0 - z) ** 2).view(np.int32))
        b1 = min(b1, np.float32((x1 - x) ** 2 + (y1 - y) ** 2 + (z1 - z) ** 2).view(np.int32))
        b2 = min(b2, np.float32((x2 - x) ** 2 + (y2 - y) ** 2 + (z2 - z) ** 2).view(np.int32))
        b3 = min(b3, np.float32((x3 - x) ** 2 + (y3 - y) ** 2 + (z3 - z) ** 2).view(np.int32))
    best[0], best[1], best[2], best[3] = b0, b1, b2, b3
