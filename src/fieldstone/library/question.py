"""Whatever a person may ask with, as a query: a file, a mesh, a cloud, a field, points, or a shape of the library."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
from jaxtyping import Float, Shaped

from fieldstone.encoders import Encoder
from fieldstone.errors import QueryError
from fieldstone.fields.network import NeuralField
from fieldstone.library.describe import examine
from fieldstone.library.reading import model_of, read
from fieldstone.library.search import Query
from fieldstone.library.shape import Shape
from fieldstone.library.snapshot import Snapshot
from fieldstone.types import Axis, Mesh, PointCloud, Unit

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
    if isinstance(question, str | Path):
        path = os.path.expanduser(question)
        if not is_file(path):
            return _own(snapshot, str(question))
        model = read(path, unit=unit)
        name, shape, unit, up = model.name, model.shape, model.unit, up or model.up
    elif isinstance(question, NeuralField):
        model = model_of(question, "query")
        name, shape, unit, up = model.name, model.shape, unit or model.unit, up or model.up
    elif isinstance(question, np.ndarray):
        name, shape = "points", PointCloud(_as_points(question))
    elif isinstance(question, Mesh | PointCloud):
        name, shape = "query", question
    else:
        raise QueryError(
            f"cannot ask with a {type(question).__name__}; give a mesh, a cloud, a field, points, a file or a shape"
        )
    examined = examine(shape, unit, up)
    return Query(name=name, embedding=encoder().encode([examined.sampled])[0], record=examined.record, up=up)


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
