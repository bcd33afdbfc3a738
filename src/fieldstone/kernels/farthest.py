"""Farthest point sampling: each next point is the one farthest from all that are chosen.

Eldar, Lindenbaum, Porat, Zeevi, The farthest point strategy for progressive image sampling, 1997; in point networks
since Qi, Yi, Su, Guibas, PointNet++, 2017. `reference_farthest` says what is computed.
"""

from typing import no_type_check

import numpy as np
from jaxtyping import Float32, Int32
from numba import njit

from fieldstone.kernels.threads import share

__all__ = ["farthest_points", "reference_farthest"]

INFINITE = np.int32(0x7F800000)  # the bits of the float infinity


@njit(cache=True, nogil=True, fastmath={"contract", "reassoc"})
@no_type_check
def _lower(xs, ys, zs, x, y, z, bits):
    """Lower each point's squared distance to the chosen ones by the newest, and return the largest.

    Squares are kept as their bits, which are ordered as they are: a maximum of integers becomes vector instructions.
    """
    largest = np.int32(-1)
    for i in range(xs.shape[0]):
        square = np.float32((xs[i] - x) ** 2 + (ys[i] - y) ** 2 + (zs[i] - z) ** 2)
        lower = min(bits[i], square.view(np.int32))
        bits[i] = lower
        largest = max(largest, lower)
    return largest


@njit(cache=True, nogil=True)
@no_type_check
def _sample(coordinates, k, chosen):
    xs, ys, zs = coordinates[0], coordinates[1], coordinates[2]
    bits = np.full(xs.shape[0], INFINITE, dtype=np.int32)
    newest = 0
    for step in range(1, k):
        largest = _lower(xs, ys, zs, xs[newest], ys[newest], zs[newest], bits)
        newest = 0
        while bits[newest] != largest:
            newest += 1
        chosen[step] = newest


def farthest_points(
    points: Float32[np.ndarray, "batch n 3"], k: int, workers: int | None = 1
) -> Int32[np.ndarray, "batch k"]:
    """Indices of k <= n points of each cloud, the cloud's first point first; of equally far ones the lowest index.

    `workers` threads share the clouds (None: as many as numba may use); they do not change the answer.
    """
    assert 0 < k <= points.shape[1], f"{k} points of {points.shape[1]}"
    chosen = np.zeros((len(points), k), dtype=np.int32)
    coordinates = np.ascontiguousarray(points.transpose(0, 2, 1))

    def part(rows: slice) -> None:
        for cloud, indices in zip(coordinates[rows], chosen[rows], strict=True):
            _sample(cloud, k, indices)

    share(len(points), part, workers)
    return chosen


def reference_farthest(points: Float32[np.ndarray, "batch n 3"], k: int) -> Int32[np.ndarray, "batch k"]:
    """What `farthest_points` computes, in plain numpy."""
    chosen = np.zeros((len(points), k), dtype=np.int32)
    clouds = np.arange(len(points))
    nearest = np.full(points.shape[:2], np.inf, dtype=np.float32)
    for step in range(1, k):
        newest = points[clouds, chosen[:, step - 1]]
        nearest = np.minimum(nearest, np.square(points - newest[:, None]).sum(axis=2))
        chosen[:, step] = nearest.argmax(axis=1)
    return chosen
