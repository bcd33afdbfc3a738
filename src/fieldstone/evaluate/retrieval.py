"""The retrieval protocol: gallery = train, queries = test; one row of figures a method, as means over seeds.

Van den Herrewegen et al., Fine-tuning 3D foundation models for geometric object retrieval, 2024 (3DOR), section 4.1. Its
text ranks by cosine and its code by Euclidean distance of rows that are not normalised; here rows have unit length, and
the two orders are one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from jaxtyping import Bool, Float, Float64, Integer

from fieldstone.evaluate import metrics
from fieldstone.evaluate.bootstrap import interval, paired_interval
from fieldstone.evaluate.ranking import Ranking, rank

__all__ = ["Labelled", "Method", "Row", "evaluate_retrieval", "ranked", "retrieval_table"]

Method: TypeAlias = Callable[[int], Float[np.ndarray, "shapes dim"]]
"""From a seed to one row of unit length for each shape; a method without chance gives the same for every seed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one method reached on one set; means over queries (and seeds), in [0, 1]."""

    method: str
    gallery: int
    queries: int
    nearest_neighbour: float
    nearest_neighbour_interval: tuple[float, float]
    """95 % bootstrap interval over queries."""
    macro_f1: float
    mean_average_precision: float
    """Textbook, over the whole ranking."""
    ndcg: float
    """Textbook, at 100."""
    ndcg_as_coded: float
    """At 100, as the code of the fine-tuning paper computes it."""
    hit_at_5: float
    """What inr2vec's code and the tables after it print as mAP@5."""
    hit_at_10: float
    mean_average_precision_at_5: float
    """Textbook, cut at 5."""
    mean_average_precision_at_10: float
    seeds: int = 1
    seed_deviation: float = 0.0
    """Standard deviation of the nearest-neighbour accuracy over seeds."""
    gain: float | None = None
    """Nearest-neighbour accuracy above the table's first method; None for that one."""
    gain_interval: tuple[float, float] | None = None
    """95 % paired bootstrap interval of the gain, over the same queries."""


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """Shapes of known labels, each in the gallery, a query, or (in neither) left out."""

    labels: Integer[np.ndarray, "shapes"]
    gallery: Bool[np.ndarray, "shapes"]
    queries: Bool[np.ndarray, "shapes"]


def evaluate_retrieval(
    method: str,
    gallery: Float[np.ndarray, "gallery dim"],
    gallery_labels: Integer[np.ndarray, "gallery"],
    queries: Float[np.ndarray, "queries dim"],
    query_labels: Integer[np.ndarray, "queries"],
    generator: np.random.Generator,
    *,
    same: bool = False,
) -> Row:
    """Rank the gallery for each query by inner product, and measure.

    Rows of unit length make it the cosine. `same`: queries and gallery are one set, each query leaves itself out. The
    generator draws the bootstrap.
    """
    ranking = rank(gallery, gallery_labels, queries, query_labels, same=same)
    return _row(method, [ranking], len(gallery), generator)


def retrieval_table(
    data: Labelled, methods: Mapping[str, Method], generator: np.random.Generator, *, seeds: int = 1
) -> list[Row]:
    """One row a method, in their order, each as its mean over seeds 0 to `seeds` - 1.

    The generator draws the bootstrap, over queries: a query's value is its mean over seeds. Every method after the first
    is compared with the first on the same queries.
    """
    table: list[Row] = []
    first: Float64[np.ndarray, "queries"] | None = None
    for name, method in methods.items():
        rankings = [ranked(data, method(seed)) for seed in range(seeds)]
        row, values = _row(name, rankings, int(data.gallery.sum()), generator), _values(rankings)
        if first is None:
            first = values
        else:
            gap = float((values - first).mean())
            row = replace(row, gain=gap, gain_interval=paired_interval(first, values, generator))
        table.append(row)
    return table


def ranked(data: Labelled, rows: Float[np.ndarray, "shapes dim"]) -> Ranking:
    """The gallery ranked for each query, from one row of unit length for each shape."""
    gallery, queries = data.gallery, data.queries
    return rank(rows[gallery], data.labels[gallery], rows[queries], data.labels[queries])


def _values(rankings: list[Ranking]) -> Float64[np.ndarray, "queries"]:
    """Each query's nearest-neighbour accuracy over the seeds."""
    return np.mean([metrics.nearest_neighbour(ranking) for ranking in rankings], axis=0)


def _row(method: str, rankings: list[Ranking], gallery: int, generator: np.random.Generator) -> Row:
    values = _values(rankings)

    def mean(metric: Callable[[Ranking], Float64[np.ndarray, "queries"] | float]) -> float:
        return float(np.mean([np.mean(metric(ranking)) for ranking in rankings]))

    return Row(
        method=method,
        gallery=gallery,
        queries=len(values),
        nearest_neighbour=mean(metrics.nearest_neighbour),
        nearest_neighbour_interval=interval(values, generator),
        macro_f1=mean(metrics.macro_f1),
        mean_average_precision=mean(metrics.average_precision),
        mean_average_precision_at_5=mean(lambda ranking: metrics.average_precision(ranking, 5)),
        mean_average_precision_at_10=mean(lambda ranking: metrics.average_precision(ranking, 10)),
        ndcg=mean(lambda ranking: metrics.ndcg(ranking, 100)),
        ndcg_as_coded=mean(lambda ranking: metrics.ndcg_as_coded(ranking, 100)),
        hit_at_5=mean(lambda ranking: metrics.hit_at(ranking, 5)),
        hit_at_10=mean(lambda ranking: metrics.hit_at(ranking, 10)),
        seeds=len(rankings),
        seed_deviation=float(np.std([metrics.nearest_neighbour(ranking).mean() for ranking in rankings])),
    )
