"""INRet's Tables 17 and 18, Category-Chamfer: is what is found of the query's class, and of that class the nearest?

The truth is the least Chamfer distance of the meshes among the query's own class: equation 6 writes the argmin over all
candidates, the text and the tables mean those of the class. The paper asks signed distances, and so do we.
"""

from contextlib import suppress
from functools import partial
from statistics import median
from typing import cast

import numpy as np
from jaxtyping import Float64, Int64

from fieldstone.errors import GeometryError
from fieldstone.evaluate.bootstrap import interval
from fieldstone.evaluate.category_chamfer import category_accuracy, category_chamfer_accuracy
from fieldstone.evaluate.inret import paper
from fieldstone.evaluate.inret.across import asked
from fieldstone.evaluate.inret.categories import said_categories
from fieldstone.evaluate.inret.searched import ROUGH, SEARCHES, Asked, prepared, searched
from fieldstone.evaluate.inret.study import RIVALS, Study
from fieldstone.evaluate.inret.surfaces import FINE, dense, field_clouds, nearest_shapes
from fieldstone.evaluate.inret.tables.conversion import TIMED, medians
from fieldstone.evaluate.inret.tables.layout import per_cent, table, tried
from fieldstone.fields.network import Architecture, NeuralField
from fieldstone.fields.surface_points import points_on_surface

__all__ = ["table17", "table18"]

PLACES = ("naive", "hierarchical")
"""Searches that the paper times: the second and third of `paper.HIERARCHICAL`."""
RULE = (
    "Share of queries in which the 3x rule keeps the naive winner, for distances of the first look unsquared and squared, and "
    "of candidates that it measures in full; share in which the exact search answers as the naive one."
)


def table17(study: Study) -> str:
    """Table 17: A_C and A_CC (equations 5 and 6) of the first answer by cosine, signed distances among signed distances, for
    INRet on the scale's grids and for PointNeXt on hash grids converted."""
    truth = nearest_shapes(study)

    def line(method: str) -> list[str]:
        rows, said = study.rows(method)["sdf"], paper.CATEGORY_CHAMFER[method]
        first = asked(rows, rows, study.labels).order[:, 0]
        nearest, ends = _agreed(study, first, truth)
        share = category_accuracy(study.labels, study.labels[first])
        return [per_cent(share, said[0]), per_cent(nearest, said[1]), ends]

    about = (
        f"Per cent of {len(truth)} queries (the paper's on ShapeNet10); nearest by Chamfer at {dense(study):,} points."
    )
    found = {method: tried(partial(line, method)) for method in _methods(study)}
    return table(about, ["", "A_C", "A_CC", "95 %"], (_line(*each) for each in found.items()))


def table18(study: Study) -> str:
    """Table 18: the class is said first (categories.py), then the nearest by Chamfer among the test shapes of that class is
    looked for in three ways (searched.py), with points of the fields' own surfaces; for PointNeXt of hash grids.

    That the gallery's classes are known is our reading. The paper's A_CC is of its own searches; the exact one is ours. Our
    times are of the search, points and bounds stored; the paper's hold the sampling of all candidates, which stands below by
    itself. A field without a surface is no candidate, and wrong as a query.
    """
    found = {method: tried(partial(_searches, study, method, nearest_shapes(study))) for method in _methods(study)}
    right, times, held = (
        [_line(method, one if isinstance(one, str) else one[part]) for method, one in found.items()]
        for part in range(3)
    )
    heads = [["A_CC in per cent", "class right", *PLACES, "exact", "95 %", "without a surface"], ["", *SEARCHES]]
    parts = [
        table(_about(study), heads[0], right),
        table("Median milliseconds a query, stored (the paper's with sampling).", heads[1], times),
        table(RULE, ["", "unsquared", "squared", "measured in full", "winner", "top 10"], held),
    ]
    return "\n\n".join([*parts, _sampling(study)])


