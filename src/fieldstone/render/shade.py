"""Light: a soft key from the upper left, a cool fill from the right, a rim from behind, a sky, soft occlusion.

All in linear light and in the camera frame, so that every shape is lit alike. Diffuse light reaches a little round into
the shade ("wrapped"); the highlight is Blinn's ("Models of light reflection for computer synthesized pictures", 1977).
"""

from typing import no_type_check

import numpy as np
from jaxtyping import Float32, Float64
from numba import njit

from fieldstone.render.camera import Camera
from fieldstone.render.occlusion import STEP, occlusion
from fieldstone.render.pixels import Pixels

__all__ = ["light"]


def _toward(x: float, y: float, z: float) -> Float64[np.ndarray, "3"]:
    return np.asarray(np.array([x, y, z]) / np.sqrt(x * x + y * y + z * z))


_KEY, _FILL = _toward(-0.72, 0.86, 0.50), _toward(0.90, 0.10, 0.60)
_HALF = (_KEY + np.array([0.0, 0.0, 1.0])) / np.linalg.norm(_KEY + np.array([0.0, 0.0, 1.0]))
_LAMPS = np.stack([_KEY, _FILL, _HALF]).astype(np.float32)
KEY_POWER, FILL_POWER, SKY, GROUND, RIM, GLOSS = 0.84, 0.09, 0.34, 0.09, 0.16, 0.08
"""Strength of each light; the sum lights a white surface that faces the key to a little above white."""
WRAP = 0.18
"""How far diffuse light reaches round into the shade."""
DEEP = 0.75
"""How much of the surrounding light full occlusion takes; of the key light it takes half as much."""


def light(pixels: Pixels, camera: Camera) -> Float32[np.ndarray, "size size 3"]:
    """Linear colour of each pixel under the fixed lights, its lines drawn; 0 on the background.

    `camera` is the one of the pixels, not of their samples.
    """
    out = np.zeros_like(pixels.color)
    hidden = occlusion(pixels, camera)
    _light(pixels.cover, pixels.normal, pixels.color, pixels.line, hidden, _LAMPS, out)
    return out


@njit(cache=True, error_model="numpy", inline="always")
@no_type_check
def _between(grid, y, x):
    """Bilinear value of a grid of every STEP-th pixel, at a pixel."""
    n = grid.shape[0]
    row, column = (y - STEP // 2) / np.float32(STEP), (x - STEP // 2) / np.float32(STEP)
    i, j = max(0, min(int(row), n - 2)), max(0, min(int(column), n - 2))
    v, u = min(max(row - i, 0.0), 1.0), min(max(column - j, 0.0), 1.0)
    upper = grid[i, j] * (1.0 - u) + grid[i, j + 1] * u
    lower = grid[i + 1, j] * (1.0 - u) + grid[i + 1, j + 1] * u
    return upper * (1.0 - v) + lower * v


@njit(cache=True, error_model="numpy")
@no_type_check
def _light(cover, normal, color, line, hidden, lamps, out):
    for y in range(cover.shape[0]):
        for x in range(cover.shape[1]):
            if cover[y, x] == 0.0:
                continue
            free = 1.0 - DEEP * _between(hidden, y, x)
            nx, ny, nz = normal[y, x, 0], normal[y, x, 1], normal[y, x, 2]
            key = max(0.0, (nx * lamps[0, 0] + ny * lamps[0, 1] + nz * lamps[0, 2] + WRAP) / (1.0 + WRAP))
            fill = max(0.0, (nx * lamps[1, 0] + ny * lamps[1, 1] + nz * lamps[1, 2] + WRAP) / (1.0 + WRAP))
            sky = 0.5 + 0.5 * ny
            white = KEY_POWER * key * (0.5 + 0.5 * free) + (GROUND + (SKY - GROUND) * sky) * free
            cool = FILL_POWER * fill * free
            edge_on = 1.0 - min(1.0, max(0.0, nz))
            shine = max(0.0, nx * lamps[2, 0] + ny * lamps[2, 1] + nz * lamps[2, 2]) ** 16
            gloss = (GLOSS * shine + RIM * edge_on**3 * sky) * free
            ink = 1.0 - line[y, x]
            out[y, x, 0] = ink * (color[y, x, 0] * (1.01 * white + 0.92 * cool) + gloss)
            out[y, x, 1] = ink * (color[y, x, 1] * (1.00 * white + 1.00 * cool) + gloss)
            out[y, x, 2] = ink * (color[y, x, 2] * (0.98 * white + 1.12 * cool) + gloss)
