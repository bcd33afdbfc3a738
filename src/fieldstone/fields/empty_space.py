"""Empty-space skipping: rays on their way to a signed field's surface, moved on by what a coarse lattice has seen of it."""

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from fieldstone.fields.field import Field

__all__ = ["EmptySpace"]

CELLS = 32
"""Along the cube. More save rays a little, and ask as much for their lattice (benchmarks/empty_space.py)."""
CLOSE = 0.02
"""A ray whose next step would be shorter is left to the field itself, in the frame's unit."""


class EmptySpace:
    """How far every place of the cube is from the surface at least, as far as a lattice of signed distances tells.

    That is the distance of a cell's centre, less half the cell's diagonal; where distances grow faster than the way, it may be
    too much. A ray takes such steps without asking the field, and one that comes to the other side by it is left to the field
    from where it was before. Most rays from random places miss the surface, and are gone after a few.
    """

    def __init__(self, field: Field) -> None:
        """Ask the field at the cells' centres."""
        side = (2.0 * np.arange(CELLS) + 1.0) / CELLS - 1.0
        centres = np.stack(np.meshgrid(side, side, side, indexing="ij"), axis=-1).reshape(-1, 3)
        values = field.values(centres)
        self._room: Float32[np.ndarray, "cells"] = np.abs(values) - np.float32(np.sqrt(3.0) / CELLS)
        self._solid: Bool[np.ndarray, "cells"] = values < 0.0

    def passed(
        self, origins: Float64[np.ndarray, "n 3"], directions: Float64[np.ndarray, "n 3"]
    ) -> tuple[Float64[np.ndarray, "left 3"], Float64[np.ndarray, "left 3"]]:
        """Of rays from places of the cube, those that may meet the surface, from where they come close to it.

        The others leave the cube without. A ray that leaves a solid by the cube's border stays where it is: the border closes
        the solid there.
        """
        unit = directions / np.linalg.norm(directions, axis=1)[:, None]
        place, left = origins.copy(), np.zeros(len(origins), dtype=np.bool_)
        way, cell = np.arange(len(origins)), _cells(origins)
        while len(way):
            there = place[way] + self._room[cell, None] * unit[way]
            within = np.abs(there).max(axis=1) <= 1.0
            after = _cells(np.where(within[:, None], there, 0.0))
            open_ = self._room[cell] >= CLOSE
            on = open_ & within & (self._solid[after] == self._solid[cell])
            gone = open_ & ~within & ~self._solid[cell]
            left[way[~(on | gone)]] = True
            way, cell = way[on], after[on]
            place[way] = there[on]
        return place[left], directions[left]


def _cells(points: Float64[np.ndarray, "n 3"]) -> Int64[np.ndarray, "n"]:
    """In which cells of the lattice points of the cube lie."""
    x, y, z = ((points + 1.0) * (CELLS / 2)).astype(np.int64).clip(0, CELLS - 1).T
    cell: Int64[np.ndarray, "n"] = (x * CELLS + y) * CELLS + z
    return cell
