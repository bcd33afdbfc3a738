"""Sums over triangles in one pass."""

from typing import no_type_check

import numpy as np
from jaxtyping import Float, Float64, Integer
from numba import njit

__all__ = ["normals_and_areas", "totals"]


@njit(cache=True)
@no_type_check
def _normals(vertices, faces, normals, areas):
    for i in range(faces.shape[0]):
        a, b, c = vertices[faces[i, 0]], vertices[faces[i, 1]], vertices[faces[i, 2]]
        ux, uy, uz = np.float64(b[0]) - a[0], np.float64(b[1]) - a[1], np.float64(b[2]) - a[2]
        vx, vy, vz = np.float64(c[0]) - a[0], np.float64(c[1]) - a[1], np.float64(c[2]) - a[2]
        x, y, z = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        length = np.sqrt(x * x + y * y + z * z)
        areas[i] = length / 2
        if length > 0:
            normals[i, 0], normals[i, 1], normals[i, 2] = x / length, y / length, z / length


def normals_and_areas(
    vertices: Float[np.ndarray, "n 3"], faces: Integer[np.ndarray, "m 3"]
) -> tuple[Float64[np.ndarray, "m 3"], Float64[np.ndarray, "m"]]:
    """Unit normals (zero where a face has no area) by the right-hand rule, and areas."""
    normals, areas = np.zeros((len(faces), 3)), np.zeros(len(faces))
    _normals(vertices, faces, normals, areas)
    return normals, areas


@njit(cache=True)
@no_type_check
def _totals(vertices, faces, centre):
    area, volume = 0.0, 0.0
    moment = np.zeros(3)
    for i in range(faces.shape[0]):
        a, b, c = vertices[faces[i, 0]], vertices[faces[i, 1]], vertices[faces[i, 2]]
        ax, ay, az = a[0] - centre[0], a[1] - centre[1], a[2] - centre[2]
        bx, by, bz = b[0] - centre[0], b[1] - centre[1], b[2] - centre[2]
        cx, cy, cz = c[0] - centre[0], c[1] - centre[1], c[2] - centre[2]
        ux, uy, uz, vx, vy, vz = bx - ax, by - ay, bz - az, cx - ax, cy - ay, cz - az
        x, y, z = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        half = np.sqrt(x * x + y * y + z * z) / 2
        area += half
        volume += (ax * x + ay * y + az * z) / 6
        moment[0] += half * (ax + bx + cx) / 3
        moment[1] += half * (ay + by + cy) / 3
        moment[2] += half * (az + bz + cz) / 3
    return area, volume, moment


def totals(
    vertices: Float[np.ndarray, "n 3"], faces: Integer[np.ndarray, "m 3"], centre: Float64[np.ndarray, "3"]
) -> tuple[float, float, Float64[np.ndarray, "3"]]:
    """Area, signed volume, and the area-weighted sum of the faces' centres, all about `centre` (for precision)."""
    area, volume, moment = _totals(vertices, faces, centre)
    return float(area), float(volume), moment
