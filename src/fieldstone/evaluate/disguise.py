"""A measure that needs no labels: does a disguised copy of a shape find its original?

A copy is turned, sampled anew, cut by a plane, and noisy: roughly what a scan of the same thing would be. Not from the
papers; it says how steady an encoder is, and nothing of what it takes for alike.
"""

from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Float, Float64, Int64

from fieldstone.evaluate.ranking import Ranking
from fieldstone.geometry.rotations import quaternion_rotations, small_rotations
from fieldstone.geometry.sample import half_of
from fieldstone.types import PointCloud, Sampled

__all__ = ["CUT", "NOISE", "Turn", "disguised", "first_right"]

CUT = 0.15
"""Share of the points that a plane of random direction takes away."""
NOISE = 0.01
"""Standard deviation of a point's displacement along each axis, as a share of the farthest point's distance from the
centroid."""
Turn: TypeAlias = Literal["any", "up"]


def disguised(sampled: Sampled, generator: np.random.Generator, turn: Turn = "any") -> Sampled:
    """A copy in the shape's unit: turned (by any rotation, or about its up axis), half of the points, cut, and noisy.

    Normals turn along and are not told of the noise. The shape of the copy is its cloud.
    """
    points = sampled.points.astype(np.float64)
    rotation = _rotation(turn, sampled.up or "z", generator)
    centre = points.mean(axis=0)
    reach = float(np.linalg.norm(points - centre, axis=1).max())
    half = half_of(len(points), generator)
    direction = generator.standard_normal(3)
    height = points[half] @ direction
    kept = half[height <= np.quantile(height, 1.0 - CUT)]
    copy = (points[kept] - centre) @ rotation.T
    copy = (copy + NOISE * reach * generator.standard_normal(copy.shape)).astype(np.float32)
    normals = sampled.normals
    if normals is not None:
        normals = (normals[kept].astype(np.float64) @ rotation.T).astype(np.float32)
    return Sampled(shape=PointCloud(copy, normals), points=copy, normals=normals, up=sampled.up)


def first_right(ranking: Ranking) -> Int64[np.ndarray, "queries"]:
    """The rank, from 1, of each query's first right answer; one after the last where there is none."""
    found: Int64[np.ndarray, "queries"] = ranking.relevant.argmax(axis=1) + 1
    return np.where(ranking.relevant.any(axis=1), found, ranking.relevant.shape[1] + 1)


def _rotation(turn: Turn, up: str, generator: np.random.Generator) -> Float64[np.ndarray, "3 3"]:
    if turn == "up":
        axis = np.eye(3)["xyz".index(up)]
        return small_rotations(generator.uniform(0.0, 2.0 * np.pi) * axis[None])[0]
    quaternion: Float[np.ndarray, "4"] = generator.standard_normal(4)
    return quaternion_rotations((quaternion / np.linalg.norm(quaternion))[None])[0]
