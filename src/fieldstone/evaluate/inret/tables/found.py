"""INRet's Tables 1, 2, 5 and 6: signed distances looked up among signed distances.

All methods learn from fields of three functions, as for Table 3; the paper's Table 1 was rather learnt from signed distances
alone, for its figures differ a little from those of Table 3. "mAP@k" is what inr2vec's code and the papers after it compute
under that name: the share of queries of which one of the first k answers has the class. Textbook mAP stands beside.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from fieldstone.encoders.inr import Kind
from fieldstone.evaluate.bootstrap import interval
from fieldstone.evaluate.inret import paper
from fieldstone.evaluate.inret.across import across, asked
from fieldstone.evaluate.inret.asking import QUERY, asked_with, embedder, siren_rows
from fieldstone.evaluate.inret.paper import Dataset
from fieldstone.evaluate.inret.study import Study
from fieldstone.evaluate.inret.tables.conversion import TIMED, median_seconds, timed_shapes
from fieldstone.evaluate.inret.tables.layout import per_cent, table, tried
from fieldstone.evaluate.metrics import average_precision, hit_at
from fieldstone.fields.network import Architecture

__all__ = ["table1", "table2", "table5", "table6"]

COLUMNS: Mapping[Dataset, int] = {"ShapeNet10": 0, "Pix3D": 1}
"""Where `paper.FOUND` and `paper.DISTILLED` have each."""
CUT = 10
"""Answers that precision, recall and F1 are taken of."""
DISTILLED = 3
"""SIRENs that are distilled for the median time."""
NAMES = {"precision": f"P@{CUT}", "recall": f"R@{CUT}", "f1": f"F1@{CUT}"}
"""As the paper calls them."""


def table1(study: Study) -> str:
    """Table 1: accuracy, and the median time from an open field to its row. Of inr2vec the field is the study's SIREN."""
    given = study.selection.role

    def figures(method: str) -> dict[str, str]:
        seen, said = across({"sdf": study.rows(method)["sdf"]}, study.labels), paper.FOUND[method]
        fields = study.store.fields(timed_shapes(study, TIMED), _kind(method))
        return {
            "mAP@1": per_cent(seen.accuracy("sdf", "sdf"), said[COLUMNS[given]]),
            "95 %": _ends(seen.interval("sdf", "sdf", np.random.default_rng(0))),
            "seconds a query": f"{median_seconds(embedder(study, method), fields):.3f} ({said[2]:g})",
        }

    return table(_about(study, given), ["", *study.methods], _lines(study.methods, figures))


def table2(study: Study) -> str:
    """Table 2: each test shape's SIREN asked among the others' grids. For INRet it is distilled to the method's grid with the
    study's settings of fits; for the rivals it is converted, and the gallery are hash grids, converted too."""
    given, methods = study.selection.role, tuple(method for method in study.methods if method != "inr2vec")

    def figures(method: str) -> dict[str, str]:
        ranking = asked(siren_rows(study, method), study.rows(method)["sdf"], study.labels)
        hits, said = hit_at(ranking, 1), paper.DISTILLED[method]
        fields = study.store.fields(timed_shapes(study, DISTILLED), QUERY)
        return {
            "mAP@1": per_cent(float(hits.mean()), said[COLUMNS[given]]),
            "95 %": _ends(interval(hits, np.random.default_rng(0))),
            "textbook mAP": per_cent(float(average_precision(ranking).mean())),
            "seconds a query": f"{median_seconds(asked_with(study, method), fields):.2f} ({said[2]:g})",
        }

    return table(_about(study, given), ["", *methods], _lines(methods, figures))


def table5(study: Study) -> str:
    """Table 5: hits among more answers; precision, recall and F1 of the first 10 as SHREC defines them (Savva et al., 2016),
    the query left out; textbook mAP."""
    return _metrics(study, "ShapeNet10")


def table6(study: Study) -> str:
    """Table 6: Table 5 beside the paper's figures on Pix3D."""
    return _metrics(study, "Pix3D")


def _metrics(study: Study, given: Dataset) -> str:
    def figures(method: str) -> dict[str, str]:
        seen, said = across({"sdf": study.rows(method)["sdf"]}, study.labels), paper.METRICS[given][method]
        found = {f"mAP@{k}": seen.accuracy("sdf", "sdf", k) for k in (1, 5, 10)}
        found |= {NAMES[name]: value for name, value in seen.shrec("sdf", "sdf", CUT).items()}
        found["textbook mAP"] = seen.mean_average_precision("sdf", "sdf")
        ends = _ends(seen.interval("sdf", "sdf", np.random.default_rng(0)))
        return {name: per_cent(value, said.get(name)) for name, value in found.items()} | {"95 % of mAP@1": ends}

    about = f"{_about(study, given)} P, R and F1: the list cut off after {CUT} answers, whatever the size of the class."
    return table(about, ["", *study.methods], _lines(study.methods, figures))


def _lines(methods: Sequence[str], figures: Callable[[str], dict[str, str]]) -> list[list[str]]:
    """A line a figure, a column a method; one that the shapes do not allow says why in the first line."""
    columns = [tried(partial(figures, method)) for method in methods]
    made = [column for column in columns if not isinstance(column, str)]
    first, *others = made[0] if made else ["mAP@1"]
    said = [column if isinstance(column, str) else column[first] for column in columns]
    return [
        [first, *said],
        *([name, *("-" if isinstance(column, str) else column[name] for column in columns)] for name in others),
    ]


def _ends(ends: tuple[float, float]) -> str:
    return f"{per_cent(ends[0])} to {per_cent(ends[1])}"


def _about(study: Study, given: Dataset) -> str:
    return f"Per cent (the paper's on {given}); mAP@k is a hit rate; {len(study.labels)} queries."


def _kind(method: str) -> Kind:
    """The fields that a method is asked with in Table 1."""
    architectures: dict[str, Architecture] = {"octree": "octree", "inr2vec": "siren"}
    return architectures.get(method, "hashgrid"), "sdf"
