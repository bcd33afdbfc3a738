"""What a patch of surface looks like from its own centre, whatever the frame: histograms of how neighbours lie and turn.

The quantities are those of surflet pairs (Wahl, Hillenbrand, Hirzinger, Surflet-pair-relation histograms, 2003), the sign
of normals without meaning, around one point as in Rusu, Blodow, Beetz, Fast point feature histograms, 2009; the joint
histogram, its two reaches and what stands beside it are ours. `reference_patches` says what is computed.
"""

from typing import no_type_check

import numpy as np
from jaxtyping import Float32, Int32
from numba import njit

from fieldstone.kernels.threads import share

__all__ = ["BINS", "VALUES", "patches", "reference_patches"]

BINS = 4
"""Of each of the three quantities."""
OF_REACH = BINS**3 + 3
VALUES = 2 * OF_REACH + 2
"""Numbers that describe a patch."""
TINY = 1e-9


@njit(cache=True, nogil=True)
@no_type_check
def _bin(value):
    """Which bin of [0, 1]; what is larger, or no number, goes to the last."""
    scaled = value * BINS
    return int(scaled) if scaled < BINS else BINS - 1


@njit(cache=True, nogil=True)
@no_type_check
def _reach(points, normals, centre, neighbours, row):
    """One reach of one patch: the histogram, the radius, the two ratios of its widths."""
    x, y, z = points[centre, 0], points[centre, 1], points[centre, 2]
    a, b, c = normals[centre, 0], normals[centre, 1], normals[centre, 2]
    k = neighbours.shape[0]
    farthest = 0.0
    moments = np.zeros((3, 3))
    q = np.zeros(3)
    for j in neighbours:
        q[0], q[1], q[2] = points[j, 0] - x, points[j, 1] - y, points[j, 2] - z
        farthest = max(farthest, q[0] * q[0] + q[1] * q[1] + q[2] * q[2])
        for u in range(3):
            for v in range(3):
                moments[u, v] += q[u] * q[v] / k
    radius = np.sqrt(farthest)
    for j in neighbours:
        q[0], q[1], q[2] = points[j, 0] - x, points[j, 1] - y, points[j, 2] - z
        distance = np.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2]) + TINY
        height = abs(q[0] * a + q[1] * b + q[2] * c) / distance
        turn = abs(normals[j, 0] * a + normals[j, 1] * b + normals[j, 2] * c)
        place = (_bin(distance / (radius + TINY)) * BINS + _bin(height)) * BINS + _bin(turn)
        row[place] += np.float32(1.0 / k)
    for i in range(BINS**3):
        row[i] = np.sqrt(row[i])
    widths = np.linalg.eigvalsh(moments)
    row[BINS**3] = radius
    row[BINS**3 + 1] = np.sqrt(max(widths[0], 0.0) / (widths[2] + TINY))
    row[BINS**3 + 2] = np.sqrt(max(widths[1], 0.0) / (widths[2] + TINY))


@njit(cache=True, nogil=True)
@no_type_check
def _describe(points, normals, centres, neighbours, inner, rows):
    for i in range(centres.shape[0]):
        centre = centres[i]
        _reach(points, normals, centre, neighbours[i, :inner], rows[i, :OF_REACH])
        _reach(points, normals, centre, neighbours[i], rows[i, OF_REACH : 2 * OF_REACH])
        square, height = 0.0, 0.0
        for u in range(3):
            square += points[centre, u] * points[centre, u]
            height += points[centre, u] * normals[centre, u]
        out = np.sqrt(square)
        rows[i, 2 * OF_REACH] = out
        rows[i, 2 * OF_REACH + 1] = abs(height) / (out + TINY)


def patches(
    points: Float32[np.ndarray, "batch n 3"],
    normals: Float32[np.ndarray, "batch n 3"],
    centres: Int32[np.ndarray, "batch m"],
    neighbours: Int32[np.ndarray, "batch m k"],
    inner: int,
    workers: int | None = 1,
) -> Float32[np.ndarray, "batch m 136"]:
    """Each patch's VALUES: for its first `inner` neighbours and for all k, which come nearest first, the square roots of
    the joint histogram of distance / radius, |cosine| of direction and normal, and |cosine| of the two normals; the
    radius; the two smaller widths over the largest. Then the centre's distance from the origin, and the |cosine| of its
    normal and its own direction.

    Points stand about their centroid; normals have unit length. `workers` threads share the clouds (None: as many as
    numba may use); they do not change the answer.
    """
    assert 0 < inner <= neighbours.shape[2], f"{inner} inner neighbours of {neighbours.shape[2]}"
    rows = np.zeros((*centres.shape, VALUES), dtype=np.float32)

    def part(these: slice) -> None:
        together = zip(points[these], normals[these], centres[these], neighbours[these], rows[these], strict=True)
        for cloud, turns, middle, around, row in together:
            _describe(cloud, turns, middle, around, inner, row)

    share(len(points), part, workers)
    return rows


def reference_patches(
    points: Float32[np.ndarray, "batch n 3"],
    normals: Float32[np.ndarray, "batch n 3"],
    centres: Int32[np.ndarray, "batch m"],
    neighbours: Int32[np.ndarray, "batch m k"],
    inner: int,
) -> Float32[np.ndarray, "batch m 136"]:
    """What `patches` computes, in plain numpy."""
    cloud = np.arange(len(points))[:, None]
    at, normal = points[cloud, centres], normals[cloud, centres]
    parts = []
    for k in (inner, neighbours.shape[2]):
        near = neighbours[:, :, :k]
        q = points[cloud[:, :, None], near].astype(np.float64) - at[:, :, None]
        distance = np.linalg.norm(q, axis=3)
        radius = distance.max(axis=2)
        cosines = (
            distance / (radius[:, :, None] + TINY),
            np.abs((q * normal[:, :, None]).sum(axis=3)) / (distance + TINY),
            np.abs((normals[cloud[:, :, None], near] * normal[:, :, None]).sum(axis=3)),
        )
        code = np.zeros(near.shape, dtype=np.int64)
        for value in cosines:
            code = code * BINS + np.minimum(value * BINS, BINS - 1).astype(np.int64)
        shares = (code[..., None] == np.arange(BINS**3)).mean(axis=2)
        widths = np.maximum(np.linalg.eigvalsh(np.einsum("bmki,bmkj->bmij", q, q) / k), 0.0)
        ratios = np.sqrt(widths[..., :2] / (widths[..., 2:] + TINY))
        parts += [np.sqrt(shares), radius[..., None], ratios]
    out = np.linalg.norm(at, axis=2)
    parts += [out[..., None], (np.abs((at * normal).sum(axis=2)) / (out + TINY))[..., None]]
    return np.concatenate(parts, axis=2).astype(np.float32)
