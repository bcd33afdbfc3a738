"""Rows of two arrays, chosen by number."""

from typing import no_type_check

from numba import njit

__all__ = ["take"]


@njit(cache=True, nogil=True, error_model="numpy")
@no_type_check
def take(points, values, chosen, first, last, to_points, to_values):
    """Copy rows chosen[first:last] of points [n, 3] and values [n, k] to the same rows of the two last arrays."""
    for i in range(first, last):
        row = chosen[i]
        to_points[i, 0], to_points[i, 1], to_points[i, 2] = points[row, 0], points[row, 1], points[row, 2]
        to_values[i, 0] = values[row, 0]
        for k in range(1, values.shape[1]):
            to_values[i, k] = values[row, k]
