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

__all__ = ["RESOLUTION", "field_at", "model_of", "name_of", "read", "read_bytes"]

RESOLUTION = 128
"""Cells along the cube of a field in which its surface is sought."""


def read(path: str | Path, *, limits: Limits | None = None, unit: Unit | None = None, up: Axis | None = None) -> Model:
    """`files.read`, for fields too; raises GeometryError where a field holds no surface."""
    limits = limits or Limits()
    entry = entry_of(path, limits)
    return read_bytes(files.open_bytes(entry, limits), entry, limits, unit=unit, up=up)


def field_at(path: str | Path, *, limits: Limits | None = None) -> NeuralField | None:
    """The field of a field file, or of one in an archive; None for a file of another format. Raises FileError."""
    if extension(str(path)) not in FIELDS:
        return None
    from fieldstone.fields.file import open_field

    return open_field(path, limits or Limits())


def read_bytes(data: bytes, entry: Entry, limits: Limits, *, unit: Unit | None = None, up: Axis | None = None) -> Model:
    """`files.read_bytes`, for fields too; raises GeometryError where a field holds no surface."""
    if extension(entry.source) not in FIELDS:
        return files.read_bytes(data, entry, limits, unit=unit, up=up)
    from fieldstone.fields.file import field_from

    model = model_of(field_from(data, entry.source), name_of(entry.source))
    return replace(model, unit=unit or model.unit, up=up or model.up)


def name_of(source: str) -> str:
    """The name of a shape by its source: of the file, or of the member of an archive, without its ending."""
    return PurePosixPath(source.rsplit("!/", 1)[-1]).stem


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
