"""The edges of a triangle mesh as sorted keys: what neighbours what, in a few linear passes.

A face has three sides; side 3 f + s of face f runs from corner s to corner s + 1. Sides between the same two vertices
are one edge.
"""

from dataclasses import dataclass
from typing import no_type_check

import numpy as np
from jaxtyping import Bool, Float64, Int32, Int64, Integer
from numba import njit

from fieldstone.kernels.plain import plain_faces

__all__ = ["EdgeCounts", "Edges", "boundary_loops", "count_edges", "edges_of", "label_by_edges", "orientation_flips"]


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """All sides of a mesh, sorted so that the sides of one edge stand together."""

    keys: Int64[np.ndarray, "sides"]
    """Lower vertex * 2**32 + higher vertex, ascending."""
    sides: Int64[np.ndarray, "sides"]
    """3 * face + corner."""
    forward: Bool[np.ndarray, "sides"]
    """Whether the side runs from the lower to the higher vertex."""
    n_faces: int


@dataclass(frozen=True, slots=True)
class EdgeCounts:
    """What the edges tell about a surface."""

    boundary: int
    """Edges of one face."""
    non_manifold: int
    """Edges of more than two faces."""
    odd: int
    """Edges of one, three, five ... faces: none, and the surface is closed."""
    inconsistent: int
    """Edges along which the faces disagree about which side is out."""


@njit(cache=True)
@no_type_check
def _keys(faces):
    keys = np.zeros(faces.shape[0] * 3, dtype=np.int64)
    for face in range(faces.shape[0]):
        for side in range(3):
            a, b = np.int64(faces[face, side]), np.int64(faces[face, (side + 1) % 3])
            keys[3 * face + side] = (min(a, b) << 32) | max(a, b)
    return keys


@njit(cache=True)
@no_type_check
def _forward(faces, sides):
    forward = np.zeros(sides.shape[0], dtype=np.bool_)
    for i in range(sides.shape[0]):
        face, side = sides[i] // 3, sides[i] % 3
        forward[i] = faces[face, side] < faces[face, (side + 1) % 3]
    return forward


def edges_of(faces: Integer[np.ndarray, "m 3"]) -> Edges:
    """The sorted sides of a mesh; no face may name a vertex twice."""
    faces = plain_faces(faces)
    keys = _keys(faces)
    order = np.argsort(keys, kind="stable")
    return Edges(keys[order], order, _forward(faces, order), len(faces))


@njit(cache=True)
@no_type_check
def _count(keys, forward):
    boundary, non_manifold, odd, inconsistent = 0, 0, 0, 0
    start = 0
    while start < keys.shape[0]:
        end, balance = start, 0
        while end < keys.shape[0] and keys[end] == keys[start]:
            balance += 1 if forward[end] else -1
            end += 1
        count = end - start
        boundary += count == 1
        non_manifold += count > 2
        odd += count % 2
        inconsistent += abs(balance) > count % 2
        start = end
    return boundary, non_manifold, odd, inconsistent


def count_edges(edges: Edges) -> EdgeCounts:
    """Boundary, non-manifold, odd and inconsistent edges."""
    return EdgeCounts(*(int(count) for count in _count(edges.keys, edges.forward)))


