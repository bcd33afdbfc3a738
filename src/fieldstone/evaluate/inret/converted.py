"""The paper's rivals that convert: fields to points for PointNeXt, to views for View-GCN (INRet, sections 4 and A.4).

One network a way of converting learns, by class, from the training fields of every function; rows of test fields of any
function then compare, which the paper's text leaves open.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import torch
from jaxtyping import Float32, Int64, UInt8
from torch import nn

from fieldstone.encoders.inr import Kind
from fieldstone.encoders.networks import pointnext, viewgcn
from fieldstone.encoders.networks.batch import Batch
from fieldstone.evaluate.inret.fitted import FieldStore
from fieldstone.evaluate.inret.shapes import Shape
from fieldstone.fields.field import Field
from fieldstone.fields.network import NeuralField
from fieldstone.fields.surface_points import sample_surface_points
from fieldstone.fields.view import views
from fieldstone.geometry.normalise import normalise
from fieldstone.progress import Progress
from fieldstone.render.views import ring
from fieldstone.training.batches import plain_batch
from fieldstone.training.collection import Collection, kept_views
from fieldstone.training.loop import train
from fieldstone.training.recipe import Recipe, classification
from fieldstone.training.seeding import numpy_generator, torch_generator
from fieldstone.types import Axis

__all__ = ["Form", "Rival", "converted", "field_points", "field_views"]

Form: TypeAlias = Literal["points", "views"]
POINTS, VIEWS, WEIGHTS = 2048, 12, 12
"""Points and views of a field (INRet, A.4); and the purpose of the random numbers that draw first weights."""
ELEVATION = float(np.degrees(np.arcsin(0.65 / 3.0)))
"""Of eyes 3 units away "with a 0.65 elevation", read as a height: 12.5 degrees."""


def field_points(field: Field, generator: np.random.Generator) -> Float32[np.ndarray, "2048 3"]:
    """Points of the field's surface, in unit_sphere_centroid. GeometryError where it has none."""
    cloud = normalise(sample_surface_points(field, POINTS, generator), "unit_sphere_centroid")[0]
    return cloud.points.astype(np.float32)


def field_views(field: Field, size: int, up: Axis | None) -> UInt8[np.ndarray, "12 {size} {size} 4"]:
    """Normals and nearness under 12 eyes around the up axis (None: z). GeometryError where the field has no surface."""
    return kept_views(views(field, ring(VIEWS, up=up, elevation=ELEVATION), size=size))


def converted(
    store: FieldStore,
    shapes: Sequence[Shape],
    kinds: Sequence[Kind],
    labels: Int64[np.ndarray, "shapes"],
    classes: tuple[str, ...],
    form: Form,
    *,
    size: int = 64,
    seed: int = 0,
) -> Collection:
    """Every field of the shapes, kind by kind, as points or as views."""
    clouds, pictures = [], []
    for kind in kinds:
        for i, field in enumerate(store.fields(shapes, kind)):
            if form == "points":
                clouds.append(field_points(field, numpy_generator(seed, i)))
            else:
                clouds.append(np.zeros((1, 3), dtype=np.float32))
                pictures.append(field_views(field, size, _up(field)))
    count = len(clouds)
    return Collection(
        ids=tuple(f"{shape.name} {'-'.join(kind)}" for kind in kinds for shape in shapes),
        points=np.stack(clouds),
        split=("train",) * count,
        labels=np.tile(labels, len(kinds)),
        classes=classes,
        views=np.stack(pictures) if pictures else None,
    )


def _up(field: NeuralField) -> Axis | None:
    return field.frame.up


class Rival:
    """A network that learns from what fields were converted to."""

    def __init__(self, form: Form, *, compact: bool, epochs: int) -> None:
        """`compact`: for two cores; else the papers' sizes."""
        self.form, self.compact, self.epochs = form, compact, epochs
        self._network: nn.Module | None = None

    def recipe(self) -> Recipe:
        """Classification from random weights; shapes stand as they do."""
        base = classification("compact", tuned=False)
        points = POINTS if self.form == "points" else None
        seen = replace(base.augment, points=points, rotation="none")
        return replace(
            base, augment=seen, epochs=self.epochs, views=self.form == "views", select="last", batch=16,
            schedule=replace(base.schedule, rate=1e-3),
        )  # fmt: skip

    def learn(
        self, collection: Collection, *, seed: int, folder: Path | None = None, device: str = "cpu",
        progress: Progress | None = None,
    ) -> None:  # fmt: skip
        """Train on a collection of training fields."""
        network = self._make(torch_generator(seed, WEIGHTS))
        train(network, collection, self.recipe(), seed=seed, folder=folder, device=device, progress=progress)
        self._network = network

    def rows(self, collection: Collection, device: str = "cpu") -> Float32[np.ndarray, "fields dim"]:
        """One row a field, without the head."""
        assert self._network is not None, "a rival learns before it is asked"
        recipe, found = self.recipe(), []
        numbers = numpy_generator(0)
        with torch.inference_mode():
            for start in range(0, len(collection), recipe.batch):
                part = np.arange(start, min(start + recipe.batch, len(collection)))
                batch: Batch = plain_batch(collection, part, recipe.augment, numbers, views=recipe.views, device=device)
                found.append(self._network(batch).float().cpu().numpy())
        return np.concatenate(found)

    def _make(self, generator: torch.Generator) -> nn.Module:
        if self.form == "points":
            preset = pointnext.compact() if self.compact else pointnext.small_wide()
            return pointnext.PointNeXt(replace(preset, points=POINTS), generator)
        return viewgcn.ViewGCN(viewgcn.compact(VIEWS) if self.compact else viewgcn.wei(VIEWS), generator)
