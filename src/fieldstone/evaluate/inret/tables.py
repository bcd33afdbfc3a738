"""INRet's tables on our shapes, in its layout, the paper's figures in brackets. Each is a function from a study to Markdown."""

import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median

import numpy as np

from fieldstone.encoders.field_input import field_input
from fieldstone.encoders.networks.inr import Inr, grid_config
from fieldstone.evaluate.inret import paper
from fieldstone.evaluate.inret.across import FUNCTIONS, Across, across
from fieldstone.evaluate.inret.converted import field_points, field_views
from fieldstone.evaluate.inret.study import Rows, Study
from fieldstone.fields.field import Function
from fieldstone.fields.network import NeuralField
from fieldstone.training.asking import rows_of_fields
from fieldstone.training.common_latent import Recipe
from fieldstone.training.fields import Readings
from fieldstone.training.seeding import torch_generator

__all__ = ["ABLATIONS", "METHODS", "ablation", "conversion", "found", "pairs"]

METHODS: Mapping[str, Callable[[Study], Rows]] = {
    "octree": lambda study: study.inret("octree"),
    "hashgrid": lambda study: study.inret("hashgrid"),
    "inr2vec": lambda study: study.inr2vec(),
    "pointnext": lambda study: study.rival("points"),
    "viewgcn": lambda study: study.rival("views"),
}
"""As the paper compares them: INRet on two architectures, inr2vec on SIRENs, and hash grids converted."""
ABLATIONS: Mapping[str, Recipe] = {
    "none": Recipe(decoder="own", pull=0.0),
    "L2": Recipe(decoder="own"),
    "L2 and common decoder": Recipe(),
}
"""Table 4."""
TIMED, PIXELS = 10, 224
"""Fields of which the median time is taken, and pixels of a view (INRet, A.4)."""


def found(study: Study, methods: Sequence[str]) -> str:
    """Table 1, with Table 5's other figures: signed distances among signed distances.

    All methods learn from fields of three functions, as for Table 3; the paper's Table 1 was rather learnt from signed
    distances alone, for its figures differ a little from those of Table 3.
    """
    lines = [
        "| method | mAP@1 (paper: ShapeNet10) | hit@5 | hit@10 | textbook mAP | F1@10 (SHREC) |",
        "|---|---|---|---|---|---|",
    ]
    for name in methods:
        seen = _seen(study, METHODS[name](study))
        figures = [seen.accuracy("sdf", "sdf", k) for k in (5, 10)]
        figures += [seen.mean_average_precision("sdf", "sdf"), seen.shrec("sdf", "sdf", 10)["f1"]]
        shown = " | ".join(f"{100 * figure:.1f}" for figure in figures)
        lines.append(f"| {name} | {100 * seen.accuracy('sdf', 'sdf'):.1f} ({paper.FOUND[name][0]}) | {shown} |")
    return "\n".join(lines)


def pairs(study: Study, methods: Sequence[str]) -> str:
    """Table 3: every function among every other."""
    return _matrices(study, {name: METHODS[name](study) for name in methods}, paper.PAIRS)


def ablation(study: Study) -> str:
    """Table 4: hash grids without regularisation, with L2, with L2 and the common decoder."""
    rows = {name: study.inret("hashgrid", recipe) for name, recipe in ABLATIONS.items()}
    return _matrices(study, rows, paper.ABLATION)


def conversion(study: Study) -> str:
    """Table 9: median milliseconds a hash grid, from the open field to what a network reads; of INRet, to the row."""
    encoder = Inr(grid_config(8), torch_generator(0)).eval()
    lines = ["| | " + " | ".join(FUNCTIONS) + " |", "|---" * (len(FUNCTIONS) + 1) + "|"]
    ways: Mapping[str, Callable[..., object]] = {
        "rows and lattice": lambda field: field_input(field.network),
        "and encoded (INRet)": lambda field: rows_of_fields(encoder, [_reading(field)]),
        "points": lambda field: field_points(field, np.random.default_rng(0)),
        "views": lambda field: field_views(field, PIXELS, field.frame.up),
    }
    for name, way in ways.items():
        cells = []
        for function in FUNCTIONS:
            taken = [
                _seconds(way, field)
                for field in study.store.fields(study.selection.test[:TIMED], ("hashgrid", function))
            ]
            said = paper.CONVERSION[name][function] if name in paper.CONVERSION else None
            cells.append(f"{1000 * median(taken):.1f}" + (f" ({1000 * said:.0f})" if said else ""))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _reading(field: NeuralField) -> Readings:
    seen = field_input(field.network)
    assert seen.grid is not None, "a hash grid has features"
    return Readings(rows=seen.rows[None], grid=seen.grid[None].astype(np.float16))


def _seconds(way: Callable[..., object], field: object) -> float:
    way(field)  # the first compiles and fills caches
    started = time.perf_counter()
    way(field)
    return time.perf_counter() - started


def _seen(study: Study, rows: Rows) -> Across:
    return across(rows, study.labels)


def _matrices(
    study: Study, rows: Mapping[str, Rows], printed: Mapping[str, Mapping[tuple[Function, Function], float]]
) -> str:
    """A block a method: mAP@1 by the query's function down and the gallery's across, then the averages."""
    lines = ["| method | query | " + " | ".join(FUNCTIONS) + " |", "|---" * (len(FUNCTIONS) + 2) + "|"]
    averages = ["", "| method | average of nine pairs | 95 % | same function | textbook mAP |", "|---|---|---|---|---|"]
    for name, own in rows.items():
        seen, said = _seen(study, own), printed[name]
        for query in FUNCTIONS:
            cells = [f"{100 * seen.accuracy(query, gallery):.1f} ({said[query, gallery]})" for gallery in FUNCTIONS]
            lines.append(f"| {name} | {query} | " + " | ".join(cells) + " |")
        low, high = seen.average_interval(np.random.default_rng(0))
        textbook = np.mean([seen.mean_average_precision(*pair) for pair in seen.rankings])
        averages.append(
            f"| {name} | {100 * seen.average:.1f} ({np.mean(list(said.values())):.1f}) | {100 * low:.1f} to {100 * high:.1f} | "
            f"{100 * seen.same_function:.1f} | {100 * textbook:.1f} |"
        )
    return "\n".join(lines + averages)
