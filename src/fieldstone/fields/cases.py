"""The 256 cases of marching cubes, derived instead of copied: closed and without doubled edges by construction.

Corner k of a cell stands at (k & 1, k >> 1 & 1, k >> 2 & 1); bit k of a case says that it is inside. On each side of
the cell the surface leaves lines that cut every run of inside corners off; since that depends on the side's own four
corners alone, two cells that share a side agree on its lines. The lines chain to loops, and each loop is filled with
triangles none of whose inner edges lies on a side of the cell, so no two cells can lay the same edge.

After Lorensen and Cline, Marching cubes: a high resolution 3D surface construction algorithm, 1987.
"""

import functools
from collections.abc import Iterator

import numpy as np
from jaxtyping import Int64

__all__ = ["EDGE_AXIS", "EDGE_CORNER", "triangles_of_cases"]

_PAIRS = [(k, k | 1 << axis) for axis in range(3) for k in range(8) if not k >> axis & 1]
_NUMBER = {frozenset(pair): number for number, pair in enumerate(_PAIRS)}
EDGE_AXIS: Int64[np.ndarray, "12"] = np.repeat(np.arange(3), 4)
"""The axis along which each of a cell's twelve edges runs."""
EDGE_CORNER: Int64[np.ndarray, "12 3"] = np.array([[k & 1, k >> 1 & 1, k >> 2 & 1] for k, _ in _PAIRS])
"""Its lower corner."""


def _sides() -> list[tuple[int, ...]]:
    """The corners of each side of the cell, anticlockwise as seen from outside."""
    sides = []
    for axis in range(3):
        u, v = 1 << (axis + 1) % 3, 1 << (axis + 2) % 3
        around = (0, u, u | v, v)
        sides += [around[::-1], tuple(k | 1 << axis for k in around)]
    return sides


_SIDES = _sides()
_SIDES_OF_EDGE = [{s for s, side in enumerate(_SIDES) if a in side and b in side} for a, b in _PAIRS]


@functools.cache
def triangles_of_cases() -> tuple[Int64[np.ndarray, "257"], Int64[np.ndarray, "triangles 3"]]:
    """Where each case's triangles start in one list of all, and the list: three edges each, facing outside."""
    lists = [[t for loop in _loops(case) for t in _filled(loop)] for case in range(256)]
    starts = np.cumsum([0] + [len(triangles) for triangles in lists])
    return starts.astype(np.int64), np.array([t for triangles in lists for t in triangles], dtype=np.int64)


def _loops(case: int) -> Iterator[list[int]]:
    """The closed chains of edges that the surface crosses."""
    after: dict[int, int] = {}
    for side in _SIDES:
        inside = [bool(case >> corner & 1) for corner in side]
        edges = [_NUMBER[frozenset((side[i], side[(i + 1) % 4]))] for i in range(4)]
        for i in range(4):
            if not inside[i] and inside[(i + 1) % 4]:  # a run begins behind edge i
                end = next(j % 4 for j in range(i + 1, i + 4) if inside[j % 4] and not inside[(j + 1) % 4])
                after[edges[i]] = edges[end]
    while after:
        first, at = after.popitem()
        loop = [first]
        while at != first:
            loop.append(at)
            at = after.pop(at)
        yield loop


def _filled(loop: list[int]) -> list[tuple[int, int, int]]:
    """The first filling of a loop with as few inner edges on a side of the cell as can be: none, in all 256 cases."""

    def doubled(triangles: list[tuple[int, int, int]]) -> int:
        rim = {frozenset((loop[i - 1], loop[i])) for i in range(len(loop))}
        inner = {frozenset((t[i - 1], t[i])) for t in triangles for i in range(3)} - rim
        return sum(bool(_SIDES_OF_EDGE[a] & _SIDES_OF_EDGE[b]) for a, b in inner)

    return min(_fillings(loop), key=doubled)


def _fillings(loop: list[int]) -> list[list[tuple[int, int, int]]]:
    """Every way to cut a loop into triangles."""
    if len(loop) < 3:
        return [[]]
    return [
        [*left, (loop[0], loop[i], loop[-1]), *right]
        for i in range(1, len(loop) - 1)
        for left in _fillings(loop[: i + 1])
        for right in _fillings(loop[i:])
    ]
