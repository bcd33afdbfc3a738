"""What must hold of every shape that leaves a reader."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float64, Int64

from fieldstone.files.notes import Notes
from fieldstone.files.source import Source
from fieldstone.types import Mesh, Model, Part, PointCloud

__all__ = ["check_faces", "check_model", "unit_normals"]


def check_faces(source: Source, faces: Int64[np.ndarray, "*shape"], n_vertices: int) -> None:
    """Raise BrokenFile where a face names a vertex that is not there."""
    if faces.size == 0:
        return
    outside = int(((faces < 0) | (faces >= n_vertices)).sum())
    if outside:
        raise source.broken(
            f"{outside:,} of its {faces.size:,} face corners name a vertex that is not there "
            f"(it holds {n_vertices:,}); export it again"
        )


def check_model(source: Source, model: Model, notes: Notes) -> Model:
    """Refuse what is no shape (no geometry, one point, coordinates that are no numbers); note what is merely odd.

    Two losses are allowed and noted: points of a cloud that are no numbers (scanners write them for "nothing
    seen"), and vertices that are none and belong to no face.
    """
    shape = model.shape
    if isinstance(shape, Mesh):
        shape = _check_mesh(source, shape, notes)
        spread = shape.vertices[shape.faces.ravel()]
    else:
        shape = _check_cloud(source, shape, notes)
        spread = shape.points
    if np.abs(spread).max() > 1e100:
        raise source.broken("holds coordinates beyond 1e100; check the numbers in the program that wrote it")
    if not np.ptp(spread, axis=0).max() > 0:
        raise source.empty("holds a single point; check that the export was not empty")
    for part in model.parts:
        _check_part(source, part)
    return model if shape is model.shape else replace(model, shape=shape)


def _check_mesh(source: Source, mesh: Mesh, notes: Notes) -> Mesh:
    if len(mesh.faces) == 0:
        raise source.empty("holds no faces; check that the export was not empty")
    used = np.zeros(len(mesh.vertices), dtype=bool)
    used[mesh.faces.ravel()] = True
    unused = len(used) - int(used.sum())
    notes.count(unused, "vertex belongs to no face", "vertices belong to no face")
    finite = np.isfinite(mesh.vertices).all(axis=1)
    if finite.all():
        return mesh
    bad = int((~np.isfinite(mesh.vertices[used])).sum())
    if bad:
        raise source.broken(
            f"{bad:,} of {3 * int(used.sum()):,} coordinates are not finite numbers; "
            "correct them in the program that wrote it and export again"
        )
    notes.count(
        int((~finite).sum()), "of them is not a number and was left out", "of them are not numbers and were left out"
    )
    paint = mesh.paint
    if paint is not None and paint.vertex is not None:
        paint = replace(paint, vertex=paint.vertex[finite])
    return Mesh(mesh.vertices[finite], (np.cumsum(finite) - 1)[mesh.faces], paint)


def _check_cloud(source: Source, cloud: PointCloud, notes: Notes) -> PointCloud:
    finite = np.isfinite(cloud.points).all(axis=1)
    if not finite.any():
        raise source.empty("holds no points with finite coordinates; check that the export was not empty")
    if finite.all():
        return cloud
    notes.count(
        int((~finite).sum()), "point is not a number and was left out", "points are not numbers and were left out"
    )
    normals = None if cloud.normals is None else cloud.normals[finite]
    return PointCloud(cloud.points[finite], normals, None if cloud.colors is None else cloud.colors[finite])


def _check_part(source: Source, part: Part) -> None:
    points = part.shape.vertices if isinstance(part.shape, Mesh) else part.shape.points
    if not np.isfinite(points).all() or not np.isfinite(part.placements).all():
        raise source.broken(f"part {part.name[:80]!r} has coordinates that are not finite numbers; export it again")


def unit_normals(normals: Float64[np.ndarray, "n 3"], notes: Notes) -> Float64[np.ndarray, "n 3"] | None:
    """Normals of length 1; None, with a note, where any has no direction."""
    lengths = np.linalg.norm(normals, axis=1)
    if not (np.isfinite(lengths).all() and (lengths > 0).all()):
        notes.add("normals were left out: some have no direction")
        return None
    directions: Float64[np.ndarray, "n 3"] = normals / lengths[:, None]
    return directions
