"""Tuning, judged: divide -> learn -> encode anew -> compare on shapes that were held out -> switch where it won.

The journey of `fieldstone tune` in one place. What is compared are the embeddings that the library would search.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fieldstone.errors import EncoderError, QueryError
from fieldstone.evaluate.compared import Measure, compared
from fieldstone.evaluate.of_library import labelled
from fieldstone.library.lesson import learners, lesson
from fieldstone.library.library import Library
from fieldstone.library.split import Division
from fieldstone.library.tuning import Taught, folder_of, pupil_of, teach
from fieldstone.progress import Progress, Silent

if TYPE_CHECKING:
    from fieldstone.training.tuning import Tuning

__all__ = ["Plan", "Tuned", "plan_tuning", "tune", "wins"]


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

    shapes: int
    """That are learnt from."""

    @property
    def held_out(self) -> int:
        """That the tuned encoder is judged on and never learns from."""
        return int(self.division.queries.sum())


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

    Raises EncoderError where the library's encoder cannot learn, MissingExtra without torch, QueryError where there is
    too little to learn from or a column that was asked for holds no labels, LibraryError where the library is no folder.
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
    folder_of(library)
    if not division.queries.any():
        raise QueryError(
            f"no shape of {library.uri} can be held out to judge by, as all may be copies of one another; "
            "add other shapes, or tag some: --tag test"
        )
    shapes = len(learners(division, labels=chosen == "classification"))
    if chosen == "mmcl" and not (base.reads_words or base.reads_pictures):
        raise EncoderError(f"{base.id} reads neither words nor pictures; tune it with vicreg or classification")
    return Plan(base=base.id, method=chosen, column=column, division=division, judged_by_labels=judged, shapes=shapes)


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

    Embeddings of the base stay. Killed and called again, it goes on. FieldstoneError where the device is not here.
    """
    told = progress or Silent()
    base = pupil_of(Library(library.uri, encoder=plan.base).encoder)
    from fieldstone.fields.torch_stack import device_of

    device_of(device)  # told now, and not when all shapes are prepared
    collection = lesson(
        library, plan.division, base, labels=plan.method == "classification", pictures=plan.method == "mmcl",
        progress=told,
    )  # fmt: skip
    taught = teach(library, base, collection, plan.method, epochs=epochs, seed=seed, device=device, progress=told)
    library.encode(taught.id, progress=told)
    measures = compared(
        library, plan.division, plan.column if plan.judged_by_labels else None, (base.id, taught.id), seed
    )
    won = wins(measures)
    if won or keep:
        library.use(taught.id)
    return Tuned(base=base.id, taught=taught, measures=measures, won=won, used=won or keep)


def wins(measures: tuple[Measure, ...]) -> bool:
    """Better in the mean by the first measure, and significantly worse by none."""
    return measures[0].gain > 0.0 and all(one.gain_interval[1] >= 0.0 for one in measures)
