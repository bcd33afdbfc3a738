"""Forms for telling shapes apart: a knot, a screw, and their disguises."""

import numpy as np

from fieldstone.types import Mesh
from tests.geometry.solids import lattice_faces


def join(*meshes: Mesh) -> Mesh:
    """All of them as one mesh."""
    offsets = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes[:-1]])
    faces = [mesh.faces + offset for mesh, offset in zip(meshes, offsets, strict=True)]
    return Mesh(np.concatenate([mesh.vertices for mesh in meshes]), np.concatenate(faces))


def knot(rows: int = 96, columns: int = 16, thickness: float = 0.35) -> Mesh:
    """A tube along a trefoil knot, with a bump: one chiral body without any symmetry."""
    t = np.arange(rows) * 2 * np.pi / rows
    ring = 2 + np.cos(3 * t)
    path = np.stack([ring * np.cos(2 * t), ring * np.sin(2 * t), 1.5 * np.sin(3 * t)], axis=1)
    ahead = np.roll(path, -1, axis=0) - np.roll(path, 1, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    side = np.cross(ahead, [0.3, 0.2, 1.0])
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    up = np.cross(ahead, side)
    v = np.arange(columns)[None, :, None] * 2 * np.pi / columns
    radius = thickness * (1 + 0.5 * np.exp(-((t - 1.0) ** 2) / 0.1))[:, None, None]
    points = path[:, None] + radius * (np.cos(v) * side[:, None] + np.sin(v) * up[:, None])
    return Mesh(points.reshape(-1, 3), lattice_faces(rows, columns))


def screw(turns: int = 6, steps_a_turn: int = 48, columns: int = 12) -> Mesh:
    """A thread: a rod whose radius swells along a helix to the right."""
    rows = turns * columns
    z = np.arange(rows + 1) / columns
    angle = np.arange(steps_a_turn) * 2 * np.pi / steps_a_turn
    phase = 2 * np.pi * z[:, None] - angle[None]
    radius = 1.0 + 0.15 * np.abs(np.mod(phase / np.pi, 2.0) - 1.0)
    x, y = radius * np.cos(angle), radius * np.sin(angle)
    points = np.stack([x, y, np.broadcast_to(0.3 * z[:, None], x.shape)], axis=-1).reshape(-1, 3)
    i, j = np.meshgrid(np.arange(rows), np.arange(steps_a_turn), indexing="ij")
    here, right = i * steps_a_turn + j, i * steps_a_turn + (j + 1) % steps_a_turn
    faces = np.concatenate(
        [
            np.stack([here, right, right + steps_a_turn], -1).reshape(-1, 3),
            np.stack([here, right + steps_a_turn, here + steps_a_turn], -1).reshape(-1, 3),
        ]
    )
    return Mesh(points, faces)


def rotation(generator: np.random.Generator) -> np.ndarray:
    """A rotation drawn evenly from all."""
    q, r = np.linalg.qr(generator.standard_normal((3, 3)))
    q = q * np.sign(np.diag(r))
    return np.asarray(q * np.sign(np.linalg.det(q)))


def moved(mesh: Mesh, turn: np.ndarray, shift: np.ndarray | float = 0.0, scale: float = 1.0) -> Mesh:
    """The mesh under `x -> scale * turn @ x + shift`."""
    return Mesh(scale * mesh.vertices @ turn.T + shift, mesh.faces)


def subdivided(mesh: Mesh, generator: np.random.Generator) -> Mesh:
    """The same surface: each face cut in three at a random inner point."""
    share = generator.dirichlet([2, 2, 2], len(mesh.faces))
    inner = np.einsum("mc,mci->mi", share, mesh.vertices[mesh.faces])
    new = len(mesh.vertices) + np.arange(len(mesh.faces))
    a, b, c = mesh.faces.T
    faces = np.concatenate([np.stack(p, axis=1) for p in ((a, b, new), (b, c, new), (c, a, new))])
    return Mesh(np.concatenate([mesh.vertices, inner]), faces)
