"""Exact nearest neighbours in space.

`reference_nearest` says what is computed, by brute force; blocks.py says how it is found faster.
"""

from typing import Any, no_type_check

import numpy as np
from jaxtyping import Float32, Int32
from numba import njit

from fieldstone.kernels.blocks import (
    GROUP,
    NEVER,
    block_size,
    boxes_of,
    gaps_to_boxes,
    in_order,
    next_block,
    visit,
)

__all__ = ["NearestIndex", "nearest", "reference_nearest"]


@njit(cache=True, nogil=True, fastmath={"contract", "nnan", "nsz"})
@no_type_check
def _squares(x, y, z, xs, ys, zs, squares):
    """Bits of the squared distances to the points of a block, and the least of them."""
    least = NEVER
    for j in range(xs.shape[0]):
        square = np.float32((xs[j] - x) ** 2 + (ys[j] - y) ** 2 + (zs[j] - z) ** 2).view(np.int32)
        squares[j] = square
        least = min(least, square)
    return least


@njit(cache=True, nogil=True)
@no_type_check
def _query(cloud, boxes, order, block, queries, query_order, distance, index):
    n, n_queries = order.shape[0], query_order.shape[0]
    best, before, home = np.zeros(GROUP, np.int32), np.zeros(GROUP, np.int32), np.zeros(GROUP, np.int64)
    gaps, squares = np.zeros(boxes.shape[1], dtype=np.int32), np.zeros(block, dtype=np.int32)
    for first in range(0, n_queries, GROUP):
        group = queries[:, first : first + GROUP]
        best[:] = NEVER
        gaps_to_boxes(group, boxes, gaps)
        at = next_block(gaps, best)
        while at >= 0:
            before[:] = best
            visit(group, best, cloud, at * block, block)
            for lane in range(GROUP):
                if best[lane] < before[lane]:
                    home[lane] = at
            at = next_block(gaps, best)
        for lane in range(min(GROUP, n_queries - first)):
            start = home[lane] * block
            here = slice(start, start + block)
            x, y, z = group[0, lane], group[1, lane], group[2, lane]
            least = _squares(x, y, z, cloud[0, here], cloud[1, here], cloud[2, here], squares)
            inside = 0
            while squares[inside] != least:
                inside += 1
            query = query_order[first + lane]
            distance[query] = np.sqrt(squares[inside : inside + 1].view(np.float32)[0])
            index[query] = order[min(start + inside, n - 1)]


class NearestIndex:
    """Points prepared for many nearest-neighbour questions. One thread; 100,000 points take about 5 ms to prepare."""

    def __init__(self, points: Float32[np.ndarray, "n 3"]) -> None:
        """Prepare 1 to 2**24 finite points, in any unit and frame."""
        self._block = block_size(len(points))
        self._cloud, self._order = in_order(np.ascontiguousarray(points), self._block)
        self._boxes: Any = boxes_of(self._cloud, self._block)

    def query(self, queries: Float32[np.ndarray, "q 3"]) -> tuple[Float32[np.ndarray, "q"], Int32[np.ndarray, "q"]]:
        """Distance to and index of the nearest point, query by query; of equally near points always the same."""
        distance, index = np.zeros(len(queries), dtype=np.float32), np.zeros(len(queries), dtype=np.int32)
        if len(queries):
            cloud, order = in_order(np.ascontiguousarray(queries), GROUP)
            _query(self._cloud, self._boxes, self._order, self._block, cloud, order, distance, index)
        return distance, index


def nearest(
    queries: Float32[np.ndarray, "q 3"], points: Float32[np.ndarray, "n 3"]
) -> tuple[Float32[np.ndarray, "q"], Int32[np.ndarray, "q"]]:
    """Exact distance to and index of the nearest of n >= 1 points, query by query, in the points' unit."""
    return NearestIndex(points).query(queries)


def reference_nearest(
    queries: Float32[np.ndarray, "q 3"], points: Float32[np.ndarray, "n 3"]
) -> tuple[Float32[np.ndarray, "q"], Int32[np.ndarray, "q"]]:
    """What `nearest` computes, by q x n distances: for tests and small inputs."""
    squares = np.square(queries[:, None] - points).sum(axis=2)
    index = squares.argmin(axis=1).astype(np.int32)
    return np.sqrt(squares[np.arange(len(queries)), index]), index
