"""The generalised winding number of a triangle soup at many points, far triangles taken together.

How often the surface goes around a point: 1 inside a closed outward surface, 0 outside, between near holes and flaws
(Jacobson, Kavan, Sorkine-Hornung, Robust inside-outside segmentation using generalized winding numbers, 2013). A tree
of triangles gives each far group as a dipole with its first correction (Barill, Dickson, Schmidt, Levin, Jacobson, Fast
winding numbers for soups and clouds, 2018); near triangles are summed exactly (Van Oosterom, Strackee, The solid angle
of a plane triangle, 1983).

Sixteen neighbouring points go through the tree together. Each has a weight of 1 in what it still has to look into and 0
in what it has seen as a group, so that neither the other points nor the number of threads change an answer. Groups are
seen in float32, triangles in float64; for that the surface is moved and scaled into a cube of half size 1/2 to 1.
"""

from typing import Any, no_type_check

import numpy as np
from jaxtyping import Float, Float32, Float64, Int64, Integer
from numba import njit, types

from fieldstone.kernels.morton import morton_order
from fieldstone.kernels.plain import plain_vertices
from fieldstone.kernels.threads import share
from fieldstone.kernels.tree import PACKET, STACK, build_tree

__all__ = ["WindingTree", "exact_winding"]

BETA = 2.3  # a group is far at this many of its radii and the slack
SLACK = 1e-4  # from so far float32, which errs by 1e-7 of a place, sees the smallest group well
OUT = 1e6  # farther points are asked here, where any surface is a speck
SIZE = 13
"""Numbers a group: centre (3), radius squared (the tree keeps the square from which it is far), area vector (3),
symmetric correction (6)."""
single = types.float32


@njit(cache=True)
@no_type_check
def _measure(corners, centres, vectors, areas):
    """Centre, area vector and area of every triangle."""
    for i in range(corners.shape[0]):
        ax, ay, az = corners[i, 0], corners[i, 1], corners[i, 2]
        bx, by, bz = corners[i, 3], corners[i, 4], corners[i, 5]
        cx, cy, cz = corners[i, 6], corners[i, 7], corners[i, 8]
        centres[i, 0], centres[i, 1], centres[i, 2] = (ax + bx + cx) / 3, (ay + by + cy) / 3, (az + bz + cz) / 3
        bx, by, bz, cx, cy, cz = bx - ax, by - ay, bz - az, cx - ax, cy - ay, cz - az
        x, y, z = (by * cz - bz * cy) / 2, (bz * cx - bx * cz) / 2, (bx * cy - by * cx) / 2
        vectors[i, 0], vectors[i, 1], vectors[i, 2] = x, y, z
        areas[i] = np.sqrt(x * x + y * y + z * z) + 1e-300


@njit(cache=True, fastmath={"reassoc", "contract", "nnan", "nsz"})
@no_type_check
def _fill(corners, centres, vectors, areas, node, start, end):
    """Fill a node over triangles [start, end): centre, radius squared, area vector, correction."""
    weight, x, y, z = 0.0, 0.0, 0.0, 0.0
    for i in range(start, end):
        weight += areas[i]
        x, y, z = x + areas[i] * centres[i, 0], y + areas[i] * centres[i, 1], z + areas[i] * centres[i, 2]
    x, y, z = x / weight, y / weight, z / weight
    furthest, sx, sy, sz = 0.0, 0.0, 0.0, 0.0
    xx, yy, zz, xy, yz, zx = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(start, end):
        for k in range(0, 9, 3):
            dx, dy, dz = corners[i, k] - x, corners[i, k + 1] - y, corners[i, k + 2] - z
            furthest = max(furthest, dx * dx + dy * dy + dz * dz)
        dx, dy, dz = centres[i, 0] - x, centres[i, 1] - y, centres[i, 2] - z
        nx, ny, nz = vectors[i, 0], vectors[i, 1], vectors[i, 2]
        sx, sy, sz = sx + nx, sy + ny, sz + nz
        xx, yy, zz = xx + nx * dx, yy + ny * dy, zz + nz * dz
        xy, yz, zx = xy + nx * dy + ny * dx, yz + ny * dz + nz * dy, zx + nz * dx + nx * dz
    node[0], node[1], node[2], node[3], node[4], node[5], node[6] = x, y, z, furthest, sx, sy, sz
    node[7], node[8], node[9], node[10], node[11], node[12] = xx, yy, zz, xy, yz, zx


