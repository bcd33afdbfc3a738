"""A question to hits, readable in one place.

    anything -> examine -> encoder -> vectors.nearest + fingerprint lookups -> evidence -> (rerank) -> hits
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from fieldstone.errors import QueryError
from fieldstone.geometry.align import align
from fieldstone.geometry.fingerprint import candidates, keys
from fieldstone.library.evidence import Judgement, Record, judge
from fieldstone.library.filters import Filtered, apply
from fieldstone.library.rerank import rerank as rerank_chamfer
from fieldstone.library.shape import Hit, Pose
from fieldstone.library.snapshot import Snapshot

__all__ = ["SHORTLIST", "Answer", "Query", "Rerank", "search_shape", "search_text"]

Rerank: TypeAlias = Literal["none", "chamfer"]
SHORTLIST = 50
"""Candidates that are judged and re-ranked."""
SAME_SIZE = 0.05
"""Sizes that differ by less than this share count as the same."""
RANK = {"identical": 0, "rescaled": 1, "mirrored": 1, "remeshed": 2, "part of": 3, "similar": 4}
"""What a person wants to see first; within a rank the distance decides."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Query:
    """A shape that is asked for: what it looks like to the encoder, and what evidence is judged on."""

    name: str
    embedding: Float32[np.ndarray, "dim"]
    record: Record
    row: int | None = None
    """Its own row, where the query is a shape of the library: it is left out of the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Hits, best first, and what a user should know about how they were found."""

    hits: tuple[Hit, ...]
    notes: tuple[str, ...] = ()


def search_shape(
    snapshot: Snapshot,
    query: Query,
    *,
    k: int,
    where: str | None = None,
    same_size: bool = False,
    rerank: Rerank = "none",
) -> Answer:
    """The k shapes of the library that answer best. Raises QueryError for a filter that cannot be read."""
    filtered = _filter(snapshot, where)
    keep, notes = filtered.keep.copy(), list(filtered.notes)
    if query.row is not None:
        keep[query.row] = False
    if same_size:
        keep, note = _same_size(snapshot, query, keep)
        notes += note
    rows = _shortlist(snapshot, query, keep, max(SHORTLIST, k))
    distance = snapshot.distance(query.embedding, rows)
    order = np.argsort(distance, kind="stable")
    rows, distance = rows[order], distance[order]
    if rerank == "chamfer":
        rows, distance, poses = _by_chamfer(snapshot, query, rows[: max(SHORTLIST, k)], same_size)
    judged = [judge(query.record, record) for record in snapshot.records(rows)]
    if rerank == "none":
        first = np.lexsort((distance, [RANK[j.evidence.kind] for j in judged]))
        rows, distance, judged = rows[first], distance[first], [judged[i] for i in first]
    hits = _hits(snapshot, query, rows[:k], distance[:k], judged[:k])
    return Answer(hits=tuple(hits), notes=tuple(notes))


def search_text(snapshot: Snapshot, text: str, *, k: int, where: str | None = None) -> Answer:
    """The k shapes whose names, tags, categories, paths or metadata answer the words best."""
    from fieldstone.library.shape import Evidence
    from fieldstone.library.text import score_text

    filtered = _filter(snapshot, where)
    found = np.where(filtered.keep, score_text(snapshot.catalog, text), 0.0)
    order = np.argsort(-found, kind="stable")[:k]
    order = order[found[order] > 0]
    best = found[order[0]] if len(order) else 1.0
    evidence = Evidence(kind="similar", text=f"words of '{text}'")
    hits = [
        Hit(shape=shape, score=float(value / best), distance=float(1 - value / best), evidence=evidence, pose=None, residual=None)
        for shape, value in zip(snapshot.catalog.shapes(order.tolist()), found[order], strict=True)
    ]
    return Answer(hits=tuple(hits), notes=filtered.notes)


def _filter(snapshot: Snapshot, where: str | None) -> Filtered:
    if where is None:
        return Filtered(np.ones(len(snapshot.catalog), dtype=bool), ())
    return apply(snapshot.catalog.table, where)
