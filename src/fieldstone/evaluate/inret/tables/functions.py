"""INRet's Tables 3, 4, 7 and 8: fields of every function looked up among fields of every other."""

from collections.abc import Mapping
from functools import partial

from fieldstone.evaluate.inret import paper
from fieldstone.evaluate.inret.across import FUNCTIONS, across
from fieldstone.evaluate.inret.paper import Dataset
from fieldstone.evaluate.inret.study import Study
from fieldstone.evaluate.inret.tables.layout import matrices, table
from fieldstone.fields.field import Function
from fieldstone.training.common_latent import Recipe

__all__ = ["ABLATIONS", "table3", "table4", "table7", "table8"]

ABLATIONS: Mapping[str, Recipe] = {
    "none": Recipe(decoder="own", pull=0.0),
    "L2": Recipe(decoder="own"),
    "L2 and common decoder": Recipe(),
}
"""The paper's. Without regularisation each function's encoder still learns, by a decoder of its own that says the function."""


def table3(study: Study) -> str:
    """Table 3: every method, every pair of functions."""
    return _pairs(study, "ShapeNet10", paper.PAIRS)


def table4(study: Study) -> str:
    """Table 4: hash grids without regularisation, with L2, with L2 and the common decoder."""
    rows = {name: partial(study.inret, "hashgrid", recipe) for name, recipe in ABLATIONS.items()}
    return matrices(study, rows, paper.ABLATION)


def table7(study: Study) -> str:
    """Table 7: Table 3 beside the paper's figures on Pix3D."""
    return _pairs(study, "Pix3D", paper.PIX3D_PAIRS)


def table8(study: Study) -> str:
    """Table 8: the query's own shape may be found in another function; behind each figure what it has gained by that."""
    cells = []
    for architecture in study.scale.architectures:
        rows, said, before = study.inret(architecture), paper.SAME_SHAPE[architecture], paper.PAIRS[architecture]
        strict, free = across(rows, study.labels), across(rows, study.labels, same_shape=True)
        for query in FUNCTIONS:
            line: list[str] = [architecture, query]
            for pair in ((query, gallery) for gallery in FUNCTIONS):
                ours = _gained(100 * free.accuracy(*pair), 100 * strict.accuracy(*pair), pair)
                line.append(f"{ours} ({_gained(said[pair], before[pair], pair)})")
            cells.append(line)
    about = f"mAP@1 in per cent and its gain (the paper's on ShapeNet10); {len(study.labels)} queries."
    return table(about, ["", "query", *FUNCTIONS], cells)


def _pairs(study: Study, given: Dataset, printed: Mapping[str, Mapping[tuple[Function, Function], float]]) -> str:
    return matrices(study, {method: partial(study.rows, method) for method in study.methods}, printed, given)


def _gained(now: float, before: float, pair: tuple[str, str]) -> str:
    return f"{now:.1f}" if pair[0] == pair[1] else f"{now:.1f} {now - before:+.1f}"
