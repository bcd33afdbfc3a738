"""Any file as a Model: a mesh or a cloud as its reader gives it, a neural field by the surface that it holds."""

from dataclasses import replace
from pathlib import Path, PurePosixPath

from fieldstone import files
from fieldstone.fields.network import NeuralField
from fieldstone.files import Entry, Limits
from fieldstone.files.notes import small
from fieldstone.files.registry import FIELDS, extension
from fieldstone.files.scanning import entry_of
from fieldstone.types import Axis, Model, Unit

__all__ = ["RESOLUTION", "model_of", "read", "read_bytes"]

RESOLUTION = 128
"""Cells along the cube of a field in which its surface is sought."""


def read(path: str | Path, *, limits: Limits | None = None, unit: Unit | None = None, up: Axis | None = None) -> Model:
    """`files.read`, for fields too; raises GeometryError where a field holds no surface."""
    limits = limits or Limits()
    entry = entry_of(path, limits)
    return read_bytes(files.open_bytes(entry, limits), entry, limits, unit=unit, up=up)


def read_bytes(data: bytes, entry: Entry, limits: Limits, *, unit: Unit | None = None, up: Axis | None = None) -> Model:
    """`files.read_bytes`, for fields too; raises GeometryError where a field holds no surface."""
    if extension(entry.source) not in FIELDS:
        return files.read_bytes(data, entry, limits, unit=unit, up=up)
    from fieldstone.fields.file import field_from

    name = PurePosixPath(entry.source.rsplit("!/", 1)[-1]).stem
    model = model_of(field_from(data, entry.source), name)
    return replace(model, unit=unit or model.unit, up=up or model.up)


def model_of(field: NeuralField, name: str) -> Model:
    """The surface of a field in its model's frame and unit, and what the field says of itself.

    Raises GeometryError where the field holds no surface.
    """
    from fieldstone.fields.extract import mesh

    card = field.card
    said = {
        "format": "field",
        "architecture": field.network.architecture,
        "function": field.function,
        "fitted to": card.source,
        "licence": card.licence,
        "error": "" if card.error is None else f"{card.error:.3g}",
    }
    return Model(
        name=name,
        shape=mesh(field, resolution=RESOLUTION),
        unit=field.frame.unit,
        up=field.frame.up,
        metadata=small(said.items()),
    )
