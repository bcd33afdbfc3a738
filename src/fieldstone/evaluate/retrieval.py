"""The retrieval protocol: gallery = train, queries = test; one row of figures a method."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Integer

from fieldstone.evaluate import metrics
from fieldstone.evaluate.bootstrap import interval
from fieldstone.evaluate.ranking import rank

__all__ = ["Row", "evaluate_retrieval"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one method reached on one set; means over queries, in [0, 1]."""

    method: str
    gallery: int
    queries: int
    nearest_neighbour: float
    nearest_neighbour_interval: tuple[float, float]
    """95 % bootstrap interval over queries."""
    macro_f1: float
    mean_average_precision: float
    ndcg: float
    """Textbook, at 100."""
    ndcg_as_coded: float
    """At 100, as the code of the fine-tuning paper computes it."""
    hit_at_5: float
    hit_at_10: float


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
    first = metrics.nearest_neighbour(ranking)
    return Row(
        method=method,
        gallery=len(gallery),
        queries=len(queries),
        nearest_neighbour=float(first.mean()),
        nearest_neighbour_interval=interval(first, generator),
        macro_f1=metrics.macro_f1(ranking),
        mean_average_precision=float(metrics.average_precision(ranking).mean()),
        ndcg=float(metrics.ndcg(ranking, 100).mean()),
        ndcg_as_coded=float(metrics.ndcg_as_coded(ranking, 100).mean()),
        hit_at_5=float(metrics.hit_at(ranking, 5).mean()),
        hit_at_10=float(metrics.hit_at(ranking, 10).mean()),
    )
