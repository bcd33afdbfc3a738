"""Size, area, volume: what can be said about a mesh by adding up its triangles."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64, Integer

from fieldstone.errors import GeometryError
from fieldstone.types import Mesh

__all__ = ["Measures", "bounds", "face_normals", "measures"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Measures:
    """Measures of a mesh, in its own frame and unit (and that unit squared and cubed)."""

    low: Float64[np.ndarray, "3"]
    high: Float64[np.ndarray, "3"]
    """Corners of the bounding box of the vertices that faces use."""
    extents: tuple[float, float, float]
    diagonal: float
    area: float
    signed_volume: float
    """Volume by the divergence theorem: true for closed, consistently oriented surfaces; negative when inside out."""
    surface_centroid: Float64[np.ndarray, "3"]
    """Centre of mass of the surface; the box's centre where there is no area."""


def bounds(points: Float[np.ndarray, "n 3"]) -> Float64[np.ndarray, "2 3"]:
    """Lowest and highest corner of the points' box; GeometryError where there is no point."""
    if len(points) == 0:
        raise GeometryError("the shape has no points: give one that has")
    return np.array([points.min(axis=0), points.max(axis=0)], dtype=np.float64)


def face_normals(
    vertices: Float[np.ndarray, "n 3"], faces: Integer[np.ndarray, "m 3"]
) -> tuple[Float64[np.ndarray, "m 3"], Float64[np.ndarray, "m"]]:
    """Unit normals (zero where a face has no area) by the right-hand rule, and areas."""
    from fieldstone.kernels.triangles import normals_and_areas

    return normals_and_areas(vertices, faces)


def measures(mesh: Mesh) -> Measures:
    """Extents, diagonal, area, signed volume and centroid; GeometryError where there is no face."""
    from fieldstone.kernels.triangles import totals

    if len(mesh.faces) == 0:
        raise GeometryError("the mesh has no faces: give one that has")
    used = np.zeros(len(mesh.vertices), dtype=bool)
    used[mesh.faces] = True
    low, high = bounds(mesh.vertices[used])
    centre = (low + high) / 2
    area, volume, moment = totals(mesh.vertices, mesh.faces, centre)
    sides = high - low
    return Measures(
        low=low,
        high=high,
        extents=(float(sides[0]), float(sides[1]), float(sides[2])),
        diagonal=float(np.linalg.norm(sides)),
        area=area,
        signed_volume=volume,
        surface_centroid=centre + moment / area if area > 0 else centre,
    )
