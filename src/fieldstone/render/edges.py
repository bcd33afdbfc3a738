"""Lines where a drawing would have them: at silhouettes, at creases, and where one surface stands before another.

Neighbouring samples are compared: the normals (already smooth across round surfaces, so what differs is a crease) and
the places (a sample far from its neighbour's tangent plane stands before or behind it). Where lines crowd, as on
scanned or very detailed surfaces, they fade.
"""

from typing import no_type_check

import numpy as np
from jaxtyping import Float32
from numba import njit

from fieldstone.render.camera import Camera
from fieldstone.render.surface import Surface

__all__ = ["lines"]

CREASE = 0.86
"""Cosine between neighbouring normals below which there is a crease (31 degrees)."""
STEP_UP = 0.02
"""A sample farther than this off its neighbour's tangent plane stands before or behind it (half diagonals)."""
CROWDED = 0.16
"""Share of line samples in a cell of CELL x CELL above which lines fade."""
CELL = 16
SILHOUETTE, STANDING, CREASED = 0.80, 0.62, 0.42
"""How dark each kind of line is."""


def lines(surface: Surface, camera: Camera) -> Float32[np.ndarray, "size size"]:
    """How dark a line runs through each sample: 0 none, 1 black."""
    out = np.zeros(surface.item.shape, dtype=np.float32)
    creases = np.zeros(surface.item.shape, dtype=np.uint8)
    _find(surface.item, surface.near, surface.normal, camera.scale, camera.shift, creases, out)
    cells = -(-camera.size // CELL)
    _fade(creases, np.zeros((cells, cells), dtype=np.float32), np.zeros((cells, cells), dtype=np.float32),
          surface.item, out)  # fmt: skip
    return out


@njit(cache=True, error_model="numpy")
@no_type_check
def _find(item, near, normal, scale, shift, creases, out):
    size = item.shape[0]
    for y in range(size):
        for x in range(size):
            here = item[y, x]
            for step in range(2):
                qy, qx = y + step, x + 1 - step
                there = item[qy, qx] if qy < size and qx < size else -1
                if here == there:
                    continue
                if here < 0:
                    out[qy, qx] = max(out[qy, qx], SILHOUETTE)
                    continue
                if there < 0:
                    out[y, x] = max(out[y, x], SILHOUETTE)
                    continue
                ax, ay, az = normal[y, x, 0], normal[y, x, 1], normal[y, x, 2]
                bx, by, bz = normal[qy, qx, 0], normal[qy, qx, 1], normal[qy, qx, 2]
                near_depth, far_depth = 1.0 / near[y, x], 1.0 / near[qy, qx]
                dx = ((qx + 0.5 - shift[0]) * far_depth - (x + 0.5 - shift[0]) * near_depth) / scale
                dy = -((qy + 0.5 - shift[1]) * far_depth - (y + 0.5 - shift[1]) * near_depth) / scale
                dz = near_depth - far_depth
                off = min(abs(ax * dx + ay * dy + az * dz), abs(bx * dx + by * dy + bz * dz))
                if off > STEP_UP:
                    if near_depth < far_depth:
                        out[y, x] = max(out[y, x], STANDING)
                    else:
                        out[qy, qx] = max(out[qy, qx], STANDING)
                elif ax * bx + ay * by + az * bz < CREASE:
                    creases[y, x] = 1
                    creases[qy, qx] = 1


@njit(cache=True, error_model="numpy")
@no_type_check
def _fade(creases, share, smooth, item, out):
    size, cells = creases.shape[0], share.shape[0]
    for y in range(size):
        for x in range(size):
            if creases[y, x]:
                share[y // CELL, x // CELL] += 1.0 / (CELL * CELL)
    for i in range(cells):
        for j in range(cells):
            total, count = 0.0, 0
            for k in range(max(0, i - 1), min(cells, i + 2)):
                for h in range(max(0, j - 1), min(cells, j + 2)):
                    total += share[k, h]
                    count += 1
            smooth[i, j] = total / count
    for y in range(size):
        for x in range(size):
            if creases[y, x] and item[y, x] >= 0:
                dark = CREASED * min(1.0, CROWDED / max(smooth[y // CELL, x // CELL], 1e-6))
                out[y, x] = max(out[y, x], dark)
