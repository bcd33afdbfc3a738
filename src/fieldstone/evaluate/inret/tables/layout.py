"""How the tables of INRet are written: Markdown, figures in per cent, the paper's in brackets."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from fieldstone.evaluate.inret.across import FUNCTIONS, across
from fieldstone.evaluate.inret.paper import Dataset
from fieldstone.evaluate.inret.study import Rows, Study
from fieldstone.fields.field import Function

__all__ = ["dataset", "matrices", "per_cent", "table"]

AVERAGES = "Averages; the paper's from its nine figures."


def dataset(study: Study) -> Dataset:
    """Whose part the selection plays: the paper's column that stands beside. Lists of real shapes stand for Pix3D."""
    return "ShapeNet10" if study.selection.name == "samples10" else "Pix3D"


def per_cent(value: float, said: float | None = None) -> str:
    """With one digit, and the paper's figure in brackets where it has one."""
    return f"{100 * value:.1f}" + ("" if said is None else f" ({said:.1f})")


def table(said: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A sentence, and below it the table."""
    lines = [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]
    return "\n".join([said, "", *lines])


def matrices(
    study: Study,
    rows: Mapping[str, Rows],
    printed: Mapping[str, Mapping[tuple[Function, Function], float]],
    given: Dataset = "ShapeNet10",
) -> str:
    """A block a method: mAP@1 by the query's function down and the gallery's across, then the averages. What the
    paper has not tried stands without its figures."""
    cells, averages = [], []
    for name, own in rows.items():
        seen, said = across(own, study.labels), printed.get(name, {})
        for query in FUNCTIONS:
            shares = [per_cent(seen.accuracy(query, gallery), said.get((query, gallery))) for gallery in FUNCTIONS]
            cells.append([name, query, *shares])
        low, high = seen.average_interval(np.random.default_rng(0))
        average = float(np.mean(list(said.values()))) if said else None
        same = float(np.mean([said[function, function] for function in FUNCTIONS])) if said else None
        textbook = float(np.mean([seen.mean_average_precision(*pair) for pair in seen.rankings]))
        averages.append([
            name, per_cent(seen.average, average), f"{per_cent(low)} to {per_cent(high)}",
            per_cent(seen.same_function, same), per_cent(textbook),
        ])  # fmt: skip
    first = table(
        f"mAP@1 in per cent (the paper's on {given}); {len(study.labels)} queries.", ["", "query", *FUNCTIONS], cells
    )
    head = ["", "average of nine pairs", "95 %", "same function", "textbook mAP"]
    return f"{first}\n\n{table(AVERAGES, head, averages)}"
