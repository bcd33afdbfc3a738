"""The generalised winding number of a triangle soup at many points, far triangles taken together.

How often the surface goes around a point: 1 inside a closed outward surface, 0 outside, between near holes and flaws
(Jacobson, Kavan, Sorkine-Hornung, Robust inside-outside segmentation using generalized winding numbers, 2013). A tree
of triangles in Morton order gives each far group as a dipole with its first correction (Barill, Dickson, Schmidt,
Levin, Jacobson, Fast winding numbers for soups and clouds, 2018); near triangles are summed exactly (Van Oosterom,
Strackee, The solid angle of a plane triangle, 1983).
"""

from typing import Any, no_type_check

import numpy as np
from jaxtyping import Float, Float32, Float64, Integer
from numba import njit

from fieldstone.kernels.morton import morton_order
from fieldstone.kernels.plain import plain_vertices
from fieldstone.kernels.threads import share

__all__ = ["WindingTree", "exact_winding"]

LEAF = 8  # triangles in a leaf, at most
BETA = 2.0  # a group is far at this many of its radii: the paper's choice
SIZE = 13  # numbers a node: centre, radius squared, area vector (3), symmetric correction (6)


@njit(cache=True)
@no_type_check
def _measure(corners, centres, vectors):
    """Centre and area vector of every triangle."""
    for i in range(corners.shape[1]):
        ax, ay, az, bx, by, bz, cx, cy, cz = corners[:, i]
        centres[i, 0], centres[i, 1], centres[i, 2] = (ax + bx + cx) / 3, (ay + by + cy) / 3, (az + bz + cz) / 3
        bx, by, bz, cx, cy, cz = bx - ax, by - ay, bz - az, cx - ax, cy - ay, cz - az
        vectors[i, 0] = (by * cz - bz * cy) / 2
        vectors[i, 1] = (bz * cx - bx * cz) / 2
        vectors[i, 2] = (bx * cy - by * cx) / 2


@njit(cache=True)
@no_type_check
def _fill(corners, centres, vectors, node, start, end):
    """Fill a node over triangles [start, end): centre, radius squared, area vector, correction."""
    weight, x, y, z = 1e-300, 0.0, 0.0, 0.0
    for i in range(start, end):
        area = np.sqrt(vectors[i, 0] ** 2 + vectors[i, 1] ** 2 + vectors[i, 2] ** 2) + 1e-300
        weight += area
        x, y, z = x + area * centres[i, 0], y + area * centres[i, 1], z + area * centres[i, 2]
    x, y, z = x / weight, y / weight, z / weight
    furthest = 0.0
    for i in range(start, end):
        for k in range(0, 9, 3):
            dx, dy, dz = corners[k, i] - x, corners[k + 1, i] - y, corners[k + 2, i] - z
            furthest = max(furthest, dx * dx + dy * dy + dz * dz)
        dx, dy, dz = centres[i, 0] - x, centres[i, 1] - y, centres[i, 2] - z
        nx, ny, nz = vectors[i]
        node[4], node[5], node[6] = node[4] + nx, node[5] + ny, node[6] + nz
        node[7], node[8], node[9] = node[7] + nx * dx, node[8] + ny * dy, node[9] + nz * dz
        node[10], node[11] = node[10] + nx * dy + ny * dx, node[11] + ny * dz + nz * dy
        node[12] += nz * dx + nx * dz
    node[0], node[1], node[2], node[3] = x, y, z, furthest


