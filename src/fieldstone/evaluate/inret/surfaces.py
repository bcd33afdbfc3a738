"""Points of the surfaces that a study compares, and which shape of a category is nearest by Chamfer; made once and kept.

Everything stands in the fields' frame, `unit_sphere_bbox`, and in its unit. What is drawn of a shape depends on the shape, the
number of points and the study's seed, and not on the other shapes.
"""

import hashlib
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Float64, Int64

from fieldstone.encoders.inr import Kind, kind_name
from fieldstone.errors import GeometryError
from fieldstone.evaluate.inret.kept import kept
from fieldstone.evaluate.inret.shapes import Shape, numbers_of
from fieldstone.evaluate.inret.study import Study
from fieldstone.fields.surface_points import points_on_surface
from fieldstone.geometry.normalise import normalise
from fieldstone.geometry.sample import sample_surface
from fieldstone.kernels.nearest import NearestIndex
from fieldstone.kernels.threads import share
from fieldstone.types import Mesh

__all__ = [
    "FINE", "dense", "drawn", "field_clouds", "in_frame", "nearest_shapes", "numbers", "one_way_means", "place",
]  # fmt: skip

FINE = 4096
"""Points of a cloud that is searched (INRet, E.2)."""
DENSE = 131_072
"""Points at which the paper measures quality and truth."""
VERSION = 1
"""Of what is drawn: it grows when the same settings give other points."""
TRUTH, CLOUD = 1, 2
"""Purposes of random numbers."""


def dense(study: Study) -> int:
    """Points at which quality and truth are measured: the paper's 131,072; 4,096 at the scale tiny."""
    return FINE if study.scale.name == "tiny" else DENSE


def in_frame(shape: Shape) -> Mesh:
    """The shape's mesh where its fields stand. GeometryError where it has no extent."""
    return normalise(shape.mesh, "unit_sphere_bbox")[0]


def numbers(study: Study, shape: Shape, purpose: int) -> np.random.Generator:
    """The random numbers of one shape and one purpose."""
    return numbers_of(shape.digest, study.seed, purpose)


def drawn(study: Study, shape: Shape, n: int) -> Float32[np.ndarray, "{n} 3"]:
    """n points of the shape's mesh, uniform by area. GeometryError, with its name, where it has none."""
    try:
        return sample_surface(in_frame(shape), n, numbers(study, shape, TRUTH)).points
    except GeometryError as error:
        raise GeometryError(f"{shape.name}: {error}") from error


def field_clouds(study: Study, kind: Kind) -> Float32[np.ndarray, "shapes 4096 3"]:
    """Points of the surfaces of the test shapes' fields of one kind (`points_on_surface`), from the study's folder; not a
    number for a field that has no surface."""
    study.store.fit_all(study.selection.test, (kind,), progress=study.told)
    study.told.start(f"clouds of {kind_name(kind)}", len(study.selection.test))
    clouds = []
    for shape in study.selection.test:
        path = place(study, "cloud", [study.store.path(shape, kind).name, FINE])
        clouds.append(kept(path, partial(_cloud, study, shape, kind))["points"])
        study.told.advance()
    study.told.finish()
    return np.stack(clouds)


def nearest_shapes(study: Study) -> Int64[np.ndarray, "shapes"]:
    """The truth of Category-Chamfer (INRet, section 3.4 and E.1): for each test shape, which other one of its category has
    the least Chamfer distance (mean distances, not squared) at `dense` points of the meshes, as an index into the test
    shapes; -1 where its category has no other. Measured in full, pair by pair, category by category."""
    found = np.full(len(study.labels), -1)
    categories = np.unique(study.labels)
    study.told.start("nearest by Chamfer", len(categories))
    for category in categories:
        rows = np.flatnonzero(study.labels == category)
        shapes = [study.selection.test[i] for i in rows]
        path = place(study, "truth", [[shape.digest for shape in shapes], dense(study)])
        means = kept(path, partial(_means, study, shapes))["means"]
        both = means + means.T
        if len(rows) > 1:
            found[rows] = rows[both.argmin(axis=1)]
        study.told.advance(1, study.selection.classes[category])
    study.told.finish()
    return found


def one_way_means(clouds: Sequence[Float32[np.ndarray, "_ 3"]]) -> Float64[np.ndarray, "m m"]:
    """Mean distance of the points of each cloud (down) to the nearest of each other (across), infinite to itself."""
    indices = [NearestIndex(cloud) for cloud in clouds]
    means = np.full((len(clouds), len(clouds)), np.inf)

    def part(rows: slice) -> None:
        for i in range(*rows.indices(len(clouds))):
            for j in range(len(clouds)):
                if i != j:
                    means[i, j] = indices[j].query(clouds[i])[0].mean(dtype=np.float64)

    share(len(clouds), part)
    return means


def place(study: Study, name: str, about: Sequence[object]) -> Path:
    """Where that is kept which `about` decides, as JSON values, with the study's seed."""
    said = json.dumps([VERSION, study.seed, *about])
    return study.folder / "surfaces" / f"{name}-{hashlib.sha256(said.encode()).hexdigest()[:24]}.safetensors"


def _means(study: Study, shapes: Sequence[Shape]) -> dict[str, Float64[np.ndarray, "m m"]]:
    return {"means": one_way_means([drawn(study, shape, dense(study)) for shape in shapes])}


def _cloud(study: Study, shape: Shape, kind: Kind) -> dict[str, Float32[np.ndarray, "4096 3"]]:
    try:
        points = points_on_surface(study.store.field(shape, kind), FINE, numbers(study, shape, CLOUD))
    except GeometryError:
        points = np.full((FINE, 3), np.nan)
    return {"points": points.astype(np.float32)}
