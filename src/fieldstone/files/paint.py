"""Colours of several meshes laid end to end."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt8

from fieldstone.types import Mesh, Paint

__all__ = ["merge_paint", "tidy"]

WHITE = np.array([255, 255, 255, 255], dtype=np.uint8)


def tidy(paint: Paint | None) -> Paint | None:
    """The paint without fields that colour nothing; None where nothing is left."""
    if paint is None:
        return None
    used = paint.image_of_face is not None and paint.uv is not None and bool((paint.image_of_face >= 0).any())
    if paint.vertex is None and paint.face is None and not used:
        return None
    if used:
        return paint
    return Paint(vertex=paint.vertex, face=paint.face)


def merge_paint(meshes: Sequence[Mesh]) -> Paint | None:
    """The paint of the meshes laid end to end; what has no colour among coloured ones becomes white."""
    paints = [mesh.paint or Paint() for mesh in meshes]
    if all(mesh.paint is None for mesh in meshes):
        return None
    vertex, face = _vertex_colors(meshes, paints), None
    if any(paint.face is not None for paint in paints) and (
        vertex is None or any(paint.face is not None and paint.vertex is not None for paint in paints)
    ):
        face = np.concatenate([_face_colors(mesh, paint) for mesh, paint in zip(meshes, paints, strict=True)])
        vertex = None
    uv, image_of_face = None, None
    images: tuple[UInt8[np.ndarray, "_ _ 4"], ...] = ()
    if any(paint.images for paint in paints):
        uv = np.concatenate([_uv(mesh, paint) for mesh, paint in zip(meshes, paints, strict=True)])
        image_of_face, images = _images(meshes, paints)
    return tidy(Paint(vertex=vertex, face=face, uv=uv, image_of_face=image_of_face, images=images))


def _vertex_colors(meshes: Sequence[Mesh], paints: Sequence[Paint]) -> UInt8[np.ndarray, "n 4"] | None:
    """Per vertex, where any mesh has such colours; the others' face colours are spread to their corners."""
    if all(paint.vertex is None for paint in paints):
        return None
    colors = []
    for mesh, paint in zip(meshes, paints, strict=True):
        if paint.vertex is not None:
            colors.append(paint.vertex)
            continue
        spread = np.tile(WHITE, (len(mesh.vertices), 1))
        if paint.face is not None:
            spread[mesh.faces.ravel()] = np.repeat(paint.face, 3, axis=0)
        colors.append(spread)
    return np.concatenate(colors)


def _face_colors(mesh: Mesh, paint: Paint) -> UInt8[np.ndarray, "m 4"]:
    if paint.face is not None:
        return paint.face
    if paint.vertex is not None:
        mean: UInt8[np.ndarray, "m 4"] = np.rint(paint.vertex[mesh.faces].mean(axis=1)).astype(np.uint8)
        return mean
    return np.tile(WHITE, (len(mesh.faces), 1))


def _uv(mesh: Mesh, paint: Paint) -> np.ndarray:
    return paint.uv if paint.uv is not None else np.zeros((len(mesh.faces), 3, 2), dtype=np.float32)


def _images(meshes: Sequence[Mesh], paints: Sequence[Paint]) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """The images of all, each once, and every face's index among them."""
    images: list[np.ndarray] = []
    known: dict[int, int] = {}
    indices = []
    for mesh, paint in zip(meshes, paints, strict=True):
        for image in paint.images:
            if id(image) not in known:
                known[id(image)] = len(images)
                images.append(image)
        own = np.array([known[id(image)] for image in paint.images] + [-1], dtype=np.int64)
        of_face = paint.image_of_face if paint.image_of_face is not None else np.full(len(mesh.faces), -1)
        indices.append(own[of_face])
    return np.concatenate(indices), tuple(images)
