"""Normals for clouds that come without: the direction in which a point's neighbourhood is thinnest."""

import numpy as np
from jaxtyping import Float32

__all__ = ["estimate_normals"]

NEIGHBOURS = 12


def estimate_normals(points: Float32[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n 3"]:
    """Unit normals of a surface that the points lie on, each with a sign of no meaning.

    The eigenvector of least eigenvalue of the covariance of the nearest points: Hoppe, DeRose, Duchamp, McDonald,
    Stuetzle, Surface reconstruction from unorganized points, 1992, section 3.
    """
    from scipy.spatial import cKDTree

    k = min(NEIGHBOURS, len(points))
    _, nearest = cKDTree(points).query(points, k=k)
    near = points[nearest.reshape(len(points), k)].astype(np.float64)
    near -= near.mean(axis=1, keepdims=True)
    _, vectors = np.linalg.eigh(np.einsum("nki,nkj->nij", near, near))
    return np.ascontiguousarray(vectors[:, :, 0], dtype=np.float32)
