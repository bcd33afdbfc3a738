"""Safe fixes: a new mesh and the list of what was done. The original stays as it is."""

import dataclasses
import itertools
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64, Int64, Integer

from fieldstone.geometry.clean import clean
from fieldstone.geometry.measure import bounds, face_normals
from fieldstone.geometry.orient import faces_to_turn, turn
from fieldstone.types import Mesh, Paint

__all__ = ["Repaired", "repair"]

FLATNESS = 1e-3
"""A hole is planar where its border stays this near its plane, as a share of the hole's diagonal."""

BACK = -0.9
"""Cosine of the angle between the normals of a patch and of a face beside it, from which on they lie back to back."""


@dataclass(frozen=True, slots=True, eq=False)
class Repaired:
    """A repaired mesh and what was done to get it, one step a line; nothing done, nothing said."""

    mesh: Mesh
    done: tuple[str, ...]


def repair(mesh: Mesh, largest_hole: float = 0.1) -> Repaired:
    """Merge vertices, drop folded and repeated faces, turn faces the right way, close small planar holes.

    Each step leaves the shape of the surface alone. `largest_hole` is the largest diagonal of a hole that is closed, as
    a share of the mesh's diagonal (0: none); only holes with a simple, planar border are. What is fixed can be told
    from `health` before and after.
    """
    surface = clean(mesh)
    done = [
        _counted(surface.n_merged, "merged {} vertices at the place of another"),
        _counted(surface.n_unreferenced, "dropped {} vertices that no face used"),
        _counted(int(np.count_nonzero(~surface.kept)) - surface.n_repeated, "dropped {} faces without area"),
        _counted(surface.n_repeated, "dropped {} repeated faces"),
    ]
    turned = faces_to_turn(surface.mesh)
    done.append(_counted(int(turned.sum()), "turned {} faces"))
    oriented = turn(surface.mesh, turned)
    closed, n_holes = _close_holes(oriented, largest_hole) if largest_hole > 0 else (oriented, 0)
    done.append(_counted(n_holes, "closed {} planar holes"))
    if n_holes:  # a body that the patches close may turn out to be inside out
        turned = faces_to_turn(closed)
        done.append(_counted(int(turned.sum()), "turned {} faces of closed bodies"))
        closed = turn(closed, turned)
    return Repaired(closed, tuple(step for step in done if step))


def _counted(count: int, text: str) -> str:
    return text.format(count) if count else ""


def _close_holes(mesh: Mesh, largest: float) -> tuple[Mesh, int]:
    """The mesh with its small, simple, planar holes triangulated, and how many they were."""
    from fieldstone.kernels.edges import boundary_loops, edges_of

    edges = edges_of(mesh.faces)
    corners, beside, offsets = boundary_loops(edges, mesh.faces)
    if len(offsets) == 1:
        return mesh, 0
    box = bounds(mesh.vertices)
    limit = largest * float(np.linalg.norm(box[1] - box[0]))
    normals = face_normals(mesh.vertices, mesh.faces)[0][beside]
    patches = []
    for start, end in itertools.pairwise(offsets):
        patch = _patch(mesh.vertices, corners[start:end], normals[start:end], limit)
        if patch is not None and not _crosses(patch, edges.keys):
            patches.append(patch)
    if not patches:
        return mesh, 0
    new = np.concatenate(patches)
    paint = None if mesh.paint is None else _painted(mesh.paint, len(new))
    return Mesh(mesh.vertices, np.concatenate([mesh.faces, new.astype(mesh.faces.dtype)]), paint), len(patches)


def _patch(
    vertices: Float[np.ndarray, "n 3"], loop: Int64[np.ndarray, "k"], beside: Float64[np.ndarray, "k 3"], limit: float
) -> Integer[np.ndarray, "j 3"] | None:
    """Faces that close a loop of vertices, or None where it is too large, not planar, or the rim of a flat sheet.

    `beside` are the normals of the faces along the loop: where one lies back to back with the patch, it is no hole.
    """
    from manifold3d import triangulate

    points = vertices[loop].astype(np.float64)
    low, high = bounds(points)
    diagonal = float(np.linalg.norm(high - low))
    if diagonal > limit:
        return None
    flat, height, normal = _flatten(points)
    if not normal.any() or float(np.abs(height).max()) > FLATNESS * diagonal or float((beside @ normal).min()) < BACK:
        return None
    triangles = np.asarray(triangulate([flat]))
    return loop[triangles] if len(triangles) == len(loop) - 2 else None


def _flatten(
    points: Float64[np.ndarray, "k 3"],
) -> tuple[Float64[np.ndarray, "k 2"], Float64[np.ndarray, "k"], Float64[np.ndarray, "3"]]:
    """Coordinates in the plane of a closed loop, counter-clockwise, heights above it, its normal (0: it has none)."""
    centred = points - points.mean(axis=0)
    normal = np.cross(centred, np.roll(centred, -1, axis=0)).sum(axis=0)  # Newell's
    length = float(np.linalg.norm(normal))
    if length == 0.0:
        return centred[:, :2], centred[:, 2], normal
    normal /= length
    across = np.cross(normal, np.eye(3)[np.abs(normal).argmin()])
    across /= np.linalg.norm(across)
    return centred @ np.stack([across, np.cross(normal, across)], axis=1), centred @ normal, normal


def _crosses(patch: Integer[np.ndarray, "j 3"], keys: Int64[np.ndarray, "sides"]) -> bool:
    """Whether an inner edge of the patch is an edge of the mesh already, so that it would have four faces."""
    from fieldstone.kernels.edges import edges_of

    own = edges_of(patch).keys
    inner = own[1:][own[1:] == own[:-1]]
    at = np.minimum(np.searchsorted(keys, inner), len(keys) - 1)
    return bool((keys[at] == inner).any())


def _painted(paint: Paint, n_new: int) -> Paint:
    """The paint with n more faces: white, without image."""
    face, uv, image = paint.face, paint.uv, paint.image_of_face
    if face is not None:
        face = np.concatenate([face, np.full((n_new, 4), 255, dtype=np.uint8)])
    if uv is not None:
        uv = np.concatenate([uv, np.zeros((n_new, 3, 2), dtype=np.float32)])
    if image is not None:
        image = np.concatenate([image, np.full(n_new, -1, dtype=image.dtype)])
    return dataclasses.replace(paint, face=face, uv=uv, image_of_face=image)
