"""Three searches for the nearest shape by Chamfer within a category, timed query by query (INRet, section E.2).

Naive: all candidates in full. Hierarchical: the paper's, 128 points first. Exact: ours, which bounds shorten
(kernels/chamfer.py). Pose is given, and points, boxes and lattices are there before, the query's too.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from jaxtyping import Float32, Int64

from fieldstone.evaluate.category_chamfer import FACTOR, hierarchical, rough_squares
from fieldstone.kernels.chamfer import Clouds, Cube, nearest

__all__ = ["ROUGH", "SEARCHES", "TEN", "Asked", "prepared", "searched"]

ROUGH = 128
"""Points of the paper's first look."""
TEN = 10
SEARCHES = ("naive", "hierarchical", "exact", "exact, top 10")
UNIT = Cube(np.full(3, -1.0, dtype=np.float32), 2.0)
"""Where fields stand."""
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was found for one query."""

    query: int
    """Index of the shape; those below are of winners."""
    candidates: int
    naive: int
    hierarchical: int
    exact: int
    same_ten: bool
    """Whether exact and naive agree on the first ten, in their order."""
    measured: int
    """Candidates that the hierarchical search measured in full."""
    kept_squared: bool
    """Whether the naive search's winner is within the factor too where the first look's distances are squared."""
    seconds: dict[str, float]
    """Of each of `SEARCHES`."""


def searched(
    points: Float32[np.ndarray, "shapes n 3"], labels: Int64[np.ndarray, "shapes"], said: Int64[np.ndarray, "shapes"]
) -> list[Asked]:
    """Every shape looked up among the others of the category that it is said to have; those for which there is no other are
    left out. `points` in [-1, 1]^3, in an order of which every (n / 128)-th is a fair sample. Shapes whose points are not
    numbers neither ask nor are found."""
    there = np.isfinite(points).all(axis=(1, 2))
    points = np.where(there[:, None, None], points, np.float32(0.0))
    rough = np.ascontiguousarray(points[:, :: max(1, points.shape[1] // ROUGH)])
    fine, few = prepared(points), Clouds.of(rough, UNIT, lattice=False)
    asked = list[Asked]()
    for i, category in enumerate(said):
        rows = np.flatnonzero((labels == category) & there)
        rows = rows[rows != i]
        if there[i] and len(rows):
            if not asked:
                _ask(fine, few, rough, i, rows)  # compiles
            asked.append(_ask(fine, few, rough, i, rows))
    return asked


def prepared(points: Float32[np.ndarray, "shapes n 3"]) -> Clouds:
    """What is stored of clouds in [-1, 1]^3 to be searched."""
    return Clouds.of(points, UNIT)


def _ask(
    fine: Clouds, few: Clouds, rough: Float32[np.ndarray, "shapes few 3"], i: int, rows: Int64[np.ndarray, "r"]
) -> Asked:
    """All searches for one shape, one after the other, so that a busy machine slows them alike."""
    query = fine.row(i)
    (order, _), naive = _timed(lambda: nearest(query, fine, len(rows), rows))
    (ruled, _, measured), hierarchic = _timed(lambda: hierarchical(query, fine, few.row(i), few, rows=rows))
    (winner, _), one = _timed(lambda: nearest(query, fine, 1, rows))
    (ten, _), several = _timed(lambda: nearest(query, fine, TEN, rows))
    squares = rough_squares(rough[i], rough[rows])
    return Asked(
        query=i, candidates=len(rows), naive=int(order[0]), hierarchical=int(ruled[0]), exact=int(winner[0]),
        same_ten=bool(np.array_equal(ten, order[:TEN])), measured=measured,
        kept_squared=bool(squares[rows == order[0]][0] <= FACTOR * squares.min()),
        seconds=dict(zip(SEARCHES, (naive, hierarchic, one, several), strict=True)),
    )  # fmt: skip


def _timed(work: Callable[[], Answer]) -> tuple[Answer, float]:
    started = time.perf_counter()
    answer = work()
    return answer, time.perf_counter() - started
