"""Search by words and by pictures: what shapes are called, and what a learned encoder takes words and pictures for.

Shapes that are called by all the words come first, by how well the words fit (text.py); then shapes by meaning, nearest
first in the latent that they share with words and pictures (ULIP: Xue et al., Learning a unified representation of
language, images, and point clouds for 3D understanding, 2023); some of the words in its name, tags or category put a shape forward. Such
distances are larger than those between shapes, so their scores are measured against words and pictures of this library with
shapes that they do not belong to.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64, UInt8

from fieldstone.encoders.learned import Learned
from fieldstone.files.picture import pixels_of
from fieldstone.library.search import Answer, filtered
from fieldstone.library.shape import Evidence, Hit
from fieldstone.library.snapshot import Snapshot
from fieldstone.library.text import score_text, share_held

__all__ = ["search_picture", "search_text"]

ASKED = 48
"""Rows whose names or pictures are laid against shapes that they do not belong to."""
AGAINST = 500
ALIKE = "all shapes of the library are called alike: there is nothing to measure scores of meaning against"


@dataclass(frozen=True, slots=True, eq=False)
class _Meaning:
    embedding: Float32[np.ndarray, "dim"]
    said: str
    unrelated: Float64[np.ndarray, "pairs"]


def search_text(snapshot: Snapshot, text: str, encoder: Learned | None, *, k: int, where: str | None = None) -> Answer:
    """The k shapes that answer words best; by words alone where no encoder reads them.

    By words, a score is how well they fit, the best as 1; by meaning, the share of names and shapes of this library
    that do not belong together and lie farther apart. Shapes that are called by some of the words rank by this score and
    the share of the words together. Raises QueryError for a text without words.
    """
    allowed = filtered(snapshot, where)
    fit = np.where(allowed.keep, score_text(snapshot.catalog, text), 0.0)
    called = fit > 0
    held = np.zeros(len(fit)) if encoder is None else share_held(snapshot.catalog, text)
    if encoder is not None:
        called &= held == 1.0
    order = np.argsort(np.where(called, -fit, 0.0), kind="stable")[: min(k, int(called.sum()))]
    hits = _by_words(snapshot, order, fit, text)
    if encoder is None or len(hits) == k or not len(snapshot.catalog):
        return Answer(hits=tuple(hits), notes=allowed.notes)
    unrelated = _unrelated(snapshot, "words", lambda rows: encoder.encode_text(_names(snapshot, rows)))
    meaning = _Meaning(encoder.encode_text([text])[0], f"by meaning: '{text}'", unrelated)
    rest = _nearest(snapshot, meaning, k - len(hits), allowed.keep & ~called, held)
    note = f"{len(hits)} by their words, {len(rest)} by meaning ({encoder.id})"
    return Answer(hits=(*hits, *rest), notes=(*allowed.notes, note, *[ALIKE] * (not len(unrelated))))


def search_picture(
    snapshot: Snapshot,
    pixels: UInt8[np.ndarray, "h w 4"],
    name: str,
    encoder: Learned,
    *,
    k: int,
    where: str | None = None,
) -> Answer:
    """The k shapes that look most like a picture of one shape on a plain ground: a rendered view or a drawing.

    A score is the share of pictures and shapes of this library that do not belong together and lie farther apart.
    Raises GeometryError where the picture is of one colour.
    """
    allowed = filtered(snapshot, where)
    if not len(snapshot.catalog):
        return Answer(hits=(), notes=allowed.notes)
    embedding = encoder.encode_images(pixels[None])[0]
    unrelated = _unrelated(snapshot, "pictures", lambda rows: _seen(snapshot, encoder, rows))
    hits = _nearest(snapshot, _Meaning(embedding, f"looks like {name}", unrelated), k, allowed.keep)
    return Answer(hits=tuple(hits), notes=(*allowed.notes, *[ALIKE] * (not len(unrelated))))


def _by_words(snapshot: Snapshot, rows: Int64[np.ndarray, "r"], fit: Float64[np.ndarray, "n"], text: str) -> list[Hit]:
    evidence = Evidence(kind="similar", text=f"words of '{text}'")
    share = fit[rows] / (fit[rows[0]] if len(rows) else 1.0)
    return [
        Hit(shape=shape, score=float(value), distance=float(1 - value), evidence=evidence, pose=None, residual=None)
        for shape, value in zip(snapshot.catalog.shapes(rows.tolist()), share, strict=True)
    ]


def _nearest(
    snapshot: Snapshot,
    meaning: _Meaning,
    k: int,
    keep: Bool[np.ndarray, "n"],
    held: Float64[np.ndarray, "n"] | None = None,
) -> list[Hit]:
    """The k kept rows nearest to a place of the latent that is not a shape's own; a row that is called by a share `held`
    of the words is put forward by as much."""
    forward = np.zeros(len(keep)) if held is None else np.where(keep, held, 0.0)
    most = np.argsort(-forward, kind="stable")[:k]
    rows = snapshot.nearest(meaning.embedding, k, keep)
    rows = np.unique(
        np.concatenate([rows, snapshot.nearest(meaning.embedding, k, forward > 0), most[forward[most] > 0]])
    )
    distance = snapshot.distance(meaning.embedding, rows)
    farther = 1.0 - np.searchsorted(meaning.unrelated, distance, side="right") / max(1, len(meaning.unrelated))
    forward = forward[rows]
    order = np.lexsort((distance, -farther - forward))[:k]
    return [
        Hit(
            shape=shape,
            score=float(farther[i]),
            distance=float(distance[i]),
            evidence=Evidence(kind="similar", text=meaning.said + ", called so in part" * bool(forward[i])),
            pose=None,
            residual=None,
        )
        for shape, i in zip(snapshot.catalog.shapes(rows[order].tolist()), order, strict=True)
    ]


def _unrelated(
    snapshot: Snapshot, kind: str, encoded: Callable[[list[int]], Float32[np.ndarray, "r dim"]]
) -> Float64[np.ndarray, "pairs"]:
    """Sorted distances between names (or pictures) of some rows and other rows of another category or name."""
    if kind not in snapshot.across:
        generator = np.random.default_rng(0)
        n = len(snapshot.catalog)
        asked = np.sort(generator.permutation(n)[:ASKED])
        against = np.sort(generator.permutation(n)[:AGAINST])
        called = np.array(_names(snapshot, range(n)))
        apart = called[asked][:, None] != called[against]
        distance = 1.0 - encoded(asked.tolist()) @ snapshot.embeddings(against).T
        snapshot.across[kind] = np.sort(distance[apart].astype(np.float64))
    return snapshot.across[kind]


def _names(snapshot: Snapshot, rows: "list[int] | range") -> list[str]:
    """What rows are called in one word: the category, else the name."""
    table = snapshot.catalog.table.select(["category", "name"]).take(list(rows)).to_pylist()
    return [row["category"] or row["name"] for row in table]


def _seen(snapshot: Snapshot, encoder: Learned, rows: list[int]) -> Float32[np.ndarray, "r dim"]:
    """The pictures that the library keeps of some rows."""
    pixels = [pixels_of(picture, "thumbnail") for picture in snapshot.thumbnails(rows)]
    return np.concatenate([encoder.encode_images(one[None]) for one in pixels])
