"""What each sample of the picture sees: a depth buffer over triangles, and over discs for point clouds.

For one eye a depth buffer finds the same first hit as a ray for each sample (`rays.Scene.closest`; a test holds the two
equal) and is several times faster: no tree is built, and neighbouring samples share the set-up. Nearness 1/depth is
linear in the picture, so it is what is interpolated and compared; of two faces at one place the first wins.

A triangle thinner than a sample (a wire, a sheet seen edge-on) would fall between the samples: its longest edge is
drawn where nothing else is in front, one sample wide.
"""

from typing import no_type_check

import numpy as np
from jaxtyping import Float64, Int32, Integer
from numba import njit

__all__ = ["splat", "triangles"]

TIE = 1.0 + 1e-7
"""A later face must be nearer by this factor to win."""
STANDS_OUT = 1.0 + 2e-3
"""The line of a thin face must be nearer by this factor: it fills gaps and does not cover its neighbours."""


def triangles(
    screen: Float64[np.ndarray, "n 3"],
    faces: Integer[np.ndarray, "m 3"],
    size: int,
    beyond: Float64[np.ndarray, "size size"] | None = None,
) -> tuple[Int32[np.ndarray, "size size"], Float64[np.ndarray, "size size"]]:
    """For each of size x size samples the nearest face (-1: none) and its nearness (0: none).

    `screen` holds pixel x, y and nearness of each vertex. With `beyond`, faces that are not farther than it are passed
    over: called with its own answer it peels the picture layer by layer.
    """
    face = np.full((size, size), -1, dtype=np.int32)
    near = np.zeros((size, size), dtype=np.float64)
    limit = np.zeros((1, 1)) if beyond is None else beyond
    _triangles(screen, faces, beyond is not None, limit, face, near)
    return face, near


@njit(cache=True, error_model="numpy")
@no_type_check
def _triangles(screen, faces, peel, beyond, face, near):
    """All faces, then the lines of the thin ones, which must stand out from what is there."""
    thin = np.zeros(faces.shape[0], dtype=np.int64)
    n_thin = 0
    for f in range(faces.shape[0]):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        ax, ay = screen[a, 0], screen[a, 1]
        bx, by = screen[b, 0], screen[b, 1]
        cx, cy = screen[c, 0], screen[c, 1]
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        ab = (bx - ax) ** 2 + (by - ay) ** 2
        bc = (cx - bx) ** 2 + (cy - by) ** 2
        ca = (ax - cx) ** 2 + (ay - cy) ** 2
        longest = max(ab, bc, ca)
        if area * area <= longest:
            thin[n_thin] = f * 3 + (0 if ab == longest else 1 if bc == longest else 2)
            n_thin += 1
        if area != 0.0:
            _fill(screen, a, b, c, 1.0 / area, f, peel, beyond, face, near)
    for k in range(n_thin):
        f, corner = thin[k] // 3, thin[k] % 3
        _line(screen[faces[f, corner]], screen[faces[f, (corner + 1) % 3]], f, peel, beyond, face, near)


