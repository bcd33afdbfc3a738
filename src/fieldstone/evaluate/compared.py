"""An encoder before and after it was tuned, on shapes that it never learnt from: by labels, by words, by copies."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Float32

from fieldstone.encoders.learned import Learned
from fieldstone.evaluate import metrics
from fieldstone.evaluate.bootstrap import paired_interval
from fieldstone.evaluate.disguise import Turn, disguised, first_right
from fieldstone.evaluate.of_library import labelled
from fieldstone.evaluate.ranking import Ranking, rank
from fieldstone.evaluate.retrieval import ranked
from fieldstone.library.library import Library
from fieldstone.library.split import Division
from fieldstone.library.tuning import pupil_of
from fieldstone.training.captions import words_of

__all__ = ["COPIES", "By", "Measure", "compared"]

By: TypeAlias = Literal["labels", "words", "copies"]
COPIES = 256
"""Held-out shapes of which disguised copies are looked up, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure before and after, on the same held-out shapes."""

    by: By
    """"labels": the first answer has the question's label. "words": of all labels, read as words, its own is nearest.
    "copies": a disguised copy finds its original first."""
    queries: int
    before: float
    after: float
    """Shares of the queries, in [0, 1]."""
    gain_interval: tuple[float, float]
    """95 % paired bootstrap interval of after - before."""
    rank_before: float | None = None
    rank_after: float | None = None
    """Mean rank of the original, from 1, of "copies"."""

    @property
    def gain(self) -> float:
        """After less before."""
        return self.after - self.before


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """An encoder with its rows of all shapes of a division."""

    encoder: Learned
    rows: Float32[np.ndarray, "shapes dim"]


def compared(
    library: Library, division: Division, column: str | None, names: tuple[str, str], seed: int
) -> tuple[Measure, ...]:
    """The encoders of two ids, both with embeddings in the library: by the labels of `column` (None: not), by their words
    where both read words, and by copies. The seed draws the copies and the bootstrap."""
    opened = [Library(library.uri, encoder=name) for name in names]
    sides = [_Side(pupil_of(each.encoder), each.embeddings(division.shapes)) for each in opened]
    generator = np.random.default_rng((seed, 0))
    rankings: dict[By, list[Ranking]] = {}
    if column is not None:
        rankings["labels"] = _by_labels(division, column, sides)
        if all(side.encoder.reads_words for side in sides):
            rankings["words"] = _by_words(division, column, sides)
    rankings["copies"] = _by_copies(library, division, sides, seed)
    return tuple(_measure(by, pair, generator) for by, pair in rankings.items())


def _by_labels(division: Division, column: str, sides: Sequence[_Side]) -> list[Ranking]:
    data, kept, _ = labelled(division, column)
    return [ranked(data, side.rows[kept]) for side in sides]


def _by_words(division: Division, column: str, sides: Sequence[_Side]) -> list[Ranking]:
    """The labels ranked for each held-out shape."""
    data, kept, names = labelled(division, column)
    texts, asked = [words_of(name) or name for name in names], data.queries
    return [
        rank(side.encoder.encode_text(texts), np.arange(len(names)), side.rows[kept][asked], data.labels[asked])
        for side in sides
    ]


def _by_copies(library: Library, division: Division, sides: Sequence[_Side], seed: int) -> list[Ranking]:
    """All shapes ranked for a copy of each held-out one; the same copies for both sides.

    What may be a copy of the original in the library counts as the original.
    """
    asked = np.flatnonzero(division.queries)[:COPIES]
    shapes = [division.shapes[row] for row in asked]
    turn: Turn = "up" if sides[0].encoder.pose == "upright" else "any"
    generators = [np.random.default_rng((seed, int(shape.id[:8], 16))) for shape in shapes]
    copies = [disguised(one, each, turn) for one, each in zip(library.samples(shapes), generators, strict=True)]
    return [rank(side.rows, division.group, side.encoder.encode(copies), division.group[asked]) for side in sides]


def _measure(by: By, pair: list[Ranking], generator: np.random.Generator) -> Measure:
    first, second = (metrics.nearest_neighbour(ranking) for ranking in pair)
    places = [float(first_right(ranking).mean()) if by == "copies" else None for ranking in pair]
    return Measure(
        by=by, queries=len(first), before=float(first.mean()), after=float(second.mean()),
        gain_interval=paired_interval(first, second, generator), rank_before=places[0], rank_after=places[1],
    )  # fmt: skip
