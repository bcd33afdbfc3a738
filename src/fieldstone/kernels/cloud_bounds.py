"""A distance lattice for each cloud, and what it proves about the mean distance from another cloud's points.

For a cloud B the lattice keeps the distance from each centre c of the cells of a cube to the nearest point of B, rounded
down to a byte. A point p is then at least d(c, B) - |p - c| away from B (the triangle inequality), whatever the centre:
points outside the cube and cells chosen by rounded arithmetic make a bound weaker, never wrong.

Rounding. A squared distance of the kernels carries a relative error of at most 5 / 2**24, the least of some the same
again (a block may be left out in a near tie), and a distance half of both: below a quarter of `SLACK`. So d(c, B) is
lowered and |p - c| raised by a share of `SLACK`: more than both errors and that of the distance which the bound is held
against. |p - c| is raised once more by what the centre's own coordinates may be off in float32, and a sum of 256 bounds in
float32 is lowered by 16 `SLACK` = 3.2e-5 > 256 / 2**24. Squares must neither overflow nor vanish in float32: distances
from about 1e-15 to 1e18, or 0.
"""

from typing import no_type_check

import numpy as np
from numba import njit

from fieldstone.kernels.blocks import GROUP, NEVER, gaps_to_boxes, next_block, visit

__all__ = ["PASSES", "SLACK", "bounds_by_pass", "distance_sum", "fill_lattice", "mean_bounds"]

SLACK = np.float32(2e-6)
PASSES = 16
"""A cloud's points are taken in this many passes, every 16th group of four in each: all parts of it in every pass."""
WIDE = 256
"""Points bounded together by one centre each."""
CHUNK = PASSES * GROUP
"""Points bounded together; the p-th four of each belong to pass p."""


@njit(cache=True, nogil=True)
@no_type_check
def _search(group, points, boxes, block, gaps, best):
    """Bits of the squared distances from the group's four points to the nearest ones of a cloud in blocks."""
    best[:] = NEVER
    gaps_to_boxes(group, boxes, gaps)
    at = next_block(gaps, best)
    while at >= 0:
        visit(group, best, points, at * block, block)
        at = next_block(gaps, best)


@njit(cache=True, nogil=True)
@no_type_check
def distance_sum(cloud, n, other, boxes, block, turn):
    """Sum of the distances from those of the first n points of `cloud` that pass `turn` takes to the cloud `other`."""
    best, gaps = np.zeros(GROUP, dtype=np.int32), np.zeros(boxes.shape[1], dtype=np.int32)
    total = 0.0
    for start in range(turn * GROUP, n, CHUNK):
        _search(cloud[:, start : start + GROUP], other, boxes, block, gaps, best)
        for lane in range(min(GROUP, n - start)):
            total += np.sqrt(np.float64(best[lane : lane + 1].view(np.float32)[0]))
    return total


@njit(cache=True, nogil=True)
@no_type_check
def fill_lattice(points, boxes, block, cube, lattice):
    """Distances from the cells' centres in steps, rounded down, 255 at most."""
    low, edge, step, _ = cube
    best, gaps = np.zeros(GROUP, dtype=np.int32), np.zeros(boxes.shape[1], dtype=np.int32)
    group = np.zeros((3, GROUP), dtype=np.float32)
    cells = lattice.shape[0]
    for i in range(cells):
        for j in range(cells):
            group[0], group[1] = low[0] + (i + 0.5) * edge, low[1] + (j + 0.5) * edge
            for k in range(0, cells, GROUP):
                for lane in range(GROUP):
                    group[2, lane] = low[2] + (k + lane + 0.5) * edge
                _search(group, points, boxes, block, gaps, best)
                for lane in range(GROUP):
                    distance = np.sqrt(np.float64(best[lane : lane + 1].view(np.float32)[0]))
                    lattice[i, j, k + lane] = np.uint8(min(255.0, np.floor(distance * (1.0 - SLACK) / step)))


@njit(cache=True, nogil=True, fastmath=True)
@no_type_check
def _cells(points, start, many, cube, cells, cell, away):
    """The cells of some points, or those at the cube's border next to them, and the distances to their centres."""
    low, edge, _, error = cube
    inverse, last, half = np.float32(1.0) / edge, np.float32(cells - 1), np.float32(0.5)
    x0, y0, z0, n, more = low[0], low[1], low[2], np.float32(cells), np.float32(1.0) + SLACK
    xs, ys, zs = points[0, start:], points[1, start:], points[2, start:]
    for at in range(many):
        x, y, z = xs[at] - x0, ys[at] - y0, zs[at] - z0
        i = np.floor(min(max(x * inverse, np.float32(0.0)), last))
        j = np.floor(min(max(y * inverse, np.float32(0.0)), last))
        k = np.floor(min(max(z * inverse, np.float32(0.0)), last))
        x, y, z = x - (i + half) * edge, y - (j + half) * edge, z - (k + half) * edge
        away[at] = np.sqrt(x * x + y * y + z * z) * more + error
        cell[at] = np.int32((i * n + j) * n + k)


