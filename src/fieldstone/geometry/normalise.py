"""Named normalisations, and similarities that undo them."""

import dataclasses
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeVar

import numpy as np
from jaxtyping import Float, Float64

from fieldstone.errors import GeometryError
from fieldstone.geometry.measure import bounds
from fieldstone.types import Axis, Mesh, PointCloud, Unit

__all__ = ["METRES", "Normalisation", "Similarity", "apply", "normalise", "turn_up"]

Normalisation: TypeAlias = Literal["unit_sphere_centroid", "unit_sphere_bbox", "unit_cube_0.9", "metric"]
AnyShape = TypeVar("AnyShape", Mesh, PointCloud)

METRES: dict[Unit, float] = {"mm": 1e-3, "cm": 1e-2, "m": 1.0, "inch": 0.0254, "ft": 0.3048, "um": 1e-6}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Similarity:
    """`x -> scale * rotation @ x + translation`; `rotation` is orthogonal."""

    rotation: Float64[np.ndarray, "3 3"]
    translation: Float64[np.ndarray, "3"]
    scale: float

    def __call__(self, points: Float[np.ndarray, "n 3"]) -> Float64[np.ndarray, "n 3"]:
        """Move points."""
        moved: Float64[np.ndarray, "n 3"] = self.scale * (points @ self.rotation.T) + self.translation
        return moved

    def inverse(self) -> "Similarity":
        """What undoes this one."""
        back = self.rotation.T
        return Similarity(rotation=back, translation=-(back @ self.translation) / self.scale, scale=1.0 / self.scale)

    def then(self, other: "Similarity") -> "Similarity":
        """This one first, `other` after it."""
        return Similarity(
            rotation=other.rotation @ self.rotation,
            translation=other.scale * (other.rotation @ self.translation) + other.translation,
            scale=other.scale * self.scale,
        )


def apply(similarity: Similarity, shape: AnyShape) -> AnyShape:
    """The shape moved, float64; normals turn along, and faces are turned over where the similarity mirrors."""
    if isinstance(shape, PointCloud):
        normals = None if shape.normals is None else (shape.normals @ similarity.rotation.T)
        return PointCloud(similarity(shape.points), normals, shape.colors)
    if np.linalg.det(similarity.rotation) > 0:
        return Mesh(similarity(shape.vertices), shape.faces, shape.paint)
    paint = shape.paint
    if paint is not None and paint.uv is not None:
        paint = dataclasses.replace(paint, uv=paint.uv[:, ::-1])
    return Mesh(similarity(shape.vertices), shape.faces[:, ::-1], paint)


def normalise(shape: AnyShape, name: Normalisation, unit: Unit | None = None) -> tuple[AnyShape, Similarity]:
    """The shape in a named normalisation, and the similarity that was applied (`.inverse()` leads back).

    - `unit_sphere_centroid`: mean of the points (vertices that faces use) at the origin, the farthest at distance 1
      (Qi et al., PointNet, 2017; ULIP, inr2vec and 3DOR use it).
    - `unit_sphere_bbox`: centre of the bounding box at the origin, the farthest point at distance 1 (Takikawa et al.,
      NGLOD, 2021; ROAD).
    - `unit_cube_0.9`: mean at the origin, the largest coordinate 0.9 in [-1, 1] (Zakharov et al., ReFiNe, 2024).
    - `metric`: metres, not moved; needs `unit` (Siddiqui et al., RetrievalFuse, 2021).

    GeometryError where the shape has no extent, or for `metric` no unit.
    """
    if name == "metric":
        if unit is None:
            raise GeometryError("the file does not tell its unit, so it has no metric size: name the unit")
        return _moved(shape, np.zeros(3), METRES[unit])
    points = _points_that_count(shape)
    low, high = bounds(points)
    centre = (low + high) / 2 if name == "unit_sphere_bbox" else points.mean(axis=0, dtype=np.float64)
    offsets = points - centre
    in_cube, in_sphere = np.abs(offsets).max() / 0.9, np.linalg.norm(offsets, axis=1).max()
    reach = float(in_cube if name == "unit_cube_0.9" else in_sphere)
    if not np.isfinite(reach) or reach <= 0.0:
        raise GeometryError("the shape has no extent, so it cannot be brought to unit size: give another")
    return _moved(shape, -centre / reach, 1.0 / reach)


def _points_that_count(shape: Mesh | PointCloud) -> Float[np.ndarray, "n 3"]:
    if isinstance(shape, PointCloud):
        return shape.points
    used = np.zeros(len(shape.vertices), dtype=bool)
    used[shape.faces] = True
    return shape.vertices[used]


def _moved(shape: AnyShape, translation: Float64[np.ndarray, "3"], scale: float) -> tuple[AnyShape, Similarity]:
    similarity = Similarity(rotation=np.eye(3), translation=translation, scale=scale)
    return apply(similarity, shape), similarity


def turn_up(up: Axis, to: Axis = "y") -> Similarity:
    """The rotation that carries the axis `up` to the axis `to`, by cyclic exchange of x, y, z: exact, no mirror."""
    shift = "xyz".index(to) - "xyz".index(up)
    return Similarity(rotation=np.roll(np.eye(3), shift, axis=0), translation=np.zeros(3), scale=1.0)