@njit(cache=True)
@no_type_check
def _groups(corners, spans):
    n = corners.shape[0]
    centres, vectors, areas, nodes = np.zeros((n, 3)), np.zeros((n, 3)), np.zeros(n), np.zeros((spans.shape[0], SIZE))
    _measure(corners, centres, vectors, areas)
    for i in range(spans.shape[0]):
        _fill(corners, centres, vectors, areas, nodes[i], spans[i, 0], spans[i, 1])
    return nodes


@njit(cache=True, fastmath=True, error_model="numpy")
@no_type_check
def _see(lanes, node):
    """Add a group to the points that it is far from, and give the others their weight: how many they are.

    Dipole and first correction, times 4 pi, along d from the point to the group's centre.
    """
    x, y, z, limit, nx, ny, nz = node[0], node[1], node[2], node[3], node[4], node[5], node[6]
    xx, yy, zz, xy, yz, zx = node[7], node[8], node[9], node[10], node[11], node[12]
    trace, three, one, none, count = xx + yy + zz, single(3), single(1), single(0), single(0)
    for k in range(PACKET):
        dx, dy, dz = x - lanes[k], y - lanes[PACKET + k], z - lanes[2 * PACKET + k]
        weight = lanes[4 * PACKET + k]
        square = dx * dx + dy * dy + dz * dz
        near = weight if square <= limit else none
        inverse = one / np.sqrt(max(square, limit))
        shrink = inverse * inverse
        bent = (xx * dx + xy * dy) * dx + (yy * dy + yz * dz) * dy + (zz * dz + zx * dx) * dz
        group = shrink * inverse * (nx * dx + ny * dy + nz * dz + trace - three * bent * shrink)
        lanes[3 * PACKET + k] += (weight - near) * group
        lanes[5 * PACKET + k] = near
        count += near
    return count


@njit(cache=True, fastmath=True, error_model="numpy")
@no_type_check
def _meet(wide, corners, i):
    """Add half the solid angle of a triangle to the points with a weight.

    Without branches: the arc tangent is an odd polynomial fitted on [0, 1], exact to 2e-07, and unfolded.
    """
    x0, y0, z0, x1, y1, z1 = corners[i, 0], corners[i, 1], corners[i, 2], corners[i, 3], corners[i, 4], corners[i, 5]
    x2, y2, z2 = corners[i, 6], corners[i, 7], corners[i, 8]
    for k in range(PACKET):
        x, y, z = wide[k], wide[PACKET + k], wide[2 * PACKET + k]
        ax, ay, az, bx, by, bz, cx, cy, cz = x0 - x, y0 - y, z0 - z, x1 - x, y1 - y, z1 - z, x2 - x, y2 - y, z2 - z
        a, b = np.sqrt(ax * ax + ay * ay + az * az), np.sqrt(bx * bx + by * by + bz * bz)
        c = np.sqrt(cx * cx + cy * cy + cz * cz)
        up = ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx)
        along = a * b * c + (ax * bx + ay * by + az * bz) * c
        along += (bx * cx + by * cy + bz * cz) * a + (cx * ax + cy * ay + cz * az) * b
        rise, run = abs(up), abs(along) + 1e-300
        t = min(rise, run) / max(rise, run)
        s = t * t
        angle = 0.079623609 + s * (-0.033604167 + s * 0.006811776)
        angle = t * (0.999996112 + s * (-0.333173679 + s * (0.198078146 + s * (-0.132333385 + s * angle))))
        angle = np.pi / 2 - angle if rise > run else angle
        angle = np.pi - angle if along < 0.0 else angle
        wide[3 * PACKET + k] += wide[4 * PACKET + k] * (-angle if up < 0.0 else angle)