def _searches(study: Study, method: str, truth: Int64[np.ndarray, "q"]) -> tuple[list[str], list[str], list[str]]:
    """A method's cells in each of the three tables."""
    said, printed = said_categories(study, method), paper.HIERARCHICAL[method]
    clouds = field_clouds(study, (_architecture(method), "sdf"))
    found = searched(clouds, study.labels, said)
    seen = {name: _agreed(study, _winners(found, name, len(truth)), truth) for name in (*PLACES, "exact")}
    theirs = [per_cent(seen[name][0], printed[0]) for name in PLACES]
    exact, ends = seen["exact"]
    without = int(np.isnan(clouds[:, 0, 0]).sum())
    right = [per_cent(category_accuracy(study.labels, said)), *theirs, per_cent(exact), ends, str(without)]
    return right, [_milliseconds(found, name, printed) for name in SEARCHES], _rule(found)


def _line(method: str, cells: list[str] | str) -> list[str]:
    """A line of a table; of a method that the shapes do not allow, one that says why."""
    return [method, *([cells] if isinstance(cells, str) else cells)]


def _methods(study: Study) -> tuple[str, ...]:
    return (*study.scale.architectures, "pointnext")


def _architecture(method: str) -> Architecture:
    """Whose surfaces are compared."""
    return "hashgrid" if method in RIVALS else cast("Architecture", method)


def _agreed(study: Study, shape: Int64[np.ndarray, "q"], truth: Int64[np.ndarray, "q"]) -> tuple[float, str]:
    """A_CC and, in per cent, its 95 % interval."""
    labels = np.where(shape >= 0, study.labels[shape], -1)
    share = category_chamfer_accuracy(study.labels, labels, shape, truth)
    low, high = interval(((shape == truth) & (shape >= 0)).astype(np.float64), np.random.default_rng(0))
    return share, f"{per_cent(low)} to {per_cent(high)}"


def _winners(found: list[Asked], name: str, count: int) -> Int64[np.ndarray, "q"]:
    """What a search found for each query; -2 where nothing was there to be found."""
    winners = np.full(count, -2)
    winners[[one.query for one in found]] = [getattr(one, name) for one in found]
    return winners


def _milliseconds(found: list[Asked], name: str, printed: tuple[float, float, float]) -> str:
    if not found:
        return "-"
    said = f" ({printed[1 + PLACES.index(name)] * 1000:,.0f})" if name in PLACES else ""
    return f"{1000 * median(one.seconds[name] for one in found):.1f}{said}"


def _rule(found: list[Asked]) -> list[str]:
    columns: list[Float64[np.ndarray, "q"]] = [
        np.array([one.hierarchical == one.naive for one in found], dtype=np.float64),
        np.array([one.kept_squared for one in found], dtype=np.float64),
        np.array([one.measured / one.candidates for one in found]),
        np.array([one.exact == one.naive for one in found], dtype=np.float64),
        np.array([one.same_ten for one in found], dtype=np.float64),
    ]
    return [per_cent(float(column.mean())) if len(column) else "-" for column in columns]


def _about(study: Study) -> str:
    counts = [int((study.labels == label).sum()) - 1 for label in np.unique(study.labels)]
    return (
        f"{len(study.labels)} queries among {min(counts)} to {max(counts)} candidates of their class, {FINE:,} points each "
        f"({ROUGH} in the first look); truth at {dense(study):,} points."
    )


def _sampling(study: Study) -> str:
    """What making a cloud costs, on hash grids."""
    found = medians(study, "sdf", {str(n): ("hashgrid", partial(_points, n)) for n in (FINE, ROUGH)}, TIMED)
    taken = [1000 * seconds for seconds in found.values()]
    stored = prepared(np.zeros((1, FINE, 3), dtype=np.float32)).bytes_each
    return (
        f"Before any search, median milliseconds a hash grid: {FINE:,} points {taken[0]:.1f}, {ROUGH} points {taken[1]:.1f}; "
        f"stored with each shape: {stored:,} bytes."
    )


def _points(n: int, field: NeuralField) -> None:
    with suppress(GeometryError):  # no surface; that takes its time too
        points_on_surface(field, n, np.random.default_rng(0))
