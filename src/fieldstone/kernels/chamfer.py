"""Mean nearest-neighbour distances between one cloud and many, both ways, exact.

Clouds are put in Morton order and cut into blocks of 64 points, each with its box. Four neighbouring points at a time
visit the blocks from the nearest box on, until no box is nearer than what they have found. Distances within a block
are a plain minimum over 64 numbers, which becomes vector instructions: squares are compared by their bits, since LLVM
leaves a minimum of floats scalar, and floats that are not negative are ordered as their bits are.

`reference_means` says what is computed, by brute force.
"""

from typing import no_type_check

import numpy as np
from jaxtyping import Float32, Float64
from numba import njit

from fieldstone.kernels.threads import share

__all__ = ["ChamferQuery", "reference_means"]

BLOCK = 64
GROUP = 4  # written out in _gaps and _visit
DIGIT = 11  # bits of a pass of the sort; two passes
LATTICE = 128.0  # cells along an axis, 7 bits: two of three axes' bits fill 21 <= 2 * DIGIT
NEVER = np.int32(2147483647)
INDEX = np.int32(4095)  # the low bits of a block's gap hold its number
MOST = 4096 * BLOCK


@njit(cache=True, nogil=True)
@no_type_check
def _keys(points, keys):
    low, high = np.zeros(3, dtype=np.float32), np.zeros(3, dtype=np.float32)
    for axis in range(3):
        low[axis], high[axis] = points[:, axis].min(), points[:, axis].max()
    side = max(high[0] - low[0], high[1] - low[1], high[2] - low[2])
    scale = np.float32((LATTICE - 0.5) / side) if side > 0 else np.float32(0.0)
    for i in range(points.shape[0]):
        key = np.uint32(0)
        for axis in range(3):
            cell = np.uint32((points[i, axis] - low[axis]) * scale)
            cell = (cell | (cell << np.uint32(8))) & np.uint32(0x00700F)
            cell = (cell | (cell << np.uint32(4))) & np.uint32(0x0430C3)
            cell = (cell | (cell << np.uint32(2))) & np.uint32(0x049249)
            key |= cell << np.uint32(axis)
        keys[i] = key


@njit(cache=True, nogil=True)
@no_type_check
def _order(keys):
    """Indices in ascending order of 22-bit keys, stable: a radix sort of two passes."""
    n = keys.shape[0]
    order, other = np.arange(n), np.zeros(n, dtype=np.int64)
    for turn in range(2):
        shift = np.uint32(turn * DIGIT)
        start = np.zeros((1 << DIGIT) + 1, dtype=np.int64)
        for i in range(n):
            start[((keys[i] >> shift) & np.uint32((1 << DIGIT) - 1)) + 1] += 1
        for digit in range(1 << DIGIT):
            start[digit + 1] += start[digit]
        for i in range(n):
            digit = (keys[order[i]] >> shift) & np.uint32((1 << DIGIT) - 1)
            other[start[digit]] = order[i]
            start[digit] += 1
        order, other = other, order
    return order


@njit(cache=True, nogil=True)
@no_type_check
def _prepare(points):
    """Coordinates in Morton order, axis by axis, padded to whole blocks with the last point; and the blocks' boxes."""
    n = points.shape[0]
    blocks = (n + BLOCK - 1) // BLOCK
    cloud, boxes = np.zeros((3, blocks * BLOCK), dtype=np.float32), np.zeros((6, blocks), dtype=np.float32)
    keys = np.zeros(n, dtype=np.uint32)
    _keys(points, keys)
    order = _order(keys)
    for i in range(blocks * BLOCK):
        at = order[min(i, n - 1)]
        cloud[0, i], cloud[1, i], cloud[2, i] = points[at, 0], points[at, 1], points[at, 2]
    for block in range(blocks):
        for axis in range(3):
            row = cloud[axis, block * BLOCK : (block + 1) * BLOCK]
            boxes[axis, block], boxes[3 + axis, block] = row.min(), row.max()
    return cloud, boxes


@njit(cache=True, nogil=True, fastmath=True)
@no_type_check
def _gaps(group, boxes, gaps):
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


@njit(cache=True, nogil=True, fastmath=True)
@no_type_check
def _visit(group, best, xs, ys, zs):
    """Lower the bits of the four squared distances by the points of one block."""
    x0, x1, x2, x3 = group[0, 0], group[0, 1], group[0, 2], group[0, 3]
    y0, y1, y2, y3 = group[1, 0], group[1, 1], group[1, 2], group[1, 3]
    z0, z1, z2, z3 = group[2, 0], group[2, 1], group[2, 2], group[2, 3]
    b0, b1, b2, b3 = best[0], best[1], best[2], best[3]
    for j in range(xs.shape[0]):
        x, y, z = xs[j], ys[j], zs[j]
        b0 = min(b0, np.float32((x0 - x) ** 2 + (y0 - y) ** 2 + (z0 - z) ** 2).view(np.int32))
        b1 = min(b1, np.float32((x1 - x) ** 2 + (y1 - y) ** 2 + (z1 - z) ** 2).view(np.int32))
        b2 = min(b2, np.float32((x2 - x) ** 2 + (y2 - y) ** 2 + (z2 - z) ** 2).view(np.int32))
        b3 = min(b3, np.float32((x3 - x) ** 2 + (y3 - y) ** 2 + (z3 - z) ** 2).view(np.int32))
    best[0], best[1], best[2], best[3] = b0, b1, b2, b3


