"""The pose and the distance between two surfaces from their moments alone, in float64.

Each tensor of moments.py turns by a known rule, so the rotation that lays one shape on another is the one that makes
their tensors equal. Principal axes (eigenvectors of the second moment) give it up to signs, and up to an angle where
two eigenvalues agree; the tensors of order 3 and 4, of the normals and of the twist choose among these, and
Levenberg-Marquardt on all of them polishes the best. What is left over is the moment distance: 2e-8 to 1e-6 for two
float32 files of one surface.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from fieldstone.geometry.moments import Moments
from fieldstone.geometry.rotations import principal_rotations, small_rotations

__all__ = ["MIRROR", "MomentMatch", "match_moments"]

MIRROR = np.diag([-1.0, 1.0, 1.0])
STARTS = 4  # rotations that are polished
STEPS = 8
SETTLED = 1e-9
"""Turns below this many radians change nothing that float64 moments can tell."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MomentMatch:
    """`rotation` (orthogonal; determinant -1 for a mirror image) turns b onto a; `distance` is what remains."""

    rotation: Float64[np.ndarray, "3 3"]
    distance: float


def match_moments(a: Moments, b: Moments, *, mirror: bool) -> MomentMatch:
    """The rotation (with a reflection, if `mirror`) that turns the moments of b onto those of a, each in its own size.

    The distance is the Frobenius norm of what differs, with lengths in units of <|x|^4>^(1/4), so that every tensor has
    a norm of about one; the ratio of the areas in these units counts as one more entry. Two clouds, or a cloud and a
    surface, are compared by the moments of position only.
    """
    mine, other = _tensors(a), _tensors(b)
    flip = MIRROR if mirror else np.eye(3)
    other = [_turn(tensor[None], flip[None])[0] for tensor in other]
    used = [i for i in range(len(mine)) if np.isfinite(mine[i]).all() and np.isfinite(other[i]).all()]
    mine, other = [mine[i] for i in used], [other[i] for i in used]
    target = _flat([tensor[None] for tensor in mine])[0]

    rotations = principal_rotations(mine[0], other[0])
    miss = np.linalg.norm(_turned(other, rotations) - target, axis=1)
    best = rotations[np.argsort(miss, kind="stable")[:STARTS]]
    rotation, distance = _polish(other, target, best)
    area = _log_area(a) - _log_area(b)
    extra = area if np.isfinite(area) else 0.0
    return MomentMatch(rotation=rotation @ flip, distance=float(np.hypot(distance, extra)))


def _tensors(moments: Moments) -> list[Float64[np.ndarray, "..."]]:
    """The tensors of the first surface, in units of its radius <|x|^4>^(1/4); the second moment comes first."""
    radius = float(np.einsum("iijj", moments.fourth[0])) ** 0.25
    return [
        moments.second[0] / radius**2,
        moments.third[0] / radius**3,
        moments.fourth[0] / radius**4,
        moments.normal[0],
        moments.twist[0] / radius,
    ]


def _log_area(moments: Moments) -> float:
    return float(np.log(moments.area[0]) - 0.5 * np.log(np.einsum("iijj", moments.fourth[0])))


def _turn(
    tensor: Float64[np.ndarray, "p *order"], rotations: Float64[np.ndarray, "p 3 3"]
) -> Float64[np.ndarray, "p *order"]:
    """Each tensor turned by its rotation in every index: turn the first index, move it to the back, once an index."""
    count = tensor.ndim - 1
    for _ in range(count):
        turned = rotations @ tensor.reshape(len(tensor), 3, -1)
        tensor = np.moveaxis(turned.reshape(len(rotations), *(3,) * count), 1, -1)
    return tensor


def _flat(tensors: list[Float64[np.ndarray, "..."]]) -> Float64[np.ndarray, "p k"]:
    return np.concatenate([tensor.reshape(len(tensor), -1) for tensor in tensors], axis=1)


def _turned(
    tensors: list[Float64[np.ndarray, "..."]], rotations: Float64[np.ndarray, "p 3 3"]
) -> Float64[np.ndarray, "p k"]:
    return _flat([_turn(tensor[None], rotations) for tensor in tensors])


def _polish(
    tensors: list[Float64[np.ndarray, "..."]], target: Float64[np.ndarray, "k"], rotations: Float64[np.ndarray, "p 3 3"]
) -> tuple[Float64[np.ndarray, "3 3"], float]:
    """Levenberg-Marquardt from each start at once, on turns about x, y and z; the best rotation and its distance."""
    step = 1e-5
    probes = small_rotations(step * np.vstack([np.zeros(3), np.eye(3)]))
    damping = np.full(len(rotations), 1e-6)
    miss = np.linalg.norm(_turned(tensors, rotations) - target, axis=1)
    for _ in range(STEPS):
        values = _turned(tensors, (probes[None] @ rotations[:, None]).reshape(-1, 3, 3)).reshape(len(rotations), 4, -1)
        slopes = (values[:, 1:] - values[:, :1]) / step
        normal = np.einsum("pik,pjk->pij", slopes, slopes)
        pull = np.einsum("pik,pk->pi", slopes, target - values[:, 0])
        turn = np.linalg.solve(normal + damping[:, None, None] * np.eye(3), pull[..., None])[..., 0]
        if np.abs(turn).max() < SETTLED:
            break
        tried = small_rotations(turn) @ rotations
        new = np.linalg.norm(_turned(tensors, tried) - target, axis=1)
        better = new < miss
        rotations = np.where(better[:, None, None], tried, rotations)
        miss = np.where(better, new, miss)
        damping = np.where(better, damping * 0.1, damping * 30.0)
    best = int(np.argmin(miss))
    return rotations[best], float(miss[best])
