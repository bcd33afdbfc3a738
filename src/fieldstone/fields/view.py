"""A field seen by tracing rays: the same eye, light and lines as the thumbnails of meshes, without a mesh between."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Float64, Int32, UInt8

from fieldstone.errors import GeometryError
from fieldstone.fields.field import Field
from fieldstone.fields.trace import NORMAL_STEP, Hits, Tracer, isosurface, normals_at, tracer
from fieldstone.fields.unsigned import settle
from fieldstone.render.camera import AZIMUTH, ELEVATION, Camera
from fieldstone.render.surface import Surface
from fieldstone.render.views import Views, gathered
from fieldstone.types import Axis

__all__ = ["FieldView", "render", "views"]

OUTLINE_RESOLUTION = 48
"""Cells of the mesh around which the picture's window is laid, unless the field is too thin to show there."""
STEP_SCALE = 0.9
"""A little less than the distance, for a learnt one may be steeper than 1."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FieldView:
    """What one eye sees of a field.

    `picture` is lit, sRGB with straight alpha, as a thumbnail. `depth` is the distance to the eye along the viewing
    direction, in the frame's unit; `normals` are in the camera's frame (x right, y up, z to the viewer), turned to
    the viewer. Where nothing is seen they are transparent, inf and 0. `rotation` turns the model's frame into the
    camera's.
    """

    picture: UInt8[np.ndarray, "size size 4"]
    depth: Float32[np.ndarray, "size size"]
    normals: Float32[np.ndarray, "size size 3"]
    rotation: Float64[np.ndarray, "3 3"]


def render(
    field: Field,
    size: int = 320,
    *,
    up: Axis | None = None,
    azimuth: float = AZIMUTH,
    elevation: float = ELEVATION,
) -> FieldView:
    """A picture of a field of size x size pixels, four rays a pixel, with depth and normals.

    Seen from `azimuth` and `elevation` (degrees) about the model's axis `up` (None: the frame's, or z where that is
    unknown). Colours are the field's, or clay. GeometryError where the field has no surface, there are no pixels, or an
    angle is no number.
    """
    from fieldstone.render.camera import three_quarter, window
    from fieldstone.render.draw import SAMPLES, finish
    from fieldstone.render.edges import lines
    from fieldstone.render.pixels import average

    if size < 1:
        raise GeometryError(f"a picture of {size} pixels shows nothing: take 64 or more")
    if not (math.isfinite(azimuth) and math.isfinite(elevation)):
        raise GeometryError(f"an eye at azimuth {azimuth:g} and elevation {elevation:g} stands nowhere: give degrees")
    rotation = three_quarter(up or field.frame.up, azimuth, elevation)
    turn = rotation @ field.frame.to_model.rotation
    camera = window(_outline(field), turn, size * SAMPLES)
    surface = _see(field, camera, tracer(field, step_scale=STEP_SCALE))
    drawn = lines(surface, camera)
    pixels = average(surface, drawn, SAMPLES)
    seen = pixels.cover > 0.0
    return FieldView(
        picture=finish(surface, drawn, camera),
        depth=np.where(seen, pixels.depth * np.float32(camera.framing.radius), np.float32(np.inf)),
        normals=pixels.normal,
        rotation=rotation,
    )


def views(field: Field, rotations: Float64[np.ndarray, "n 3 3"], *, size: int = 224) -> Views:
    """`render.views` of a field, by tracing one ray a pixel: depth, normals and colours under each rotation of the model's
    frame. GeometryError where the field has no surface.
    """
    from fieldstone.render.camera import shared_windows

    turned = rotations @ field.frame.to_model.rotation
    cameras = shared_windows(_outline(field), turned, size)
    trace = tracer(field, step_scale=STEP_SCALE)
    return gathered([_see(field, camera, trace) for camera in cameras], rotations)


def _outline(field: Field) -> Float[np.ndarray, "n 3"]:
    """Points all over the surface, in the field's frame. GeometryError where there is none."""
    from fieldstone.fields.extract import mesh

    try:
        return mesh(field, OUTLINE_RESOLUTION, colors=False, model_frame=False).vertices
    except GeometryError:
        return isosurface(field).vertices


def _see(field: Field, camera: Camera, trace: Tracer) -> Surface:
    """What stands behind each sample; every sample is an item of its own."""
    eye, directions = _rays(camera)
    hits = trace(eye, directions)
    found = np.flatnonzero(hits.hit)
    size = camera.size
    item: Int32[np.ndarray, "samples"] = np.where(hits.hit, np.arange(size * size), -1).astype(np.int32)
    near, normal = np.zeros(size * size), np.zeros((size * size, 3), dtype=np.float32)
    points, facing = _placed(field, hits.points[found])
    near[found] = camera.project(points)[:, 2]
    away = (facing * directions[found]).sum(axis=1) > 0.0
    facing[away] = -facing[away]
    normal[found] = facing @ camera.rotation.T.astype(np.float32)
    return Surface(
        item=item.reshape(size, size),
        near=near.reshape(size, size),
        normal=normal.reshape(size, size, 3),
        color=_colors(field, hits, size),
    )


def _placed(
    field: Field, points: Float64[np.ndarray, "n 3"]
) -> tuple[Float64[np.ndarray, "n 3"], Float32[np.ndarray, "n 3"]]:
    """Hits and their normals; those of an unsigned field first go to the middle of its valley."""
    normals = normals_at(field, points)
    if field.function != "udf":
        return points, normals
    points = settle(field, points, normals, 2.0 * NORMAL_STEP)
    return points, normals_at(field, points)


def _rays(camera: Camera) -> tuple[Float64[np.ndarray, "samples 3"], Float64[np.ndarray, "samples 3"]]:
    """The eye and the direction through the middle of each sample."""
    from fieldstone.render.camera import DISTANCE

    y, x = np.mgrid[: camera.size, : camera.size] + 0.5
    plane = np.stack([(x - camera.shift[0]) / camera.scale, (camera.shift[1] - y) / camera.scale, -np.ones_like(x)], -1)
    directions = plane.reshape(-1, 3) @ camera.rotation
    eye = camera.framing.centre + camera.framing.radius * DISTANCE * camera.rotation[2]
    return np.broadcast_to(eye, directions.shape), directions


def _colors(field: Field, hits: Hits, size: int) -> Float32[np.ndarray, "size size 3"] | None:
    from fieldstone.render.paint import TO_LINEAR

    colors = field.colors(hits.points[hits.hit])
    if colors is None:
        return None
    out = np.zeros((size * size, 3), dtype=np.float32)
    out[hits.hit] = TO_LINEAR[np.rint(colors * 255.0).astype(np.uint8)]
    return out.reshape(size, size, 3)