@njit(cache=True, nogil=True)
@no_type_check
def _smallest(gaps):
    least = NEVER
    for j in range(gaps.shape[0]):
        least = min(least, gaps[j])
    return least


@njit(cache=True, nogil=True)
@no_type_check
def _mean(cloud, n, other, boxes, limit):
    """Mean distance from the n points of `cloud` to their nearest ones in `other`; infinite once it exceeds `limit`."""
    best, gaps = np.zeros(GROUP, dtype=np.int32), np.zeros(boxes.shape[1], dtype=np.int32)
    total = 0.0
    for start in range(0, n, GROUP):
        group = cloud[:, start : start + GROUP]
        best[:] = NEVER
        _gaps(group, boxes, gaps)
        while True:
            least = _smallest(gaps)
            if least == NEVER or (least & ~INDEX) >= max(best[0], best[1], best[2], best[3]):
                break
            block = least & INDEX
            gaps[block] = NEVER
            here = slice(block * BLOCK, (block + 1) * BLOCK)
            _visit(group, best, other[0, here], other[1, here], other[2, here])
        for lane in range(min(GROUP, n - start)):
            total += np.sqrt(np.float64(best[lane : lane + 1].view(np.float32)[0]))
        if total > limit * n:
            return np.inf
    return total / n


@njit(cache=True, nogil=True)
@no_type_check
def _means(query, n, query_boxes, candidates, limit, means):
    for i in range(candidates.shape[0]):
        cloud, boxes = _prepare(candidates[i])
        means[i, 1] = _mean(cloud, candidates.shape[1], query, query_boxes, limit)
        means[i, 0] = _mean(query, n, cloud, boxes, limit - means[i, 1]) if means[i, 1] < np.inf else np.inf


@njit(cache=True, nogil=True, fastmath=True)
@no_type_check
def _nearest_bits(x, y, z, xs, ys, zs):
    best = NEVER
    for j in range(xs.shape[0]):
        best = min(best, np.float32((x - xs[j]) ** 2 + (y - ys[j]) ** 2 + (z - zs[j]) ** 2).view(np.int32))
    return best


@njit(cache=True, nogil=True)
@no_type_check
def _estimates(query, candidates, step, means):
    bits = np.zeros(1, dtype=np.int32)
    for i in range(candidates.shape[0]):
        count = 0
        for at in range(0, candidates.shape[1], step):
            x, y, z = candidates[i, at, 0], candidates[i, at, 1], candidates[i, at, 2]
            bits[0] = _nearest_bits(x, y, z, query[0], query[1], query[2])
            means[i] += np.sqrt(np.float64(bits.view(np.float32)[0]))
            count += 1
        means[i] /= count


class ChamferQuery:
    """One cloud prepared for comparison with many; all finite, in one frame and unit, 1 to 262,144 points each."""

    def __init__(self, points: Float32[np.ndarray, "n 3"], workers: int | None = None) -> None:
        """`workers` threads (None: as many as numba may use) share the candidates; it does not change the numbers."""
        assert 0 < len(points) <= MOST, f"a cloud holds 1 to {MOST} points"
        self._size = len(points)
        self._cloud, self._boxes = _prepare(np.ascontiguousarray(points))
        self._workers = workers

    def means(self, candidates: Float32[np.ndarray, "m k 3"], limit: float = np.inf) -> Float64[np.ndarray, "m 2"]:
        """Mean nearest-neighbour distance from the query to each candidate, and back.

        Where the sum of the two is sure to exceed `limit`, at least one of them is infinite instead.
        """
        assert 0 < candidates.shape[1] <= MOST, f"a cloud holds 1 to {MOST} points"
        means = np.zeros((len(candidates), 2))
        candidates = np.ascontiguousarray(candidates)

        def part(rows: slice) -> None:
            _means(self._cloud, self._size, self._boxes, candidates[rows], float(limit), means[rows])

        share(len(candidates), part, self._workers)
        return means

    def estimates(self, candidates: Float32[np.ndarray, "m k 3"], sample: int = 64) -> Float64[np.ndarray, "m"]:
        """Mean distance from about `sample` points of each candidate to the query: a cheap first order, no bound."""
        means = np.zeros(len(candidates))
        step = max(1, candidates.shape[1] // sample)
        _estimates(self._cloud[:, : self._size], np.ascontiguousarray(candidates), step, means)
        return means


def reference_means(
    query: Float32[np.ndarray, "n 3"], candidates: Float32[np.ndarray, "m k 3"]
) -> Float64[np.ndarray, "m 2"]:
    """What `ChamferQuery.means` computes, by all n x k distances in float64: for tests and small inputs."""
    means = np.zeros((len(candidates), 2))
    for i, candidate in enumerate(candidates.astype(np.float64)):
        distance = np.sqrt(np.square(query[:, None] - candidate).sum(axis=2))
        means[i] = distance.min(axis=1).mean(), distance.min(axis=0).mean()
    return means
