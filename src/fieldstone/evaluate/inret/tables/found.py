"""INRet's Tables 1, 2, 5 and 6: signed distances looked up among signed distances.

All methods learn from fields of three functions, as for Table 3; the paper's Table 1 was rather learnt from signed distances
alone, for its figures differ a little from those of Table 3. "mAP@k" is what inr2vec's code and the papers after it compute
under that name: the share of queries of which one of the first k answers has the class. Textbook mAP stands beside.
"""

import numpy as np

from fieldstone.encoders.inr import Kind
from fieldstone.evaluate.bootstrap import interval
from fieldstone.evaluate.inret import paper
from fieldstone.evaluate.inret.across import across, asked
from fieldstone.evaluate.inret.asking import QUERY, asked_with, embedder, siren_rows
from fieldstone.evaluate.inret.study import Study
from fieldstone.evaluate.inret.tables.conversion import TIMED, median_seconds
from fieldstone.evaluate.inret.tables.layout import dataset, per_cent, table
from fieldstone.evaluate.metrics import average_precision, hit_at
from fieldstone.fields.network import Architecture

__all__ = ["table1", "table2", "table5", "table6"]

CUT = 10
"""Answers that precision, recall and F1 are taken of."""
DISTILLED = 3
"""SIRENs that are distilled for the median time."""
NAMES = {"precision": f"P@{CUT}", "recall": f"R@{CUT}", "f1": f"F1@{CUT}"}
"""As the paper calls them."""


def table1(study: Study) -> str:
    """Table 1: accuracy, and the median time from an open field to its row. Of inr2vec the field is the study's SIREN."""
    column, methods = int(dataset(study) == "Pix3D"), study.methods
    accuracy, intervals, seconds = ["mAP@1"], ["95 %"], ["seconds a query"]
    for method in methods:
        seen = across({"sdf": study.rows(method)["sdf"]}, study.labels)
        low, high = seen.interval("sdf", "sdf", np.random.default_rng(0))
        fields = study.store.fields(study.selection.test[:TIMED], _kind(method))
        said = paper.FOUND[method]
        accuracy.append(per_cent(seen.accuracy("sdf", "sdf"), said[column]))
        intervals.append(f"{per_cent(low)} to {per_cent(high)}")
        seconds.append(f"{median_seconds(embedder(study, method), fields):.3f} ({said[2]:g})")
    return table(_about(study), ["", *methods], [accuracy, intervals, seconds])


def table2(study: Study) -> str:
    """Table 2: each test shape's SIREN asked among the others' grids. For INRet it is distilled to the method's grid with the
    study's settings of fits; for the rivals it is converted, and the gallery are hash grids, converted too."""
    column = int(dataset(study) == "Pix3D")
    methods = tuple(method for method in study.methods if method != "inr2vec")
    accuracy, intervals, textbook, seconds = ["mAP@1"], ["95 %"], ["textbook mAP"], ["seconds a query"]
    for method in methods:
        ranking = asked(siren_rows(study, method), study.rows(method)["sdf"], study.labels)
        hits, said = hit_at(ranking, 1), paper.DISTILLED[method]
        low, high = interval(hits, np.random.default_rng(0))
        fields = study.store.fields(study.selection.test[:DISTILLED], QUERY)
        accuracy.append(per_cent(float(hits.mean()), said[column]))
        intervals.append(f"{per_cent(low)} to {per_cent(high)}")
        textbook.append(per_cent(float(average_precision(ranking).mean())))
        seconds.append(f"{median_seconds(asked_with(study, method), fields):.2f} ({said[2]:g})")
    return table(_about(study), ["", *methods], [accuracy, intervals, textbook, seconds])


def table5(study: Study) -> str:
    """Table 5, or Table 6 for a selection in Pix3D's role: hits among more answers; precision, recall and F1 of the first 10
    as SHREC defines them (Savva et al., 2016), the query left out; textbook mAP."""
    printed, methods = paper.METRICS[dataset(study)], study.methods
    rows: dict[str, list[str]] = {}
    for method in methods:
        seen, said = across({"sdf": study.rows(method)["sdf"]}, study.labels), printed[method]
        low, high = seen.interval("sdf", "sdf", np.random.default_rng(0))
        found = {f"mAP@{k}": seen.accuracy("sdf", "sdf", k) for k in (1, 5, 10)}
        found |= {NAMES[name]: value for name, value in seen.shrec("sdf", "sdf", CUT).items()}
        found["textbook mAP"] = seen.mean_average_precision("sdf", "sdf")
        for name, value in found.items():
            rows.setdefault(name, []).append(per_cent(value, said.get(name)))
        rows.setdefault("95 % of mAP@1", []).append(f"{per_cent(low)} to {per_cent(high)}")
    about = f"{_about(study)} P, R and F1: the list cut off after {CUT} answers, whatever the size of the class."
    return table(about, ["", *methods], [[name, *cells] for name, cells in rows.items()])


def table6(study: Study) -> str:
    """Table 6: Table 5 on a selection in Pix3D's role."""
    return table5(study)


def _about(study: Study) -> str:
    return f"Per cent (the paper's on {dataset(study)}); mAP@k is a hit rate; {len(study.labels)} queries."


def _kind(method: str) -> Kind:
    """The fields that a method is asked with in Table 1."""
    architectures: dict[str, Architecture] = {"octree": "octree", "inr2vec": "siren"}
    return architectures.get(method, "hashgrid"), "sdf"