@njit(cache=True)
@no_type_check
def _descend(corners, nodes, spans, lanes, wide, stack, weights):
    """Bring one packet through the tree."""
    stack[0], depth = 0, 1
    weights[0, :] = 1.0
    while depth > 0:
        depth -= 1
        at = stack[depth]
        for k in range(PACKET):
            lanes[4 * PACKET + k] = weights[depth, k]
        if _see(lanes, nodes[at]) == 0:
            continue
        start, end, child = spans[at, 0], spans[at, 1], spans[at, 2]
        if child == 0:
            for k in range(PACKET):
                wide[4 * PACKET + k] = lanes[5 * PACKET + k]
            for i in range(start, end):
                _meet(wide, corners, i)
        else:
            for k in range(PACKET):
                weights[depth, k] = weights[depth + 1, k] = lanes[5 * PACKET + k]
            stack[depth], stack[depth + 1] = child + 1, child
            depth += 2


@njit(cache=True, nogil=True)
@no_type_check
def _winding(corners, nodes, spans, middle, scale, points, order, first, last, result):
    """Packets [first, last) of the points in `order`."""
    n = order.shape[0]
    lanes, wide = np.zeros(6 * PACKET, dtype=np.float32), np.zeros(5 * PACKET)
    stack, weights = np.zeros(STACK, dtype=np.int64), np.zeros((STACK, PACKET), dtype=np.float32)
    for begin in range(first * PACKET, min(last * PACKET, n), PACKET):
        lanes[:], wide[:] = 0.0, 0.0
        for k in range(PACKET):
            i = order[min(begin + k, n - 1)]
            for axis in range(3):
                place = min(max((points[i, axis] - middle[axis]) * scale, -OUT), OUT)
                lanes[axis * PACKET + k] = wide[axis * PACKET + k] = place
        _descend(corners, nodes, spans, lanes, wide, stack, weights)
        for k in range(min(PACKET, n - begin)):
            result[order[begin + k]] = (lanes[3 * PACKET + k] / 2.0 + wide[3 * PACKET + k]) / (2.0 * np.pi)


class WindingTree:
    """A triangle soup prepared for winding numbers at many points; 100,000 take about 70 ms."""

    def __init__(self, vertices: Float[np.ndarray, "n 3"], faces: Integer[np.ndarray, "m 3"]) -> None:
        """Prepare m >= 1 faces; orientation by the right-hand rule."""
        assert len(faces) > 0, "no face, no winding number"
        corners = plain_vertices(vertices)[faces].reshape(-1, 9)
        boxes, self._spans, order = build_tree(corners)
        self._middle = boxes[0, :3] / 2 + boxes[0, 3:] / 2
        self._scale = 0.5 ** float(np.frexp((boxes[0, 3:] / 2 - boxes[0, :3] / 2).max())[1])
        self._corners: Any = (corners[order] - np.tile(self._middle, 3)) * self._scale
        nodes = _groups(self._corners, self._spans)
        nodes[:, 3] = (BETA * np.sqrt(nodes[:, 3]) + SLACK) ** 2
        self._nodes: Any = nodes.astype(np.float32)

    def at(
        self, points: Float[np.ndarray, "q 3"], workers: int | None = 1, order: Int64[np.ndarray, "q"] | None = None
    ) -> Float64[np.ndarray, "q"]:
        """The winding number at each point, by `workers` threads (None: all).

        The error is 0.005 on average and at most 0.06 in our tests, far from what would turn an answer over. `order` is the points'
        Morton order where it is known.
        """
        order = morton_order(points.astype(np.float32)) if order is None else order
        result = np.zeros(len(points))
        points = plain_vertices(points)

        def part(packets: slice) -> None:
            tree = self._corners, self._nodes, self._spans, self._middle, self._scale
            _winding(*tree, points, order, packets.start, packets.stop, result)

        share(-(-len(points) // PACKET), part, workers, least=64)
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
