"""Normals for clouds that come without: through each point, the plane that gathers most of its neighbours.

Each pair of near neighbours spans a plane with the point; the one that the other neighbours lie closest to wins, by a
robust vote. Unlike the plane of least squares (Hoppe et al., Surface reconstruction from unorganized points, 1992), it
keeps its direction beside an edge and between two sheets that nearly touch, which machine parts are full of. Same aim,
other vote: Alexandre Boulch, Renaud Marlet, Fast and robust normal estimation for point clouds with sharp features, 2012.
"""

import math
from typing import no_type_check

import numpy as np
from jaxtyping import Float32
from numba import njit

__all__ = ["estimate_normals"]

VOTERS = 24
"""Neighbours that vote, the point itself counted."""
PROPOSERS = 9
"""Nearest of them whose pairs span the planes, the point itself counted."""
TOLERANCE = 0.02
"""A voter this far off the plane, as a share of the neighbourhood's radius, counts half."""
THINNEST = 0.05
"""Squared sine of the least angle between two proposers: a plane of nearly aligned points says nothing."""


def estimate_normals(points: Float32[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n 3"]:
    """Unit normals of a surface that the points lie on, each with a sign of no meaning.

    Equal points share a normal. Where all neighbours stand in a line, or there are fewer than three points, it is z.
    """
    from scipy.spatial import cKDTree

    distinct, back = np.unique(points, axis=0, return_inverse=True)
    k = min(VOTERS, len(distinct))
    _, near = cKDTree(distinct).query(distinct, k=k)
    normals: Float32[np.ndarray, "m 3"] = _vote(distinct, near.reshape(len(distinct), k))
    return normals[back.reshape(-1)]


@njit(cache=True, error_model="numpy")
@no_type_check
def _vote(points, near):
    n, k = near.shape
    normals = np.zeros((n, 3), dtype=np.float32)
    offsets = np.zeros((k, 3), dtype=np.float64)
    for i in range(n):
        for j in range(k):
            for axis in range(3):
                offsets[j, axis] = points[near[i, j], axis] - points[i, axis]
        _best_plane(offsets, normals[i])
    return normals


@njit(cache=True, error_model="numpy")
@no_type_check
def _best_plane(offsets, normal):
    """Write the winner's unit normal; neighbours come nearest first, the point itself among them."""
    k = offsets.shape[0]
    last = offsets[k - 1]
    sharpness = 1.0 / (TOLERANCE * TOLERANCE * (last[0] * last[0] + last[1] * last[1] + last[2] * last[2]))
    normal[0], normal[1], normal[2] = 0.0, 0.0, 1.0
    most = 0.0
    for a in range(1, min(PROPOSERS, k)):
        ax, ay, az = offsets[a]
        for b in range(a + 1, min(PROPOSERS, k)):
            bx, by, bz = offsets[b]
            x, y, z = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
            square = x * x + y * y + z * z
            if square <= THINNEST * (ax * ax + ay * ay + az * az) * (bx * bx + by * by + bz * bz):
                continue
            votes = 0.0
            for j in range(k):
                off = x * offsets[j, 0] + y * offsets[j, 1] + z * offsets[j, 2]
                votes += 1.0 / (1.0 + off * off * sharpness / square)
            if votes > most:
                length = math.sqrt(square)
                most = votes
                normal[0], normal[1], normal[2] = x / length, y / length, z / length
