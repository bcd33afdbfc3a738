"""The edges of a triangle mesh as sorted keys: what neighbours what, in a few linear passes."""

from typing import no_type_check

import numpy as np
from jaxtyping import Int32, Int64, Integer
from numba import njit

__all__ = ["edge_keys", "label_by_edges"]


@njit(cache=True)
@no_type_check
def _keys(faces):
    """Key of each side of each face: lower vertex * 2**32 + higher vertex; side s runs from corner s to s + 1."""
    keys = np.zeros(faces.shape[0] * 3, dtype=np.int64)
    for face in range(faces.shape[0]):
        for side in range(3):
            a, b = np.int64(faces[face, side]), np.int64(faces[face, (side + 1) % 3])
            keys[3 * face + side] = (min(a, b) << 32) | max(a, b)
    return keys


def edge_keys(faces: Integer[np.ndarray, "m 3"]) -> tuple[Int64[np.ndarray, "3*m"], Int64[np.ndarray, "3*m"]]:
    """Keys of all sides in ascending order, and the sides (3 * face + corner) in that order: equal keys, one edge."""
    keys = _keys(faces)
    order = np.argsort(keys, kind="stable")
    return keys[order], order


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


def label_by_edges(
    keys: Int64[np.ndarray, "sides"], sides: Int64[np.ndarray, "sides"], n_faces: int
) -> Int32[np.ndarray, "m"]:
    """Connected components of faces over shared edges, numbered by their lowest face (union-find)."""
    label: Int32[np.ndarray, "m"] = _label(keys, sides, n_faces)
    return label
