"""Where the crossed edges of a lattice contradict each other, and which changes mend it."""

import numpy as np
from jaxtyping import Int64

__all__ = ["contradicted"]

MENDED = 3
"""An edge changes where that mends at least this many of its four sides."""


def contradicted(low: Int64[np.ndarray, "n 3"], axis: Int64[np.ndarray, "n"], width: int) -> Int64[np.ndarray, "k"]:
    """Keys of the edges whose state disagrees with their surroundings: 3 * lower node + axis.

    A surface crosses the four edges around any side of a cell an even number of times, unless it ends there. A side
    with an odd number is wrong or lies on the surface's border. An edge around which three or four sides are odd is
    almost surely the culprit: one on a straight border has two. `width` is the number of nodes along the lattice.
    """
    unit = np.array([width * width, width, 1])
    node = low @ unit
    sides = []
    for turn in (1, 2):
        facing = (axis + turn) % 3
        other = unit[(axis - turn) % 3]
        sides += [3 * node + facing, 3 * (node - other) + facing]
    key, count = np.unique(np.concatenate(sides), return_counts=True)
    node, facing = np.divmod(key[count % 2 == 1], 3)
    edges = []
    for turn in (1, 2):
        along = (facing + turn) % 3
        other = unit[(facing - turn) % 3]
        edges += [3 * node + along, 3 * (node + other) + along]
    key, count = np.unique(np.concatenate(edges), return_counts=True)
    return key[count >= MENDED]
