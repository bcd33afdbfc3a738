"""Points around centres: the k nearest of each centre, or those within a radius, cloud by cloud.

`reference_k_nearest` and `reference_within` say what is computed. Brute force: point networks ask for a few hundred
centres among a few thousand points, where one pass over the cloud costs less than preparing a tree.
"""

from typing import no_type_check

import numpy as np
from jaxtyping import Float32, Int32
from numba import njit

from fieldstone.kernels.threads import share

__all__ = ["k_nearest", "reference_k_nearest", "reference_within", "within"]

BINS = 256
"""Of squared distances, up to the farthest point's."""


@njit(cache=True, nogil=True, fastmath={"contract", "reassoc"})
@no_type_check
def _squares(xs, ys, zs, x, y, z, squares):
    for i in range(xs.shape[0]):
        squares[i] = np.float32((xs[i] - x) ** 2 + (ys[i] - y) ** 2 + (zs[i] - z) ** 2)


@njit(cache=True, nogil=True)
@no_type_check
def _bin(square, scale):
    """Rises with the square; infinite ones, and what they make of a scale of 0, are in the last bin."""
    place = square * scale
    return np.int64(place) if place < BINS - 1 else BINS - 1


@njit(cache=True, nogil=True)
@no_type_check
def _k_nearest(coordinates, centres, squares, counts, keys, found):
    """The k nearest as sorted keys: the square's bits above the index, so that equals go by index. Only those in the
    nearest bins that hold k together are sorted."""
    k, bits = found.shape[1], squares.view(np.uint32)
    for c in range(centres.shape[0]):
        _squares(coordinates[0], coordinates[1], coordinates[2], centres[c, 0], centres[c, 1], centres[c, 2], squares)
        top = squares.max()
        scale = np.float32(BINS / top) if top > 0.0 else np.float32(0.0)
        counts[:] = 0
        for i in range(squares.shape[0]):
            counts[_bin(squares[i], scale)] += 1
        last, total = 0, counts[0]
        while total < k:
            last += 1
            total += counts[last]
        taken = 0
        for i in range(squares.shape[0]):
            if _bin(squares[i], scale) <= last:
                keys[taken] = (np.uint64(bits[i]) << np.uint64(32)) | np.uint64(i)
                taken += 1
        keys[:taken].sort()
        for j in range(k):
            found[c, j] = np.int32(keys[j] & np.uint64(0xFFFFFFFF))


@njit(cache=True, nogil=True)
@no_type_check
def _within(coordinates, centres, limit, squares, found):
    """The first k points, in the cloud's order, nearer than the radius; the first of them again where there are fewer."""
    k = found.shape[1]
    for c in range(centres.shape[0]):
        _squares(coordinates[0], coordinates[1], coordinates[2], centres[c, 0], centres[c, 1], centres[c, 2], squares)
        count, nearest = 0, 0
        for i in range(squares.shape[0]):
            if squares[i] < squares[nearest]:
                nearest = i
            if squares[i] <= limit and count < k:
                found[c, count] = i
                count += 1
        first = found[c, 0] if count else nearest
        for j in range(count, k):
            found[c, j] = first


def k_nearest(
    points: Float32[np.ndarray, "batch n 3"],
    centres: Float32[np.ndarray, "batch m 3"],
    k: int,
    workers: int | None = 1,
) -> Int32[np.ndarray, "batch m k"]:
    """Indices of the k <= n points nearest to each centre, nearest first; of equally near ones the lowest index first.

    `workers` threads share the clouds (None: as many as numba may use); they do not change the answer.
    """
    assert 0 < k <= points.shape[1], f"{k} neighbours of {points.shape[1]} points"
    found = np.zeros((*centres.shape[:2], k), dtype=np.int32)
    coordinates = np.ascontiguousarray(points.transpose(0, 2, 1))

    def part(rows: slice) -> None:
        squares, keys = np.zeros(points.shape[1], dtype=np.float32), np.zeros(points.shape[1], dtype=np.uint64)
        counts = np.zeros(BINS, dtype=np.int64)
        for cloud, around, indices in zip(coordinates[rows], centres[rows], found[rows], strict=True):
            _k_nearest(cloud, around, squares, counts, keys, indices)

    share(len(points), part, workers)
    return found


def within(
    points: Float32[np.ndarray, "batch n 3"],
    centres: Float32[np.ndarray, "batch m 3"],
    radius: float,
    k: int,
    workers: int | None = 1,
) -> Int32[np.ndarray, "batch m k"]:
    """Indices of the first k points within `radius` (the points' unit) of each centre, in the cloud's order.

    Where there are fewer, the first of them fills up; where there is none, the nearest point (Qi, Yi, Su, Guibas,
    PointNet++, 2017, section 3.2, ball query).
    """
    found = np.zeros((*centres.shape[:2], k), dtype=np.int32)
    coordinates = np.ascontiguousarray(points.transpose(0, 2, 1))

    def part(rows: slice) -> None:
        squares = np.zeros(points.shape[1], dtype=np.float32)
        for cloud, around, indices in zip(coordinates[rows], centres[rows], found[rows], strict=True):
            _within(cloud, around, np.float32(radius * radius), squares, indices)

    share(len(points), part, workers)
    return found


def reference_k_nearest(
    points: Float32[np.ndarray, "batch n 3"], centres: Float32[np.ndarray, "batch m 3"], k: int
) -> Int32[np.ndarray, "batch m k"]:
    """What `k_nearest` computes, in plain numpy."""
    squares = np.square(centres[:, :, None] - points[:, None]).sum(axis=3)
    return np.argsort(squares, axis=2, kind="stable")[:, :, :k].astype(np.int32)


def reference_within(
    points: Float32[np.ndarray, "batch n 3"], centres: Float32[np.ndarray, "batch m 3"], radius: float, k: int
) -> Int32[np.ndarray, "batch m k"]:
    """What `within` computes, in plain numpy."""
    squares = np.square(centres[:, :, None] - points[:, None]).sum(axis=3)
    inside = squares <= np.float32(radius * radius)
    order = np.argsort(~inside, axis=2, kind="stable")[:, :, :k]
    count = inside.sum(axis=2, keepdims=True)
    first = np.where(count > 0, order[:, :, :1], squares.argmin(axis=2, keepdims=True))
    return np.where(np.arange(order.shape[2]) < count, order, first).astype(np.int32)
