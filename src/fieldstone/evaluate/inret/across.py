"""Fields of one function looked up among fields of another: INRet's Tables 3, 4, 7, 8 and 10 to 13.

Test shapes are queries and gallery both; the query's own shape is left out, in whatever function it stands, unless it is
asked for (Table 8).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64, Integer

from fieldstone.evaluate.bootstrap import interval as bootstrap
from fieldstone.evaluate.metrics import average_precision, hit_at, shrec_at
from fieldstone.evaluate.ranking import Ranking, rank
from fieldstone.fields.field import Function

__all__ = ["FUNCTIONS", "Across", "across", "asked"]

FUNCTIONS: tuple[Function, ...] = ("udf", "sdf", "occ")
"""In the order of the paper's tables."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Across:
    """Rankings of every pair of functions, the query's first."""

    rankings: Mapping[tuple[Function, Function], Ranking]

    def accuracy(self, query: Function, gallery: Function, k: int = 1) -> float:
        """Share of queries of which one of the first k answers has the class: what the paper prints as mAP@k."""
        return float(hit_at(self.rankings[query, gallery], k).mean())

    def interval(self, query: Function, gallery: Function, generator: np.random.Generator) -> tuple[float, float]:
        """95 % bootstrap interval of `accuracy` for k = 1."""
        return bootstrap(hit_at(self.rankings[query, gallery], 1), generator)

    def mean_average_precision(self, query: Function, gallery: Function) -> float:
        """Textbook, over the whole ranking."""
        return float(average_precision(self.rankings[query, gallery]).mean())

    def shrec(self, query: Function, gallery: Function, cut: int) -> dict[str, float]:
        """Precision, recall and F1 of the first `cut` answers, as SHREC defines them, means over queries."""
        return {name: float(values.mean()) for name, values in shrec_at(self.rankings[query, gallery], cut).items()}

    def values(self, k: int = 1) -> Float64[np.ndarray, "queries"]:
        """Each query shape's mean over all pairs of functions; their mean is the tables' average."""
        return np.mean([hit_at(ranking, k) for ranking in self.rankings.values()], axis=0)

    @property
    def average(self) -> float:
        """Of all pairs, k = 1."""
        return float(self.values().mean())

    @property
    def same_function(self) -> float:
        """Of the pairs on the diagonal, k = 1."""
        return float(np.mean([self.accuracy(a, b) for a, b in self.rankings if a == b]))

    def average_interval(self, generator: np.random.Generator) -> tuple[float, float]:
        """95 % bootstrap interval of the average, over query shapes."""
        return bootstrap(self.values(), generator)


def across(
    rows: Mapping[Function, Float[np.ndarray, "shapes dim"]],
    labels: Integer[np.ndarray, "shapes"],
    *,
    same_shape: bool = False,
) -> Across:
    """Every function's rows ranked for every function's, by cosine; the same shapes in the same order in each.

    `same_shape`: the query's own shape may be found too, where it stands in another function.
    """
    return Across(
        rankings={
            (query, gallery): asked(rows[query], rows[gallery], labels, same_shape=same_shape and query != gallery)
            for query in rows
            for gallery in rows
        }
    )


def asked(
    queries: Float[np.ndarray, "shapes dim"],
    gallery: Float[np.ndarray, "shapes dim"],
    labels: Integer[np.ndarray, "shapes"],
    *,
    same_shape: bool = False,
) -> Ranking:
    """The gallery ranked for each query, by cosine; both are of the same shapes in the same order."""
    return rank(_unit(gallery), labels, _unit(queries), labels, same=not same_shape)


def _unit(rows: Float[np.ndarray, "shapes dim"]) -> Float64[np.ndarray, "shapes dim"]:
    length = np.linalg.norm(rows, axis=1, keepdims=True).astype(np.float64)
    even: Float64[np.ndarray, "shapes dim"] = rows / np.maximum(length, np.finfo(np.float64).tiny)
    return even
