"""Whatever a person may ask with, as a query: a file, a mesh, a cloud, a field, points, or a shape of the library."""

import os
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
from fieldstone.types import Mesh, PointCloud, Unit

__all__ = ["Question", "to_query"]

Question: TypeAlias = Mesh | PointCloud | NeuralField | Shape | np.ndarray | str | Path


def to_query(snapshot: Snapshot, encoder: Encoder, question: Question, unit: Unit | None) -> Query:
    """The question, sampled and encoded as the rows of the library are; a text that is no file names a row.

    Raises FileError, GeometryError or QueryError where it cannot be asked with.
    """
    if isinstance(question, Shape):
        return _own(snapshot, question.id)
    if isinstance(question, str | Path):
        path = os.path.expanduser(question)
        if not _is_there(path.split("!/")[0]):
            return _own(snapshot, str(question))
        model = read(path, unit=unit)
        name, shape, unit = model.name, model.shape, model.unit
    elif isinstance(question, NeuralField):
        model = model_of(question, "query")
        name, shape, unit = model.name, model.shape, unit or model.unit
    elif isinstance(question, np.ndarray):
        name, shape = "points", PointCloud(_as_points(question))
    elif isinstance(question, Mesh | PointCloud):
        name, shape = "query", question
    else:
        raise QueryError(
            f"cannot ask with a {type(question).__name__}; give a mesh, a cloud, a field, points, a file or a shape"
        )
    examined = examine(shape, unit)
    return Query(name=name, embedding=encoder.encode([examined.sampled])[0], record=examined.record)


def _is_there(path: str) -> bool:
    try:
        return Path(path).is_file()
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