@njit(cache=True)
@no_type_check
def _root(parent, i):
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@njit(cache=True)
@no_type_check
def _label(keys, sides, n_faces):
    parent = np.arange(n_faces)
    for i in range(1, keys.shape[0]):
        if keys[i] == keys[i - 1]:
            a, b = _root(parent, sides[i - 1] // 3), _root(parent, sides[i] // 3)
            if a != b:
                parent[max(a, b)] = min(a, b)
    label = np.zeros(n_faces, dtype=np.int32)
    count = 0
    for face in range(n_faces):  # roots are the lowest face of their body, so they come first
        root = _root(parent, face)
        if root == face:
            label[face] = count
            count += 1
        else:
            label[face] = label[root]
    return label


def label_by_edges(edges: Edges) -> Int32[np.ndarray, "m"]:
    """Connected components of faces over shared edges, numbered by their lowest face (union-find)."""
    label: Int32[np.ndarray, "m"] = _label(edges.keys, edges.sides, edges.n_faces)
    return label


@njit(cache=True)
@no_type_check
def _climb(parent, odd, i):
    """The root of i, and whether i is turned against it."""
    turned = False
    while parent[i] != i:
        turned ^= odd[i]
        i = parent[i]
    return i, turned


@njit(cache=True)
@no_type_check
def _flips(keys, sides, forward, areas):
    """Union-find with parity over edges of exactly two faces; the larger area of each patch keeps its orientation."""
    n_faces, n_sides = areas.shape[0], keys.shape[0]
    parent, odd, size = np.arange(n_faces), np.zeros(n_faces, dtype=np.bool_), np.ones(n_faces, dtype=np.int64)
    for i in range(1, n_sides):
        paired = keys[i] == keys[i - 1]
        alone = (i < 2 or keys[i - 2] != keys[i]) and (i + 1 == n_sides or keys[i + 1] != keys[i])
        if not (paired and alone):
            continue
        a, a_turned = _climb(parent, odd, sides[i - 1] // 3)
        b, b_turned = _climb(parent, odd, sides[i] // 3)
        if a == b:
            continue
        if size[a] < size[b]:
            a, b = b, a
        parent[b], size[a] = a, size[a] + size[b]
        odd[b] = a_turned ^ b_turned ^ (forward[i] == forward[i - 1])
    turned, weight = np.zeros(n_faces, dtype=np.bool_), np.zeros(n_faces)
    root_of = np.zeros(n_faces, dtype=np.int64)
    for face in range(n_faces):
        root_of[face], turned[face] = _climb(parent, odd, face)
        weight[root_of[face]] += -areas[face] if turned[face] else areas[face]
    for face in range(n_faces):
        turned[face] ^= weight[root_of[face]] < 0
    return turned


def orientation_flips(edges: Edges, areas: Float64[np.ndarray, "m"]) -> Bool[np.ndarray, "m"]:
    """Which faces to turn so that faces which share an edge (and share it with no third face) agree.

    Each patch that hangs together so keeps the orientation that the larger part of its area has. A patch that cannot be
    oriented (a Moebius strip) stays inconsistent along some edges.
    """
    flips: Bool[np.ndarray, "m"] = _flips(edges.keys, edges.sides, edges.forward, areas)
    return flips


@njit(cache=True)
@no_type_check
def _loops(keys, sides, faces, n_vertices):
    """Follow the border against the faces' sense. Vertices where it branches end the loop that meets them, unused."""
    after, leaving = np.full(n_vertices, -1), np.zeros(n_vertices, dtype=np.int64)
    beside = np.full(n_vertices, -1)
    n = keys.shape[0]
    for i in range(n):
        if (i > 0 and keys[i - 1] == keys[i]) or (i + 1 < n and keys[i + 1] == keys[i]):
            continue
        face, side = sides[i] // 3, sides[i] % 3
        a, b = faces[face, side], faces[face, (side + 1) % 3]
        after[b], beside[b] = a, face
        leaving[b] += 1
    corners, offsets = np.zeros(n_vertices, dtype=np.int64), np.zeros(n_vertices + 1, dtype=np.int64)
    count, loops = 0, 0
    for start in range(n_vertices):
        at, begin = start, count
        while leaving[at] == 1:
            corners[count] = at
            count += 1
            leaving[at] = 0
            at = after[at]
        if at == start and count - begin >= 3:
            loops += 1
            offsets[loops] = count
        else:
            count = begin
    corners = corners[:count].copy()
    return corners, beside[corners], offsets[: loops + 1].copy()


def boundary_loops(
    edges: Edges, faces: Integer[np.ndarray, "m 3"]
) -> tuple[Int64[np.ndarray, "corners"], Int64[np.ndarray, "corners"], Int64[np.ndarray, "starts"]]:
    """The simple closed loops of the border: all vertices in one row, the faces beside, the loops' starts and the end.

    Each runs against the sense of the faces beside it, so that faces which fill it in its own sense agree with them.
    """
    faces = plain_faces(faces)
    corners, beside, offsets = _loops(edges.keys, edges.sides, faces, int(faces.max()) + 1 if len(faces) else 0)
    return corners, beside, offsets
