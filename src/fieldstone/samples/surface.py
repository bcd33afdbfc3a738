"""From a solid to a mesh that any file format can hold."""

import numpy as np
from jaxtyping import Float, Int

from fieldstone.samples.solid import BARE, Solid
from fieldstone.types import Mesh, Paint

__all__ = ["is_sound", "to_mesh"]

TOLERANCE = 2e-5
"""Features under this share of the diagonal are smoothed away."""
GRID = 1e-6
"""Coordinates are rounded to a power of two near this share of the diagonal."""


def to_mesh(solid: Solid) -> Mesh:
    """The surface, standing on z = 0 and centred in x and y, in mm, with a colour per face.

    Coordinates lie on a grid that single precision holds exactly: every file format stores exactly these points.
    """
    low, high = solid.bounds()
    middle, diagonal = (low + high) / 2, float(np.linalg.norm(high - low))
    manifold = solid.manifold.translate((-middle[0], -middle[1], -low[2])).set_tolerance(diagonal * TOLERANCE)
    surface = manifold.to_mesh64()
    palette = np.array([(*solid.colors.get(int(key), BARE), 255) for key in surface.run_original_id], dtype=np.uint8)
    ends = np.asarray(surface.run_index, dtype=np.int64) // 3
    step = 2.0 ** np.floor(np.log2(diagonal * GRID))
    node = np.rint(surface.vert_properties[:, :3] / step).astype(np.int64)
    faces = np.asarray(surface.tri_verts, dtype=np.int64)
    vertices, faces, kept = _weld(node, faces)
    return Mesh(vertices * step, faces, Paint(face=np.repeat(palette, ends[1:] - ends[:-1], axis=0)[kept]))


def _weld(
    node: Int[np.ndarray, "n 3"], faces: Int[np.ndarray, "m 3"]
) -> tuple[Float[np.ndarray, "k 3"], Int[np.ndarray, "f 3"], Int[np.ndarray, "f"]]:
    """Vertices on one grid node become one; faces that lose their area go, and so do pairs that fall onto each other.

    Booleans are exact in topology, but where two surfaces graze each other distinct vertices may share a position.
    """
    x, y, z = (node - node.min(0)).T
    _, first, vertex = np.unique((x << 42) | (y << 21) | z, return_index=True, return_inverse=True)
    faces = vertex[faces]
    a, b, c = np.sort(faces, axis=1).T
    _, group, count = np.unique((a << 42) | (b << 21) | c, return_inverse=True, return_counts=True)
    kept = np.flatnonzero((a != b) & (b != c) & (count[group] == 1))
    used, compact = np.unique(faces[kept], return_inverse=True)
    return node[first[used]].astype(np.float64), compact.reshape(-1, 3), kept


def is_sound(mesh: Mesh) -> bool:
    """Whether the surface is closed and oriented, encloses a positive volume and has no face without area.

    Vertices must have been told apart by position alone, as a file that stores only positions does.
    """
    start, end = mesh.faces.ravel(), np.roll(mesh.faces, -1, axis=1).ravel()
    n = len(mesh.vertices)
    edges, twins = np.sort(start * n + end), np.sort(end * n + start)
    closed = np.array_equal(edges, twins) and bool((np.diff(edges) > 0).all())
    corners = mesh.vertices[mesh.faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    flat = bool((normals == 0).all(axis=1).any())
    return closed and not flat and float(np.vdot(corners[:, 0], normals)) > 0
