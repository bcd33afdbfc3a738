"""Equal rows of three numbers, found by a hash table in one pass."""

from typing import no_type_check

import numpy as np
from jaxtyping import Float64, Int32, Integer
from numba import njit

from fieldstone.kernels.plain import plain_faces

__all__ = ["group_faces", "group_rows"]


@njit(cache=True)
@no_type_check
def _group(rows, capacity):
    n = rows.shape[0]
    slots = np.full(capacity, -1, dtype=np.int32)
    first = np.zeros(n, dtype=np.int32)
    group = np.zeros(n, dtype=np.int32)
    count, mask = 0, np.uint64(capacity - 1)
    for i in range(n):
        mixed = np.uint64(0)
        for axis in range(3):
            mixed = (mixed ^ rows[i, axis]) * np.uint64(0x9E3779B97F4A7C15)
            mixed ^= mixed >> np.uint64(32)
        slot = mixed & mask
        while True:
            other = slots[slot]
            if other < 0:
                slots[slot] = count
                first[count] = i
                group[i] = count
                count += 1
                break
            at = first[other]
            if rows[at, 0] == rows[i, 0] and rows[at, 1] == rows[i, 1] and rows[at, 2] == rows[i, 2]:
                group[i] = other
                break
            slot = (slot + np.uint64(1)) & mask
    return first[:count].copy(), group


@njit(cache=True)
@no_type_check
def _sorted_corners(faces):
    rows = np.zeros(faces.shape, dtype=np.uint64)
    for i in range(faces.shape[0]):
        a, b, c = faces[i, 0], faces[i, 1], faces[i, 2]
        low, high = min(a, b, c), max(a, b, c)
        rows[i, 0], rows[i, 1], rows[i, 2] = low, a + b + c - low - high, high
    return rows


def _capacity(n: int) -> int:
    return 1 << max(3, (2 * n).bit_length())


def group_rows(rows: Float64[np.ndarray, "n 3"]) -> tuple[Int32[np.ndarray, "k"], Int32[np.ndarray, "n"]]:
    """Indices of the first row of each kind, in the order they come, and the kind of every row; 0.0 equals -0.0."""
    bits = np.ascontiguousarray(rows + 0.0).view(np.uint64)  # adding 0.0 turns -0.0 into 0.0
    first, group = _group(bits, _capacity(len(rows)))
    return first, group


def group_faces(faces: Integer[np.ndarray, "m 3"]) -> tuple[Int32[np.ndarray, "k"], Int32[np.ndarray, "m"]]:
    """The same for faces: of one kind are faces over the same three vertices, in whatever order."""
    first, group = _group(_sorted_corners(plain_faces(faces)), _capacity(len(faces)))
    return first, group
