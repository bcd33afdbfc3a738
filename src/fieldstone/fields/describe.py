"""All that is known of a field on disk: what its file says, its size, and the measures of its surface."""

from dataclasses import dataclass
from pathlib import Path

from fieldstone.errors import GeometryError
from fieldstone.fields.file import field_from, header_of
from fieldstone.fields.network import NeuralField
from fieldstone.fields.quantise import Precision
from fieldstone.files import Limits, open_bytes
from fieldstone.files.scanning import entry_of
from fieldstone.geometry.health import Health
from fieldstone.geometry.measure import Measures

__all__ = ["Description", "describe"]

DEFAULT = Limits()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Description:
    """A field, its file, and its surface as `extract.mesh` finds it, in the model's unit."""

    field: NeuralField
    precision: Precision
    n_bytes: int
    """Of the file."""
    n_parameters: int
    """Trainable numbers."""
    measures: Measures | None
    """None where the field holds no surface, as a fit that failed."""
    health: Health | None


def describe(path: str | Path, *, resolution: int = 128, limits: Limits = DEFAULT) -> Description:
    """Open a field's file and measure its surface at `resolution` cells along the cube.

    Raises FileError where the file is no field.
    """
    from fieldstone.fields.extract import mesh
    from fieldstone.geometry.health import health
    from fieldstone.geometry.measure import measures

    entry = entry_of(path, limits)
    data = open_bytes(entry, limits)
    field = field_from(data, entry.source)
    try:
        surface = mesh(field, resolution, colors=False)
    except GeometryError:
        surface = None
    trained = (tensor for tensor in field.network.tensors().values() if tensor.dtype.kind == "f")
    return Description(
        field=field,
        precision=header_of(data, entry.source).precision,
        n_bytes=len(data),
        n_parameters=sum(tensor.size for tensor in trained),
        measures=None if surface is None else measures(surface),
        health=None if surface is None else health(surface),
    )
