"""How far two shapes are apart: each measure under a name that tells its convention, with the paper that uses it.

Clouds are points of two surfaces in one frame and unit. "CD" alone means nothing: papers square or not, add or average
the two directions, and scale. The nearest-neighbour distances that all of them start from are exact.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32, Int32

from fieldstone.errors import GeometryError
from fieldstone.geometry.distance import Surface
from fieldstone.geometry.measure import bounds
from fieldstone.geometry.sample import sample_volume
from fieldstone.types import Mesh

__all__ = [
    "FScore",
    "chamfer_l2_mean",
    "chamfer_squared_sum_x1000",
    "f_score",
    "giou_percent",
    "iou",
    "normal_consistency",
    "volumetric_iou",
]


def chamfer_l2_mean(a: Float[np.ndarray, "n 3"], b: Float[np.ndarray, "k 3"]) -> float:
    """Half the sum of the two mean nearest-neighbour distances, not squared; in the clouds' unit.

    Mescheder et al., Occupancy networks, 2019 (there "Chamfer-L1"); Siddiqui et al., RetrievalFuse, 2021. The
    re-ranking uses it.
    """
    there, back = _both_ways(a, b)
    return float(there[0].mean(dtype=np.float64) + back[0].mean(dtype=np.float64)) / 2.0


def chamfer_squared_sum_x1000(a: Float[np.ndarray, "n 3"], b: Float[np.ndarray, "k 3"]) -> float:
    """1000 times the sum of the two mean squared nearest-neighbour distances; in the clouds' unit squared.

    Zakharov et al., ROAD, 2022, and ReFiNe, 2024, after pytorch3d's convention.
    """
    there, back = _both_ways(a, b)
    squares = [np.square(distance.astype(np.float64)).mean() for distance, _ in (there, back)]
    return 1000.0 * float(squares[0] + squares[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class FScore:
    """Shares in [0, 1]."""

    precision: float
    """Of the reconstruction's points, near the truth."""
    recall: float
    """Of the truth's points, near the reconstruction."""
    f: float
    """Their harmonic mean."""


def f_score(reconstruction: Float[np.ndarray, "n 3"], truth: Float[np.ndarray, "k 3"], threshold: float) -> FScore:
    """Shares of points whose nearest point of the other cloud is at most `threshold` away.

    Tatarchenko et al., What do single-view 3D reconstruction networks learn?, 2019: a threshold of 1 % of the side of
    the cube around the shape is usual; `threshold` is in the clouds' unit.
    """
    there, back = _both_ways(reconstruction, truth)
    precision, recall = float((there[0] <= threshold).mean()), float((back[0] <= threshold).mean())
    total = precision + recall
    return FScore(precision=precision, recall=recall, f=2.0 * precision * recall / total if total > 0 else 0.0)


def normal_consistency(
    a: Float[np.ndarray, "n 3"],
    normals_a: Float[np.ndarray, "n 3"],
    b: Float[np.ndarray, "k 3"],
    normals_b: Float[np.ndarray, "k 3"],
) -> float:
    """Mean |cosine| between unit normals at each point and at its nearest point of the other cloud, both ways averaged.

    Mescheder et al., Occupancy networks, 2019. In [0, 1]; which side is out does not count.
    """
    there, back = _both_ways(a, b)
    cosines = [
        np.abs((normals_a * normals_b[there[1]]).sum(axis=1)).mean(),
        np.abs((normals_b * normals_a[back[1]]).sum(axis=1)).mean(),
    ]
    return float(cosines[0] + cosines[1]) / 2.0


def iou(inside_a: Bool[np.ndarray, "n"], inside_b: Bool[np.ndarray, "n"]) -> float:
    """Points inside both over points inside either, the two judged at the same points; in [0, 1].

    GeometryError where no point is inside either.
    """
    either = int(np.count_nonzero(inside_a | inside_b))
    if either == 0:
        raise GeometryError("no point is inside either shape, so their overlap is undefined: draw more points")
    return int(np.count_nonzero(inside_a & inside_b)) / either


def volumetric_iou(a: Mesh, b: Mesh, n: int, generator: np.random.Generator) -> float:
    """IoU of two solids at n points drawn uniformly in the box around both, inside by the winding number; in [0, 1].

    Mescheder et al., Occupancy networks, 2019 (100,000 points there). GeometryError where a mesh has no area.
    """
    box = np.stack([bounds(a.vertices), bounds(b.vertices)])
    points = sample_volume(np.array([box[:, 0].min(axis=0), box[:, 1].max(axis=0)]), n, generator)
    return iou(Surface(a).inside(points), Surface(b).inside(points))


def giou_percent(distance_a: Float[np.ndarray, "n"], distance_b: Float[np.ndarray, "n"]) -> float:
    """100 times the IoU of the negative sides of two signed fields at the same n points.

    Takikawa et al., Neural geometric level of detail, 2021, and INRet, 2025, report it under the name gIoU: 131,072
    points drawn uniformly in [-1, 1]^3, shapes in `unit_sphere_bbox`. Neither writes the formula down; this is what
    NGLOD's published code computes as its IoU.
    """
    return 100.0 * iou(distance_a < 0, distance_b < 0)


def _both_ways(
    a: Float[np.ndarray, "n 3"], b: Float[np.ndarray, "k 3"]
) -> tuple[
    tuple[Float32[np.ndarray, "n"], Int32[np.ndarray, "n"]],
    tuple[Float32[np.ndarray, "k"], Int32[np.ndarray, "k"]],
]:
    """Distance and index of the nearest point, from a to b and from b to a."""
    from fieldstone.kernels.nearest import nearest

    if len(a) == 0 or len(b) == 0:
        raise GeometryError("a cloud is empty, so it has no distance to anything: give points")
    centre = a.mean(axis=0, dtype=np.float64)
    a, b = (a - centre).astype(np.float32), (b - centre).astype(np.float32)
    return nearest(a, b), nearest(b, a)
