"""How near fields come to the meshes that they were fitted to (INRet, appendix C.1): measured once a field and kept."""

from functools import partial

import numpy as np
from jaxtyping import Float32, Float64

from fieldstone.encoders.inr import Kind, kind_name
from fieldstone.errors import GeometryError
from fieldstone.evaluate.inret.kept import kept
from fieldstone.evaluate.inret.shapes import Shape
from fieldstone.evaluate.inret.study import Study
from fieldstone.evaluate.inret.surfaces import dense, drawn, in_frame, numbers, place
from fieldstone.fields.field import Field
from fieldstone.fields.surface_points import points_on_surface
from fieldstone.geometry.distance import Surface
from fieldstone.geometry.metrics import chamfer_l2_mean, chamfer_squared_sum_x1000, giou_percent

__all__ = ["MEASURES", "measured"]

MEASURES = ("chamfer_l2_mean", "chamfer_squared_sum_x1000", "giou_percent")
"""Of geometry/metrics.py, where their conventions stand."""
QUALITY = 3
"""Purpose of random numbers."""
VERSION = 2
"""Of what is measured: it grows when the same field gives other figures."""


def measured(study: Study, kind: Kind) -> Float64[np.ndarray, "shapes 3"]:
    """MEASURES of the test shapes' fields of one kind against their meshes, all in `unit_sphere_bbox`, at `dense` points.

    Chamfer: points of the field's surface (`points_on_surface`) against points of the mesh, uniform by area. gIoU: places
    uniform in the cube, inside the mesh by its winding number; NaN for udf, which has no inside. All are NaN for a field
    that has no surface.
    """
    test = study.selection.test
    study.store.fit_all(test, (kind,), progress=study.told)
    study.told.start(f"quality of {kind_name(kind)}", len(test))
    found = []
    for shape in test:
        path = place(study, "quality", [VERSION, study.store.path(shape, kind).name, dense(study)])
        found.append(kept(path, partial(_measures, study, shape, kind))["measures"])
        study.told.advance(1, shape.name)
    study.told.finish()
    return np.stack(found)


def _measures(study: Study, shape: Shape, kind: Kind) -> dict[str, Float64[np.ndarray, "3"]]:
    n, generator, field = dense(study), numbers(study, shape, QUALITY), study.store.field(shape, kind)
    truth = drawn(study, shape, n)
    try:
        points = points_on_surface(field, n, generator).astype(np.float32)
    except GeometryError:  # nothing to measure: the table says how often
        return {"measures": np.full(len(MEASURES), np.nan)}
    places = generator.uniform(-1.0, 1.0, (n, 3)).astype(np.float32)
    overlap = np.nan if field.function == "udf" else _overlap(field, shape, places)
    chamfer = chamfer_l2_mean(points, truth), chamfer_squared_sum_x1000(points, truth)
    return {"measures": np.array([*chamfer, overlap])}


def _overlap(field: Field, shape: Shape, places: Float32[np.ndarray, "n 3"]) -> float:
    """gIoU; an occupancy is turned around, so that it too is negative inside."""
    values = field.values(places)
    inside = Surface(in_frame(shape)).inside(places)
    return giou_percent(-values if field.function == "occ" else values, np.where(inside, -1.0, 1.0))
