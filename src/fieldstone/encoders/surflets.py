"""Surflet pairs: the distance of two surface points, and the angles of their normals and the line between them.

Eric Wahl, Ulrich Hillenbrand, Gerd Hirzinger, Surflet-pair-relation histograms: a statistical 3D-shape representation
for rapid classification, 2003; the features of a pair as in Bertram Drost, Markus Ulrich, Nassir Navab, Slobodan Ilic,
Model globally, match locally, 2010, equation 1. Ours: absolute cosines, so that neither a normal's sign nor the order
of the two points matters (real files rarely agree on which side is out); bins shared linearly by neighbours in all four
dimensions, so that the histogram is continuous in the shape; square roots of the shares (Hellinger).
"""

import math
from typing import no_type_check

import numpy as np
from jaxtyping import Float32
from numba import njit

from fieldstone.encoders.descriptor import Descriptor
from fieldstone.encoders.pairs import paired
from fieldstone.encoders.protocol import Card

__all__ = ["DIM", "ENCODER", "surflet_histogram"]

PARTNERS = 20
"""Pairs that start at each point."""
DISTANCES = 12
LEVELS = 6
"""Nodes of each cosine over [0, 1]."""
REACH = 3.0
"""The last distance bin ends here, in root mean square radii."""
ORDERED = LEVELS * (LEVELS + 1) // 2
"""Unordered pairs of levels: the two angles to the connecting line."""
DIM = DISTANCES * LEVELS * ORDERED


@njit(cache=True, inline="always")
@no_type_check
def _split(value, nodes):
    """The lower node and the share of the upper one, for a value in [0, 1] over evenly spaced nodes."""
    place = min(value, np.float32(1.0)) * np.float32(nodes - 1)
    low = min(int(place), nodes - 2)
    return low, place - np.float32(low)


@njit(cache=True, inline="always")
@no_type_check
def _unordered(i, j):
    """The index of the unordered pair {i, j}."""
    return i * (i + 1) // 2 + j if i >= j else j * (j + 1) // 2 + i


@njit(cache=True, inline="always")
@no_type_check
def _drop(angles, weight, first, second, first_share, second_share):
    """Add a weight to the four nodes around (first, second)."""
    lower, upper = weight * (np.float32(1.0) - first_share), weight * first_share
    rest = np.float32(1.0) - second_share
    angles[_unordered(first, second)] += lower * rest
    angles[_unordered(first, second + 1)] += lower * second_share
    angles[_unordered(first + 1, second)] += upper * rest
    angles[_unordered(first + 1, second + 1)] += upper * second_share


@njit(cache=True, error_model="numpy")
@no_type_check
def _count(points, normals, order, shifts):
    counts = np.zeros((DISTANCES + 1, LEVELS, ORDERED), dtype=np.float32)
    one, scale = np.float32(1.0), np.float32(DISTANCES / REACH)
    for i in range(order.shape[0]):
        a = order[i]
        px, py, pz = points[a, 0], points[a, 1], points[a, 2]
        nx, ny, nz = normals[a, 0], normals[a, 1], normals[a, 2]
        for s in range(shifts.shape[0]):
            b = order[(i + shifts[s]) % order.shape[0]]
            dx, dy, dz = points[b, 0] - px, points[b, 1] - py, points[b, 2] - pz
            distance = math.sqrt(dx * dx + dy * dy + dz * dz)
            inverse = one / max(distance, np.float32(1e-12))
            mx, my, mz = normals[b, 0], normals[b, 1], normals[b, 2]
            turn, turn_share = _split(abs(nx * mx + ny * my + nz * mz), LEVELS)
            first, first_share = _split(abs(nx * dx + ny * dy + nz * dz) * inverse, LEVELS)
            second, second_share = _split(abs(mx * dx + my * dy + mz * dz) * inverse, LEVELS)
            place = min(max(distance * scale - np.float32(0.5), np.float32(0.0)), np.float32(DISTANCES - 1))
            near = int(place)
            far_share = place - np.float32(near)
            for k in range(2):
                weight = far_share if k == 1 else one - far_share
                _drop(counts[near + k, turn], weight * (one - turn_share), first, second, first_share, second_share)
                _drop(counts[near + k, turn + 1], weight * turn_share, first, second, first_share, second_share)
    return counts[:DISTANCES]


def surflet_histogram(
    points: Float32[np.ndarray, "n 3"], normals: Float32[np.ndarray, "n 3"]
) -> Float32[np.ndarray, "1512"]:
    """Square roots of the shares of pairs by distance, angle between normals, and angles to the connecting line.

    Points in the shared frame (`frame.centred`), unit normals of any sign.
    """
    order, shifts = paired(len(points), PARTNERS)
    counts = _count(points, normals, order, shifts).reshape(-1)
    roots: Float32[np.ndarray, "1512"] = np.sqrt(counts / np.float32(len(order) * len(shifts)))
    return roots


ENCODER = Descriptor(
    id="surflet-pairs@1",
    dim=DIM,
    card=Card(
        title="Histogram of surflet pairs: distance and three angles of two oriented surface points",
        source=(
            "Wahl, Hillenbrand, Hirzinger, Surflet-pair-relation histograms, 2003; Drost, Ulrich, Navab, Ilic, Model "
            "globally, match locally, 2010; unsigned angles, linear binning and square roots are ours"
        ),
        invariances=("translation", "scale", "rotation", "reflection", "orientation of faces"),
        normalisation="centroid at the origin, root mean square radius 1",
        up=None,
    ),
    formula=surflet_histogram,
    needs_normals=True,
)
