"""The retrieval protocol on a library of one's own: its labels, its shapes, the encoders that it knows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32

from fieldstone.encoders.inr import FieldEncoder
from fieldstone.errors import QueryError
from fieldstone.evaluate.retrieval import Labelled, Method, Row, retrieval_table
from fieldstone.geometry.sample import half_of
from fieldstone.library.library import Library
from fieldstone.library.shape import Shape
from fieldstone.library.split import Division
from fieldstone.progress import Progress, Silent
from fieldstone.types import PointCloud, Sampled

__all__ = ["LibraryTable", "evaluate_library", "labelled", "redrawn"]

BLOCK = 64
"""Shapes encoded at a time."""
PLACES = 50_000_000
"""Queries times gallery at most, which bounds the memory to half a gigabyte; of more queries some ask, evenly chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryTable:
    """Encoders side by side on one library."""

    rows: tuple[Row, ...]
    label: str
    """The column whose values count as right answers."""
    classes: int
    notes: tuple[str, ...]
    """How the shapes were divided, and what was left out."""


def evaluate_library(
    library: Library,
    encoders: Sequence[str] = (),
    *,
    label: str = "category",
    seeds: int = 1,
    progress: Progress | None = None,
) -> LibraryTable:
    """Nearest-neighbour accuracy and the other figures of each encoder (none named: the library's own), by the protocol.

    Shapes tagged `test` ask and those tagged `train` answer; without such tags a quarter of each label asks, chosen by
    content, copies kept on one side. One seed: embeddings as the library has them, or from all kept points; several:
    each seed draws half of the kept points of every shape anew. Nothing is written to the library.

    Raises QueryError where labels leave no query with an answer, or an encoder of neural fields would have to see other
    shapes than those that the library has encoded with it; EncoderError for an unknown encoder.
    """
    division = library.divide(label)
    data, kept, names = labelled(division, label)
    shapes = [division.shapes[row] for row in kept]
    asked = list(encoders) or [library.encoder.id]
    told = progress or Silent()
    methods = {name: _method(Library(library.uri, encoder=name), shapes, seeds, told) for name in asked}
    rows = retrieval_table(data, methods, np.random.default_rng(0), seeds=seeds)
    return LibraryTable(rows=tuple(rows), label=label, classes=len(names), notes=_notes(division, data, label, seeds))


def labelled(division: Division, label: str) -> tuple[Labelled, list[int], tuple[str, ...]]:
    """The shapes that have a label, as numbers; their rows in the division; the labels that the numbers stand for.

    Raises QueryError where nothing asks, or nothing could answer.
    """
    kept = [row for row, said in enumerate(division.labels) if said is not None]
    names, numbers = np.unique([division.labels[row] or "" for row in kept], return_inverse=True)
    gallery = division.gallery[kept]
    queries = _few(division.queries[kept], PLACES // max(1, int(gallery.sum())))
    data = Labelled(numbers.astype(np.int64), gallery, queries)
    if len(names) < 2 or not np.isin(data.labels[data.queries], data.labels[data.gallery]).any():
        raise QueryError(
            f"{len(kept)} of {len(division.labels)} shapes have a value of {label} ({len(names)} different), and nothing can be "
            "found by it; label shapes of two kinds or more, two or more of each (fieldstone add ... --category)"
        )
    return data, kept, tuple(names.tolist())


def _few(queries: Bool[np.ndarray, "n"], most: int) -> Bool[np.ndarray, "n"]:
    """At most so many of the queries (but a hundred), evenly chosen."""
    rows, most = np.flatnonzero(queries), max(most, 100)
    few = np.zeros_like(queries)
    few[rows[:: -(-len(rows) // most)] if len(rows) else rows] = True
    return few


def _notes(division: Division, data: Labelled, label: str, seeds: int) -> tuple[str, ...]:
    left = len(division.labels) - len(data.labels)
    alone = int((~np.isin(data.labels[data.queries], data.labels[data.gallery])).sum())
    by_tags, by_content = "divided by the tags train and test", "a quarter of each label asks, chosen by content"
    notes = [by_tags if division.by == "tags" else f"{by_content}; copies stand on one side"]
    notes += [f"{left} shapes without {label} are left out"] * bool(left)
    notes += [f"{alone} queries have a value of {label} that no shape of the gallery has; they count as misses"] * bool(
        alone
    )
    asked = int(data.queries.sum())
    whole = sum(said is not None for said, asks in zip(division.labels, division.queries, strict=True) if asks)
    notes += [f"{asked} of {whole} queries ask, evenly chosen"] * (asked < whole)
    notes += [f"means over {seeds} seeds, each of which draws half of the kept points anew"] * (seeds > 1)
    return tuple(notes)


def _method(library: Library, shapes: list[Shape], seeds: int, told: Progress) -> Method:
    """The rows of the encoder that the library was opened with: as it has them, where one seed will do and none lacks."""
    encoder, stored = library.encoder, seeds == 1 and not library.snapshot().missing
    if isinstance(encoder, FieldEncoder) and not stored:
        raise QueryError(
            f"{encoder.id} reads neural fields, of which points alone are no measure; evaluate it with one seed, after: "
            f"fieldstone encode {library.uri} --encoder {encoder.id} --keep"
        )

    def rows(seed: int) -> Float32[np.ndarray, "shapes dim"]:
        if stored:
            return library.embeddings(shapes)
        told.start(f"Encoding with {encoder.id}", len(shapes))
        found = []
        for start in range(0, len(shapes), BLOCK):
            block = shapes[start : start + BLOCK]
            batch = library.samples(block)
            if seeds > 1:
                batch = [redrawn(one, seed, shape.id) for one, shape in zip(batch, block, strict=True)]
            found.append(encoder.encode(batch))
            told.advance(len(block))
        told.finish()
        return np.concatenate(found)

    return rows


def redrawn(sampled: Sampled, seed: int, shape_id: str) -> Sampled:
    """Half of the shape's points, drawn anew by each seed, with their normals; the shape of it is that cloud."""
    generator = np.random.default_rng((seed, int(shape_id[:8], 16)))
    kept = half_of(len(sampled.points), generator)
    normals = None if sampled.normals is None else sampled.normals[kept]
    points = sampled.points[kept]
    return Sampled(shape=PointCloud(points, normals), points=points, normals=normals, up=sampled.up)