@njit(cache=True, error_model="numpy")
@no_type_check
def _fill(screen, a, b, c, inverse, f, peel, beyond, face, near):
    """The samples inside face f with corners a, b and c; `inverse` is 1 / twice its area."""
    size = face.shape[0]
    ax, ay, az = screen[a, 0], screen[a, 1], screen[a, 2]
    bx, by, bz = screen[b, 0], screen[b, 1], screen[b, 2]
    cx, cy, cz = screen[c, 0], screen[c, 1], screen[c, 2]
    # weights of b and c, and nearness, are planes over the picture
    bdx, bdy = (cy - ay) * inverse, -(cx - ax) * inverse
    cdx, cdy = -(by - ay) * inverse, (bx - ax) * inverse
    zdx, zdy = bdx * (bz - az) + cdx * (cz - az), bdy * (bz - az) + cdy * (cz - az)
    x0 = max(0, int(np.ceil(min(ax, bx, cx) - 0.5)))
    x1 = min(size - 1, int(np.floor(max(ax, bx, cx) - 0.5)))
    y0 = max(0, int(np.ceil(min(ay, by, cy) - 0.5)))
    y1 = min(size - 1, int(np.floor(max(ay, by, cy) - 0.5)))
    adx = -bdx - cdx
    a_inverse = 1.0 / adx if adx != 0.0 else 0.0
    b_inverse = 1.0 / bdx if bdx != 0.0 else 0.0
    c_inverse = 1.0 / cdx if cdx != 0.0 else 0.0
    for y in range(y0, y1 + 1):
        dy = y + 0.5 - ay
        # the span of x where the three weights are >= 0
        wb, wc = (x0 + 0.5 - ax) * bdx + dy * bdy, (x0 + 0.5 - ax) * cdx + dy * cdy
        lo, hi = _clip(1.0 + 1e-9 - wb - wc, adx, a_inverse, 0.0, float(x1 - x0))
        lo, hi = _clip(wb + 1e-9, bdx, b_inverse, lo, hi)
        lo, hi = _clip(wc + 1e-9, cdx, c_inverse, lo, hi)
        if lo > hi:
            continue
        first, last = x0 + int(np.ceil(lo)), x0 + int(hi)
        z = az + (first + 0.5 - ax) * zdx + dy * zdy
        for x in range(first, last + 1):
            if z > near[y, x] * TIE and (not peel or z * TIE < beyond[y, x]):
                near[y, x] = z
                face[y, x] = f
            z += zdx


@njit(cache=True, error_model="numpy", inline="always")
@no_type_check
def _clip(value, slope, inverse, lo, hi):
    """Narrow [lo, hi] to where value + slope * x >= 0; `inverse` is 1 / slope, or 0 where the slope is 0."""
    if slope > 0.0:
        lo = max(lo, -value * inverse)
    elif slope < 0.0:
        hi = min(hi, -value * inverse)
    elif value < 0.0:
        hi = -1.0
    return lo, hi


@njit(cache=True, error_model="numpy")
@no_type_check
def _line(a, b, f, peel, beyond, face, near):
    size = face.shape[0]
    steps = int(max(abs(b[0] - a[0]), abs(b[1] - a[1]))) + 1
    for i in range(steps + 1):
        t = i / steps
        x, y = int(np.floor(a[0] + t * (b[0] - a[0]))), int(np.floor(a[1] + t * (b[1] - a[1])))
        if 0 <= x < size and 0 <= y < size:
            z = a[2] + t * (b[2] - a[2])
            if z > near[y, x] * STANDS_OUT and (not peel or z * TIE < beyond[y, x]):
                near[y, x] = z
                face[y, x] = f


def splat(
    screen: Float64[np.ndarray, "n 3"], radius: float, size: int, thickness: float
) -> tuple[Int32[np.ndarray, "size size"], Float64[np.ndarray, "size size"]]:
    """For each sample the nearest point (-1: none) and its nearness, each point drawn as a ball of `radius` pixels.

    `thickness` is the ball's radius in nearness, so that neighbouring balls cut each other where they meet.
    """
    point = np.full((size, size), -1, dtype=np.int32)
    near = np.zeros((size, size), dtype=np.float64)
    _splat(screen, radius, thickness, point, near)
    return point, near


@njit(cache=True, error_model="numpy")
@no_type_check
def _splat(screen, radius, thickness, point, near):
    size = point.shape[0]
    square = radius * radius
    for i in range(screen.shape[0]):
        px, py, pz = screen[i, 0], screen[i, 1], screen[i, 2]
        x0, x1 = max(0, int(np.ceil(px - radius - 0.5))), min(size - 1, int(np.floor(px + radius - 0.5)))
        y0, y1 = max(0, int(np.ceil(py - radius - 0.5))), min(size - 1, int(np.floor(py + radius - 0.5)))
        for y in range(y0, y1 + 1):
            dy = y + 0.5 - py
            for x in range(x0, x1 + 1):
                dx = x + 0.5 - px
                away = dx * dx + dy * dy
                if away <= square:
                    z = pz + thickness * np.sqrt(1.0 - away / square)
                    if z > near[y, x] * TIE:
                        near[y, x] = z
                        point[y, x] = i
