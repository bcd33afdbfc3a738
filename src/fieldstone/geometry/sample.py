"""Drawing points: on a surface, near it, in a box, from a cloud. Same generator state, same points."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Int64

from fieldstone.errors import GeometryError
from fieldstone.geometry.measure import face_normals
from fieldstone.types import Mesh, PointCloud

__all__ = ["SurfaceSamples", "half_of", "sample_cloud", "sample_near_surface", "sample_surface", "sample_volume"]


@dataclass(frozen=True, slots=True, eq=False)
class SurfaceSamples:
    """Points on a mesh, in its frame and unit, with the unit normal and the index of the face each stands on."""

    points: Float32[np.ndarray, "n 3"]
    normals: Float32[np.ndarray, "n 3"]
    faces: Int64[np.ndarray, "n"]


def sample_surface(mesh: Mesh, n: int, generator: np.random.Generator) -> SurfaceSamples:
    """n points drawn uniformly by area; GeometryError where the mesh has no area.

    The draws are stratified over the area (one in each n-th part of it, faces in their order), which keeps every point
    uniformly distributed and spreads the set more evenly than independent draws. Within a face: Osada et al., Shape
    distributions, 2002, equation 1.
    """
    normals, areas = face_normals(mesh.vertices, mesh.faces)
    heap = np.cumsum(areas)
    if len(heap) == 0 or not np.isfinite(heap[-1]) or heap[-1] <= 0.0:
        raise GeometryError("the mesh has no area to draw points from: repair it or give another")
    face = np.searchsorted(heap, (np.arange(n) + generator.random(n)) * (heap[-1] / n), side="right")
    face = np.minimum(face, np.flatnonzero(areas)[-1])  # rounding may reach past the last face that has area
    root, share = np.sqrt(generator.random(n))[:, None], generator.random(n)[:, None]
    a, b, c = (mesh.vertices[mesh.faces[face, corner]].astype(np.float64) for corner in range(3))
    points = (1.0 - root) * a + root * (1.0 - share) * b + root * share * c
    return SurfaceSamples(points.astype(np.float32), normals[face].astype(np.float32), face.astype(np.int64))


def sample_near_surface(mesh: Mesh, n: int, std: float, generator: np.random.Generator) -> Float32[np.ndarray, "n 3"]:
    """n surface points, each moved by a Gaussian of standard deviation `std` (the mesh's unit) along every axis."""
    points = sample_surface(mesh, n, generator).points
    return (points + std * generator.standard_normal((n, 3))).astype(np.float32)


def sample_volume(
    bounds: Float[np.ndarray, "2 3"], n: int, generator: np.random.Generator
) -> Float32[np.ndarray, "n 3"]:
    """n points drawn uniformly in the box from `bounds[0]` to `bounds[1]`."""
    points: Float[np.ndarray, "n 3"] = bounds[0] + generator.random((n, 3)) * (bounds[1] - bounds[0])
    return points.astype(np.float32)


def sample_cloud(cloud: PointCloud, n: int, generator: np.random.Generator) -> PointCloud:
    """n points of the cloud with their normals and colours: a random subset, or all of them repeated evenly.

    GeometryError where the cloud is empty.
    """
    size = len(cloud.points)
    if size == 0:
        raise GeometryError("the cloud has no points to draw from: give one that has")
    whole = np.tile(np.arange(size), n // size)
    chosen = np.concatenate([whole, generator.choice(size, n % size, replace=False)])
    return PointCloud(
        cloud.points[chosen],
        None if cloud.normals is None else cloud.normals[chosen],
        None if cloud.colors is None else cloud.colors[chosen],
    )


def half_of(n: int, generator: np.random.Generator) -> Int64[np.ndarray, "half"]:
    """A random half (at least one) of n rows, in their order; none where there are none."""
    return np.sort(generator.permutation(n)[: max(1, n // 2)])
