"""Tuning, judged: divide -> learn -> encode anew -> compare on shapes that were held out -> switch where it won.

The journey of `fieldstone tune` in one place. What is compared are the embeddings that the library would search.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from fieldstone.encoders.pose import Pose
from fieldstone.errors import QueryError
from fieldstone.evaluate import metrics
from fieldstone.evaluate.bootstrap import paired_interval
from fieldstone.evaluate.disguise import Turn, disguised, first_right
from fieldstone.evaluate.of_library import labelled
from fieldstone.evaluate.ranking import Ranking, rank
from fieldstone.evaluate.retrieval import ranked
from fieldstone.library.lesson import lesson
from fieldstone.library.library import Library
from fieldstone.library.shape import Shape
from fieldstone.library.split import Division
from fieldstone.library.tuning import Taught, pupil_of, teach
from fieldstone.progress import Progress, Silent
from fieldstone.types import Sampled

if TYPE_CHECKING:
    from fieldstone.training.tuning import Tuning

__all__ = ["Measure", "Plan", "Tuned", "plan_tuning", "tune"]

COPIES = 256
"""Held-out shapes of which disguised copies are looked up, at most."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Plan:
    """What a tuning would do; nothing has been done yet."""

    base: str
    """The encoder that is tuned: the library's own."""
    method: "Tuning"
    column: str
    """Where labels come from, for classification and for the measure by labels."""
    division: Division
    judged_by_labels: bool
    """Whether the held-out shapes have labels that the others have too."""

    @property
    def shapes(self) -> int:
        """That are learnt from."""
        return int(self.division.gallery.sum())

    @property
    def held_out(self) -> int:
        """That the tuned encoder is judged on and never learns from."""
        return int(self.division.queries.sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure before and after, on the same held-out shapes."""

    by: Literal["labels", "copies"]
    """"labels": the first answer has the question's label. "copies": a disguised copy finds its original first."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuned:
    """A tuned encoder and how it did. Where `used` is false, the library searches as before."""

    base: str
    taught: Taught
    measures: tuple[Measure, ...]
    """The first decides; by the others it must not be significantly worse."""
    won: bool
    used: bool


def plan_tuning(library: Library, method: "Tuning | None" = None, labels: str | None = None) -> Plan:
    """What would be learnt from, and what would be held out. None: classification where `labels` names a column, else
    vicreg, which reads no labels.

    Raises EncoderError where the library's encoder cannot learn, MissingExtra without torch, QueryError where a column
    that was asked for holds no labels to learn or judge by.
    """
    base = pupil_of(library.encoder)
    chosen: Tuning = method or ("classification" if labels else "vicreg")
    column = labels or "category"
    division = library.divide(column)
    try:
        labelled(division, column)
        judged = True
    except QueryError:
        if labels is not None or chosen == "classification":
            raise
        judged = False
    return Plan(base=base.id, method=chosen, column=column, division=division, judged_by_labels=judged)


def tune(
    library: Library,
    plan: Plan,
    *,
    epochs: int | None = None,
    seed: int = 0,
    keep: bool = False,
    device: str = "cpu",
    progress: Progress | None = None,
) -> Tuned:
    """Carry the plan out. The library searches with the tuned encoder afterwards where it won, or `keep` says so.

    Embeddings of the base stay. Killed and called again, it goes on. Raises QueryError where there is too little to
    learn from, LibraryError where the library is no folder.
    """
    told = progress or Silent()
    base = pupil_of(Library(library.uri, encoder=plan.base).encoder)
    collection = lesson(
        library, plan.division, base, labels=plan.method == "classification", pictures=plan.method == "mmcl",
        progress=told,
    )  # fmt: skip
    taught = teach(library, base, collection, plan.method, epochs=epochs, seed=seed, device=device, progress=told)
    library.encode(taught.id, progress=told)
    measures = _compared(library, plan, base.id, taught.id, seed)
    won = wins(measures)
    if won or keep:
        library.use(taught.id)
    return Tuned(base=base.id, taught=taught, measures=measures, won=won, used=won or keep)


def wins(measures: tuple[Measure, ...]) -> bool:
    """Better in the mean by the first measure, and significantly worse by none."""
    return measures[0].gain > 0.0 and all(one.gain_interval[1] >= 0.0 for one in measures)


def _compared(library: Library, plan: Plan, base: str, tuned: str, seed: int) -> tuple[Measure, ...]:
    """By labels where there are any, and by copies of the held-out shapes."""
    division, measures = plan.division, []
    sides = [Library(library.uri, encoder=name) for name in (base, tuned)]
    rows = [side.embeddings(division.shapes) for side in sides]
    generator = np.random.default_rng((seed, 0))
    if plan.judged_by_labels:
        data, kept, _ = labelled(division, plan.column)
        measures.append(_measure("labels", [ranked(data, each[kept]) for each in rows], generator))
    asked = np.flatnonzero(division.queries)[:COPIES]
    copies = _copies(library, [division.shapes[row] for row in asked], pupil_of(sides[0].encoder).pose, seed)
    rankings = []
    for side, each in zip(sides, rows, strict=True):
        queries = side.encoder.encode(copies)
        # what may be a copy of the original in the library counts as the original
        rankings.append(rank(each, division.group, queries, division.group[asked]))
    return (*measures, _measure("copies", rankings, generator))


def _copies(library: Library, shapes: Sequence[Shape], pose: Pose, seed: int) -> list[Sampled]:
    """One of each shape, turned as the encoder's pose allows; the same seed gives the same."""
    turn: Turn = "up" if pose == "upright" else "any"
    generators = [np.random.default_rng((seed, int(shape.id[:8], 16))) for shape in shapes]
    return [disguised(one, each, turn) for one, each in zip(library.samples(shapes), generators, strict=True)]


def _measure(by: Literal["labels", "copies"], rankings: list[Ranking], generator: np.random.Generator) -> Measure:
    """Before and after, from either encoder's rankings of the same queries."""
    first, second = (metrics.nearest_neighbour(ranking) for ranking in rankings)
    places = [float(first_right(ranking).mean()) if by == "copies" else None for ranking in rankings]
    return Measure(
        by=by, queries=len(first), before=float(first.mean()), after=float(second.mean()),
        gain_interval=paired_interval(first, second, generator), rank_before=places[0], rank_after=places[1],
    )  # fmt: skip
