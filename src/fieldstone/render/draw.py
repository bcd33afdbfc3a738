"""From a shape and an eye to a picture: frame, see, light, draw lines, average."""

import numpy as np
from jaxtyping import Float64, UInt8

from fieldstone.render.camera import Camera, drawn_points, window
from fieldstone.render.cloud import see_cloud
from fieldstone.render.edges import lines
from fieldstone.render.image import develop
from fieldstone.render.pixels import average
from fieldstone.render.shade import light
from fieldstone.render.surface import Surface, see_mesh
from fieldstone.types import Mesh, PointCloud

__all__ = ["SAMPLES", "draw", "frame", "see"]

SAMPLES = 2
"""Samples along each side of a pixel."""
BALL = 0.01
"""Room left around a cloud for its points' balls, as a share of the picture."""


def draw(
    shape: Mesh | PointCloud, rotation: Float64[np.ndarray, "3 3"], size: int
) -> UInt8[np.ndarray, "{size} {size} 4"]:
    """The picture of a shape turned by `rotation` into the camera frame."""
    camera = frame(shape, rotation, size * SAMPLES)
    surface = see(shape, camera)
    drawn = lines(surface, camera) if isinstance(shape, Mesh) else np.zeros(surface.item.shape, dtype=np.float32)
    pixels = average(surface, drawn, SAMPLES)
    return develop(light(pixels, camera.coarser(SAMPLES)), pixels.cover)


def frame(shape: Mesh | PointCloud, rotation: Float64[np.ndarray, "3 3"], size: int) -> Camera:
    """The camera of `size` x `size` samples that is fitted to the shape."""
    return window(drawn_points(shape), rotation, size, pad=0.0 if isinstance(shape, Mesh) else BALL * size)


def see(shape: Mesh | PointCloud, camera: Camera) -> Surface:
    """The surface of a mesh or of a cloud that the camera sees."""
    return see_mesh(shape, camera) if isinstance(shape, Mesh) else see_cloud(shape, camera)
