"""From embeddings and labels to a table of which ranked answers are right: all retrieval metrics start from it."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int64, Integer

__all__ = ["Ranking", "rank"]

BLOCK = 1024
"""Queries ranked at a time: bounds the memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """For each query, its gallery in order of falling similarity."""

    order: Int64[np.ndarray, "queries ranks"]
    """Index into the gallery, best first; ties in gallery order."""
    relevant: Bool[np.ndarray, "queries ranks"]
    """Whether the answer at that rank has the query's label."""
    gallery_labels: Integer[np.ndarray, "gallery"]
    query_labels: Integer[np.ndarray, "queries"]


def rank(
    gallery: Float[np.ndarray, "gallery dim"],
    gallery_labels: Integer[np.ndarray, "gallery"],
    queries: Float[np.ndarray, "queries dim"],
    query_labels: Integer[np.ndarray, "queries"],
    *,
    same: bool = False,
) -> Ranking:
    """Rank the gallery for each query by inner product (the cosine, for rows of unit length).

    `same` says that queries and gallery are one set in one order: each query then leaves itself out.
    """
    assert not same or len(gallery) == len(queries), "with same=True, queries and gallery are one set"
    ranks = len(gallery) - same
    order = np.zeros((len(queries), ranks), dtype=np.int64)
    for start in range(0, len(queries), BLOCK):
        similarity = queries[start : start + BLOCK] @ gallery.T
        if same:
            rows = np.arange(len(similarity))
            similarity[rows, start + rows] = -np.inf
        order[start : start + BLOCK] = np.argsort(-similarity, axis=1, kind="stable")[:, :ranks]
    relevant = gallery_labels[order] == query_labels[:, None]
    return Ranking(order, relevant, gallery_labels, query_labels)
