"""Plain data that flows between the steps: frozen dataclasses, numpy arrays, shapes in the types.

Coordinates are in the file's own unit and frame unless a function says otherwise; right-handed, one row a point.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Float, Float32, Integer, UInt8

__all__ = ["Axis", "Grid", "Mesh", "Model", "Paint", "Part", "PointCloud", "Sampled", "Unit"]

Unit: TypeAlias = Literal["mm", "cm", "m", "inch", "ft", "um"]
Axis: TypeAlias = Literal["x", "y", "z"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Paint:
    """Colours of a mesh of n vertices and m faces: any of per vertex, per face, and per corner from images.

    Colours are 8-bit sRGB with straight alpha. `uv` runs from (0, 0), the lower left corner of an image, to (1, 1).
    `image_of_face` is an index into `images`, -1 where a face has none. Where a face has an image, the image wins over
    `face`, and `face` over `vertex`.
    """

    vertex: UInt8[np.ndarray, "n 4"] | None = None
    face: UInt8[np.ndarray, "m 4"] | None = None
    uv: Float32[np.ndarray, "m 3 2"] | None = None
    image_of_face: Integer[np.ndarray, "m"] | None = None
    images: tuple[UInt8[np.ndarray, "_ _ 4"], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """A triangle mesh as its file says it: not welded, not repaired."""

    vertices: Float[np.ndarray, "n 3"]
    faces: Integer[np.ndarray, "m 3"]
    paint: Paint | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PointCloud:
    """Points, with unit normals and 8-bit sRGB colours where the source has them."""

    points: Float[np.ndarray, "n 3"]
    normals: Float[np.ndarray, "n 3"] | None = None
    colors: UInt8[np.ndarray, "n 4"] | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Part:
    """One distinct part of an assembly, in its own frame, and the poses at which the whole holds it."""

    name: str
    shape: Mesh | PointCloud
    placements: Float[np.ndarray, "count 4 4"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Model:
    """What one file holds: the whole, its distinct parts (none when it is a single one), and what the format says."""

    name: str
    shape: Mesh | PointCloud
    parts: tuple[Part, ...] = ()
    unit: Unit | None = None
    up: Axis | None = None
    notes: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Grid:
    """Values at the nodes of a regular lattice: node (i, j, k) stands at `origin + spacing * (i, j, k)`."""

    values: Float[np.ndarray, "x y z"]
    origin: Float[np.ndarray, "3"]
    spacing: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Sampled:
    """What an encoder sees: a shape, and points drawn uniformly by area from its surface (from a cloud: its own points).

    `points` and `normals` stand in the shape's own frame and unit; `normals` are None for a cloud without normals, `up`
    is None where no one says which axis points up.
    """

    shape: Mesh | PointCloud
    points: Float32[np.ndarray, "n 3"]
    normals: Float32[np.ndarray, "n 3"] | None = None
    up: Axis | None = None
