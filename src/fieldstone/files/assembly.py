"""Parts and their placements into a whole, and a whole's distinct parts."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float64, Int64

from fieldstone.files.paint import merge_paint
from fieldstone.files.source import Source
from fieldstone.types import Mesh, Paint, Part, PointCloud

__all__ = ["HERE", "Piece", "assemble", "budget", "cut_out"]

HERE: Float64[np.ndarray, "1 4 4"] = np.eye(4)[None]
"""A single placement that moves nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """One geometry of a file in its own frame, and where it stands in the whole."""

    name: str
    shape: Mesh | PointCloud
    placements: Float64[np.ndarray, "count 4 4"]


def budget(source: Source, sizes: Sequence[tuple[int, int, int]]) -> None:
    """Refuse a whole beyond the limits before it is composed: `sizes` are each piece's (vertices, faces, instances)."""
    source.check("instances", sum(count for _, _, count in sizes), "instances")
    source.check("vertices", sum(vertices * count for vertices, _, count in sizes), "vertices (every instance counted)")
    source.check("faces", sum(faces * count for _, faces, count in sizes), "faces (every instance counted)")


def assemble(source: Source, pieces: Sequence[Piece]) -> tuple[Mesh | PointCloud, tuple[Part, ...]]:
    """The whole, and its distinct parts: none where a single geometry stands at a single place.

    Geometry that is equal to the last bit is one part, whatever its names. Clouds beside a mesh are left out.
    """
    meshes = [piece for piece in pieces if isinstance(piece.shape, Mesh)]
    pieces = [piece for piece in meshes or pieces if len(piece.placements)]
    budget(source, [(*_size(piece.shape), len(piece.placements)) for piece in pieces])
    if len(pieces) == 1 and len(pieces[0].placements) == 1:
        return _placed(pieces[0].shape, pieces[0].placements[0]), ()
    whole = _joined([_placed(piece.shape, matrix) for piece in pieces for matrix in piece.placements])
    distinct: dict[bytes, Part] = {}
    for piece in pieces:
        key = _digest(piece.shape)
        part = distinct.get(key)
        if part is None:
            distinct[key] = Part(name=piece.name, shape=piece.shape, placements=piece.placements)
        else:
            distinct[key] = replace(part, placements=np.concatenate([part.placements, piece.placements]))
    return whole, tuple(distinct.values())


def cut_out(mesh: Mesh, faces: Int64[np.ndarray, "k"]) -> Mesh:
    """Some faces of a mesh as a mesh of their own, with the vertices they use, in the same frame."""
    used, renumbered = np.unique(mesh.faces[faces], return_inverse=True)
    paint = mesh.paint
    if paint is not None:
        paint = Paint(
            vertex=None if paint.vertex is None else paint.vertex[used],
            face=None if paint.face is None else paint.face[faces],
            uv=None if paint.uv is None else paint.uv[faces],
            image_of_face=None if paint.image_of_face is None else paint.image_of_face[faces],
            images=paint.images,
        )
    return Mesh(mesh.vertices[used], renumbered.reshape(-1, 3).astype(np.int64), paint)


def _size(shape: Mesh | PointCloud) -> tuple[int, int]:
    return (len(shape.vertices), len(shape.faces)) if isinstance(shape, Mesh) else (len(shape.points), 0)


def _digest(shape: Mesh | PointCloud) -> bytes:
    arrays = (shape.vertices, shape.faces) if isinstance(shape, Mesh) else (shape.points,)
    digest = hashlib.blake2b(digest_size=16)
    for array in arrays:
        digest.update(str(array.shape).encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.digest()


def _placed(shape: Mesh | PointCloud, matrix: Float64[np.ndarray, "4 4"]) -> Mesh | PointCloud:
    """A shape in the frame of the whole; a mirrored mesh keeps its outside out."""
    if np.array_equal(matrix, HERE[0]):
        return shape
    linear, offset = matrix[:3, :3], matrix[:3, 3]
    if isinstance(shape, PointCloud):
        normals = None
        if shape.normals is not None:
            turned = shape.normals @ np.linalg.pinv(np.nan_to_num(linear))
            normals = turned / np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-300)
        return PointCloud(shape.points @ linear.T + offset, normals, shape.colors)
    mirrored = bool(np.linalg.det(linear) < 0)
    faces, paint = (shape.faces[:, ::-1], shape.paint) if mirrored else (shape.faces, shape.paint)
    if mirrored and paint is not None and paint.uv is not None:
        paint = replace(paint, uv=paint.uv[:, ::-1])
    return Mesh(shape.vertices @ linear.T + offset, faces, paint)


def _joined(shapes: Sequence[Mesh | PointCloud]) -> Mesh | PointCloud:
    meshes = [shape for shape in shapes if isinstance(shape, Mesh)]
    if not meshes:
        return _joined_clouds([shape for shape in shapes if isinstance(shape, PointCloud)])
    offsets = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes[:-1]])
    faces = [mesh.faces + offset for mesh, offset in zip(meshes, offsets, strict=True)]
    return Mesh(np.concatenate([mesh.vertices for mesh in meshes]), np.concatenate(faces), merge_paint(meshes))


def _joined_clouds(clouds: Sequence[PointCloud]) -> PointCloud:
    normals = [cloud.normals for cloud in clouds if cloud.normals is not None]
    colors = [cloud.colors for cloud in clouds if cloud.colors is not None]
    return PointCloud(
        np.concatenate([cloud.points for cloud in clouds]),
        np.concatenate(normals) if len(normals) == len(clouds) else None,
        np.concatenate(colors) if len(colors) == len(clouds) else None,
    )
