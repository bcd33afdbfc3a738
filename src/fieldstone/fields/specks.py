"""Specks: tiny closed bodies far from the surface proper, where a learnt field passes its level by mistake."""

import numpy as np
from jaxtyping import Bool

from fieldstone.geometry.bodies import label_bodies, select_faces
from fieldstone.types import Mesh

__all__ = ["CELLS", "without_specks"]

CELLS = 4.0
"""A body whose box has a diagonal below this many cells of the lattice is a speck."""


def without_specks(surface: Mesh, cell: float) -> tuple[Mesh, int]:
    """The surface without its specks, and how many they were; `cell` is the lattice's, in the unit of the surface.

    Open pieces stay, and so does everything where there is nothing larger than a speck.
    """
    faces, count = _specks(surface, CELLS * cell)
    return (select_faces(surface, ~faces), count) if count else (surface, 0)


def _specks(surface: Mesh, size: float) -> tuple[Bool[np.ndarray, "m"], int]:
    from fieldstone.kernels.edges import edges_of
    from fieldstone.kernels.triangles import body_boxes_and_volumes

    body = label_bodies(surface.faces, len(surface.vertices))
    boxes, _ = body_boxes_and_volumes(surface.vertices, surface.faces, body)
    small = np.linalg.norm(boxes[:, 3:] - boxes[:, :3], axis=1) < size
    if small.all():
        return np.zeros(len(body), dtype=np.bool_), 0
    edges = edges_of(surface.faces)
    _, first, count = np.unique(edges.keys, return_index=True, return_counts=True)
    small[body[edges.sides[first[count == 1]] // 3]] = False
    return small[body], int(small.sum())
