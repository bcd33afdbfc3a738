"""Centroid triangles: two surface points and the centroid, by the triangle's sides and the angle between the normals.

Our own extension of D3 and D1 of Robert Osada, Thomas Funkhouser, Bernard Chazelle, David Dobkin, Shape distributions,
2002: with one corner held at the centroid, the joint histogram of all three sides tells where in the shape a pair lies,
which pair histograms forget. Bins are shared linearly in all four dimensions; square roots of the shares (Hellinger).
"""

import math
from typing import no_type_check

import numpy as np
from jaxtyping import Float32
from numba import njit

from fieldstone.encoders.bins import split, unordered
from fieldstone.encoders.descriptor import Descriptor
from fieldstone.encoders.pairs import paired
from fieldstone.encoders.protocol import Card

__all__ = ["DIM", "ENCODER", "triangle_histogram"]

PARTNERS = 8
"""Pairs that start at each point."""
RADII = 9
REACH = 2.2
"""The last radius node, in root mean square radii."""
TURNS = 7
"""Nodes of the cosine at the centroid, over [-1, 1]."""
LEVELS = 3
"""Nodes of the absolute cosine between the normals, over [0, 1]."""
ORDERED = RADII * (RADII + 1) // 2
DIM = ORDERED * TURNS * LEVELS


@njit(cache=True)
@no_type_check
def _radii(points):
    radii = np.zeros(points.shape[0], dtype=np.float32)
    for i in range(points.shape[0]):
        radii[i] = math.sqrt(points[i, 0] ** 2 + points[i, 1] ** 2 + points[i, 2] ** 2)
    return radii


@njit(cache=True, inline="always")
@no_type_check
def _drop(cell, weight, turn, turn_share, level, level_share):
    """Add a weight to the four nodes around (turn, level)."""
    lower, upper = weight * (np.float32(1.0) - turn_share), weight * turn_share
    rest = np.float32(1.0) - level_share
    cell[turn, level] += lower * rest
    cell[turn, level + 1] += lower * level_share
    cell[turn + 1, level] += upper * rest
    cell[turn + 1, level + 1] += upper * level_share


@njit(cache=True, error_model="numpy")
@no_type_check
def _count(points, normals, radii, order, shifts):
    counts = np.zeros((ORDERED, TURNS, LEVELS), dtype=np.float32)
    one, half, reach = np.float32(1.0), np.float32(0.5), np.float32(1.0 / REACH)
    for i in range(order.shape[0]):
        a = order[i]
        first, first_share = split(radii[a] * reach, RADII)
        for s in range(shifts.shape[0]):
            b = order[(i + shifts[s]) % order.shape[0]]
            second, second_share = split(radii[b] * reach, RADII)
            dot = points[a, 0] * points[b, 0] + points[a, 1] * points[b, 1] + points[a, 2] * points[b, 2]
            turn, turn_share = split(half + half * dot / max(radii[a] * radii[b], np.float32(1e-12)), TURNS)
            facing = normals[a, 0] * normals[b, 0] + normals[a, 1] * normals[b, 1] + normals[a, 2] * normals[b, 2]
            level, level_share = split(abs(facing), LEVELS)
            for k in range(2):
                outer = first_share if k == 1 else one - first_share
                for m in range(2):
                    weight = outer * (second_share if m == 1 else one - second_share)
                    _drop(counts[unordered(first + k, second + m)], weight, turn, turn_share, level, level_share)
    return counts


def triangle_histogram(
    points: Float32[np.ndarray, "n 3"], normals: Float32[np.ndarray, "n 3"]
) -> Float32[np.ndarray, "945"]:
    """Square roots of the shares of pairs by their two radii, the angle at the centroid, and that between normals.

    Points in the shared frame (`frame.centred`), unit normals of any sign.
    """
    order, shifts = paired(len(points), PARTNERS)
    counts = _count(points, normals, _radii(points), order, shifts).reshape(-1)
    roots: Float32[np.ndarray, "945"] = np.sqrt(counts / np.float32(len(order) * len(shifts)))
    return roots


ENCODER = Descriptor(
    id="centroid-triangles@1",
    dim=DIM,
    card=Card(
        title="Joint histogram of the triangles that the centroid forms with pairs of surface points",
        source="ours, after D1 and D3 of Osada, Funkhouser, Chazelle, Dobkin, Shape distributions, 2002",
        invariances=("translation", "scale", "rotation", "reflection", "orientation of faces"),
        normalisation="centroid at the origin, root mean square radius 1",
        up=None,
    ),
    formula=triangle_histogram,
    needs_normals=True,
)
