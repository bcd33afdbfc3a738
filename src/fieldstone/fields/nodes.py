"""The nodes of some blocks of a lattice, each once however many blocks share it.

A block of cells at position b, `side` cells along each edge, reads the nodes b * side ... b * side + side; it owns
those below its upper borders, and reads the rest from the blocks after it, which may own nodes without being asked for
their cells.
"""

from typing import TypeVar

import numpy as np
from jaxtyping import Bool, Int32, Int64

__all__ = ["Nodes"]

_OFFSETS = np.indices((2, 2, 2)).reshape(3, -1).T
Values = TypeVar("Values", bound=np.ndarray)


class Nodes:
    """Where the values at the nodes of blocks are kept: rows of side^3, found through a table of all blocks."""

    def __init__(self, blocks: Int64[np.ndarray, "blocks 3"], side: int) -> None:
        self.blocks, self.side = blocks, side
        owner = np.zeros(tuple(blocks.max(axis=0) + 2), dtype=np.bool_)
        for offset in _OFFSETS:
            owner[tuple((blocks + offset).T)] = True
        self._owners: Int64[np.ndarray, "owners 3"] = np.argwhere(owner)
        self._row: Int32[np.ndarray, "x y z"] = np.full(owner.shape, -1, dtype=np.int32)
        self._row[owner] = np.arange(len(self._owners), dtype=np.int32)
        self._used: Bool[np.ndarray, "owners s s s"] = np.zeros((len(self._owners), side, side, side), dtype=np.bool_)
        for offset in _OFFSETS:
            self._used[(self._rows(blocks + offset), *(slice(1) if o else slice(None) for o in offset))] = True
        self._places: Int64[np.ndarray, "nodes"] = np.flatnonzero(self._used)

    @property
    def count(self) -> int:
        """How many nodes the blocks read."""
        return len(self._places)

    def positions(self, part: slice = slice(None)) -> Int64[np.ndarray, "nodes 3"]:
        """Every node that some block reads, once; or a part of them."""
        row, x, y, z = np.unravel_index(self._places[part], self._used.shape)
        return self._owners[row] * self.side + np.stack([x, y, z], axis=1)

    def store(self, values: Values) -> Values:
        """Values at `positions`, of any type and number, kept for `around` and `at`."""
        kept = np.zeros((*self._used.shape, *values.shape[1:]), dtype=values.dtype)
        kept[self._used] = values
        return kept  # type: ignore[return-value]  # an array of the same type

    def around(self, kept: Values, part: slice) -> Values:
        """Per block of a part: what its (side + 1)^3 nodes hold."""
        blocks, s = self.blocks[part], self.side
        out = np.zeros((len(blocks), s + 1, s + 1, s + 1, *kept.shape[4:]), dtype=kept.dtype)
        for offset in _OFFSETS:
            here = tuple(slice(s, None) if o else slice(s) for o in offset)
            there = tuple(slice(1) if o else slice(None) for o in offset)
            out[(slice(None), *here)] = kept[self._rows(blocks + offset)][(slice(None), *there)]
        return out  # type: ignore[return-value]

    def at(self, kept: Values, nodes: Int64[np.ndarray, "n 3"]) -> Values:
        """What single nodes hold; each must be one of `positions`."""
        block, inner = np.divmod(nodes, self.side)
        return kept[(self._rows(block), *inner.T)]

    def put(self, kept: Values, nodes: Int64[np.ndarray, "n 3"], values: Values) -> None:
        """Change what single nodes hold."""
        block, inner = np.divmod(nodes, self.side)
        kept[(self._rows(block), *inner.T)] = values

    def holds(self, nodes: Int64[np.ndarray, "n 3"]) -> Bool[np.ndarray, "n"]:
        """Which nodes are among `positions`."""
        block, inner = np.divmod(nodes, self.side)
        within = (block >= 0).all(axis=1) & (block < self._row.shape).all(axis=1)
        row = np.full(len(nodes), -1, dtype=np.int32)
        row[within] = self._rows(block[within])
        return (row >= 0) & self._used[(row, *inner.T)]

    def _rows(self, blocks: Int64[np.ndarray, "n 3"]) -> Int32[np.ndarray, "n"]:
        return self._row[tuple(blocks.T)]
