"""Rows of shapes under an encoder of neural fields: what came as a field is encoded from its file, the rest from kept points.

source -> open_content -> still the same content? -> field -+-> FieldEncoder -> row
kept points ------------------------------------------------+
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float32

from fieldstone.encoders.inr import FieldEncoder
from fieldstone.errors import FileError, GeometryError, LimitExceeded
from fieldstone.fields.network import NeuralField
from fieldstone.files import Entry, Limits
from fieldstone.files.scanning import entry_of
from fieldstone.library.catalog import Catalog
from fieldstone.library.describe import open_content
from fieldstone.types import Axis, Sampled

__all__ = ["StoredFields", "ready", "standing"]

GONE = "their files are gone or changed"
LARGE = "their files are larger than the limits allow"
UNCLEAR = "a field without a clear surface cannot be distilled"


class StoredFields:
    """The field files behind a library's live shapes, opened again one by one."""

    def __init__(
        self, encoder: FieldEncoder, catalog: Catalog, lent: Iterable[Entry] = (), limits: Limits | None = None
    ) -> None:
        """`lent` are files that stand in for sources that are none, for as long as they last (memory.py); `limits` are
        those of the call."""
        self._encoder, self._lent = encoder, {entry.source: entry for entry in lent}
        self._limits = limits or Limits()
        self.apart: Counter[str] = Counter()
        """Fields that had to be encoded from their kept points so far, by the reason."""
        self.refused: Counter[str] = Counter()
        """Shapes that could not be encoded at all so far, by the reason."""
        names = ("id", "format", "parent", "sources")
        rows = zip(*(catalog.table[name].to_pylist() for name in names), strict=True)
        self._sources: dict[str, list[str]] = {
            key: sources for key, kind, parent, sources in rows if kind == "field" and parent is None
        }

    def rows(self, ids: Sequence[str], samples: Sequence[Sampled]) -> dict[str, Float32[np.ndarray, "dim"]]:
        """The row of each shape, the same whatever else is asked for: of its field where that can be had and encoded,
        else of what is kept of it. One that cannot be encoded has none, and costs the others nothing."""
        fields = [self._field(key, sampled.up) for key, sampled in zip(ids, samples, strict=True)]
        batch = [sampled if field is None else field for field, sampled in zip(fields, samples, strict=True)]
        try:
            return dict(zip(ids, self._encoder.encode(batch), strict=True))
        except GeometryError:
            alone = (self._alone(field, sampled) for field, sampled in zip(fields, samples, strict=True))
            return {key: row for key, row in zip(ids, alone, strict=True) if row is not None}

    def _alone(self, field: NeuralField | None, kept: Sampled) -> Float32[np.ndarray, "dim"] | None:
        try:
            made, why = ready(self._encoder, field, kept)
            row: Float32[np.ndarray, "dim"] = self._encoder.encode([made])[0]
        except GeometryError as error:
            self.refused[str(error)] += 1
            return None
        if why is not None:
            self.apart[why] += 1
        return row

    @property
    def notes(self) -> list[str]:
        """What a user should know of the rows so far."""
        apart = "neural fields were encoded from the points that are kept of them"
        refused = f"shapes could not be encoded with {self._encoder.id} and were passed over"
        found = ((apart, self.apart), (refused, self.refused))
        return [f"{count} {what}: {why}" for what, counted in found for why, count in counted.items()]

    def _field(self, key: str, up: Axis | None) -> NeuralField | None:
        """The field of a content; None where it came as none, or is not to be had as the encoder needs it."""
        found = self._opened(key)
        if isinstance(found, NeuralField):
            found = _unread(self._encoder, found) or standing(found, up)
        if isinstance(found, str):
            self.apart[found] += 1
            return None
        return found

    def _opened(self, key: str) -> NeuralField | str | None:
        """The field of a content, or why it is not to be had; None where it came as none."""
        from fieldstone.fields.file import field_from

        why = GONE if key in self._sources else None
        for source in self._sources.get(key, ()):
            try:
                entry = self._lent.get(source) or entry_of(source, self._limits)
                data, content = open_content(entry, self._limits)
                if content == key:
                    return field_from(data, source)
            except LimitExceeded:
                why = LARGE
            except FileError:
                continue
        return why


def ready(encoder: FieldEncoder, field: NeuralField | None, sampled: Sampled) -> tuple[NeuralField, str | None]:
    """A shape as a field that the encoder reads as it is: made of `field`, which stands upright, else fitted to the points
    of the surface; and where a field has to be fitted by its surface, why.

    Raises GeometryError where the points make no field, as `FieldEncoder.prepared` does.
    """
    why = None if field is None else _unread(encoder, field)
    if field is not None and why is None:
        try:
            return encoder.prepared([field])[0], None
        except GeometryError:
            why = UNCLEAR
    return encoder.prepared([sampled])[0], why


def standing(field: NeuralField, up: Axis | None) -> NeuralField:
    """The field where that axis is said to point up, whatever its file says."""
    return replace(field, frame=replace(field.frame, up=up))


def _unread(encoder: FieldEncoder, field: NeuralField) -> str | None:
    """Why the encoder cannot read the field, nor one distilled from it."""
    return None if field.function in encoder.functions else f"{encoder.id} reads no {field.function}"
