"""Small shapes that the picture tests share."""

import numpy as np

from fieldstone.types import Mesh, Paint, PointCloud

CUBE_FACES = np.array(
    [[0, 2, 1], [0, 3, 2], [4, 5, 6], [4, 6, 7], [0, 1, 5], [0, 5, 4],
     [2, 3, 7], [2, 7, 6], [1, 2, 6], [1, 6, 5], [0, 4, 7], [0, 7, 3]]
)  # fmt: skip


def cube(paint: Paint | None = None) -> Mesh:
    corners = np.array(
        [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]], dtype=float
    )
    return Mesh(corners, CUBE_FACES, paint)


def sphere(n: int = 24) -> Mesh:
    """A ball of n x 2n quads, outward."""
    polar, around = np.meshgrid(np.linspace(0, np.pi, n + 1), np.linspace(0, 2 * np.pi, 2 * n + 1), indexing="ij")
    points = np.stack([np.sin(polar) * np.cos(around), np.sin(polar) * np.sin(around), np.cos(polar)], axis=-1)
    i, j = np.meshgrid(np.arange(n), np.arange(2 * n), indexing="ij")
    a = (i * (2 * n + 1) + j).ravel()
    b, c, d = a + 2 * n + 1, a + 2 * n + 2, a + 1
    return Mesh(points.reshape(-1, 3), np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)]))


def ball_cloud(n: int, generator: np.random.Generator) -> PointCloud:
    points = generator.normal(size=(n, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    return PointCloud(points, points.copy())
