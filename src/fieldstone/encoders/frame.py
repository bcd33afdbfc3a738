"""The frame that the descriptors share: centroid at the origin, root mean square radius 1."""

import numpy as np
from jaxtyping import Float32

from fieldstone.errors import GeometryError

__all__ = ["centred"]


def centred(points: Float32[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n 3"]:
    """The points about their centroid, over their root mean square distance from it.

    A spread of zero (one point, or equal points) leaves all at the origin. Raises GeometryError where there is no point
    or a coordinate is not finite.
    """
    if len(points) == 0:
        raise GeometryError("there are no points to describe: give a shape that has a surface or points")
    wide = points.astype(np.float64)
    if not np.isfinite(wide).all():
        raise GeometryError("a coordinate is not a finite number: repair the shape before describing it")
    wide -= wide.mean(axis=0)
    radius = float(np.sqrt((wide * wide).sum(axis=1).mean()))
    return (wide / (radius or 1.0)).astype(np.float32)
