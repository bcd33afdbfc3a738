"""Mean nearest-neighbour distances between one cloud and many, both ways, exact; how they are found is told in blocks.py.

`reference_means` says what is computed, by brute force.
"""

from typing import no_type_check

import numpy as np
from jaxtyping import Float32, Float64
from numba import njit

from fieldstone.kernels.blocks import (
    GROUP,
    INDEX,
    NEVER,
    block_size,
    boxes_of,
    gaps_to_boxes,
    in_order,
    smallest,
    visit,
)
from fieldstone.kernels.threads import share

__all__ = ["ChamferQuery", "reference_means"]


@njit(cache=True, nogil=True)
@no_type_check
def _mean(cloud, n, other, boxes, block, limit):
    """Mean distance from the n points of `cloud` to their nearest ones in `other`; infinite once it exceeds `limit`."""
    best, gaps = np.zeros(GROUP, dtype=np.int32), np.zeros(boxes.shape[1], dtype=np.int32)
    total = 0.0
    for start in range(0, n, GROUP):
        group = cloud[:, start : start + GROUP]
        best[:] = NEVER
        gaps_to_boxes(group, boxes, gaps)
        while True:
            least = smallest(gaps)
            if least == NEVER or (least & ~INDEX) >= max(best[0], best[1], best[2], best[3]):
                break
            at = least & INDEX
            gaps[at] = NEVER
            here = slice(at * block, (at + 1) * block)
            visit(group, best, other[0, here], other[1, here], other[2, here])
        for lane in range(min(GROUP, n - start)):
            total += np.sqrt(np.float64(best[lane : lane + 1].view(np.float32)[0]))
        if total > limit * n:
            return np.inf
    return total / n


@njit(cache=True, nogil=True)
@no_type_check
def _means(query, n, query_boxes, query_block, candidates, block, limit, means):
    for i in range(candidates.shape[0]):
        cloud, _ = in_order(candidates[i], block)
        means[i, 1] = _mean(cloud, candidates.shape[1], query, query_boxes, query_block, limit)
        if means[i, 1] < np.inf:
            means[i, 0] = _mean(query, n, cloud, boxes_of(cloud, block), block, limit - means[i, 1])


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
    """One cloud prepared for comparison with many; all finite, in one frame and unit, 1 to 2**24 points each."""

    def __init__(self, points: Float32[np.ndarray, "n 3"], workers: int | None = None) -> None:
        """`workers` threads (None: as many as numba may use) share the candidates; it does not change the numbers."""
        self._size, self._block = len(points), block_size(len(points))
        self._cloud, _ = in_order(np.ascontiguousarray(points), self._block)
        self._boxes = boxes_of(self._cloud, self._block)
        self._workers = workers

    def means(self, candidates: Float32[np.ndarray, "m k 3"], limit: float = np.inf) -> Float64[np.ndarray, "m 2"]:
        """Mean nearest-neighbour distance from the query to each candidate, and back.

        Where the sum of the two is sure to exceed `limit`, at least one of them is infinite instead.
        """
        block = block_size(candidates.shape[1])
        means = np.zeros((len(candidates), 2))
        candidates = np.ascontiguousarray(candidates)

        def part(rows: slice) -> None:
            mine, boxes = candidates[rows], self._boxes
            _means(self._cloud, self._size, boxes, self._block, mine, block, float(limit), means[rows])

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
