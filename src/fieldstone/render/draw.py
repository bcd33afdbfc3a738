"""From a shape and an eye to a picture: frame, see, draw lines, average, light."""

import numpy as np
from jaxtyping import Float32, Float64, UInt8

from fieldstone.render.camera import Camera, drawn_points, window
from fieldstone.render.cloud import see_cloud
from fieldstone.render.edges import lines
from fieldstone.render.image import develop
from fieldstone.render.pixels import average
from fieldstone.render.shade import light
from fieldstone.render.surface import Surface, see_mesh
from fieldstone.types import Mesh, PointCloud

__all__ = ["SAMPLES", "draw", "finish", "ink", "picture", "room", "see"]

SAMPLES = 2
"""Samples along each side of a pixel."""
BALL = 0.01
"""Room left around a cloud for its points' balls, as a share of the picture."""


def picture(
    shape: Mesh | PointCloud, rotation: Float64[np.ndarray, "3 3"], size: int
) -> UInt8[np.ndarray, "{size} {size} 4"]:
    """The picture of a shape turned by `rotation` into the camera frame, fitted to the picture."""
    fine = size * SAMPLES
    return draw(shape, window(drawn_points(shape), rotation, fine, pad=room(shape, fine)))


def draw(shape: Mesh | PointCloud, camera: Camera) -> UInt8[np.ndarray, "size size 4"]:
    """The picture that a camera of SAMPLES x SAMPLES samples a pixel takes of a shape."""
    surface = see(shape, camera)
    return finish(surface, ink(shape, surface, camera), camera)


def room(shape: Mesh | PointCloud, size: int) -> float:
    """Samples to leave free on each side of a picture of `size` samples, beside the margin."""
    return 0.0 if isinstance(shape, Mesh) else BALL * size


def see(shape: Mesh | PointCloud, camera: Camera) -> Surface:
    """The surface of a mesh or of a cloud that the camera sees."""
    return see_mesh(shape, camera) if isinstance(shape, Mesh) else see_cloud(shape, camera)


def ink(shape: Mesh | PointCloud, surface: Surface, camera: Camera) -> Float32[np.ndarray, "size size"]:
    """A mesh's lines; a cloud has none."""
    return lines(surface, camera) if isinstance(shape, Mesh) else np.zeros(surface.item.shape, dtype=np.float32)


def finish(
    surface: Surface, drawn: Float32[np.ndarray, "fine fine"], camera: Camera
) -> UInt8[np.ndarray, "size size 4"]:
    """The mean of the samples of each pixel, lit, with its lines."""
    pixels = average(surface, drawn, SAMPLES)
    return develop(light(pixels, camera.coarser(SAMPLES)), pixels.cover)
