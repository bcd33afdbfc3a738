"""How the tables of INRet are written: Markdown, figures in per cent, the paper's in brackets."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from fieldstone.errors import GeometryError
from fieldstone.evaluate.inret.across import FUNCTIONS, Across, across
from fieldstone.evaluate.inret.paper import Dataset
from fieldstone.evaluate.inret.study import Rows, Study
from fieldstone.fields.field import Function

__all__ = ["Made", "matrices", "per_cent", "table", "tried"]

Made = TypeVar("Made")
AVERAGES = "Averages; the paper's from its nine figures."


def per_cent(value: float, said: float | None = None) -> str:
    """With one digit, and the paper's figure in brackets where it has one."""
    return f"{100 * value:.1f}" + ("" if said is None else f" ({said:.1f})")


def table(said: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A sentence, and below it the table."""
    lines = [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]
    return "\n".join([said, "", *lines])


def tried(make: Callable[[], Made]) -> Made | str:
    """What is made; or, where the shapes do not allow it (GeometryError), a cell that says why."""
    try:
        return make()
    except GeometryError as error:
        return f"- ({error})".replace("|", "\\|")


def matrices(
    study: Study,
    methods: Mapping[str, Callable[[], Rows]],
    printed: Mapping[str, Mapping[tuple[Function, Function], float]],
    given: Dataset = "ShapeNet10",
) -> str:
    """A block a method: mAP@1 by the query's function down and the gallery's across, then the averages. What the
    paper has not tried stands without its figures; a method that the shapes do not allow is a line that says why."""
    cells, averages = [], []
    for name, make in methods.items():
        rows, said = tried(make), printed.get(name, {})
        if isinstance(rows, str):
            cells.append([name, rows, *[""] * len(FUNCTIONS)])
            continue
        seen = across(rows, study.labels)
        for query in FUNCTIONS:
            shares = [per_cent(seen.accuracy(query, gallery), said.get((query, gallery))) for gallery in FUNCTIONS]
            cells.append([name, query, *shares])
        averages.append([name, *_averages(seen, said)])
    first = table(
        f"mAP@1 in per cent (the paper's on {given}); {len(study.labels)} queries.", ["", "query", *FUNCTIONS], cells
    )
    head = ["", "average of nine pairs", "95 %", "same function", "textbook mAP"]
    return f"{first}\n\n{table(AVERAGES, head, averages)}"


def _averages(seen: Across, said: Mapping[tuple[Function, Function], float]) -> list[str]:
    """Of a method: over all pairs with its interval, over those of one function, and textbook mAP over all pairs."""
    low, high = seen.average_interval(np.random.default_rng(0))
    average = float(np.mean(list(said.values()))) if said else None
    same = float(np.mean([said[function, function] for function in FUNCTIONS])) if said else None
    textbook = float(np.mean([seen.mean_average_precision(*pair) for pair in seen.rankings]))
    return [
        per_cent(seen.average, average), f"{per_cent(low)} to {per_cent(high)}", per_cent(seen.same_function, same),
        per_cent(textbook),
    ]  # fmt: skip
