"""Two shapes in one picture: where they agree, and where only one of them is.

Where the two visible surfaces lie within a small tolerance the picture shows neutral clay; elsewhere the query is blue
and the hit is orange, the nearer one over a share of the farther.
"""

from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float, UInt8

from fieldstone.types import Axis, Mesh, PointCloud

__all__ = ["HIT_COLOR", "QUERY_COLOR", "overlay"]

QUERY_COLOR: tuple[int, int, int] = (58, 123, 230)
HIT_COLOR: tuple[int, int, int] = (240, 138, 36)
TOLERANCE = 0.02
"""Depths that differ by less than this agree (half diagonals: 1 % of the diagonal)."""


def overlay(
    query: Mesh | PointCloud,
    hit: Mesh | PointCloud,
    pose: Float[np.ndarray, "4 4"],
    *,
    size: int = 320,
    up: Axis | None = None,
) -> UInt8[np.ndarray, "{size} {size} 4"]:
    """Query (blue) and hit (orange) in the query's frame, in the thumbnail's view; clay where they coincide.

    `pose` maps points of the hit's frame to the query's: a similarity, mirrored or not. `up` is the query's. Colours
    of the shapes themselves are left out. GeometryError where one of them has nothing to draw.
    """
    from fieldstone.render.camera import drawn_points, three_quarter, window
    from fieldstone.render.draw import SAMPLES, finish, ink, room, see
    from fieldstone.render.paint import CLAY, TO_LINEAR
    from fieldstone.render.surface import Surface

    ours, theirs = _bare(query), _moved(_bare(hit), pose)
    fine = size * SAMPLES
    points = np.concatenate([drawn_points(ours).astype(np.float64), drawn_points(theirs).astype(np.float64)])
    camera = window(points, three_quarter(up), fine, pad=max(room(ours, fine), room(theirs, fine)))
    a, b = see(ours, camera), see(theirs, camera)
    a_depth = 1.0 / np.where(a.item >= 0, a.near, 1e-9)
    b_depth = 1.0 / np.where(b.item >= 0, b.near, 1e-9)
    same = (a.item >= 0) & (b.item >= 0) & (np.abs(a_depth - b_depth) < TOLERANCE)
    through = (a.item >= 0) & (b.item >= 0) & ~same & _one_in_four(fine)
    from_a = (a_depth <= b_depth) ^ through
    color = TO_LINEAR[np.where(from_a[..., None], QUERY_COLOR, HIT_COLOR)]
    color[same] = TO_LINEAR[list(CLAY)]
    surface = Surface(
        item=np.where(from_a, a.item, b.item),
        near=np.where(from_a, a.near, b.near),
        normal=np.where(from_a[..., None], a.normal, b.normal),
        color=color,
    )
    drawn = np.where(from_a, ink(ours, a, camera), ink(theirs, b, camera))
    return finish(surface, drawn, camera)


def _bare(shape: Mesh | PointCloud) -> Mesh | PointCloud:
    return replace(shape, paint=None) if isinstance(shape, Mesh) else replace(shape, colors=None)


def _moved(shape: Mesh | PointCloud, pose: Float[np.ndarray, "4 4"]) -> Mesh | PointCloud:
    linear, shift = pose[:3, :3].astype(np.float64), pose[:3, 3].astype(np.float64)
    if isinstance(shape, Mesh):
        return replace(shape, vertices=shape.vertices.astype(np.float64) @ linear.T + shift)
    normals = shape.normals
    if normals is not None:
        turned = normals.astype(np.float64) @ linear.T
        normals = turned / np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-300)
    return replace(shape, points=shape.points.astype(np.float64) @ linear.T + shift, normals=normals)


def _one_in_four(size: int) -> Bool[np.ndarray, "{size} {size}"]:
    """One of the four samples of each pixel: there the farther surface shows through the nearer one."""
    out = np.zeros((size, size), dtype=np.bool_)
    out[1::2, 1::2] = True
    return out
