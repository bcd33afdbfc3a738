"""What the tests of this folder share: the fields of a store, and how its rows are read."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fieldstone import Library, NeuralField, open_field
from fieldstone.encoders import on_the_fly
from fieldstone.encoders.inr import Kind
from fieldstone.errors import GeometryError
from fieldstone.fields.field import Field
from fieldstone.fields.sampling import Sampling
from fieldstone.fields.schedule import Schedule
from fieldstone.library import schema
from fieldstone.progress import Silent

ID = "tiny-fields@1"
KINDS: dict[Kind, int] = {("hashgrid", "sdf"): 6, ("hashgrid", "udf"): 6, ("hashgrid", "occ"): 6, ("octree", "sdf"): 8}
FIELDS: dict[str, tuple[str, Kind]] = {
    "signed": ("mug", ("octree", "sdf")),
    "unsigned": ("chair", ("triplane", "udf")),
    "occupied": ("bracket", ("hashgrid", "occ")),
}
SHORT: dict[str, Any] = {"schedule": Schedule(epochs=6, batch=2048, rate=1e-2), "sampling": Sampling().part(0.1)}


class Told(Silent):
    """What was noted."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def rows(library: Library) -> dict[str, np.ndarray]:
    """Vectors under the encoder of fields, by the shapes' names."""
    found = library._store.read(schema.vectors_table(ID), ["id", "vector"]).to_pylist()
    names = {shape.id: shape.name for shape in library.shapes()}
    return {names[row["id"]]: np.array(row["vector"], dtype=np.float32) for row in found if row["id"] in names}


def field_of(made: tuple[Path, Path], name: str) -> NeuralField:
    return open_field(made[1] / ("pack.zip!/occupied.field" if name == "occupied" else f"{name}.field"))


def stood(field: NeuralField, up: Any) -> NeuralField:
    return replace(field, frame=replace(field.frame, up=up))


def nothing_can_be_distilled(patch: pytest.MonkeyPatch) -> None:
    """From now on fields cannot be made of fields; of points they can."""
    quick = on_the_fly.fit

    def fails(source: Any, *given: Any, **settings: Any) -> NeuralField:
        if isinstance(source, Field):
            raise GeometryError("no surface worth the name")
        return quick(source, *given, **settings)

    patch.setattr(on_the_fly, "fit", fails)