@njit(cache=True)
@no_type_check
def _build(corners, leaves):
    n = corners.shape[1]
    centres, vectors = np.zeros((n, 3)), np.zeros((n, 3))
    _measure(corners, centres, vectors)
    nodes = np.zeros((2 * leaves, SIZE))
    level, width = leaves, 1
    while level >= 1:
        for i in range(level):
            _fill(corners, centres, vectors, nodes[level + i], i * width * n // leaves, (i + 1) * width * n // leaves)
        level, width = level // 2, width * 2
    return nodes


@njit(cache=True, inline="always", fastmath=True)
@no_type_check
def _far(node, dx, dy, dz, square):
    """Dipole and first correction of a group seen along d (from the point to its centre), times 4 pi."""
    inverse = 1.0 / np.sqrt(square)
    cube = inverse * inverse * inverse
    trace = node[7] + node[8] + node[9]
    bent = node[7] * dx * dx + node[8] * dy * dy + node[9] * dz * dz
    bent += node[10] * dx * dy + node[11] * dy * dz + node[12] * dz * dx
    return cube * (node[4] * dx + node[5] * dy + node[6] * dz + trace - 3.0 * bent * inverse * inverse)


@njit(cache=True, inline="always", fastmath=True)
@no_type_check
def _angle(up, along):
    """arctan2 without a branch, to 2e-07: an odd polynomial fitted to the arc tangent on [0, 1], unfolded."""
    rise, run = abs(up), abs(along) + 1e-300
    t = min(rise, run) / max(rise, run)
    s = t * t
    angle = 0.079623609 + s * (-0.033604167 + s * 0.006811776)
    angle = t * (0.999996112 + s * (-0.333173679 + s * (0.198078146 + s * (-0.132333385 + s * angle))))
    angle = np.pi / 2 - angle if rise > run else angle
    angle = np.pi - angle if along < 0.0 else angle
    return -angle if up < 0.0 else angle


@njit(cache=True, fastmath=True)
@no_type_check
def _near(corners, start, end, x, y, z):
    """Half the solid angles of triangles, summed; without branches, so that it becomes vector instructions."""
    total = 0.0
    for i in range(start, end):
        ax, ay, az = corners[0, i] - x, corners[1, i] - y, corners[2, i] - z
        bx, by, bz = corners[3, i] - x, corners[4, i] - y, corners[5, i] - z
        cx, cy, cz = corners[6, i] - x, corners[7, i] - y, corners[8, i] - z
        a, b = np.sqrt(ax * ax + ay * ay + az * az), np.sqrt(bx * bx + by * by + bz * bz)
        c = np.sqrt(cx * cx + cy * cy + cz * cz)
        up = ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx)
        along = a * b * c + (ax * bx + ay * by + az * bz) * c
        along += (bx * cx + by * cy + bz * cz) * a + (cx * ax + cy * ay + cz * az) * b
        total += _angle(up, along)
    return total


@njit(cache=True, nogil=True, fastmath=True)
@no_type_check
def _winding(corners, nodes, leaves, points, order, beta, result):
    n = corners.shape[1]
    stack = np.zeros(64, dtype=np.int64)
    for i in order:
        x, y, z = points[i]
        total, exact, depth, start, end = 0.0, 0.0, 1, 0, 0
        stack[0] = 1
        while depth > 0:
            depth -= 1
            at = stack[depth]
            node = nodes[at]
            dx, dy, dz = node[0] - x, node[1] - y, node[2] - z
            square = dx * dx + dy * dy + dz * dz
            if square > beta * beta * node[3]:
                total += _far(node, dx, dy, dz, square)
            elif at < leaves:
                stack[depth], stack[depth + 1] = 2 * at + 1, 2 * at
                depth += 2
            else:
                leaf = at - leaves
                first, last = leaf * n // leaves, (leaf + 1) * n // leaves
                if first != end:  # leaves come from left to right: runs of near ones are summed together
                    exact += _near(corners, start, end, x, y, z)
                    start = first
                end = last
        exact += _near(corners, start, end, x, y, z)
        result[i] = (total / 2.0 + exact) / (2.0 * np.pi)


class WindingTree:
    """A triangle soup prepared for winding numbers at many points."""

    def __init__(self, vertices: Float[np.ndarray, "n 3"], faces: Integer[np.ndarray, "m 3"]) -> None:
        """Prepare m >= 1 faces; orientation by the right-hand rule."""
        assert len(faces) > 0, "no face, no winding number"
        corners = plain_vertices(vertices)[faces]
        order = morton_order(corners.mean(axis=1).astype(np.float32))
        self._corners: Any = np.ascontiguousarray(corners[order].reshape(-1, 9).T)
        self._leaves = 1 << max(0, (-(-len(faces) // LEAF) - 1).bit_length())
        self._nodes: Any = _build(self._corners, self._leaves)

    def at(self, points: Float[np.ndarray, "q 3"], workers: int | None = 1) -> Float64[np.ndarray, "q"]:
        """The winding number at each point, by `workers` threads (None: all).

        The error is 0.005 on average and at most 0.06 in our tests, far from what would turn an answer over.
        """
        order = morton_order(points.astype(np.float32))
        result = np.zeros(len(points))
        points = plain_vertices(points)

        def part(rows: slice) -> None:
            _winding(self._corners, self._nodes, self._leaves, points, order[rows], BETA, result)

        share(len(points), part, workers, least=1000)
        return result


def exact_winding(
    vertices: Float[np.ndarray, "n 3"], faces: Integer[np.ndarray, "m 3"], points: Float32[np.ndarray, "q 3"]
) -> Float64[np.ndarray, "q"]:
    """What `WindingTree.at` approximates, by q x m solid angles: for tests and small inputs."""
    a, b, c = (plain_vertices(vertices)[faces[:, k]] - points[:, None].astype(np.float64) for k in range(3))
    la, lb, lc = (np.linalg.norm(side, axis=2) for side in (a, b, c))
    up = np.einsum("qmk,qmk->qm", a, np.cross(b, c))
    along = la * lb * lc + (a * b).sum(2) * lc + (b * c).sum(2) * la + (c * a).sum(2) * lb
    winding: Float64[np.ndarray, "q"] = np.arctan2(up, along).sum(axis=1) / (2 * np.pi)
    return winding
