"""What is true of two meshes, by exact distances between them: the measure that evidence is held against."""

import igl
import numpy as np

from fieldstone.geometry.fingerprint import FLAT, fingerprint
from fieldstone.geometry.measure import face_normals
from fieldstone.geometry.moment_match import match_moments
from fieldstone.geometry.rotations import small_rotations, uniform_rotations
from fieldstone.geometry.sample import sample_surface
from fieldstone.library.evidence import Judgement
from fieldstone.types import Mesh

HOLDS = 1e-3


def exact(points: np.ndarray, mesh: Mesh) -> np.ndarray:
    """Exact distance of points to a mesh."""
    vertices = np.ascontiguousarray(mesh.vertices, dtype=np.float64)
    squares = igl.point_mesh_squared_distance(points, vertices, np.ascontiguousarray(mesh.faces, dtype=np.int64))[0]
    return np.sqrt(np.maximum(squares, 0.0))


def both_ways(a: Mesh, b: Mesh, count: int = 2000) -> tuple[float, float]:
    """Mean and largest exact distance between two meshes in place, as shares of a's diagonal, from points on either."""
    points = [sample_surface(m, count, np.random.default_rng(9)).points.astype(np.float64) for m in (a, b)]
    points = [np.vstack([p, m.vertices.astype(np.float64)]) for p, m in zip(points, (a, b), strict=True)]
    forth, back = exact(points[0], b), exact(points[1], a)
    diagonal = float(np.linalg.norm(np.ptp(a.vertices, axis=0)))
    mean = 0.5 * (forth[:count].mean() + back[:count].mean())
    return float(mean) / diagonal, float(max(forth.max(), back.max())) / diagonal


def chirality(mesh: Mesh, hint: np.ndarray) -> float:
    """Exact mean distance between a mesh and its mirror image in the best proper pose found, as a share of the diagonal.

    `hint` is a rotation to start from and to measure as it is (the judge's own): one more pose can only lower the result.
    """
    mesh = Mesh(mesh.vertices - fingerprint(mesh).centroid, mesh.faces)
    image = Mesh(mesh.vertices * [-1.0, 1.0, 1.0], mesh.faces)
    samples = sample_surface(image, 600, np.random.default_rng(3)).points.astype(np.float64)
    spread, axes = np.linalg.eigh(fingerprint(mesh).moments.second[0])
    lone = axes[:, 2] if spread[1] - spread[0] < spread[2] - spread[1] else axes[:, 0]
    about = small_rotations(np.arange(0, 2 * np.pi, np.pi / 72)[:, None] * lone) @ hint
    starts = np.concatenate([about, uniform_rotations()])
    turned = np.einsum("pij,nj->pni", starts, samples[::6])
    coarse = exact(turned.reshape(-1, 3), mesh).reshape(len(starts), -1).mean(axis=1)
    turns = [hint, *(closest(mesh, samples, starts[i]) for i in {0, *np.argsort(coarse)[:5].tolist()})]
    return min(both_ways(mesh, Mesh(image.vertices @ turn.T, image.faces))[0] for turn in turns)


def mirror_hint(mesh: Mesh) -> np.ndarray:
    """The proper rotation that lays the mirror image's moments on the mesh's."""
    image = Mesh(mesh.vertices * [-1.0, 1.0, 1.0], mesh.faces)
    return match_moments(fingerprint(mesh).moments, fingerprint(image).moments, mirror=False).rotation


def closest(mesh: Mesh, samples: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """The turn that lays samples on a mesh about their common centroid: nearest exact points, distances along normals.

    Chen and Medioni, "Object modelling by registration of multiple range images", 1992.
    """
    vertices, faces = np.ascontiguousarray(mesh.vertices), np.ascontiguousarray(mesh.faces, dtype=np.int64)
    normals = face_normals(vertices, faces)[0]
    for _ in range(15):
        laid = samples @ turn.T
        _, face, target = igl.point_mesh_squared_distance(laid, vertices, faces)[:3]
        slopes = np.cross(laid, normals[face])
        missing = np.einsum("ni,ni->n", target - laid, normals[face])
        step = np.linalg.lstsq(slopes, missing, rcond=1e-6)[0]
        turn = small_rotations(step[None])[0] @ turn
        if np.abs(step).max() < 1e-9:
            break
    return turn


def is_flat(mesh: Mesh) -> bool:
    """Whether a body has no thickness."""
    spread = np.linalg.eigvalsh(fingerprint(mesh).moments.second[0])
    return bool(spread[0] <= FLAT * spread.sum())


def laid(other: Mesh, answer: Judgement) -> Mesh:
    """The other shape in the pose found."""
    assert answer.pose is not None
    pose = answer.pose
    return Mesh(other.vertices @ (pose.scale * pose.rotation.T) + pose.translation, other.faces)


def holds(query: Mesh, other: Mesh, answer: Judgement) -> bool:
    """Whether the smaller of two meshes lies on the larger one everywhere."""
    small, large = sorted((query, laid(other, answer)), key=lambda mesh: fingerprint(mesh).area)
    points = np.vstack([small.vertices, sample_surface(small, 2000, np.random.default_rng(9)).points])
    return bool(exact(points, large).max() <= HOLDS * np.linalg.norm(np.ptp(small.vertices, axis=0)))
