"""A few plain solids as triangle meshes, and what the encoders' tests do to them."""

import numpy as np

from fieldstone.geometry.sample import sample_surface
from fieldstone.types import Mesh, PointCloud, Sampled


def revolved(profile: list[tuple[float, float]], around: int = 48) -> Mesh:
    """A solid of revolution about z from (radius, height) pairs; the ends stay open."""
    angle = np.linspace(0.0, 2.0 * np.pi, around, endpoint=False)
    radius, height = np.array(profile).T
    rings = np.stack(
        [radius[:, None] * np.cos(angle), radius[:, None] * np.sin(angle), np.tile(height[:, None], around)], axis=-1
    )
    i, j = np.meshgrid(np.arange(len(profile) - 1), np.arange(around), indexing="ij")
    a, b = i * around + j, i * around + (j + 1) % around
    faces = np.concatenate([np.stack([a, b, b + around], -1), np.stack([a, b + around, a + around], -1)])
    return Mesh(rings.reshape(-1, 3), faces.reshape(-1, 3))


def box(x: float, y: float, z: float, corner: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Mesh:
    corners = np.array(list(np.ndindex(2, 2, 2)), dtype=np.float64) * [x, y, z] + corner
    quads = [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
    return Mesh(corners, np.array([[q[a], q[b], q[c]] for q in quads for a, b, c in ((0, 1, 2), (0, 2, 3))]))


def joined(*meshes: Mesh) -> Mesh:
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
    faces = [mesh.faces + start for mesh, start in zip(meshes, starts, strict=False)]
    return Mesh(np.concatenate([mesh.vertices for mesh in meshes]), np.concatenate(faces))


def solids() -> list[Mesh]:
    """Fourteen shapes that differ plainly."""
    legs = [box(0.1, 0.1, 1.0, (x, y, -1.0)) for x in (0.0, 1.4) for y in (0.0, 0.9)]
    return [
        box(1.0, 1.0, 1.0),
        box(3.0, 1.0, 1.0),
        box(3.0, 2.0, 0.1),
        box(1.0, 2.0, 3.0),
        joined(box(2.0, 0.3, 1.0), box(0.3, 2.0, 1.0)),
        joined(box(1.5, 1.0, 0.1), *legs),
        joined(box(1.0, 1.0, 1.0), box(0.5, 0.5, 0.5, (3.0, 0.0, 0.0))),
        revolved([(1.0, 0.0), (1.0, 1.0)]),
        revolved([(1.0, 0.0), (1.0, 6.0)]),
        revolved([(1.0, 0.0), (0.01, 2.0)]),
        revolved([(np.sin(t) + 1e-3, np.cos(t)) for t in np.linspace(0.0, np.pi, 24)]),
        revolved([(2.0 + 0.5 * np.cos(t), 0.5 * np.sin(t)) for t in np.linspace(0.0, 2.0 * np.pi, 24)]),
        revolved([(1.0, 0.0), (1.0, 2.0), (0.3, 2.6), (0.3, 3.4)]),
        revolved([(0.2, 0.0), (0.2, 2.0), (1.0, 2.2), (1.2, 3.0)]),
    ]


def sampled(mesh: Mesh, seed: int = 0, n: int = 4096) -> Sampled:
    drawn = sample_surface(mesh, n, np.random.default_rng(seed))
    return Sampled(shape=mesh, points=drawn.points, normals=drawn.normals)


def as_cloud(shape: Sampled) -> Sampled:
    return Sampled(shape=PointCloud(shape.points), points=shape.points)


def turned(mesh: Mesh, seed: int, scale: float = 1.0, mirror: bool = False) -> Mesh:
    """The mesh in a random pose, moved far, scaled, mirrored on request."""
    generator = np.random.default_rng(seed)
    rotation, _ = np.linalg.qr(generator.standard_normal((3, 3)))
    rotation *= np.sign(np.linalg.det(rotation))
    if mirror:
        rotation[0] *= -1.0
    return Mesh(scale * mesh.vertices @ rotation.T + generator.uniform(-5.0, 5.0, 3), mesh.faces)
