"""Normals for shading: smooth where a surface is round, sharp where it has an edge, whatever the winding of its faces.

A corner's normal is the area-weighted mean of the normals of the faces around its vertex that stand within the crease
angle of the corner's own face; each is first turned to that face's side, so faces that are flipped do not disturb.
Vertices at one place count as one, because many files (every STL) repeat them for each face.
"""

from typing import no_type_check

import numpy as np
from jaxtyping import Float32, Float64, Int64, Integer
from numba import njit

__all__ = ["corner_normals", "weld"]

CREASE = np.cos(np.radians(38.0))
"""Faces that meet at more than 38 degrees keep an edge between them."""
CELLS = 2.0**20
"""Vertices in one of this many cells along the bounding box's half diagonal are one."""
MOST_NEIGHBOURS = 48
"""Of more faces around a vertex than this, evenly spaced ones are looked at."""


def weld(points: Float64[np.ndarray, "n 3"]) -> tuple[Int64[np.ndarray, "n"], int]:
    """For each point of the unit ball the number of its place, and how many places there are."""
    place = np.zeros(len(points), dtype=np.int64)
    table = np.full(1 << max(4, int(2 * len(points)).bit_length()), -1, dtype=np.int64)
    cells = np.rint(points * CELLS).astype(np.int64)
    return place, int(_weld(cells, table, place))


@njit(cache=True, error_model="numpy")
@no_type_check
def _weld(cells, table, place):
    mask = table.shape[0] - 1
    count = 0
    first = np.zeros(cells.shape[0], dtype=np.int64)
    for i in range(cells.shape[0]):
        x, y, z = cells[i, 0], cells[i, 1], cells[i, 2]
        key = (x * 73856093) ^ (y * 19349663) ^ (z * 83492791)
        key = (key ^ (key >> 17)) & mask
        while True:
            known = table[key]
            if known < 0:
                table[key] = count
                first[count] = i
                place[i] = count
                count += 1
                break
            j = first[known]
            if cells[j, 0] == x and cells[j, 1] == y and cells[j, 2] == z:
                place[i] = known
                break
            key = (key + 1) & mask
    return count


def corner_normals(
    points: Float64[np.ndarray, "n 3"], faces: Integer[np.ndarray, "m 3"]
) -> Float32[np.ndarray, "m 3 3"]:
    """Unit normals of the corners of each face, on the side that its winding says; 0 for a face without area.

    `points` lie in the unit ball (the camera frame).
    """
    place, count = weld(points)
    out = np.zeros((len(faces), 3, 3), dtype=np.float32)
    _corner_normals(points, faces, place, count, CREASE, MOST_NEIGHBOURS, out)
    return out


@njit(cache=True, error_model="numpy")
@no_type_check
def _corner_normals(points, faces, place, count, crease, most, out):
    m = faces.shape[0]
    area = np.zeros((m, 3))
    unit = np.zeros((m, 3))
    start = np.zeros(count + 1, dtype=np.int64)
    for f in range(m):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        ux, uy, uz = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]
        vx, vy, vz = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1], points[c, 2] - points[a, 2]
        area[f, 0], area[f, 1], area[f, 2] = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        length = np.sqrt(area[f, 0] ** 2 + area[f, 1] ** 2 + area[f, 2] ** 2)
        if length > 0.0:
            for k in range(3):
                unit[f, k] = area[f, k] / length
        for k in range(3):
            start[place[faces[f, k]] + 1] += 1
    for i in range(count):
        start[i + 1] += start[i]
    around = np.zeros(3 * m, dtype=np.int64)
    filled = start[:-1].copy()
    for f in range(m):
        for k in range(3):
            p = place[faces[f, k]]
            around[filled[p]] = f
            filled[p] += 1
    for f in range(m):
        for k in range(3):
            p = place[faces[f, k]]
            stride = 1 + (start[p + 1] - start[p] - 1) // most
            x, y, z = area[f, 0], area[f, 1], area[f, 2]
            for s in range(start[p], start[p + 1], stride):
                g = around[s]
                if g == f:
                    continue
                cosine = unit[f, 0] * unit[g, 0] + unit[f, 1] * unit[g, 1] + unit[f, 2] * unit[g, 2]
                if abs(cosine) > crease:
                    side = 1.0 if cosine > 0.0 else -1.0
                    x, y, z = x + side * area[g, 0], y + side * area[g, 1], z + side * area[g, 2]
            length = np.sqrt(x * x + y * y + z * z)
            if length > 0.0:
                out[f, k, 0], out[f, k, 1], out[f, k, 2] = x / length, y / length, z / length
