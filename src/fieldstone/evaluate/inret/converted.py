"""The paper's rivals that convert: fields to points for PointNeXt, to views for View-GCN (INRet, sections 4 and A.4).

One network a way of converting learns, by class, from the training fields of every function; rows of test fields of any
function then compare, which the paper's text leaves open.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Float32, Int64, UInt8

from fieldstone.encoders.inr import Kind, kind_name
from fieldstone.encoders.networks import pointnext, viewgcn
from fieldstone.encoders.networks.pointnext import PointNeXt
from fieldstone.encoders.networks.viewgcn import ViewGCN
from fieldstone.errors import GeometryError
from fieldstone.evaluate.inret.fitted import FieldStore
from fieldstone.evaluate.inret.kept import kept
from fieldstone.evaluate.inret.shapes import Shape, numbers_of
from fieldstone.fields.extract import mesh
from fieldstone.fields.field import Field
from fieldstone.fields.machine import side_by_side
from fieldstone.fields.surface_points import points_on_surface
from fieldstone.fields.trace import ISOSURFACE_RESOLUTION
from fieldstone.fields.view import views
from fieldstone.geometry.sample import sample_surface
from fieldstone.progress import Progress, Silent
from fieldstone.render.views import ring
from fieldstone.training.asking import rows_of_shapes
from fieldstone.training.collection import Collection, kept_views
from fieldstone.training.loop import train
from fieldstone.training.recipe import Recipe, classification
from fieldstone.training.seeding import torch_generator
from fieldstone.types import Axis

__all__ = [
    "Form",
    "Rival",
    "conversion_numbers",
    "converted",
    "field_points",
    "field_views",
    "rival_recipe",
    "rival_sizes",
]

Form: TypeAlias = Literal["points", "views"]
POINTS, VIEWS = 2048, 12
"""Points and views of a field (INRet, A.4)."""
VERSION = 3
"""Of what conversions do: it grows when the same field gives other points or views."""
PIXELS = {True: 64, False: 224}
"""Of a view, for networks of two cores and for the paper's."""
CONVERSION, WEIGHTS = 4, 12
"""Purposes of random numbers: of a shape's conversion, and of first weights, after the seed."""
ELEVATION = float(np.degrees(np.arcsin(0.65 / 3.0)))
"""Of eyes 3 units away "with a 0.65 elevation", read as a height: 12.5 degrees."""


def field_points(field: Field, generator: np.random.Generator) -> Float32[np.ndarray, "2048 3"]:
    """Points of the field's surface, in its frame. GeometryError where it has none.

    Of an occupancy they are drawn from its isosurface without the specks that fits leave in the void, and no cloud is normed
    anew: by its farthest point a speck would set the scale of all others.
    """
    if field.function != "occ":
        return points_on_surface(field, POINTS, generator).astype(np.float32)
    surface = mesh(field, ISOSURFACE_RESOLUTION, colors=False, model_frame=False, specks=False)
    return sample_surface(surface, POINTS, generator).points.astype(np.float32)


def field_views(field: Field, size: int, up: Axis | None) -> UInt8[np.ndarray, "12 {size} {size} 4"]:
    """Normals and nearness under 12 eyes around the up axis (None: z). GeometryError where the field has no surface."""
    return kept_views(views(field, ring(VIEWS, up=up, elevation=ELEVATION), size=size))


def conversion_numbers(digest: str, seed: int) -> np.random.Generator:
    """The random numbers with which the fields of the shape of that digest become points."""
    return numbers_of(digest, seed, CONVERSION)


