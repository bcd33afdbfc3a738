"""What stands behind each sample of the picture: face, depth, normal and colour.

`Surface` is the common ground of shading, lines, views and overlays; meshes and clouds fill it in their own way.
"""

from dataclasses import dataclass
from typing import no_type_check

import numpy as np
from jaxtyping import Float32, Float64, Int32, Integer, UInt8
from numba import njit

from fieldstone.render.camera import Camera, compact, to_camera
from fieldstone.render.normals import corner_normals
from fieldstone.render.paint import albedo
from fieldstone.render.raster import triangles
from fieldstone.types import Mesh, Paint

__all__ = ["Surface", "see_mesh"]

LAYERS = 6
"""Of transparent surfaces one behind another at most this many are seen."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Surface:
    """Per sample: `item` (face or point, -1: background), `near` (1/depth, 0: background), `normal` (unit, camera
    frame, to the viewer) and `color` (linear light; None: clay everywhere)."""

    item: Int32[np.ndarray, "size size"]
    near: Float64[np.ndarray, "size size"]
    normal: Float32[np.ndarray, "size size 3"]
    color: Float32[np.ndarray, "size size 3"] | None


def see_mesh(mesh: Mesh, camera: Camera) -> Surface:
    """The surface that the camera sees; transparent paint lets its share of the samples through."""
    mesh = compact(mesh)
    screen = camera.project(mesh.vertices)
    corners = corner_normals(to_camera(mesh.vertices, camera.framing, camera.rotation), mesh.faces)
    item, near = triangles(screen, mesh.faces, camera.size)
    color = None
    if mesh.paint is not None:
        color, alpha = albedo(mesh.paint, mesh.faces, item, _weights(screen, mesh.faces, item), screen)
        if alpha.min() < _DOOR.max():
            _see_through(mesh, mesh.paint, screen, item, near, color, alpha)
    flat = np.zeros(len(mesh.faces), dtype=np.bool_)
    _sides(screen, mesh.faces, corners, flat)
    normal = np.zeros((*item.shape, 3), dtype=np.float32)
    _normals(screen, mesh.faces, corners, flat, item, normal)
    return Surface(item=item, near=near, normal=normal, color=color)


_BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]])
_DOOR = ((_BAYER + 0.5) * 16).astype(np.uint8)


def _see_through(
    mesh: Mesh,
    paint: Paint,
    screen: Float64[np.ndarray, "n 3"],
    item: Int32[np.ndarray, "size size"],
    near: Float64[np.ndarray, "size size"],
    color: Float32[np.ndarray, "size size 3"],
    alpha: UInt8[np.ndarray, "size size"],
) -> None:
    """Replace samples that a transparent surface lets through by the next surface behind.

    "Screen door": of a surface of opacity a the share a of a fixed 4 x 4 pattern stays; averaging samples blends it.
    """
    size = item.shape[0]
    door = np.tile(_DOOR, (size // 4 + 1, size // 4 + 1))[:size, :size]
    for layer in range(LAYERS):
        through = (item >= 0) & (alpha < door)
        if not through.any():
            return
        if layer == LAYERS - 1:
            item[through], near[through] = -1, 0.0
            return
        next_item, next_near = triangles(screen, mesh.faces, size, np.where(through, near, 0.0))
        weights = _weights(screen, mesh.faces, next_item)
        next_color, next_alpha = albedo(paint, mesh.faces, next_item, weights, screen)
        item[through], near[through] = next_item[through], next_near[through]
        color[through], alpha[through] = next_color[through], next_alpha[through]


def _weights(
    screen: Float64[np.ndarray, "n 3"], faces: Integer[np.ndarray, "m 3"], item: Int32[np.ndarray, "size size"]
) -> Float32[np.ndarray, "size size 2"]:
    """Perspective-correct weights of the second and third corner at each sample."""
    out = np.zeros((*item.shape, 2), dtype=np.float32)
    _fill_weights(screen, faces, item, out)
    return out


@njit(cache=True, error_model="numpy")
@no_type_check
def _fill_weights(screen, faces, item, out):
    for y in range(item.shape[0]):
        for x in range(item.shape[1]):
            if item[y, x] >= 0:
                wb, wc = _weights_at(screen, faces, item[y, x], y, x)
                out[y, x, 0], out[y, x, 1] = wb, wc


@njit(cache=True, error_model="numpy", inline="always")
@no_type_check
def _weights_at(screen, faces, f, y, x):
    a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
    ax, ay = screen[a, 0], screen[a, 1]
    bx, by = screen[b, 0] - ax, screen[b, 1] - ay
    cx, cy = screen[c, 0] - ax, screen[c, 1] - ay
    area = bx * cy - by * cx
    if area == 0.0:
        return 1.0 / 3.0, 1.0 / 3.0
    px, py = x + 0.5 - ax, y + 0.5 - ay
    inverse = 1.0 / area
    wb = min(max((px * cy - py * cx) * inverse, 0.0), 1.0)
    wc = min(max((bx * py - by * px) * inverse, 0.0), 1.0 - wb)
    wa, wb, wc = (1.0 - wb - wc) * screen[a, 2], wb * screen[b, 2], wc * screen[c, 2]
    total = 1.0 / (wa + wb + wc)
    return wb * total, wc * total


@njit(cache=True, error_model="numpy")
@no_type_check
def _sides(screen, faces, corners, flat):
    """Turn the normals of each face to the viewer; note the faces whose three are the same."""
    for f in range(faces.shape[0]):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        ux, uy = screen[b, 0] - screen[a, 0], screen[b, 1] - screen[a, 1]
        vx, vy = screen[c, 0] - screen[a, 0], screen[c, 1] - screen[a, 1]
        side = np.float32(1.0) if ux * vy - uy * vx < 0.0 else np.float32(-1.0)
        same = True
        for k in range(3):
            same = same and abs(corners[f, 1, k] - corners[f, 0, k]) + abs(corners[f, 2, k] - corners[f, 0, k]) < 0.01
            for i in range(3):
                corners[f, i, k] *= side
        if corners[f, 0, 0] == 0.0 and corners[f, 0, 1] == 0.0 and corners[f, 0, 2] == 0.0:
            corners[f, :, 2] = 1.0
        flat[f] = same


@njit(cache=True, error_model="numpy")
@no_type_check
def _normals(screen, faces, corners, flat, item, normal):
    for y in range(item.shape[0]):
        for x in range(item.shape[1]):
            f = item[y, x]
            if f < 0:
                continue
            if flat[f]:
                for k in range(3):
                    normal[y, x, k] = corners[f, 0, k]
                continue
            b, c = _weights_at(screen, faces, f, y, x)
            wb, wc = np.float32(b), np.float32(c)
            wa = np.float32(1.0) - wb - wc
            nx = wa * corners[f, 0, 0] + wb * corners[f, 1, 0] + wc * corners[f, 2, 0]
            ny = wa * corners[f, 0, 1] + wb * corners[f, 1, 1] + wc * corners[f, 2, 1]
            nz = wa * corners[f, 0, 2] + wb * corners[f, 1, 2] + wc * corners[f, 2, 2]
            inverse = np.float32(1.0) / np.sqrt(nx * nx + ny * ny + nz * nz + np.float32(1e-20))
            normal[y, x, 0], normal[y, x, 1], normal[y, x, 2] = nx * inverse, ny * inverse, nz * inverse
