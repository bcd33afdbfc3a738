"""Bins that share: a value between two nodes counts to both, so that histograms are continuous in what they count."""

import math
from typing import no_type_check

import numpy as np
from numba import njit

__all__ = ["LEVELS", "ORDERED", "add_surflets", "split", "unordered"]

LEVELS = 6
"""Nodes of each absolute cosine of a surflet pair over [0, 1]."""
ORDERED = LEVELS * (LEVELS + 1) // 2
"""Unordered pairs of levels: the two angles to the connecting line."""


@njit(cache=True, inline="always")
@no_type_check
def split(value, nodes):
    """The lower node and the share of the upper one, for a value held in [0, 1] over evenly spaced nodes."""
    place = min(max(value, np.float32(0.0)), np.float32(1.0)) * np.float32(nodes - 1)
    low = min(int(place), nodes - 2)
    return low, place - np.float32(low)


@njit(cache=True, inline="always")
@no_type_check
def unordered(i, j):
    """The index of the unordered pair {i, j}."""
    return i * (i + 1) // 2 + j if i >= j else j * (j + 1) // 2 + i


@njit(cache=True, inline="always")
@no_type_check
def add_surflets(counts, place, points, normals, a, b):
    """Count the pair of surflets (a, b) at `place` of the first axis of counts[distance, turn, unordered angles].

    The absolute cosines: between the normals (turn), and of each with the connecting line. Equal points have no line
    and count as lying in each other's plane.
    """
    one = np.float32(1.0)
    dx, dy, dz = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]
    inverse = one / max(math.sqrt(dx * dx + dy * dy + dz * dz), np.float32(1e-12))
    nx, ny, nz, mx, my, mz = normals[a, 0], normals[a, 1], normals[a, 2], normals[b, 0], normals[b, 1], normals[b, 2]
    turn, turn_share = split(abs(nx * mx + ny * my + nz * mz), LEVELS)
    first, first_share = split(abs(nx * dx + ny * dy + nz * dz) * inverse, LEVELS)
    second, second_share = split(abs(mx * dx + my * dy + mz * dz) * inverse, LEVELS)
    near = min(int(place), counts.shape[0] - 2)
    far_share = place - np.float32(near)
    for k in range(2):
        outer = far_share if k == 1 else one - far_share
        for m in range(2):
            weight = outer * (turn_share if m == 1 else one - turn_share)
            cell = counts[near + k, turn + m]
            lower, upper = weight * (one - first_share), weight * first_share
            cell[unordered(first, second)] += lower * (one - second_share)
            cell[unordered(first, second + 1)] += lower * second_share
            cell[unordered(first + 1, second)] += upper * (one - second_share)
            cell[unordered(first + 1, second + 1)] += upper * second_share
