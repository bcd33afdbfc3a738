"""Which reader takes which extension. A reader's module is imported when its first file is read."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePosixPath

from fieldstone.files.notes import Notes
from fieldstone.files.source import Source
from fieldstone.types import Model

__all__ = ["ARCHIVES", "FIELDS", "FORMATS", "Format", "extension", "find", "formats"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A kind of file that can be read."""

    name: str
    extensions: tuple[str, ...]
    """In lower case, with the dot."""
    module: str
    extra: str | None = None
    """The extra to install for it; None where the base install reads it."""
    writes: bool = False
    """Whether `write` can export it."""

    def reader(self) -> Callable[[Source, Notes], Model]:
        """The function that reads it."""
        read: Callable[[Source, Notes], Model] = import_module(f"fieldstone.files.{self.module}").read
        return read


FORMATS = (
    Format(name="STL", extensions=(".stl",), module="stl", writes=True),
    Format(name="OBJ", extensions=(".obj",), module="obj", writes=True),
    Format(name="PLY", extensions=(".ply",), module="ply", writes=True),
    Format(name="OFF", extensions=(".off", ".coff", ".noff"), module="off", writes=True),
    Format(name="glTF", extensions=(".glb", ".gltf"), module="gltf", writes=True),
    Format(name="COLLADA", extensions=(".dae",), module="dae"),
    Format(name="3MF", extensions=(".3mf",), module="threemf"),
    Format(name="XYZ", extensions=(".xyz", ".pts", ".asc"), module="xyz", writes=True),
    Format(name="STEP", extensions=(".step", ".stp"), module="step", extra="step"),
    Format(name="field", extensions=(".field",), module="field"),
    Format(name="ZIP", extensions=(".zip",), module="zip"),
)
ARCHIVES = (".zip",)
FIELDS = (".field",)
"""Known by name only: a library opens them (library/reading.py)."""


def formats() -> tuple[Format, ...]:
    """All formats that can be read."""
    return FORMATS


def extension(name: str) -> str:
    """The extension of a path or member in lower case, with its dot; "" where it has none."""
    return PurePosixPath(name.replace("\\", "/")).suffix.lower()


def find(name: str) -> Format | None:
    """The format of a file by its extension; None where no reader takes it."""
    suffix = extension(name)
    return next((item for item in FORMATS if suffix in item.extensions), None)
