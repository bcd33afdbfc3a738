"""Rotations to start from when two shapes are to be laid on each other."""

from functools import cache

import numpy as np
from jaxtyping import Float, Float64

__all__ = ["principal_rotations", "quaternion_rotations", "small_rotations", "uniform_rotations"]

NEAR_EQUAL = 0.08
"""Eigenvalues nearer than this share of their sum leave their axes undecided: remeshing moves them by half of it."""
ANGLES = 24
UNIFORM = 240


def small_rotations(turns: Float[np.ndarray, "p 3"]) -> Float64[np.ndarray, "p 3 3"]:
    """Rotations about the axis `turn` by its length in radians (Rodrigues' formula), for any angle."""
    angle = np.linalg.norm(turns, axis=1)[:, None, None]
    cross = np.cross(np.eye(3)[None], turns[:, None, :]).transpose(0, 2, 1) * -1.0
    sine, versine = np.sinc(angle / np.pi), 0.5 * np.sinc(angle / (2 * np.pi)) ** 2
    return np.asarray(np.eye(3) + sine * cross + versine * (cross @ cross))


@cache
def uniform_rotations(count: int = UNIFORM) -> Float64[np.ndarray, "p 3 3"]:
    """`count` rotations spread evenly over all of them, about 28 degrees apart at 240.

    Alexa, "Super-Fibonacci spirals: fast, low-discrepancy sampling of SO(3)", 2022, equations 4 to 7.
    """
    root, psi = np.sqrt(2.0), 1.533751168755204288118041
    s = np.arange(count) + 0.5
    r, big = np.sqrt(s / count), np.sqrt(1 - s / count)
    alpha, beta = 2 * np.pi * s / root, 2 * np.pi * s / psi
    return quaternion_rotations(
        np.stack([r * np.sin(alpha), r * np.cos(alpha), big * np.sin(beta), big * np.cos(beta)], axis=1)
    )


def quaternion_rotations(unit: Float64[np.ndarray, "p 4"]) -> Float64[np.ndarray, "p 3 3"]:
    """Rotations of the unit quaternions (x, y, z, w)."""
    x, y, z, w = unit.T
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    return np.moveaxis(np.array(rows), 2, 0)


def principal_rotations(a: Float64[np.ndarray, "3 3"], b: Float64[np.ndarray, "3 3"]) -> Float64[np.ndarray, "p 3 3"]:
    """Proper rotations that lay the principal axes of b's second moment on a's.

    Four where the three eigenvalues differ; where two are nearly equal, also all angles about the third axis; where all
    three are, also all rotations, evenly spread.
    """
    (low, frame_a), (low_b, frame_b) = np.linalg.eigh(a), np.linalg.eigh(b)
    frame_a, frame_b = _right_handed(frame_a), _right_handed(frame_b)
    spread = 0.5 * (low / low.sum() + low_b / low_b.sum())
    first, second = spread[1] - spread[0] < NEAR_EQUAL, spread[2] - spread[1] < NEAR_EQUAL
    flips = np.stack([np.diag(d) for d in ((1.0, 1, 1), (1.0, -1, -1), (-1.0, 1, -1), (-1.0, -1, 1))])
    if first and second:
        return np.concatenate([frame_a @ flips @ frame_b.T, uniform_rotations()])
    turns = flips
    if first or second:
        axis = np.eye(3)[2 if first else 0]
        angles = np.arange(ANGLES) * (2 * np.pi / ANGLES)
        about = small_rotations(angles[:, None] * axis)
        turns = (about[:, None] @ flips[None, [0, 2]]).reshape(-1, 3, 3)  # the second flip turns the axis round
    return np.asarray(frame_a @ turns @ frame_b.T)


def _right_handed(frame: Float64[np.ndarray, "3 3"]) -> Float64[np.ndarray, "3 3"]:
    return np.asarray(frame * np.array([1.0, 1.0, np.sign(np.linalg.det(frame))]))
