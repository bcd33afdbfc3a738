"""A question to hits, readable in one place.

anything -> examine -> encoder -> vectors.nearest + fingerprint lookups -> evidence -> (rerank) -> hits
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from fieldstone.geometry.align import align
from fieldstone.geometry.fingerprint import candidates, keys
from fieldstone.library.catalog import MILLIMETRES
from fieldstone.library.evidence import Record, judge
from fieldstone.library.filters import Filtered, apply
from fieldstone.library.rerank import rerank as rerank_chamfer
from fieldstone.library.shape import Hit
from fieldstone.library.snapshot import Snapshot
from fieldstone.types import Axis

__all__ = ["SHORTLIST", "Answer", "Query", "Rerank", "filtered", "search_shape"]

Rerank: TypeAlias = Literal["none", "chamfer"]
SHORTLIST = 50
"""Candidates that are judged and re-ranked."""
BODY_MATCHES = 4
"""Rows judged for each body of a query of many bodies."""
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
    up: Axis | None = None
    """The axis that points up, as the user or the query's file says."""
    notes: tuple[str, ...] = ()
    """What a user should know about how it was encoded."""


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
    allowed = filtered(snapshot, where)
    keep, notes = allowed.keep.copy(), list(allowed.notes)
    if query.row is not None:
        keep[query.row] = False
    if same_size:
        keep, note = _same_size(snapshot, query, keep)
        notes += note
    if not len(snapshot.unrelated):
        notes.append("the library holds no two shapes to calibrate scores on")
    rows = _shortlist(snapshot, query, keep, max(SHORTLIST, k))
    distance = snapshot.distance(query.embedding, rows)
    order = np.argsort(distance, kind="stable")
    rows, score = rows[order], snapshot.score(distance[order])
    distance = distance[order]
    if rerank == "chamfer" and len(rows):
        score_of = dict(zip(rows.tolist(), score, strict=True))
        rows, distance = _by_chamfer(snapshot, query, rows[: max(SHORTLIST, k)], k, same_size)
        score = np.array([score_of[row] for row in rows.tolist()])
    judged = [judge(query.record, record) for record in snapshot.records(rows)]
    if rerank == "none":
        first = np.lexsort((distance, np.array([RANK[j.evidence.kind] for j in judged])))[:k]
        rows, distance, score, judged = rows[first], distance[first], score[first], [judged[i] for i in first]
    hits = [
        Hit(shape=shape, score=float(s), distance=float(d), evidence=j.evidence, pose=j.pose, residual=j.residual)
        for shape, s, d, j in zip(snapshot.catalog.shapes(rows.tolist()), score, distance, judged, strict=True)
    ]
    return Answer(hits=tuple(hits), notes=tuple(notes))


def _shortlist(snapshot: Snapshot, query: Query, keep: Bool[np.ndarray, "n"], size: int) -> Int64[np.ndarray, "s"]:
    """Rows worth judging: the nearest embeddings, the nearest fingerprints, and the holders of a body like the query."""
    key = keys(query.record.fingerprint.vector[None])[0]
    holder, body_keys = snapshot.bodies
    found = [
        _first(candidates(key, snapshot.keys), keep, size),
        _first(holder[candidates(key, body_keys)], keep, size),
        snapshot.nearest(query.embedding, size, keep),
    ]
    marks = [keys(body.fingerprint.vector[None])[0] for body in query.record.bodies]
    found += [_first(candidates(mark, snapshot.keys), keep, BODY_MATCHES) for mark in marks]
    return np.unique(np.concatenate(found))


def _first(rows: Int64[np.ndarray, "c"], keep: Bool[np.ndarray, "n"], most: int) -> Int64[np.ndarray, "k"]:
    return rows[keep[rows]][:most]


def _same_size(
    snapshot: Snapshot, query: Query, keep: Bool[np.ndarray, "n"]
) -> tuple[Bool[np.ndarray, "n"], list[str]]:
    """Rows of the query's size, in millimetres where both units are known and by the bare numbers elsewhere."""
    own = query.record.fingerprint.size
    size = np.exp(snapshot.keys[:, -1])
    unit = snapshot.catalog.table["unit"].to_pylist()
    factor = np.array([MILLIMETRES.get(u, np.nan) if u else np.nan for u in unit])
    if query.record.unit is not None:
        both = ~np.isnan(factor)
        ratio = np.where(both, size * factor / (own * MILLIMETRES[query.record.unit]), size / own)
    else:
        both, ratio = np.zeros(len(size), dtype=bool), size / own
    kept = keep & (np.abs(np.log(ratio)) < SAME_SIZE)
    bare = int(np.count_nonzero(keep & ~both))
    note = f"the unit of the query or of {bare} shapes is unknown: there the bare numbers were compared; state units with --unit"
    return kept, [note] if bare else []


def _by_chamfer(
    snapshot: Snapshot, query: Query, rows: Int64[np.ndarray, "s"], k: int, same_size: bool
) -> tuple[Int64[np.ndarray, "best"], Float64[np.ndarray, "best"]]:
    """The first k of the rows in order of their symmetric Chamfer distance from the query, each in its best pose, as a share of the
    query's diagonal; mirror images are not poses."""
    points = query.record.points
    posed = []
    for record in snapshot.records(rows):
        found = align(points, record.points, mirror=False, scale=not same_size)
        moved = record.points @ (found.scale * found.rotation.T) + found.translation
        posed.append(moved.astype(np.float32))
    order, value = rerank_chamfer(points, np.stack(posed), k)
    return rows[order], value.astype(np.float64) / float(np.linalg.norm(np.ptp(points, axis=0)))


def filtered(snapshot: Snapshot, where: str | None) -> Filtered:
    """The rows that a search may answer with. Raises QueryError for a filter that cannot be read."""
    if where is None:
        return Filtered(np.ones(len(snapshot.catalog), dtype=bool), ())
    return apply(snapshot.catalog.table, where)
