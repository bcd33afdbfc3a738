"""Polygons to triangles: a fan where the polygon is convex, its own triangulation where it is not."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64

from fieldstone.files.notes import Notes
from fieldstone.files.source import Source

__all__ = ["Triangles", "cut_polygons", "triangulate"]

WORK = 200_000_000
"""Squared corners of concave polygons, summed over a file: ear clipping takes about a second for as many."""


@dataclass(frozen=True, slots=True, eq=False)
class Triangles:
    """`corners` index the flat list of polygon corners; `polygon` says where a triangle comes from."""

    corners: Int64[np.ndarray, "m 3"]
    polygon: Int64[np.ndarray, "m"]
    folded: int
    """How many polygons are not convex and were fanned all the same: too large, or crossing themselves."""


def cut_polygons(
    source: Source, notes: Notes, points: Float64[np.ndarray, "c 3"], counts: Int64[np.ndarray, "p"]
) -> Triangles:
    """`triangulate` within the limits, with notes on what it did."""
    source.check("faces", int(np.maximum(counts - 2, 0).sum()), "faces")
    cut = triangulate(points, counts)
    few, many = "face of fewer than 3 corners was left out", "faces of fewer than 3 corners were left out"
    notes.count(int((counts < 3).sum()), few, many)
    notes.count(int((counts > 3).sum()), "polygon was cut into triangles", "polygons were cut into triangles")
    few, many = (
        "of them crosses itself or is too large, and may fold over",
        "of them cross themselves or are too large, and may fold over",
    )
    notes.count(cut.folded, few, many)
    return cut


def triangulate(points: Float64[np.ndarray, "c 3"], counts: Int64[np.ndarray, "p"]) -> Triangles:
    """Cut polygons into triangles, k - 2 for k corners, keeping their direction; those under 3 corners give none.

    `points` are the positions of all corners, polygon after polygon; `counts` say how many each polygon has.
    """
    starts = np.cumsum(counts) - counts
    pieces = np.maximum(counts - 2, 0)
    polygon = np.repeat(np.arange(len(counts)), pieces)
    first_piece = np.cumsum(pieces) - pieces
    step = np.arange(len(polygon)) - np.repeat(first_piece, pieces)
    if len(counts) == 0 or counts.max() <= 3:
        corners = starts[polygon][:, None] + np.arange(3)
        return Triangles(corners, polygon, 0)
    reflex = _reflex_corners(points, counts, starts)
    per_polygon = np.add.reduceat(np.append(reflex, False), np.minimum(starts, len(reflex)), dtype=np.int64)
    per_polygon[counts < 4] = 0
    # A quad folds at its one reflex corner at most: fan from there.
    pivot = np.zeros(len(counts), dtype=np.int64)
    quads = np.flatnonzero((counts == 4) & (per_polygon == 1))
    pivot[quads] = np.argmax(reflex[starts[quads][:, None] + np.arange(4)], axis=1)
    local = np.stack([np.zeros_like(step), step + 1, step + 2], axis=1) + pivot[polygon][:, None]
    corners = starts[polygon][:, None] + local % np.maximum(counts[polygon], 1)[:, None]
    others = np.flatnonzero((per_polygon > 0) & (counts > 4))
    folded = int((per_polygon[counts == 4] > 1).sum())
    affordable = np.cumsum(counts[others] ** 2) <= WORK
    for index in others[affordable].tolist():
        begin, count = int(starts[index]), int(counts[index])
        cut = _cut(points[begin : begin + count])
        if cut is None:
            folded += 1
        else:
            corners[first_piece[index] : first_piece[index] + count - 2] = cut + begin
    return Triangles(corners, polygon, folded + int((~affordable).sum()))


def _reflex_corners(
    points: Float64[np.ndarray, "c 3"], counts: Int64[np.ndarray, "p"], starts: Int64[np.ndarray, "p"]
) -> Bool[np.ndarray, "c"]:
    """Corners that bend against their polygon's direction (Newell's normal)."""
    owner = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(points))
    following = np.where(place + 1 == (starts + counts)[owner], starts[owner], place + 1)
    preceding = np.where(place == starts[owner], (starts + counts)[owner] - 1, place - 1)
    origin = points[starts[owner]]
    here, after, before = points - origin, points[following] - origin, points[preceding] - origin
    cross = np.cross(here, after)
    normals = np.stack([np.bincount(owner, cross[:, k], len(counts)) for k in range(3)], axis=1)
    bend = np.einsum("ij,ij->i", np.cross(here - before, after - here), normals[owner])
    size = np.einsum("ij,ij->i", normals, normals)[owner]
    reflex: Bool[np.ndarray, "c"] = bend < -1e-9 * size
    return reflex


def _cut(polygon: Float64[np.ndarray, "k 3"]) -> Int64[np.ndarray, "_ 3"] | None:
    """Triangles of one concave polygon, seen along its normal; None where that fails."""
    from manifold3d import triangulate as manifold_triangulate

    centred = polygon - polygon[0]
    normal = np.cross(centred, np.roll(centred, -1, axis=0)).sum(axis=0)
    axis = int(np.argmax(np.abs(normal)))
    flat = np.delete(centred, axis, axis=1)
    flat = flat / max(float(np.abs(flat).max()), 1e-300)
    if not np.isfinite(flat).all():
        return None
    if (normal[axis] < 0) != (axis == 1):
        flat = flat * [-1.0, 1.0]
    triangles = np.asarray(manifold_triangulate([flat]), dtype=np.int64).reshape(-1, 3)
    return triangles if len(triangles) == len(polygon) - 2 else None
