"""The colour of a surface where a sample meets it: clay, vertex or face colours, or a texture, in linear light.

Textures repeat beyond 0..1 and are filtered bilinearly after each image was shrunk until about one texel falls on one
sample, so that fine patterns do not sparkle.
"""

from dataclasses import replace
from typing import no_type_check

import numpy as np
from jaxtyping import Float, Float32, Float64, Int32, Integer, UInt8
from numba import njit

from fieldstone.types import Mesh, Paint

__all__ = ["CLAY", "TO_LINEAR", "albedo", "colors_at"]


def _linear_table() -> Float32[np.ndarray, "256"]:
    value = np.arange(256) / 255.0
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4).astype(np.float32)


TO_LINEAR = _linear_table()
"""Linear light of the 256 sRGB levels (IEC 61966-2-1)."""
CLAY: tuple[int, int, int] = (170, 185, 207)
"""sRGB of a shape without colours: a light, neutral blue-grey."""


def albedo(
    paint: Paint,
    faces: Integer[np.ndarray, "m 3"],
    face: Int32[np.ndarray, "height width"],
    weights: Float32[np.ndarray, "height width 2"],
    screen: Float64[np.ndarray, "n 3"],
) -> tuple[Float32[np.ndarray, "height width 3"], UInt8[np.ndarray, "height width"]]:
    """Linear colour and opacity at each sample; `weights` are those of the second and third corner of its face.

    `screen` are the vertices in samples: textures are shrunk until a texel is about as large as one.
    """
    color = np.zeros((*face.shape, 3), dtype=np.float32)
    alpha = np.full(face.shape, 255, dtype=np.uint8)
    if paint.face is None and paint.vertex is None:
        color += TO_LINEAR[list(CLAY)]
    if paint.face is not None:
        _by_face(paint.face, face, TO_LINEAR, color, alpha)
    elif paint.vertex is not None:
        _by_vertex(paint.vertex, faces, face, weights, TO_LINEAR, color, alpha)
    if paint.uv is not None and paint.image_of_face is not None and paint.images:
        for index, image in enumerate(paint.images):
            worn = paint.image_of_face == index
            if worn.any():
                texture = _shrunk(image, paint.uv[worn], screen[faces[worn]])
                _by_image(texture, paint.uv, worn, face, weights, TO_LINEAR, color, alpha)
    return color, alpha


def colors_at(
    mesh: Mesh, face: Integer[np.ndarray, "n"], weights: Float[np.ndarray, "n 3"], texel: float
) -> Float32[np.ndarray, "n 3"]:
    """sRGB from 0 to 1 at points of a painted mesh: the face of each and the weights of its corners.

    Textures are shrunk until a texel is about `texel` wide, in the mesh's unit.
    """
    assert mesh.paint is not None, "a mesh without paint has no colours"
    flat = _laid_flat(mesh.vertices[mesh.faces].astype(np.float64)) / texel
    paint, corners = mesh.paint, np.arange(mesh.faces.size).reshape(-1, 3)
    if paint.vertex is not None:
        paint = replace(paint, vertex=paint.vertex[mesh.faces.ravel()])
    shares = np.ascontiguousarray(weights[:, None, 1:], dtype=np.float32)
    linear, _ = albedo(paint, corners, face.astype(np.int32)[:, None], shares, flat)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055)
    return np.asarray(srgb[:, 0], dtype=np.float32)


def _laid_flat(corners: Float64[np.ndarray, "m 3 3"]) -> Float64[np.ndarray, "m3 3"]:
    """Each triangle moved into the plane z = 0, its sides and area kept."""
    ab, ac = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    length = np.maximum(np.linalg.norm(ab, axis=1), 1e-300)
    flat = np.zeros((len(corners), 3, 3))
    flat[:, 1, 0] = length
    flat[:, 2, 0] = (ab * ac).sum(axis=1) / length
    flat[:, 2, 1] = np.linalg.norm(np.cross(ab, ac), axis=1) / length
    return flat.reshape(-1, 3)


def _shrunk(
    image: UInt8[np.ndarray, "h w 4"], uv: Float32[np.ndarray, "k 3 2"], screen: Float64[np.ndarray, "k 3 3"]
) -> UInt8[np.ndarray, "a b 4"]:
    """The image, shrunk by a whole factor until a typical face shows about one texel a sample."""
    from PIL import Image

    def area(corners: Float64[np.ndarray, "k 3 2"]) -> float:
        u, v = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
        return float(np.abs(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]).sum())

    texels = area(uv.astype(np.float64)) * image.shape[0] * image.shape[1]
    samples = max(area(screen[:, :, :2]), 1.0)
    factor = int(np.sqrt(texels / samples))
    factor = min(factor, max(1, min(image.shape[:2]) // 4))
    if factor < 2:
        return image
    return np.asarray(Image.fromarray(np.ascontiguousarray(image), "RGBA").reduce(factor))


@njit(cache=True, error_model="numpy")
@no_type_check
def _by_face(colors, face, linear, color, alpha):
    for y in range(face.shape[0]):
        for x in range(face.shape[1]):
            f = face[y, x]
            if f >= 0:
                for k in range(3):
                    color[y, x, k] = linear[colors[f, k]]
                alpha[y, x] = colors[f, 3]


@njit(cache=True, error_model="numpy")
@no_type_check
def _by_vertex(colors, faces, face, weights, linear, color, alpha):
    for y in range(face.shape[0]):
        for x in range(face.shape[1]):
            f = face[y, x]
            if f >= 0:
                b, c = weights[y, x, 0], weights[y, x, 1]
                a = np.float32(1.0) - b - c
                i, j, h = faces[f, 0], faces[f, 1], faces[f, 2]
                for k in range(3):
                    color[y, x, k] = a * linear[colors[i, k]] + b * linear[colors[j, k]] + c * linear[colors[h, k]]
                alpha[y, x] = np.uint8(a * colors[i, 3] + b * colors[j, 3] + c * colors[h, 3] + np.float32(0.5))


@njit(cache=True, error_model="numpy")
@no_type_check
def _by_image(image, uv, worn, face, weights, linear, color, alpha):
    height, width = image.shape[0], image.shape[1]
    for y in range(face.shape[0]):
        for x in range(face.shape[1]):
            f = face[y, x]
            if f < 0 or not worn[f]:
                continue
            b, c = weights[y, x, 0], weights[y, x, 1]
            a = np.float32(1.0) - b - c
            u = a * uv[f, 0, 0] + b * uv[f, 1, 0] + c * uv[f, 2, 0]
            v = a * uv[f, 0, 1] + b * uv[f, 1, 1] + c * uv[f, 2, 1]
            column, row = (u - np.floor(u)) * width - 0.5, (1.0 - (v - np.floor(v))) * height - 0.5
            left, top = int(np.floor(column)), int(np.floor(row))
            right_share, low_share = np.float32(column - left), np.float32(row - top)
            x0, x1 = left % width, (left + 1) % width
            y0, y1 = top % height, (top + 1) % height
            for k in range(4):
                p00, p01, p10, p11 = image[y0, x0, k], image[y0, x1, k], image[y1, x0, k], image[y1, x1, k]
                if k < 3:
                    upper = linear[p00] * (1 - right_share) + linear[p01] * right_share
                    lower = linear[p10] * (1 - right_share) + linear[p11] * right_share
                    color[y, x, k] = upper * (1 - low_share) + lower * low_share
                else:
                    upper = p00 * (1 - right_share) + p01 * right_share
                    lower = p10 * (1 - right_share) + p11 * right_share
                    alpha[y, x] = np.uint8(upper * (1 - low_share) + lower * low_share + 0.5)
