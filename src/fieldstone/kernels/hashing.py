"""Equal rows of coordinates, found by a hash table in one pass."""

from typing import no_type_check

import numpy as np
from jaxtyping import Float64, Int32
from numba import njit

__all__ = ["group_rows"]


@njit(cache=True)
@no_type_check
def _group(bits, capacity):
    n = bits.shape[0]
    slots = np.full(capacity, -1, dtype=np.int32)
    first = np.zeros(n, dtype=np.int32)
    group = np.zeros(n, dtype=np.int32)
    count, mask = 0, np.uint64(capacity - 1)
    for i in range(n):
        mixed = np.uint64(0)
        for axis in range(3):
            mixed = (mixed ^ bits[i, axis]) * np.uint64(0x9E3779B97F4A7C15)
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
            if bits[at, 0] == bits[i, 0] and bits[at, 1] == bits[i, 1] and bits[at, 2] == bits[i, 2]:
                group[i] = other
                break
            slot = (slot + np.uint64(1)) & mask
    return first[:count], group


def group_rows(rows: Float64[np.ndarray, "n 3"]) -> tuple[Int32[np.ndarray, "k"], Int32[np.ndarray, "n"]]:
    """Indices of the first row of each kind, in the order they come, and the kind of every row; 0.0 equals -0.0."""
    bits = (rows + 0.0).view(np.uint64)  # adding 0.0 turns -0.0 into 0.0
    first, group = _group(bits, 1 << max(3, (2 * len(rows)).bit_length()))
    return first, group
