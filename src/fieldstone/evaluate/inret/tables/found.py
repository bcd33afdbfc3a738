"""INRet's Tables 1, 2, 5 and 6: signed distances looked up among signed distances.

All methods learn from fields of three functions, as for Table 3; the paper's Table 1 was rather learnt from signed distances
alone, for its figures differ a little from those of Table 3. "mAP@k" is what inr2vec's code and the papers after it compute
under that name: the share of queries of which one of the first k answers has the class. Textbook mAP stands beside.
"""

from collections.abc import Mapping
from functools import partial
from typing import TypeAlias

import numpy as np

from fieldstone.evaluate.bootstrap import interval
from fieldstone.evaluate.inret import paper
from fieldstone.evaluate.inret.across import across, asked
from fieldstone.evaluate.inret.asking import QUERY, asked_with, embedder, siren_rows
from fieldstone.evaluate.inret.paper import Dataset
from fieldstone.evaluate.inret.study import Study
from fieldstone.evaluate.inret.tables.conversion import TIMED, medians
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
Column: TypeAlias = dict[str, str] | str
"""A method's figures by name, or why the shapes do not allow it."""


def table1(study: Study) -> str:
    """Table 1: accuracy, and the median time from an open field to its row, methods one after the other on each shape. Of inr2vec the
    field is the study's SIREN."""
    given = study.selection.role

    def figures(method: str) -> dict[str, str]:
        seen = across({"sdf": study.rows(method)["sdf"]}, study.labels)
        return {
            "mAP@1": per_cent(seen.accuracy("sdf", "sdf"), paper.FOUND[method][COLUMNS[given]]),
            "95 %": _ends(seen.interval("sdf", "sdf", np.random.default_rng(0))),
        }

    columns = {method: tried(partial(figures, method)) for method in study.methods}
    ways = {name: (_architecture(name), embedder(study, name)) for name in _made(columns)}
    taken = {
        name: f"{seconds:.3f} ({paper.FOUND[name][2]:g})"
        for name, seconds in medians(study, "sdf", ways, TIMED).items()
    }
    return _side_by_side(_about(study, given), _timed(columns, taken))


def table2(study: Study) -> str:
    """Table 2: each test shape's SIREN asked among the others' grids. For INRet it is distilled to the method's grid with the
    study's settings of fits; for the rivals it is converted, and the gallery are hash grids, converted too."""
    given, methods = study.selection.role, tuple(method for method in study.methods if method != "inr2vec")

    def figures(method: str) -> dict[str, str]:
        ranking = asked(siren_rows(study, method), study.rows(method)["sdf"], study.labels)
        hits = hit_at(ranking, 1)
        return {
            "mAP@1": per_cent(float(hits.mean()), paper.DISTILLED[method][COLUMNS[given]]),
            "95 %": _ends(interval(hits, np.random.default_rng(0))),
            "textbook mAP": per_cent(float(average_precision(ranking).mean())),
        }

    columns = {method: tried(partial(figures, method)) for method in methods}
    ways = {name: (QUERY[0], asked_with(study, name)) for name in _made(columns)}
    found = medians(study, QUERY[1], ways, DISTILLED)
    taken = {name: f"{seconds:.2f} ({paper.DISTILLED[name][2]:g})" for name, seconds in found.items()}
    return _side_by_side(_about(study, given), _timed(columns, taken))


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
    return _side_by_side(about, {method: tried(partial(figures, method)) for method in study.methods})


def _made(columns: Mapping[str, Column]) -> dict[str, dict[str, str]]:
    """The methods that the shapes allow, and their figures."""
    return {method: column for method, column in columns.items() if not isinstance(column, str)}


def _timed(columns: Mapping[str, Column], taken: Mapping[str, str]) -> dict[str, Column]:
    """The columns with the time of a query below their figures."""
    made = {method: {**column, "seconds a query": taken[method]} for method, column in _made(columns).items()}
    return {**columns, **made}


def _side_by_side(about: str, columns: Mapping[str, Column]) -> str:
    """A column a method, a line a figure; one that the shapes do not allow says why in the first line."""
    made = list(_made(columns).values())
    first, *others = made[0] if made else ["mAP@1"]
    said = [column if isinstance(column, str) else column[first] for column in columns.values()]
    lines = [[name, *("-" if isinstance(each, str) else each[name] for each in columns.values())] for name in others]
    return table(about, ["", *columns], [[first, *said], *lines])


def _ends(ends: tuple[float, float]) -> str:
    return f"{per_cent(ends[0])} to {per_cent(ends[1])}"


def _about(study: Study, given: Dataset) -> str:
    return f"Per cent (the paper's on {given}); mAP@k is a hit rate; {len(study.labels)} queries."


def _architecture(method: str) -> Architecture:
    """Of the fields that a method is asked with in Table 1."""
    architectures: dict[str, Architecture] = {"octree": "octree", "inr2vec": "siren"}
    return architectures.get(method, "hashgrid")
