"""Solids whose area, volume and distances are known."""

import numpy as np

from fieldstone.types import Mesh

CUBE_FACES = np.array(
    [[0, 2, 3], [0, 3, 1], [4, 5, 7], [4, 7, 6], [0, 1, 5], [0, 5, 4], [2, 6, 7], [2, 7, 3], [0, 4, 6], [0, 6, 2],
     [1, 3, 7], [1, 7, 5]]
)  # fmt: skip


def cube(side: float = 2.0, centre: tuple[float, float, float] = (0, 0, 0)) -> Mesh:
    """An axis-aligned cube, faces outward."""
    corners = np.array([[x, y, z] for z in (-1, 1) for y in (-1, 1) for x in (-1, 1)], dtype=np.float64)
    return Mesh(corners * side / 2 + centre, CUBE_FACES.copy())


def lattice_faces(rows: int, columns: int) -> np.ndarray:
    """Faces of a lattice that closes on itself both ways."""
    i, j = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    here, right = i * columns + j, i * columns + (j + 1) % columns
    down, across = (i + 1) % rows * columns + j, (i + 1) % rows * columns + (j + 1) % columns
    return np.concatenate([np.stack([here, down, across], -1), np.stack([here, across, right], -1)]).reshape(-1, 3)


def torus(major: float = 1.0, minor: float = 0.4, rows: int = 128, columns: int = 64) -> Mesh:
    """A torus around the z axis, faces outward."""
    u = np.arange(rows)[:, None] * 2 * np.pi / rows
    v = np.arange(columns) * 2 * np.pi / columns
    ring = major + minor * np.cos(v)
    vertices = np.stack([ring * np.cos(u), ring * np.sin(u), minor * np.sin(v) + 0 * u], axis=-1)
    return Mesh(vertices.reshape(-1, 3), lattice_faces(rows, columns))


def sphere(radius: float = 1.0, levels: int = 4) -> Mesh:
    """A subdivided octahedron on a sphere, faces outward."""
    vertices = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], dtype=np.float64)
    faces = np.array([[0, 2, 4], [2, 1, 4], [1, 3, 4], [3, 0, 4], [2, 0, 5], [1, 2, 5], [3, 1, 5], [0, 3, 5]])
    for _ in range(levels):
        sides = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
        edges, which = np.unique(sides, axis=0, return_inverse=True)
        middle = (which.reshape(3, -1) + len(vertices)).T
        vertices = np.concatenate([vertices, vertices[edges].mean(axis=1)])
        a, b, c = faces.T
        ab, bc, ca = middle.T
        faces = np.concatenate(
            [np.stack(corner, axis=1) for corner in ((a, ab, ca), (b, bc, ab), (c, ca, bc), (ab, bc, ca))]
        )
    return Mesh(vertices * radius / np.linalg.norm(vertices, axis=1, keepdims=True), faces)


def soup(mesh: Mesh) -> Mesh:
    """The same triangles, none sharing a vertex: what an STL holds."""
    return Mesh(mesh.vertices[mesh.faces].reshape(-1, 3), np.arange(mesh.faces.size).reshape(-1, 3))


def joined(*meshes: Mesh) -> Mesh:
    """Several meshes in one."""
    starts = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes])
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([mesh.faces + start for mesh, start in zip(meshes, starts, strict=False)]),
    )


def flipped(mesh: Mesh) -> Mesh:
    """Inside out."""
    return Mesh(mesh.vertices, mesh.faces[:, ::-1])


def damaged(mesh: Mesh, generator: np.random.Generator, drop: float = 0.0, flip: float = 0.0) -> Mesh:
    """With a share of faces removed and a share of the rest flipped, at random."""
    faces = mesh.faces[generator.random(len(mesh.faces)) >= drop]
    wrong = generator.random(len(faces)) < flip
    return Mesh(mesh.vertices, np.where(wrong[:, None], faces[:, ::-1], faces))
