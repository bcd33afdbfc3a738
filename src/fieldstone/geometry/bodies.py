"""Bodies: the connected pieces of a mesh, and the mesh of some of its faces."""

import dataclasses

import numpy as np
from jaxtyping import Bool, Int32, Integer

from fieldstone.types import Mesh, Paint

__all__ = ["label_bodies", "select_faces"]


def label_bodies(faces: Integer[np.ndarray, "m 3"], n_vertices: int) -> Int32[np.ndarray, "m"]:
    """The body of each face: 0, 1, ... in the order of their first faces.

    Faces belong together when they share an edge (two vertices), directly or through others; solids that only touch in
    a corner stay apart. Faces must be welded first, or every face of an STL is a body of its own.
    """
    from fieldstone.kernels.edges import edges_of, label_by_edges

    assert len(faces) == 0 or int(faces.max()) < n_vertices, "a face names a vertex that is not there"
    return label_by_edges(edges_of(faces))


def select_faces(mesh: Mesh, mask: Bool[np.ndarray, "m"]) -> Mesh:
    """The mesh of the faces where `mask` is true, without the vertices that they leave unused; paint comes along."""
    faces = mesh.faces[mask]
    used = np.zeros(len(mesh.vertices), dtype=bool)
    used[faces] = True
    renumbered = np.cumsum(used) - 1
    paint = None if mesh.paint is None else _select_paint(mesh.paint, used, mask)
    return Mesh(mesh.vertices[used], renumbered[faces].astype(mesh.faces.dtype), paint)


def _select_paint(paint: Paint, used: Bool[np.ndarray, "n"], mask: Bool[np.ndarray, "m"]) -> Paint:
    return dataclasses.replace(
        paint,
        vertex=None if paint.vertex is None else paint.vertex[used],
        face=None if paint.face is None else paint.face[mask],
        uv=None if paint.uv is None else paint.uv[mask],
        image_of_face=None if paint.image_of_face is None else paint.image_of_face[mask],
    )
