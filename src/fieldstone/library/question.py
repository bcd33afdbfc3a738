"""Whatever a person may ask with, as a query: a file, a mesh, a cloud, a field, points, or a shape of the library."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
from jaxtyping import Float, Float32, Shaped

from fieldstone.encoders import Encoder
from fieldstone.encoders.inr import FieldEncoder
from fieldstone.errors import QueryError
from fieldstone.fields.network import NeuralField
from fieldstone.library.describe import examine
from fieldstone.library.reading import field_at, model_of, name_of, read
from fieldstone.library.search import Query
from fieldstone.library.shape import Shape
from fieldstone.library.snapshot import Snapshot
from fieldstone.library.stored_fields import ready, standing
from fieldstone.types import Axis, Mesh, Model, PointCloud, Sampled, Unit

__all__ = ["Question", "is_file", "is_own", "to_query"]

Question: TypeAlias = Mesh | PointCloud | NeuralField | Shape | np.ndarray | str | Path


def to_query(
    snapshot: Snapshot, encoder: Callable[[], Encoder], question: Question, unit: Unit | None, up: Axis | None = None
) -> Query:
    """The question, sampled and encoded as the rows of the library are; a text that is no file names a row.

    `unit` and `up` are stated of a question that does not know its own (`up` over what its file says). `encoder` is
    called only where something has to be encoded.

    Raises FileError, GeometryError or QueryError where it cannot be asked with.
    """
    if isinstance(question, Shape):
        return _own(snapshot, question.id)
    field = question if isinstance(question, NeuralField) else None
    if isinstance(question, str | Path):
        path = os.path.expanduser(question)
        if not is_file(path):
            return _own(snapshot, str(question))
        field = field_at(path)
        model = read(path) if field is None else model_of(field, name_of(str(path)))
    elif field is not None:
        model = model_of(field, "query")
    else:
        model = _model(question)
    up = up or model.up
    examined = examine(model.shape, unit or model.unit, up)
    embedding, notes = _encoded(encoder(), examined.sampled, field)
    return Query(name=model.name, embedding=embedding, record=examined.record, up=up, notes=notes)


def _model(question: Question) -> Model:
    """What stands in memory, and is no field."""
    if isinstance(question, np.ndarray):
        return Model(name="points", shape=PointCloud(_as_points(question)))
    if isinstance(question, Mesh | PointCloud):
        return Model(name="query", shape=question)
    raise QueryError(
        f"cannot ask with a {type(question).__name__}; give a mesh, a cloud, a field, points, a file or a shape"
    )


def _encoded(
    encoder: Encoder, sampled: Sampled, field: NeuralField | None
) -> tuple[Float32[np.ndarray, "dim"], tuple[str, ...]]:
    """The question's row, and what had to be made of it first; an encoder of fields reads the field itself, where it can."""
    if not isinstance(encoder, FieldEncoder):
        return encoder.encode([sampled])[0], ()
    stood = None if field is None else standing(field, sampled.up)
    began = time.perf_counter()
    made, why = ready(encoder, stood, sampled)
    seconds = time.perf_counter() - began
    return encoder.encode([made])[0], (_how(made, stood, why, seconds),)


def _how(made: NeuralField, field: NeuralField | None, why: str | None, seconds: float) -> str:
    """How the question became the field that was read; `why` its surface had to be fitted though it was a field."""
    architecture = made.network.architecture
    kind = f"{'an' if architecture == 'octree' else 'a'} {architecture} {made.function}"
    if made is field:
        return f"the query was read as it is, {kind}"
    how = "fitted as" if field is None else "distilled to" if why is None else "fitted by its surface as"
    said = f"the query was {how} {kind} in {seconds:.1f} s to be compared with fields"
    return said if why is None else f"{said}: {why}"


def is_own(question: object) -> bool:
    """Whether a question names a shape of the library, by what it is or because it names no file."""
    return isinstance(question, Shape) or (isinstance(question, str | Path) and not is_file(question))


def is_file(question: object) -> bool:
    """Whether a question names a file, or one in an archive."""
    if not isinstance(question, str | Path):
        return False
    try:
        return Path(os.path.expanduser(str(question).split("!/")[0])).is_file()
    except (OSError, ValueError):  # longer than a path may be, or with a NUL
        return False


def _own(snapshot: Snapshot, key: str) -> Query:
    row = snapshot.catalog.find(key)
    name = snapshot.catalog.table["name"][row].as_py()
    embedding = snapshot.embeddings(np.array([row]))[0]
    return Query(name=name, embedding=embedding, record=snapshot.records([row])[0], row=row)


def _as_points(points: Shaped[np.ndarray, "..."]) -> Float[np.ndarray, "n 3"]:
    if points.ndim != 2 or points.shape[1] != 3 or not len(points) or not np.isfinite(points).all():
        raise QueryError(f"points must be finite and of shape (n, 3), n > 0; these are {points.shape}")
    return points.astype(np.float64)
