"""The same shape with fewer faces."""

import numpy as np

from fieldstone.errors import GeometryError
from fieldstone.geometry.clean import clean
from fieldstone.types import Mesh

__all__ = ["simplify"]


def simplify(mesh: Mesh, n_faces: int) -> Mesh:
    """A mesh of about `n_faces` faces, in the same frame, without paint; what has no more than that is only cleaned.

    Edges collapse in the order of their quadric error (Garland, Heckbert, Surface simplification using quadric error
    metrics, 1997) by fast-simplification. Deterministic. GeometryError where `n_faces` is below 4.
    """
    from fast_simplification import simplify as collapse

    if n_faces < 4:
        raise GeometryError(f"a shape has at least 4 faces, and {n_faces} were asked for")
    surface = clean(Mesh(mesh.vertices, mesh.faces)).mesh
    if len(surface.faces) <= n_faces:
        return surface
    centre = surface.vertices.mean(axis=0, dtype=np.float64)  # the library counts in float32
    vertices, faces = collapse(
        (surface.vertices - centre).astype(np.float32), surface.faces.astype(np.int32), target_count=n_faces
    )
    return clean(Mesh(vertices.astype(np.float64) + centre, faces.astype(np.int64))).mesh
