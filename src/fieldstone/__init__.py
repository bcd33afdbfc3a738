"""Fieldstone: a library of 3D shapes that you can search.

    from fieldstone import Library

    library = Library("parts.fieldstone")
    library.add("~/models")
    for hit in library.search("bracket.stl", k=10):
        print(hit.shape.name, hit.evidence.text)

The names below load when they are used, so `import fieldstone` costs little.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fieldstone.errors import FieldstoneError
    from fieldstone.files import Limits, read, write
    from fieldstone.library import Library
    from fieldstone.library.shape import Evidence, Hit, Pose, Shape
    from fieldstone.types import Mesh, Model, PointCloud

__version__ = "0.1.0"

__all__ = [
    "Evidence",
    "FieldstoneError",
    "Hit",
    "Library",
    "Limits",
    "Mesh",
    "Model",
    "PointCloud",
    "Pose",
    "Shape",
    "__version__",
    "read",
    "write",
]

_HOME = {
    "Evidence": "fieldstone.library.shape",
    "FieldstoneError": "fieldstone.errors",
    "Hit": "fieldstone.library.shape",
    "Library": "fieldstone.library",
    "Limits": "fieldstone.files",
    "Mesh": "fieldstone.types",
    "Model": "fieldstone.types",
    "PointCloud": "fieldstone.types",
    "Pose": "fieldstone.library.shape",
    "Shape": "fieldstone.library.shape",
    "read": "fieldstone.files",
    "write": "fieldstone.files",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'fieldstone' has no attribute '{name}'")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
