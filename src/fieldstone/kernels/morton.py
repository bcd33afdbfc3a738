"""Points in Morton order: a space-filling curve puts near points near in memory, and runs of it into small boxes."""

from typing import no_type_check

import numpy as np
from jaxtyping import Float32, Int64
from numba import njit

__all__ = ["morton_order"]

BITS = 16  # an axis; three of them stay below 2**48


@njit(cache=True)
@no_type_check
def _spread(value):
    """The 16 bits of `value`, two zeros between each."""
    value = (value | (value << np.uint64(16))) & np.uint64(0x0000FF0000FF)
    value = (value | (value << np.uint64(8))) & np.uint64(0x00F00F00F00F)
    value = (value | (value << np.uint64(4))) & np.uint64(0x0C30C30C30C3)
    return (value | (value << np.uint64(2))) & np.uint64(0x249249249249)


@njit(cache=True)
@no_type_check
def _keys(points, low, scale):
    keys = np.zeros(points.shape[0], dtype=np.uint64)
    for i in range(points.shape[0]):
        key = np.uint64(0)
        for axis in range(3):
            cell = np.uint64(min(max((points[i, axis] - low[axis]) * scale, 0.0), 65535.0))
            key |= _spread(cell) << np.uint64(axis)
        keys[i] = key
    return keys


def morton_order(points: Float32[np.ndarray, "n 3"]) -> Int64[np.ndarray, "n"]:
    """The order of the points along a Morton curve through a 65536-cubed lattice over their bounding cube.

    Points of one lattice cell keep their order, so the same points give the same order on every machine.
    Morton, A computer oriented geodetic data base, 1966.
    """
    if len(points) == 0:
        return np.zeros(0, dtype=np.int64)
    low = points.min(axis=0)
    side = float((points.max(axis=0) - low).max())
    scale = (2**BITS - 1) / side if side > 0 else 0.0
    return np.argsort(_keys(np.ascontiguousarray(points), low, np.float32(scale)), kind="stable")
