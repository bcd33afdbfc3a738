"""The truth about meshes, point clouds and other fields, as a field learns it."""

import numpy as np
from jaxtyping import Float32, Float64, Int64

from fieldstone.errors import GeometryError
from fieldstone.fields.field import Field, Function
from fieldstone.geometry.distance import Surface, inside
from fieldstone.geometry.sample import sample_cloud, sample_surface
from fieldstone.types import Mesh, PointCloud

__all__ = ["CloudTruth", "FieldTruth", "MeshTruth"]

TEXEL = 0.005
"""Detail of a texture that a field learns, in the frame's unit."""
NEIGHBOURS = 8
"""Oriented points that vote for a side."""


class MeshTruth:
    """Exact distances to a mesh of the field's frame; the side by its winding number (geometry/distance.py)."""

    costly = False

    def __init__(self, mesh: Mesh, function: Function, color: bool = False) -> None:
        """GeometryError where the mesh has no face, or no area, or no colours though they are asked for."""
        from fieldstone.render.paint import colors_at

        if color and mesh.paint is None:
            raise GeometryError("the model has no colours: leave the colour out, or give one that has")
        self.function, self.outputs = function, 4 if color else 1
        self._mesh, self._surface, self._colors = mesh, Surface(mesh), colors_at

    def on_surface(self, n: int, generator: np.random.Generator) -> Float32[np.ndarray, "n 3"]:
        """See Truth."""
        return sample_surface(self._mesh, n, generator).points

    def values(self, points: Float32[np.ndarray, "n 3"], *, color: bool) -> Float32[np.ndarray, "n outputs"]:
        """See Truth."""
        values = np.full((len(points), self.outputs), np.nan, dtype=np.float32)
        if self.outputs == 4 and color:
            values[:, 0], face, weights = self._surface.nearest(points)
            values[:, 1:] = self._colors(self._mesh, face, weights, TEXEL)
        elif self.function == "sdf":
            distance, winding = self._surface.distance_and_winding(points)
            values[:, 0] = np.where(inside(winding), -distance, distance)
            return values
        elif self.function == "udf":
            values[:, 0] = self._surface.distance(points)
        if self.function != "udf":
            sign = np.where(self._surface.inside(points), 1.0, -1.0)
            values[:, 0] = sign if self.function == "occ" else -sign * values[:, 0]
        return values


class CloudTruth:
    """Distances to the points of a cloud; with normals, the side that most of the nearest eight points face."""

    costly = False

    def __init__(self, cloud: PointCloud, function: Function) -> None:
        """GeometryError where the function needs a side and the cloud has no normals, or points without one."""
        if function != "udf" and cloud.normals is None:
            raise GeometryError(
                f"a point cloud without normals has no inside, so it has no {function}: use udf, or a cloud with normals"
            )
        if function != "udf" and (bare := _without_side(cloud)):
            raise GeometryError(
                f"{bare:,} of the cloud's {len(cloud.points):,} points have a normal that is 0 or no number, so they tell no "
                "side: take those points out, or use udf"
            )
        from scipy.spatial import cKDTree

        self.function, self.outputs, self._cloud = function, 1, cloud
        self._tree = cKDTree(cloud.points)

    def on_surface(self, n: int, generator: np.random.Generator) -> Float32[np.ndarray, "n 3"]:
        """See Truth: points of the cloud, all as often where n is larger than the cloud."""
        return sample_cloud(self._cloud, n, generator).points.astype(np.float32)

    def values(self, points: Float32[np.ndarray, "n 3"], *, color: bool) -> Float32[np.ndarray, "n outputs"]:  # noqa: ARG002
        """See Truth."""
        if self.function == "udf":
            return np.asarray(self._tree.query(points, workers=-1)[0], dtype=np.float32)[:, None]
        distance, index = self._tree.query(points, k=min(NEIGHBOURS, len(self._cloud.points)), workers=-1)
        distance, index = np.reshape(distance, (len(points), -1)), np.reshape(index, (len(points), -1))
        outside = self._facing(points, index) >= 0.0
        if self.function == "occ":
            return np.where(outside, -1.0, 1.0).astype(np.float32)[:, None]
        return (distance[:, 0] * np.where(outside, 1.0, -1.0)).astype(np.float32)[:, None]

    def _facing(self, points: Float32[np.ndarray, "n 3"], index: Int64[np.ndarray, "n k"]) -> Float64[np.ndarray, "n"]:
        """Sum of dipoles n.d / |d|^3 of the nearest points: positive in front of them."""
        assert self._cloud.normals is not None
        offset = points[:, None].astype(np.float64) - self._cloud.points[index]
        cube = np.maximum(np.linalg.norm(offset, axis=2), 1e-9) ** 3
        facing: Float64[np.ndarray, "n"] = np.einsum("nkc,nkc,nk->n", self._cloud.normals[index], offset, 1.0 / cube)
        return facing


def _without_side(cloud: PointCloud) -> int:
    """Points whose normal leads nowhere."""
    assert cloud.normals is not None
    length = np.linalg.norm(cloud.normals, axis=1)
    return int(np.count_nonzero(~(np.isfinite(length) & (length > 0.0))))


class FieldTruth:
    """Another field as an oracle (INRet, appendix A.3): its values, turned into the function that is asked for.

    Colours are its own at the very points that are asked.
    """

    costly = True

    def __init__(self, field: Field, function: Function, color: bool = False) -> None:
        """GeometryError where the source does not tell what the function needs, or has no colours though they are asked
        for."""
        if field.function != function and field.function != "sdf":
            raise GeometryError(
                f"a field of kind {field.function} tells no {function}: distil it to {field.function}, or start from an sdf"
            )
        if color and field.colors(np.zeros((1, 3))) is None:
            raise GeometryError("the field has no colours: leave the colour out, or give one that has")
        self.function, self.outputs, self._field = function, 4 if color else 1, field

    def on_surface(self, n: int, generator: np.random.Generator) -> Float32[np.ndarray, "n 3"]:
        """See Truth: points found by tracing."""
        from fieldstone.fields.surface_points import points_on_surface

        return points_on_surface(self._field, n, generator).astype(np.float32)

    def values(self, points: Float32[np.ndarray, "n 3"], *, color: bool) -> Float32[np.ndarray, "n outputs"]:
        """See Truth."""
        said = np.full((len(points), self.outputs), np.nan, dtype=np.float32)
        values = self._field.values(points)
        if self.function == "udf":
            values = np.abs(values)
        elif self.function == "occ":
            source = values if self._field.function == "occ" else -values
            values = np.where(source > 0.0, 1.0, -1.0).astype(np.float32)
        said[:, 0] = values
        if self.outputs == 4 and color:
            said[:, 1:] = self._field.colors(points)
        return said
