"""Merging vertices that stand at the same place."""

import dataclasses

import numpy as np
from jaxtyping import Float, Integer

from fieldstone.types import Mesh

__all__ = ["same_rows", "weld"]


def weld(mesh: Mesh, tolerance: float = 0.0) -> Mesh:
    """The mesh with vertices at the same place merged; faces keep their order and paint, and none is dropped.

    `tolerance` is a share of the bounding box's diagonal. At 0 only equal positions merge (0.0 and -0.0 are equal).
    Above 0, chains of vertices at most that far apart merge into the one that comes first, so a long chain of tiny
    steps merges whole. Vertices keep their positions and the order of their first members; merged vertex colours are
    the first member's.
    """
    if len(mesh.vertices) == 0:
        return mesh
    first, group = same_rows(mesh.vertices)
    if tolerance > 0.0:
        first, group = _merge_close(mesh.vertices, first, group, tolerance)
    if len(first) == len(mesh.vertices):
        return mesh
    paint = mesh.paint
    if paint is not None and paint.vertex is not None:
        paint = dataclasses.replace(paint, vertex=paint.vertex[first])
    return Mesh(mesh.vertices[first], group[mesh.faces], paint)


def same_rows(
    rows: Float[np.ndarray, "n 3"],
) -> tuple[Integer[np.ndarray, "k"], Integer[np.ndarray, "n"]]:
    """Indices of the first row of each kind, in the order they come, and the kind of every row."""
    from fieldstone.kernels.hashing import group_rows

    return group_rows(rows.astype(np.float64))


def _merge_close(
    vertices: Float[np.ndarray, "n 3"],
    first: Integer[np.ndarray, "k"],
    group: Integer[np.ndarray, "n"],
    tolerance: float,
) -> tuple[Integer[np.ndarray, "j"], Integer[np.ndarray, "n"]]:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    kept = vertices[first].astype(np.float64)
    reach = tolerance * float(np.linalg.norm(kept.max(axis=0) - kept.min(axis=0)))
    pairs = cKDTree(kept).query_pairs(reach, output_type="ndarray")
    links = coo_array((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(len(kept), len(kept)))
    label = connected_components(links, directed=False)[1]
    _, leader, renumbered = np.unique(label, return_index=True, return_inverse=True)
    order = np.argsort(leader)
    rank = np.zeros(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return first[leader[order]], rank[renumbered][group]
