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
    from fieldstone.fields.distil import distil
    from fieldstone.fields.file import open_field
    from fieldstone.fields.file import save as save_field
    from fieldstone.fields.fit import fit
    from fieldstone.fields.from_file import fit_file
    from fieldstone.fields.many import fit_many
    from fieldstone.fields.network import NeuralField
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
    "NeuralField",
    "PointCloud",
    "Pose",
    "Shape",
    "__version__",
    "distil",
    "fit",
    "fit_file",
    "fit_many",
    "open_field",
    "read",
    "save_field",
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
    "NeuralField": "fieldstone.fields.network",
    "PointCloud": "fieldstone.types",
    "Pose": "fieldstone.library.shape",
    "Shape": "fieldstone.library.shape",
    "distil": "fieldstone.fields.distil",
    "fit": "fieldstone.fields.fit",
    "fit_file": "fieldstone.fields.from_file",
    "fit_many": "fieldstone.fields.many",
    "open_field": "fieldstone.fields.file",
    "read": "fieldstone.files",
    "save_field": "fieldstone.fields.file:save",
    "write": "fieldstone.files",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'fieldstone' has no attribute '{name}'")
    module, _, other = _HOME[name].partition(":")
    return getattr(import_module(module), other or name)


def __dir__() -> list[str]:
    return sorted(__all__)