def converted(
    store: FieldStore,
    shapes: Sequence[Shape],
    kinds: Sequence[Kind],
    labels: Int64[np.ndarray, "shapes"],
    classes: tuple[str, ...],
    form: Form,
    *,
    size: int,
    seed: int = 0,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> Collection:
    """Every field of the shapes, kind by kind, as points in the fields' frame or as views of `size` pixels, a field a core at
    a time. What is in `folder` is taken from there, and what is not is kept there, field by field. GeometryError, with the
    shape's name, for a field that has no surface."""
    told, found = progress or Silent(), []
    asked = [(shape, kind) for kind in kinds for shape in shapes]
    told.start(f"fields to {form}", len(asked))
    with side_by_side(None, "hashgrid", "cpu") as pool:
        waiting = [pool.submit(_of_shape, store, *each, form, size, seed, folder) for each in asked]
        try:
            for future, (shape, kind) in zip(waiting, asked, strict=True):
                found.append(future.result())
                told.advance(1, f"{shape.name} {kind_name(kind)}")
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    told.finish()
    seen, count = np.stack(found), len(asked)
    return Collection(
        ids=tuple(f"{shape.name} {kind_name(kind)}" for shape, kind in asked),
        points=seen if form == "points" else np.zeros((count, 1, 3), dtype=np.float32),
        split=("train",) * count,
        labels=np.tile(labels, len(kinds)),
        classes=classes,
        views=seen if form == "views" else None,
    )


def _of_shape(
    store: FieldStore, shape: Shape, kind: Kind, form: Form, size: int, seed: int, folder: Path | None
) -> np.ndarray:
    """Points or views of a shape's field of one kind, from their file in the folder where there is one."""
    make = partial(_made, store, shape, kind, form, size, seed)
    if folder is None:
        return make()[form]
    said = json.dumps([VERSION, form, size, seed, store.path(shape, kind).name])
    name = f"{form}-{hashlib.sha256(said.encode()).hexdigest()[:32]}.safetensors"
    return kept(folder / name, make)[form]


def _made(store: FieldStore, shape: Shape, kind: Kind, form: Form, size: int, seed: int) -> dict[str, np.ndarray]:
    field = store.field(shape, kind)
    try:
        if form == "points":
            return {form: field_points(field, conversion_numbers(shape.digest, seed))}
        return {form: field_views(field, size, field.frame.up)}
    except GeometryError as error:
        raise GeometryError(f"{shape.name} as {kind_name(kind)}: {error}") from error


def rival_recipe(form: Form, epochs: int) -> Recipe:
    """How a rival learns: classification from random weights; shapes stand as they do."""
    base = classification("compact", tuned=False)
    points = POINTS if form == "points" else None
    return replace(
        base, augment=replace(base.augment, points=points, rotation="none"), epochs=epochs, select="last",
        views=form == "views", batch=16, schedule=replace(base.schedule, rate=1e-3),
    )  # fmt: skip


def rival_sizes(form: Form, *, compact: bool) -> pointnext.Config | viewgcn.Config:
    """Of PointNeXt or View-GCN, for two cores (`compact`) or as in the papers; with the points or the eyes of a conversion."""
    if form == "points":
        return replace(pointnext.compact() if compact else pointnext.small(), points=POINTS)
    return replace(viewgcn.compact(VIEWS) if compact else viewgcn.wei(VIEWS), elevation=ELEVATION)


class Rival:
    """A network that learns from what fields were converted to."""

    def __init__(self, form: Form, *, compact: bool, epochs: int, seed: int) -> None:
        """`compact`: for two cores; else the papers' sizes."""
        self.recipe, self.seed = rival_recipe(form, epochs), seed
        generator = torch_generator(seed, WEIGHTS)
        sizes = rival_sizes(form, compact=compact)
        self.network = PointNeXt(sizes, generator) if isinstance(sizes, pointnext.Config) else ViewGCN(sizes, generator)

    def learn(
        self, collection: Collection, *, folder: Path | None = None, device: str = "cpu", progress: Progress | None = None
    ) -> None:  # fmt: skip
        """Train on a collection of training fields."""
        train(self.network, collection, self.recipe, seed=self.seed, folder=folder, device=device, progress=progress)

    def rows(self, collection: Collection, device: str = "cpu") -> Float32[np.ndarray, "fields dim"]:
        """One row a field, without the head."""
        return rows_of_shapes(self.network, collection, self.recipe.augment, views=self.recipe.views, device=device)
