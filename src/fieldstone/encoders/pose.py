"""The pose in which a network sees a shape: its own principal axes, or the up axis that the user trusts.

In any pose, a shape turned is the same shape: the axes of its points' covariance turn with it. Each axis points to the
side where the points reach farther (the sign of the third moment), the third completes a right-handed frame (Vranić,
Saupe, Richter, Tools for 3D-object retrieval: Karhunen-Loève transform and spherical harmonics, 2001, section 2).
"""

from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Float, Float32, Float64

from fieldstone.errors import GeometryError
from fieldstone.geometry.normalise import turn_up
from fieldstone.types import Axis

__all__ = ["Pose", "posed", "posed_with_normals", "principal_axes", "to_unit_sphere"]

Pose: TypeAlias = Literal["any", "upright"]


def posed(points: Float[np.ndarray, "n 3"], pose: Pose, up: Axis | None) -> Float32[np.ndarray, "n 3"]:
    """The points in `unit_sphere_centroid`, turned: onto their principal axes ("any"), or so that `up` (None: z) is y.

    Upright shapes keep their heading; networks learn to make little of it. Raises GeometryError where there is no point
    or a coordinate is not finite.
    """
    return posed_with_normals(points, None, pose, up)[0]


def posed_with_normals(
    points: Float[np.ndarray, "n 3"], normals: Float[np.ndarray, "n 3"] | None, pose: Pose, up: Axis | None
) -> tuple[Float32[np.ndarray, "n 3"], Float32[np.ndarray, "n 3"] | None]:
    """`posed`, and the points' normals turned along."""
    centred = to_unit_sphere(points)
    turn = principal_axes(centred) if pose == "any" else turn_up(up or "z").rotation
    turned = None if normals is None else (normals @ turn.T).astype(np.float32)
    return (centred @ turn.T).astype(np.float32), turned


def to_unit_sphere(points: Float[np.ndarray, "n 3"]) -> Float64[np.ndarray, "n 3"]:
    """The points about their centroid, the farthest at distance 1 (all at the origin where they are one point)."""
    wide = points.astype(np.float64)
    if not len(wide) or not np.isfinite(wide).all():
        raise GeometryError("there are no points, or a coordinate is not finite: repair the shape, or give another")
    wide -= wide.mean(axis=0)
    reach = float(np.sqrt(np.square(wide).sum(axis=1).max()))
    return wide / (reach or 1.0)


def principal_axes(centred: Float64[np.ndarray, "n 3"]) -> Float64[np.ndarray, "3 3"]:
    """Rows: the axes of the points' covariance, widest first, signs by the third moment; a rotation.

    `centred` are points about their centroid. The axes are the shape's own as far as its three widths differ.
    """
    _, vectors = np.linalg.eigh(centred.T @ centred)
    axes: Float64[np.ndarray, "3 3"] = vectors.T[::-1].copy()
    skew = np.power(centred @ axes.T, 3).sum(axis=0)
    axes[skew < 0] *= -1.0
    axes[2] *= np.sign(np.linalg.det(axes))
    return axes
