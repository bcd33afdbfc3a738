"""Squares around crossed edges as a mesh, and its smallest holes closed."""

import numpy as np
from jaxtyping import Float32, Float64, Int64

from fieldstone.types import Mesh

__all__ = ["close_pinholes", "squares"]

LONGEST = 8
"""Edges around the longest hole that is closed: about two cells across."""


def squares(
    low: Int64[np.ndarray, "n 3"],
    axis: Int64[np.ndarray, "n"],
    points: Float64[np.ndarray, "n 3"],
    normals: Float32[np.ndarray, "n 3"],
    width: int,
) -> tuple[Float64[np.ndarray, "k 3"], Float32[np.ndarray, "k 3"], Int64[np.ndarray, "m 3"]]:
    """One vertex a cell, its normal, and two triangles for each crossed edge, cut along the shorter diagonal.

    `low` and `axis` name the edges, `points` and `normals` say where and how the surface crosses them; `width` is the
    number of nodes along the lattice. A vertex is the mean of the crossings on its cell's edges; a normal is their
    mean with each turned to the side of the first.
    """
    unit = np.eye(3, dtype=np.int64)
    u, v = unit[(axis + 1) % 3], unit[(axis + 2) % 3]
    around = low[:, None] + 1 - np.stack([0 * u, u, u + v, v], axis=1)  # + 1: cells before the first node count too
    keys = around @ np.array([(width + 1) ** 2, width + 1, 1])
    cells, first, corner = np.unique(keys, return_index=True, return_inverse=True)
    corner = corner.reshape(-1, 4)
    reference = normals[first // 4][corner]
    sided = normals[:, None] * np.where((reference * normals[:, None]).sum(axis=2, keepdims=True) < 0.0, -1, 1)
    total = np.stack([np.bincount(corner.ravel(), np.repeat(points[:, k], 4), len(cells)) for k in range(3)], axis=1)
    facing = np.stack([np.bincount(corner.ravel(), sided[:, :, k].ravel(), len(cells)) for k in range(3)], axis=1)
    vertices = total / np.bincount(corner.ravel())[:, None]
    facing = facing / np.maximum(np.linalg.norm(facing, axis=1, keepdims=True), 1e-12)
    a, b, c, d = corner.T
    even = np.linalg.norm(vertices[a] - vertices[c], axis=1) <= np.linalg.norm(vertices[b] - vertices[d], axis=1)
    one = np.stack([a, b, np.where(even, c, d)], axis=1)
    two = np.stack([np.where(even, a, b), c, d], axis=1)
    away = normals[np.arange(len(axis)), axis] < 0.0
    faces = np.stack([one, two], axis=1)
    faces[away] = faces[away][:, :, ::-1]
    return vertices, facing.astype(np.float32), faces.reshape(-1, 3)


def close_pinholes(mesh: Mesh) -> Mesh:
    """The mesh with every hole of at most LONGEST edges filled by a fan."""
    from fieldstone.kernels.edges import boundary_loops, edges_of

    corners, _, starts = boundary_loops(edges_of(mesh.faces), mesh.faces)
    length = np.diff(starts)
    fans = [mesh.faces]
    for n in range(3, LONGEST + 1):
        loop = corners[starts[:-1][length == n][:, None] + np.arange(n)]
        fans += [np.stack([loop[:, 0], loop[:, i], loop[:, i + 1]], axis=1) for i in range(1, n - 1)]
    return Mesh(mesh.vertices, np.concatenate(fans))
