"""The nearest triangle to each of many points, exact in float64.

Sixteen neighbouring points go through a tree of boxes together, the nearer child first, and leave a node out where its
box is farther from each of them than the triangle it has. In a leaf each triangle meets all sixteen at once, without
branches: the point is turned into the triangle's own frame (longest side along x, from its first corner), where the
squared distance is z^2 plus, outside the three sides, the least squared distance to one of them in the plane.

The squares found do not depend on the way through the tree, and of equally near triangles the first wins, so that
neither the other points nor the number of threads change an answer.
"""

from typing import Any, no_type_check

import numpy as np
from jaxtyping import Float, Float64, Int64, Integer
from numba import njit

from fieldstone.kernels.morton import morton_order
from fieldstone.kernels.plain import plain_vertices
from fieldstone.kernels.threads import share
from fieldstone.kernels.tree import PACKET, STACK, build_tree

__all__ = ["TriangleTree"]

FLAT = 1e-15  # height over length of a triangle that counts as a line
ROUNDING = 1e-14  # of a triangle's size: more than turning a point into its frame may err
SHRINK = 1 - 1e-13  # the same for far points, on a squared distance
SIZE = 21
"""Numbers a triangle: first corner (3); directions x, y, z (9); length along x; length and direction (2) of the second
side; length and direction of the third, backwards; its index; which of its corners is the first."""


def _unit(vectors: Float64[np.ndarray, "m k"]) -> tuple[Float64[np.ndarray, "m k"], Float64[np.ndarray, "m"]]:
    """Directions and lengths; the direction of zero is the first axis."""
    lengths = np.linalg.norm(vectors, axis=1)
    directions = vectors / np.where(lengths > 0.0, lengths, 1.0)[:, None]
    directions[lengths == 0.0, 0] = 1.0
    return directions, lengths


def _frames(corners: Float64[np.ndarray, "m 3 3"], index: Int64[np.ndarray, "m"]) -> Float64[np.ndarray, "m 21"]:
    """Every triangle's frame: orthonormal to rounding, however thin the triangle."""
    every = np.arange(len(corners))
    first = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=2).argmax(axis=1)
    a, b, c = (corners[every, (first + k) % 3] for k in range(3))
    u, length = _unit(b - a)
    run = ((c - a) * u).sum(axis=1)
    v, rise = _unit(c - a - run[:, None] * u)
    flat = rise <= FLAT * length  # no area: any direction across will do
    rise[flat] = 0.0
    v[flat] = np.eye(3)[np.abs(u[flat]).argmin(axis=1)]
    for _ in range(2):
        v = _unit(v - (v * u).sum(axis=1)[:, None] * u)[0]
    second, third = _unit(np.stack([run - length, rise], axis=1)), _unit(np.stack([run, rise], axis=1))
    numbers = [length, second[1], second[0], third[1], third[0], index, first]
    return np.column_stack([a, u, v, np.cross(u, v), *numbers])


@njit(cache=True, fastmath={"contract", "nnan", "nsz"})
@no_type_check
def _closer(packet, box):
    """How many points of the packet may find something nearer in the box."""
    x0, y0, z0, x1, y1, z1 = box[0], box[1], box[2], box[3], box[4], box[5]
    count = 0
    for k in range(PACKET):
        x, y, z = packet[k], packet[PACKET + k], packet[2 * PACKET + k]
        dx, dy, dz = max(max(x0 - x, x - x1), 0.0), max(max(y0 - y, y - y1), 0.0), max(max(z0 - z, z - z1), 0.0)
        count += SHRINK * (dx * dx + dy * dy + dz * dz) <= packet[3 * PACKET + k]
    return count


@njit(cache=True, fastmath={"contract", "nnan", "nsz"})
@no_type_check
def _meet(packet, frame):
    """Measure a triangle from every point of the packet, and keep it where it is nearer."""
    ax, ay, az, ux, uy, uz = frame[0], frame[1], frame[2], frame[3], frame[4], frame[5]
    vx, vy, vz, wx, wy, wz = frame[6], frame[7], frame[8], frame[9], frame[10], frame[11]
    length, second, px, py = frame[12], frame[13], frame[14], frame[15]
    third, qx, qy, index = frame[16], frame[17], frame[18], frame[19]
    for k in range(PACKET):
        dx, dy, dz = packet[k] - ax, packet[PACKET + k] - ay, packet[2 * PACKET + k] - az
        x, y, z = ux * dx + uy * dy + uz * dz, vx * dx + vy * dy + vz * dz, wx * dx + wy * dy + wz * dz
        over = x - min(max(x, 0.0), length)
        square = over * over + y * y
        along, across = px * (x - length) + py * y, px * y - py * (x - length)
        over = along - min(max(along, 0.0), second)
        square = min(square, over * over + across * across)
        inside = (y > 0.0) & (across > 0.0)
        along, across = qx * x + qy * y, qy * x - qx * y
        over = along - min(max(along, 0.0), third)
        square = min(square, over * over + across * across)
        square = z * z + (0.0 if inside & (across > 0.0) else square)
        best, nearest = packet[3 * PACKET + k], packet[4 * PACKET + k]
        nearer = (square < best) | ((square == best) & (index < nearest))
        packet[3 * PACKET + k] = square if nearer else best
        packet[4 * PACKET + k] = index if nearer else nearest


@njit(cache=True)
@no_type_check
def _gap(box, x, y, z):
    """Squared distance to a box."""
    dx, dy, dz = max(box[0] - x, x - box[3], 0.0), max(box[1] - y, y - box[4], 0.0), max(box[2] - z, z - box[5], 0.0)
    return dx * dx + dy * dy + dz * dz


