"""Which pairs of points the pair histograms look at: fixed, spread over all points, the same for every shape."""

from functools import lru_cache

import numpy as np
from jaxtyping import Int32

__all__ = ["paired"]

POINTS = 4096
"""Points that take part, at most."""
SEED = 20021978


@lru_cache(maxsize=8)
def paired(n: int, partners: int) -> tuple[Int32[np.ndarray, "k"], Int32[np.ndarray, "shifts"]]:
    """An order of up to 4,096 of n points, and shifts: the pairs are (order[i], order[(i + s) % k]) for each shift s.

    There are `partners` shifts, or one fewer than points where that is less. The order is a fixed shuffle, so that
    neighbours in it are unrelated on the surface; each point takes part equally often. One point is paired with itself.
    """
    order = np.random.default_rng(SEED).permutation(n)[:POINTS].astype(np.int32)
    shifts = np.arange(1, min(partners, max(len(order) - 1, 1)) + 1, dtype=np.int32)
    order.flags.writeable = shifts.flags.writeable = False
    return order, shifts
