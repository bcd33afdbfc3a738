"""A shape seen from all around: arrays for learning, and frames for a turntable."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32, Float64, UInt8

from fieldstone.types import Axis, Mesh, PointCloud

if TYPE_CHECKING:
    from fieldstone.render.surface import Surface

__all__ = ["Views", "gathered", "ring", "turntable", "views"]

RING_ELEVATION = 30.0
"""Degrees above the ground: the ring of Su et al., "Multi-view convolutional neural networks for 3D shape
recognition", 2015."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Views:
    """What n cameras see, all of one scale and centred on the shape.

    `depth` is the distance to the eye along the viewing direction, in half diagonals of the bounding box; `normals` are
    in each camera's frame (x right, y up, z to the viewer), turned to the viewer; `colors` are the shape's own, unlit
    sRGB. Where nothing is seen they are inf, 0 and transparent. `rotations` turn the shape's frame into each camera's.
    """

    depth: Float32[np.ndarray, "n size size"]
    normals: Float32[np.ndarray, "n size size 3"]
    colors: UInt8[np.ndarray, "n size size 4"]
    rotations: Float64[np.ndarray, "n 3 3"]


def ring(
    n: int = 12, *, up: Axis | None = None, elevation: float = RING_ELEVATION, start: float = 0.0
) -> Float64[np.ndarray, "{n} 3 3"]:
    """Rotations of n cameras around the up axis (None: z), at `elevation`, the first at azimuth `start` (degrees)."""
    from fieldstone.render.camera import three_quarter

    return np.stack([three_quarter(up, start + 360.0 * i / n, elevation) for i in range(n)])


def views(shape: Mesh | PointCloud, rotations: Float64[np.ndarray, "n 3 3"], *, size: int = 224) -> Views:
    """Depth, normals and colours of a shape under each rotation, one sample a pixel.

    GeometryError where there is nothing to draw.
    """
    from fieldstone.render.camera import drawn_points, shared_windows
    from fieldstone.render.draw import room, see

    cameras = shared_windows(drawn_points(shape), rotations, size, room(shape, size))
    return gathered([see(shape, camera) for camera in cameras], rotations)


def gathered(seen: Sequence["Surface"], rotations: Float64[np.ndarray, "n 3 3"]) -> Views:
    """What was seen under each rotation, side by side."""
    from fieldstone.render.image import to_srgb
    from fieldstone.render.paint import CLAY

    size = len(seen[0].item) if seen else 0
    colors = np.zeros((len(seen), size, size, 4), dtype=np.uint8)
    depth = np.full((len(seen), size, size), np.inf, dtype=np.float32)
    normals = np.zeros((len(seen), size, size, 3), dtype=np.float32)
    for i, surface in enumerate(seen):
        hit = surface.item >= 0
        depth[i][hit] = 1.0 / surface.near[hit]
        normals[i] = surface.normal
        colors[i, hit, :3] = CLAY if surface.color is None else to_srgb(surface.color[hit])
        colors[i, hit, 3] = 255
    return Views(depth=depth, normals=normals, colors=colors, rotations=rotations)


def turntable(
    shape: Mesh | PointCloud, n: int = 24, *, size: int = 320, up: Axis | None = None
) -> list[UInt8[np.ndarray, "{size} {size} 4"]]:
    """n pictures of a shape turning once about its up axis (None: z), lit and drawn as its thumbnail.

    GeometryError where there is nothing to draw.
    """
    from fieldstone.render.camera import AZIMUTH, ELEVATION, drawn_points, shared_windows
    from fieldstone.render.draw import SAMPLES, draw, room

    fine = size * SAMPLES
    rotations = ring(n, up=up, elevation=ELEVATION, start=AZIMUTH)
    return [draw(shape, camera) for camera in shared_windows(drawn_points(shape), rotations, fine, room(shape, fine))]
