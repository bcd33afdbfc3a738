"""Rows of shapes under an encoder of neural fields: what came as a field is encoded from its file, the rest from kept points.

source -> open_content -> still the same content? -> field -+-> FieldEncoder -> row
kept points ------------------------------------------------+
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float32

from fieldstone.encoders.inr import FieldEncoder
from fieldstone.errors import FileError, GeometryError
from fieldstone.fields.network import NeuralField
from fieldstone.files import Entry, Limits
from fieldstone.files.scanning import entry_of
from fieldstone.library.catalog import Catalog
from fieldstone.library.describe import open_content
from fieldstone.types import Axis, Sampled

__all__ = ["StoredFields", "standing"]


class StoredFields:
    """The field files behind a library's live shapes, opened again one by one."""

    def __init__(self, encoder: FieldEncoder, catalog: Catalog, lent: Iterable[Entry] = ()) -> None:
        """`lent` are files that stand in for sources that are none, for as long as they last (memory.py)."""
        self._encoder, self._lent = encoder, {entry.source: entry for entry in lent}
        self.apart = 0
        """Fields that had to be encoded from their kept points so far."""
        names = ("id", "format", "parent", "sources")
        rows = zip(*(catalog.table[name].to_pylist() for name in names), strict=True)
        self._sources: dict[str, list[str]] = {
            key: sources for key, kind, parent, sources in rows if kind == "field" and parent is None
        }

    def rows(self, ids: Sequence[str], samples: Sequence[Sampled]) -> Float32[np.ndarray, "n dim"]:
        """One row a shape, the same whatever else is asked for: of its field where that can be had and encoded, else of
        what is kept of it."""
        fields = [self._field(key, sampled.up) for key, sampled in zip(ids, samples, strict=True)]
        batch = [sampled if field is None else field for field, sampled in zip(fields, samples, strict=True)]
        try:
            return self._encoder.encode(batch)
        except GeometryError:  # one of them cannot be distilled, and costs the others nothing
            return np.concatenate([self._alone(one, kept) for one, kept in zip(batch, samples, strict=True)])

    def _alone(self, shape: Sampled | NeuralField, kept: Sampled) -> Float32[np.ndarray, "1 dim"]:
        try:
            return self._encoder.encode([shape])
        except GeometryError:
            if shape is kept:
                raise
            self.apart += 1
            return self._encoder.encode([kept])

    def _field(self, key: str, up: Axis | None) -> NeuralField | None:
        """The field of a content; None where it came as none, or is not to be had as the encoder needs it."""
        if key not in self._sources:
            return None
        found = (self._opened(source, key) for source in self._sources[key])
        field = next((one for one in found if one is not None), None)
        if field is None or field.function not in self._encoder.functions:
            self.apart += 1
            return None
        return standing(field, up)

    def _opened(self, source: str, key: str) -> NeuralField | None:
        from fieldstone.fields.file import field_from

        limits = Limits()
        try:
            data, content = open_content(self._lent.get(source) or entry_of(source, limits), limits)
            return field_from(data, source) if content == key else None
        except FileError:
            return None


def standing(field: NeuralField, up: Axis | None) -> NeuralField:
    """The field where that axis is said to point up, whatever its file says."""
    return replace(field, frame=replace(field.frame, up=up))