@njit(cache=True, nogil=True, fastmath=True)
@no_type_check
def _sum_above(levels, step, away):
    total = np.float32(0.0)
    for at in range(levels.shape[0]):
        total += max(np.float32(levels[at]) * step - away[at], np.float32(0.0))
    return total


@njit(cache=True, nogil=True)
@no_type_check
def _mean_bound(points, n, lattice, cube):
    values, step = lattice.ravel(), cube[2]
    cell, away = np.zeros(WIDE, dtype=np.int32), np.zeros(WIDE, dtype=np.float32)
    levels = np.zeros(WIDE, dtype=np.uint8)
    total = 0.0
    for start in range(0, n, WIDE):
        many = min(WIDE, n - start)
        _cells(points, start, many, cube, lattice.shape[0], cell, away)
        for at in range(many):
            levels[at] = values[np.uint32(cell[at])]
        total += np.float64(_sum_above(levels[:many], step, away))
    return total / n * (1.0 - 16.0 * np.float64(SLACK))


@njit(cache=True, nogil=True)
@no_type_check
def mean_bounds(query, n, query_lattice, clouds, size, lattices, rows, cube, bounds):
    """Lower bounds of half the sum of the two mean distances between the query and each of some clouds.

    One centre a point, that of its cell: the cheap bound. A direction without a lattice counts 0.
    """
    for at in range(rows.shape[0]):
        row = rows[at]
        bounds[at] = 0.0
        if lattices.shape[1]:
            bounds[at] += _mean_bound(query, n, lattices[row], cube) / 2.0
        if query_lattice.shape[0]:
            bounds[at] += _mean_bound(clouds[row], size, query_lattice, cube) / 2.0


@njit(cache=True, nogil=True, fastmath=True)
@no_type_check
def _corners(points, start, many, cube, cells, cell, squares):
    """The lowest of the eight centres around each point, and the squared offsets from the two on each axis."""
    low, edge, _, _ = cube
    inverse, last, half = np.float32(1.0) / edge, np.float32(cells - 2), np.float32(0.5)
    x0, y0, z0, n = low[0], low[1], low[2], np.float32(cells)
    xs, ys, zs = points[0, start:], points[1, start:], points[2, start:]
    for at in range(many):
        x, y, z = xs[at] - x0, ys[at] - y0, zs[at] - z0
        i = np.floor(min(max(x * inverse - half, np.float32(0.0)), last))
        j = np.floor(min(max(y * inverse - half, np.float32(0.0)), last))
        k = np.floor(min(max(z * inverse - half, np.float32(0.0)), last))
        x, y, z = x - (i + half) * edge, y - (j + half) * edge, z - (k + half) * edge
        squares[0, at], squares[1, at] = x * x, (x - edge) ** 2
        squares[2, at], squares[3, at] = y * y, (y - edge) ** 2
        squares[4, at], squares[5, at] = z * z, (z - edge) ** 2
        cell[at] = np.int32((i * n + j) * n + k)


@njit(cache=True, nogil=True, fastmath=True)
@no_type_check
def _best_corner(levels, squares, cube, found):
    step, error, more = cube[2], cube[3], np.float32(1.0) + SLACK
    found[:] = np.float32(0.0)
    for corner in range(8):
        xs, ys, zs = squares[corner >> 2], squares[2 + ((corner >> 1) & 1)], squares[4 + (corner & 1)]
        level = levels[corner]
        for at in range(CHUNK):
            away = np.sqrt(xs[at] + ys[at] + zs[at]) * more + error
            found[at] = max(found[at], np.float32(level[at]) * step - away)


@njit(cache=True, nogil=True)
@no_type_check
def bounds_by_pass(points, n, lattice, cube, sums):
    """Lower bounds of what `distance_sum` finds in each pass for the cloud of the lattice: the best of eight centres."""
    if lattice.shape[0] == 0:
        return
    values, cells = lattice.ravel(), lattice.shape[0]
    levels, squares = np.zeros((8, CHUNK), dtype=np.uint8), np.zeros((6, CHUNK), dtype=np.float32)
    cell, found = np.zeros(CHUNK, dtype=np.int32), np.zeros(CHUNK, dtype=np.float32)
    for start in range(0, n, CHUNK):
        many = min(CHUNK, n - start)
        _corners(points, start, many, cube, cells, cell, squares)
        for corner in range(8):
            offset = np.uint32(((corner >> 2) * cells + ((corner >> 1) & 1)) * cells + (corner & 1))
            level = levels[corner]
            for at in range(many):
                level[at] = values[np.uint32(cell[at]) + offset]
        _best_corner(levels, squares, cube, found)
        for at in range(many):
            sums[at // GROUP] += np.float64(found[at]) * (1.0 - np.float64(SLACK))
