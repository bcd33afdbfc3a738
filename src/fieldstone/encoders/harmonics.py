"""Real spherical harmonics of unit vectors, by the usual recurrences in z and in powers of x + iy."""

import math
from functools import lru_cache
from typing import no_type_check

import numpy as np
from jaxtyping import Float32, Float64
from numba import njit

__all__ = ["spherical_harmonics"]


def spherical_harmonics(directions: Float32[np.ndarray, "n 3"], degree: int) -> Float32[np.ndarray, "n terms"]:
    """Y_lm for l <= degree, orthonormal over the unit sphere; column l * l + l + m holds (l, m).

    `directions` are unit vectors (zero vectors give finite values without meaning).
    """
    values: Float32[np.ndarray, "n terms"] = _evaluate(directions, _norms(degree))
    return values


@lru_cache(maxsize=4)
def _norms(degree: int) -> Float64[np.ndarray, "l m"]:
    norms = np.zeros((degree + 1, degree + 1))
    for order in range(degree + 1):
        for m in range(order + 1):
            ratio = math.factorial(order - m) / math.factorial(order + m)
            norms[order, m] = math.sqrt((2 * order + 1) / (4 * math.pi) * ratio * (1 if m == 0 else 2))
    return norms


@njit(cache=True)
@no_type_check
def _evaluate(directions, norms):
    top = norms.shape[0] - 1
    values = np.zeros((directions.shape[0], (top + 1) ** 2), dtype=np.float32)
    legendre = np.zeros((top + 1, top + 1))  # P_lm over sin^m
    legendre[0, 0] = 1.0
    for m in range(1, top + 1):
        legendre[m, m] = -(2 * m - 1) * legendre[m - 1, m - 1]
    for i in range(directions.shape[0]):
        x, y, z = directions[i]
        cosine, sine = 1.0, 0.0  # of m times the azimuth, times sin^m
        for m in range(top + 1):
            if m < top:
                legendre[m + 1, m] = z * (2 * m + 1) * legendre[m, m]
            for l in range(m, top + 1):  # noqa: E741
                if l > m + 1:
                    legendre[l, m] = ((2 * l - 1) * z * legendre[l - 1, m] - (l + m - 1) * legendre[l - 2, m]) / (l - m)
                value = norms[l, m] * legendre[l, m]
                values[i, l * l + l + m] = value * cosine
                if m > 0:
                    values[i, l * l + l - m] = value * sine
            cosine, sine = x * cosine - y * sine, x * sine + y * cosine
    return values
