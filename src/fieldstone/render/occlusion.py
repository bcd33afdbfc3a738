"""Soft darkness in hollows and where things meet, read from the depth of the picture alone.

A place is darker the more of its surroundings stand before its tangent plane: after Shanmugam and Arikan, "Hardware
accelerated ambient occlusion techniques on GPUs", 2007. It is found for every other pixel and smoothed.
"""

from typing import no_type_check

import numpy as np
from jaxtyping import Float32, Float64
from numba import njit

from fieldstone.render.camera import DISTANCE, Camera
from fieldstone.render.pixels import Pixels

__all__ = ["occlusion"]

REACH = 0.17
"""How far away things occlude, in half diagonals."""
LIFT = 0.006
"""What stands less than this above the tangent plane does not count (half diagonals)."""
LEVEL = 0.03
"""Places whose depths differ by less than this are smoothed together (half diagonals)."""
STEP = 2
"""It is found at every other pixel."""
TAPS = 12
"""Places looked at around each."""


def occlusion(pixels: Pixels, camera: Camera) -> Float32[np.ndarray, "half half"]:
    """Share of the surroundings that is hidden, at pixels STEP // 2, STEP // 2 + STEP ...

    `camera` is the one of the pixels, not of their samples.
    """
    depth = np.ascontiguousarray(pixels.depth[STEP // 2 :: STEP, STEP // 2 :: STEP])
    normal = np.ascontiguousarray(pixels.normal[STEP // 2 :: STEP, STEP // 2 :: STEP])
    n = depth.shape[0]
    at = (np.arange(n) * STEP + STEP // 2 + 0.5)[None, :] - camera.shift[:, None]
    place = np.zeros((n, n, 3), dtype=np.float32)
    place[..., 0], place[..., 1], place[..., 2] = (
        depth * (at[0] / camera.scale),
        depth * (-at[1, :, None] / camera.scale),
        -depth,
    )
    raw, soft = np.zeros((n, n), dtype=np.float32), np.zeros((n, n), dtype=np.float32)
    offsets = np.rint(_SPIRALS * (REACH * camera.scale / STEP / DISTANCE)).astype(np.int64)
    _occlusion(depth, place, normal, offsets, raw)
    _smooth(raw, depth, soft)
    return soft


def _spirals() -> Float64[np.ndarray, "16 12 2"]:
    """Sixteen turns of a spiral of offsets in the unit disc."""
    i = np.arange(TAPS)
    radius, angle = (i + 0.7) / TAPS, i * np.pi * (3 - np.sqrt(5)) + np.arange(16)[:, None] * (2 * np.pi * 5 / 16)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)


_SPIRALS = _spirals()


@njit(cache=True, error_model="numpy")
@no_type_check
def _occlusion(depth, place, normal, offsets, raw):
    n = depth.shape[0]
    widest = np.float32(4.0 * REACH * REACH)
    for i in range(n):
        for j in range(n):
            if depth[i, j] == 0.0:
                continue
            px, py, pz = place[i, j, 0], place[i, j, 1], place[i, j, 2]
            nx, ny, nz = normal[i, j, 0], normal[i, j, 1], normal[i, j, 2]
            spiral = (i & 3) * 4 + (j & 3)
            hidden = np.float32(0.0)
            for k in range(TAPS):
                row, column = i + offsets[spiral, k, 1], j + offsets[spiral, k, 0]
                if row < 0 or column < 0 or row >= n or column >= n or depth[row, column] == np.float32(0.0):
                    continue
                dx, dy, dz = place[row, column, 0] - px, place[row, column, 1] - py, place[row, column, 2] - pz
                above = dx * nx + dy * ny + dz * nz
                square = dx * dx + dy * dy + dz * dz
                if above > np.float32(LIFT) and square < widest:
                    hidden += (np.float32(1.0) - square / widest) * above / np.sqrt(square)
            raw[i, j] = min(np.float32(1.0), hidden * np.float32(2.0 / TAPS))


@njit(cache=True, error_model="numpy")
@no_type_check
def _smooth(raw, depth, soft):
    """Mean over 4 x 4 neighbours (one period of the spirals) of about the same depth."""
    n = raw.shape[0]
    for i in range(n):
        for j in range(n):
            if depth[i, j] == 0.0:
                continue
            total, weight = np.float32(0.0), np.float32(0.0)
            for k in range(max(0, i - 2), min(n, i + 2)):
                for h in range(max(0, j - 2), min(n, j + 2)):
                    if abs(depth[k, h] - depth[i, j]) < np.float32(LEVEL):
                        total += raw[k, h]
                        weight += np.float32(1.0)
            soft[i, j] = total / weight