@njit(cache=True)
@no_type_check
def _descend(boxes, spans, frames, packet, stack):
    """Bring one packet through the tree."""
    x, y, z = packet[:PACKET].mean(), packet[PACKET : 2 * PACKET].mean(), packet[2 * PACKET : 3 * PACKET].mean()
    stack[0], depth = 0, 1
    while depth > 0:
        depth -= 1
        at = stack[depth]
        if _closer(packet, boxes[at]) == 0:
            continue
        start, end, child = spans[at]
        if child == 0:
            for i in range(start, end):
                _meet(packet, frames[i])
        else:
            nearer = child if _gap(boxes[child], x, y, z) <= _gap(boxes[child + 1], x, y, z) else child + 1
            stack[depth], stack[depth + 1] = 2 * child + 1 - nearer, nearer
            depth += 2


@njit(cache=True, nogil=True)
@no_type_check
def _search(boxes, spans, frames, places, points, order, first, last, squares, faces):
    """Packets [first, last) of the points in `order`; each starts from the last point's triangle of the one before."""
    n, start = order.shape[0], 0
    packet, stack = np.zeros(5 * PACKET), np.zeros(STACK, dtype=np.int64)
    for begin in range(first * PACKET, min(last * PACKET, n), PACKET):
        for k in range(PACKET):
            i = order[min(begin + k, n - 1)]
            packet[k], packet[PACKET + k], packet[2 * PACKET + k] = points[i]
        packet[3 * PACKET :] = np.inf
        _meet(packet, frames[start])
        _descend(boxes, spans, frames, packet, stack)
        for k in range(min(PACKET, n - begin)):
            i = order[begin + k]
            squares[i], faces[i] = packet[3 * PACKET + k], np.int64(packet[4 * PACKET + k])
        start = places[np.int64(packet[5 * PACKET - 1])]


class TriangleTree:
    """Triangles prepared for many questions about what is nearest; 100,000 take about 70 ms."""

    def __init__(self, vertices: Float[np.ndarray, "n 3"], faces: Integer[np.ndarray, "m 3"]) -> None:
        """Prepare m >= 1 faces of any shape, in any unit and frame."""
        corners = plain_vertices(vertices)[faces]
        boxes, self._spans, order = build_tree(corners.reshape(-1, 9))
        rounding = ROUNDING * (boxes[:, 3:] - boxes[:, :3]).max(axis=1, keepdims=True)
        self._boxes: Any = boxes + np.concatenate(
            [-rounding, -rounding, -rounding, rounding, rounding, rounding], axis=1
        )
        self._frames: Any = _frames(corners[order], order)
        self._places: Any = np.zeros(len(order), dtype=np.int64)
        self._places[order] = np.arange(len(order))

    def nearest(
        self, points: Float[np.ndarray, "q 3"], workers: int | None = 1, order: Int64[np.ndarray, "q"] | None = None
    ) -> tuple[Float64[np.ndarray, "q"], Int64[np.ndarray, "q"]]:
        """Distance to and index of the nearest face, point by point, by `workers` threads (None: all).

        The distances are exact to rounding; of faces equally near to the last bit the first is given. `order` is the points' Morton
        order where it is known.
        """
        order = morton_order(points.astype(np.float32)) if order is None else order
        squares, faces = np.zeros(len(points)), np.zeros(len(points), dtype=np.int64)
        points = plain_vertices(points)

        def part(packets: slice) -> None:
            tree = self._boxes, self._spans, self._frames, self._places
            _search(*tree, points, order, packets.start, packets.stop, squares, faces)

        share(-(-len(points) // PACKET), part, workers, least=64)
        return np.sqrt(squares), faces

    def weights(self, points: Float[np.ndarray, "q 3"], faces: Int64[np.ndarray, "q"]) -> Float64[np.ndarray, "q 3"]:
        """Weights of a face's corners that give its nearest place to the point: none below 0, together 1."""
        frames = self._frames[self._places[faces]]
        offset = points - frames[:, :3]
        x, y = (offset * frames[:, 3:6]).sum(axis=1), (offset * frames[:, 6:9]).sum(axis=1)
        length, second, px, py, third, qx, qy, _, first = frames[:, 12:].T
        zero, gaps, places = np.zeros(len(points)), [], []
        for side, along, across in (
            (length, x, y),
            (second, px * (x - length) + py * y, px * y - py * (x - length)),
            (third, qx * x + qy * y, qy * x - qx * y),
        ):
            at = np.clip(along, 0.0, side)
            gaps.append((along - at) ** 2 + across**2)
            places.append((at / np.where(side > 0.0, side, 1.0), across))
        (a, below), (b, beyond), (c, before) = places
        nearest = np.argmin(gaps, axis=0)
        inside = (below > 0.0) & (beyond > 0.0) & (before > 0.0)
        height = np.divide(y, third * qy, out=zero.copy(), where=inside)
        middle = np.clip(np.divide(x - height * third * qx, length, out=zero.copy(), where=inside), 0.0, 1.0 - height)
        cases = [inside, nearest == 0, nearest == 1]
        to_b = np.select(cases, [middle, a, 1.0 - b], zero)
        to_c = np.select(cases, [height, zero, b], c)
        local = np.stack([1.0 - to_b - to_c, to_b, to_c], axis=1)
        turn = (np.arange(3) - first.astype(np.int64)[:, None]) % 3
        weights: Float64[np.ndarray, "q 3"] = np.take_along_axis(np.maximum(local, 0.0), turn, axis=1)
        return weights
