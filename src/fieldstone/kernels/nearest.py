"""Exact nearest neighbours in space: a tree of boxes over points in Morton order, near child first.

`reference_nearest` says what is computed, by brute force; the tests hold `nearest` to it, ties included.
"""

from typing import Any, no_type_check

import numpy as np
from jaxtyping import Float32, Int32
from numba import njit

from fieldstone.kernels.morton import morton_order

__all__ = ["NearestIndex", "nearest", "reference_nearest"]

LEAF = 8  # points in a leaf, at most


@njit(cache=True)
@no_type_check
def _build(points, leaves):
    """Boxes of a binary tree, node i over nodes 2i and 2i + 1; leaf j of L holds points [j n / L, (j + 1) n / L)."""
    n = points.shape[0]
    boxes = np.zeros((2 * leaves, 6), dtype=np.float32)
    for leaf in range(leaves):
        start, end = leaf * n // leaves, (leaf + 1) * n // leaves
        box = boxes[leaves + leaf]
        box[:3], box[3:] = points[start], points[start]
        for i in range(start + 1, end):
            for axis in range(3):
                box[axis] = min(box[axis], points[i, axis])
                box[3 + axis] = max(box[3 + axis], points[i, axis])
    for node in range(leaves - 1, 0, -1):
        for axis in range(3):
            boxes[node, axis] = min(boxes[2 * node, axis], boxes[2 * node + 1, axis])
            boxes[node, 3 + axis] = max(boxes[2 * node, 3 + axis], boxes[2 * node + 1, 3 + axis])
    return boxes


@njit(cache=True, inline="always")
@no_type_check
def _gap(boxes, node, x, y, z):
    """Squared distance from a point to a box, 0 inside."""
    zero = np.float32(0.0)
    dx = max(max(boxes[node, 0] - x, x - boxes[node, 3]), zero)
    dy = max(max(boxes[node, 1] - y, y - boxes[node, 4]), zero)
    dz = max(max(boxes[node, 2] - z, z - boxes[node, 5]), zero)
    return dx * dx + dy * dy + dz * dz


@njit(cache=True)
@no_type_check
def _search(points, original, boxes, leaves, x, y, z, best, found, nodes, gaps):
    """The nearest point, given a guess `found` at squared distance `best`; ties go to the lower original index."""
    n, depth = points.shape[0], 0
    node, gap = 1, _gap(boxes, 1, x, y, z)
    while True:
        if gap <= best:
            while node < leaves:
                near, far = 2 * node, 2 * node + 1
                near_gap, far_gap = _gap(boxes, near, x, y, z), _gap(boxes, far, x, y, z)
                if far_gap < near_gap:
                    near, far, near_gap, far_gap = far, near, far_gap, near_gap
                if far_gap <= best:
                    nodes[depth], gaps[depth] = far, far_gap
                    depth += 1
                node = near
            leaf = node - leaves
            for i in range(leaf * n // leaves, (leaf + 1) * n // leaves):
                dx, dy, dz = points[i, 0] - x, points[i, 1] - y, points[i, 2] - z
                square = dx * dx + dy * dy + dz * dz
                if square < best or (square == best and original[i] < original[found]):
                    best, found = square, i
        if depth == 0:
            return best, found
        depth -= 1
        node, gap = nodes[depth], gaps[depth]


@njit(cache=True)
@no_type_check
def _query(points, original, boxes, leaves, queries, order, distance, index):
    nodes, gaps = np.zeros(64, dtype=np.int64), np.zeros(64, dtype=np.float32)
    found = 0
    for i in order:
        x, y, z = queries[i, 0], queries[i, 1], queries[i, 2]
        dx, dy, dz = points[found, 0] - x, points[found, 1] - y, points[found, 2] - z
        guess = dx * dx + dy * dy + dz * dz  # the last query's answer: queries come in Morton order, so it is close
        best, found = _search(points, original, boxes, leaves, x, y, z, guess, found, nodes, gaps)
        distance[i], index[i] = np.sqrt(best), original[found]


class NearestIndex:
    """Points prepared for many nearest-neighbour questions. One thread; 100,000 points take about 20 ms to prepare."""

    def __init__(self, points: Float32[np.ndarray, "n 3"]) -> None:
        """Prepare `points` (n >= 1, finite; any unit and frame)."""
        assert len(points) > 0, "nothing is nearest where there are no points"
        order = morton_order(points)
        self._points: Any = np.ascontiguousarray(points[order])
        self._original: Any = order.astype(np.int32)
        self._leaves = 1 << max(0, (-(-len(points) // LEAF) - 1).bit_length())
        self._boxes: Any = _build(self._points, self._leaves)

    def query(self, queries: Float32[np.ndarray, "q 3"]) -> tuple[Float32[np.ndarray, "q"], Int32[np.ndarray, "q"]]:
        """Distance to and index of the nearest point, query by query; of equally near points, the lowest index."""
        distance, index = np.zeros(len(queries), dtype=np.float32), np.zeros(len(queries), dtype=np.int32)
        queries = np.ascontiguousarray(queries)
        _query(self._points, self._original, self._boxes, self._leaves, queries, morton_order(queries), distance, index)
        return distance, index


def nearest(
    queries: Float32[np.ndarray, "q 3"], points: Float32[np.ndarray, "n 3"]
) -> tuple[Float32[np.ndarray, "q"], Int32[np.ndarray, "q"]]:
    """Exact distance to and index of the nearest of n >= 1 points, in the points' unit; ties give the lowest index."""
    return NearestIndex(points).query(queries)


def reference_nearest(
    queries: Float32[np.ndarray, "q 3"], points: Float32[np.ndarray, "n 3"]
) -> tuple[Float32[np.ndarray, "q"], Int32[np.ndarray, "q"]]:
    """What `nearest` computes, by q x n distances: for tests and small inputs."""
    squares = np.square(queries[:, None] - points).sum(axis=2)
    index = squares.argmin(axis=1).astype(np.int32)
    return np.sqrt(squares[np.arange(len(queries)), index]), index
