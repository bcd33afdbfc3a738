"""A field from a file: a mesh, a cloud, or another field."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fieldstone import files
from fieldstone.fields.field import Function
from fieldstone.fields.network import Architecture, NeuralField
from fieldstone.files import Entry, Limits
from fieldstone.files.registry import FIELDS, extension
from fieldstone.files.scanning import entry_of
from fieldstone.types import Axis, Mesh, PointCloud, Unit

__all__ = ["SourceFile", "fit_file", "open_source"]

DEFAULT = Limits()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SourceFile:
    """What a field is fitted to, and what the file says of it."""

    shape: Mesh | PointCloud | NeuralField
    name: str
    """The file's own name, without folders."""
    source_hash: str
    """SHA-256 of its bytes, hexadecimal."""
    unit: Unit | None
    up: Axis | None


def open_source(
    path: str | Path | Entry, *, limits: Limits = DEFAULT, unit: Unit | None = None, up: Axis | None = None
) -> SourceFile:
    """Read a file that a field can be fitted to; `unit` and `up` override what it says. Raises FileError."""
    entry = path if isinstance(path, Entry) else entry_of(path, limits)
    data = files.open_bytes(entry, limits)
    name, digest = Path(entry.source.rsplit("!/", 1)[-1]).name, hashlib.sha256(data).hexdigest()
    if extension(entry.source) in FIELDS:
        from fieldstone.fields.file import field_from

        field = field_from(data, entry.source)
        frame = replace(field.frame, unit=unit or field.frame.unit, up=up or field.frame.up)
        stated = replace(field, frame=frame)
        return SourceFile(shape=stated, name=name, source_hash=digest, unit=frame.unit, up=frame.up)
    model = files.read_bytes(data, entry, limits, unit=unit, up=up)
    return SourceFile(shape=model.shape, name=name, source_hash=digest, unit=model.unit, up=model.up)


def fit_file(
    path: str | Path | Entry,
    architecture: Architecture = "hashgrid",
    function: Function = "sdf",
    *,
    limits: Limits = DEFAULT,
    unit: Unit | None = None,
    up: Axis | None = None,
    **settings: Any,
) -> NeuralField:
    """Read a file and fit a field to it; `settings` are those of `fit`. Raises FileError, GeometryError as `fit` does."""
    from fieldstone.fields.fit import fit

    source = open_source(path, limits=limits, unit=unit, up=up)
    return fit(
        source.shape, architecture, function, unit=source.unit, up=source.up, name=source.name,
        source_hash=source.source_hash, **settings,
    )  # fmt: skip
