"""INRet's Table 9: what it costs to make of a field what a network reads, beside what it costs to embed the field itself."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from statistics import median
from typing import TypeAlias

import numpy as np

from fieldstone.encoders.field_input import field_input
from fieldstone.encoders.networks.inr import Inr
from fieldstone.evaluate.inret import paper
from fieldstone.evaluate.inret.across import FUNCTIONS
from fieldstone.evaluate.inret.converted import PIXELS as READ
from fieldstone.evaluate.inret.converted import field_points, field_views
from fieldstone.evaluate.inret.fitted import readings_of
from fieldstone.evaluate.inret.learned import Added, sizes
from fieldstone.evaluate.inret.shapes import Shape
from fieldstone.evaluate.inret.study import Study
from fieldstone.evaluate.inret.tables.layout import table
from fieldstone.fields.field import Function
from fieldstone.fields.network import Architecture, NeuralField
from fieldstone.training.asking import rows_of_fields
from fieldstone.training.seeding import torch_generator

__all__ = ["TIMED", "medians", "table9", "timed_shapes"]

TIMED, PIXELS = 10, 224
"""Fields of which the median time is taken, and pixels of a view (INRet, A.4)."""
Way: TypeAlias = Callable[[NeuralField], object]
Ways: TypeAlias = Mapping[str, tuple[Architecture, Way]]
"""By name: of which architecture the fields are, and what is done with one."""


def table9(study: Study) -> str:
    """Table 9: median milliseconds a field, from the open field to what a network reads, or to the row.

    Fields are embedded as they are: hash grids by an encoder of INRet (its weights do not matter here), and so are those of
    other architectures that the study has fitted already, SIRENs by inr2vec's. What is converted are hash grids, as for the
    rivals. All ways are timed one after the other on each field, so that a busy machine slows them alike.
    """
    taken = {function: medians(study, function, _ways(study, function), TIMED) for function in FUNCTIONS}
    names = dict.fromkeys(name for found in taken.values() for name in found)
    cells = [[name, *(_cell(name, function, taken[function]) for function in FUNCTIONS)] for name in names]
    count = len(timed_shapes(study, TIMED))
    said = f"Median milliseconds a field on {study.device}, {count} fields a cell (the paper's on its machine)."
    return table(said, ["", *FUNCTIONS], cells)


def medians(study: Study, function: Function, ways: Ways, count: int) -> dict[str, float]:
    """Median seconds of each way on the fields of `count` test shapes, all ways one after the other on each shape, so that a
    busy machine slows them alike. On the first, each is done once before: that compiles."""
    taken = dict[str, list[float]]()
    for i, shape in enumerate(timed_shapes(study, count)):
        for name, (architecture, way) in ways.items():
            field = study.store.field(shape, (architecture, function))
            taken.setdefault(name, []).append(_seconds(way, field, i == 0))
    return {name: median(seconds) for name, seconds in taken.items()}


def timed_shapes(study: Study, count: int) -> tuple[Shape, ...]:
    """At most `count` test shapes, evenly from the first to the last, so that they are of many classes."""
    test = study.selection.test
    places = np.linspace(0, len(test) - 1, min(count, len(test))).round().astype(np.int64)
    return tuple(test[i] for i in places)


def _ways(study: Study, function: Function) -> Ways:
    """What Table 9 times, the hash grids of the timed shapes fitted."""
    shapes, half = timed_shapes(study, TIMED), study.store.half
    study.store.fit_all(shapes, [("hashgrid", function)], progress=study.told)
    ways: dict[str, tuple[Architecture, Way]] = {}
    for architecture in study.fits:
        if not all(study.store.path(shape, (architecture, function)).exists() for shape in shapes):
            continue
        seen = study.store.readings(shapes[:1], (architecture, function))
        added: Added = "none" if architecture == "siren" else "straight"
        encoder = Inr(sizes(seen, added), torch_generator(0)).eval().to(study.device)
        method = "inr2vec" if architecture == "siren" else "INRet"
        ways[f"{architecture}, rows and lattice"] = (architecture, partial(_read, half))
        ways[f"{architecture}, and encoded ({method})"] = (architecture, partial(_embed, encoder, half, study.device))
    ways["points"] = ("hashgrid", _points)
    for pixels in sorted({READ[study.scale.compact], PIXELS}):
        name = "views" if pixels == PIXELS else f"views of {pixels} pixels"
        ways[name] = ("hashgrid", partial(_views, pixels))
    return ways


def _read(half: int, field: NeuralField) -> object:
    return field_input(field.network, half)


def _embed(encoder: Inr, half: int, device: str, field: NeuralField) -> object:
    return rows_of_fields(encoder, [readings_of([field], half)], device)


def _points(field: NeuralField) -> object:
    return field_points(field, np.random.default_rng(0))


def _views(pixels: int, field: NeuralField) -> object:
    return field_views(field, pixels, field.frame.up)


def _cell(name: str, function: Function, taken: dict[str, float]) -> str:
    if name not in taken:
        return "-"
    said = f" ({1000 * paper.CONVERSION[name][function]:.0f})" if name in paper.CONVERSION else ""
    return f"{1000 * taken[name]:.1f}{said}"


def _seconds(way: Way, field: NeuralField, first: bool) -> float:
    if first:
        way(field)
    started = time.perf_counter()
    way(field)
    return time.perf_counter() - started
