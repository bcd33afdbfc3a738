"""Sums over triangles in one pass."""

from typing import no_type_check

import numpy as np
from jaxtyping import Float, Float64, Integer
from numba import njit

from fieldstone.kernels.plain import plain_faces, plain_vertices

__all__ = ["body_boxes_and_volumes", "normals_and_areas", "thinness", "totals"]


@njit(cache=True)
@no_type_check
def _normals(vertices, faces, normals, areas):
    for i in range(faces.shape[0]):
        a, b, c = vertices[faces[i, 0]], vertices[faces[i, 1]], vertices[faces[i, 2]]
        ux, uy, uz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
        vx, vy, vz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
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
    _normals(plain_vertices(vertices), plain_faces(faces), normals, areas)
    return normals, areas


@njit(cache=True)
@no_type_check
def _thinness(vertices, faces):
    thin = np.zeros(faces.shape[0])
    for i in range(faces.shape[0]):
        a, b, c = vertices[faces[i, 0]], vertices[faces[i, 1]], vertices[faces[i, 2]]
        ux, uy, uz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
        vx, vy, vz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
        x, y, z = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        wx, wy, wz = vx - ux, vy - uy, vz - uz
        longest = max(ux * ux + uy * uy + uz * uz, vx * vx + vy * vy + vz * vz, wx * wx + wy * wy + wz * wz)
        if longest > 0:
            thin[i] = np.sqrt(x * x + y * y + z * z) / longest
    return thin


def thinness(vertices: Float[np.ndarray, "n 3"], faces: Integer[np.ndarray, "m 3"]) -> Float64[np.ndarray, "m"]:
    """Twice the area over the longest side squared, which is height over length: 0 where a face has no area."""
    thin: Float64[np.ndarray, "m"] = _thinness(plain_vertices(vertices), plain_faces(faces))
    return thin


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
    area, volume, moment = _totals(plain_vertices(vertices), plain_faces(faces), centre)
    return float(area), float(volume), moment


@njit(cache=True)
@no_type_check
def _bodies(vertices, faces, body, n_bodies):
    boxes, volumes, anchor = np.zeros((n_bodies, 6)), np.zeros(n_bodies), np.full(n_bodies, -1)
    boxes[:, :3], boxes[:, 3:] = np.inf, -np.inf
    for i in range(faces.shape[0]):
        j = body[i]
        if anchor[j] < 0:
            anchor[j] = faces[i, 0]
        o, a, b, c = vertices[anchor[j]], vertices[faces[i, 0]], vertices[faces[i, 1]], vertices[faces[i, 2]]
        ax, ay, az = a[0] - o[0], a[1] - o[1], a[2] - o[2]
        bx, by, bz = b[0] - o[0], b[1] - o[1], b[2] - o[2]
        cx, cy, cz = c[0] - o[0], c[1] - o[1], c[2] - o[2]
        volumes[j] += (ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx)) / 6
        for axis in range(3):
            boxes[j, axis] = min(boxes[j, axis], a[axis], b[axis], c[axis])
            boxes[j, 3 + axis] = max(boxes[j, 3 + axis], a[axis], b[axis], c[axis])
    return boxes, volumes


def body_boxes_and_volumes(
    vertices: Float[np.ndarray, "n 3"], faces: Integer[np.ndarray, "m 3"], body: Integer[np.ndarray, "m"]
) -> tuple[Float64[np.ndarray, "bodies 6"], Float64[np.ndarray, "bodies"]]:
    """Lowest and highest corner, and signed volume, of every body; bodies are numbered from 0 without gaps."""
    n_bodies = int(body.max()) + 1 if len(body) else 0
    boxes, volumes = _bodies(plain_vertices(vertices), plain_faces(faces), body.astype(np.int32), n_bodies)
    return boxes, volumes
