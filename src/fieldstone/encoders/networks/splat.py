"""Pictures of points that one can differentiate, by where the eye stands and by the points: soft splats.

Each point is a small soft disc, wide enough that its picture moves smoothly with it; among the discs on a pixel the
front ones outweigh those behind by a soft maximum (as Liu, Li, Chen, Li, Soft rasterizer, 2019, section 3.3).
"""

import torch
from jaxtyping import Float, Int64
from torch import Tensor

__all__ = ["splat"]

SOFTNESS = 0.1
"""A point that is so much nearer weighs e times as much."""


def splat(
    points: Float[Tensor, "batch n 3"],
    rotations: Float[Tensor, "batch views 3 3"],
    size: int,
    *,
    radius: int = 2,
) -> Float[Tensor, "batch views 2 {size} {size}"]:
    """Coverage and nearness of points of `unit_sphere_centroid` under each rotation, seen from afar (orthographic).

    Coverage is 1 - exp(-sum of the discs), nearness the height towards the eye of what is seen, from 0 (the sphere's
    back) to 1 (its front), times coverage; both are 0 where nothing is. The picture shows [-1, 1] x [-1, 1], y up.
    `radius` is a disc's, in pixels. The same bytes on every run on a CPU; on a GPU the sums of a pixel have no order
    unless torch is told to be deterministic.
    """
    x, y, z = (points[:, None] @ rotations.transpose(2, 3)).flatten(0, 1).unbind(-1)
    column, across = _taps((0.5 + 0.5 * x) * size, size, radius)
    row, down = _taps((0.5 - 0.5 * y) * size, size, radius)
    pixel = (row[..., :, None] * size + column[..., None, :]).flatten(1)
    disc = down[..., :, None] * across[..., None, :]
    weight = ((z - 1.0) / SOFTNESS).exp()
    carried = torch.stack([torch.ones_like(z), weight, 0.5 * (1.0 + z) * weight], dim=1)
    values = (carried[..., None, None] * disc[:, None]).flatten(2)
    sums = values.new_zeros(len(values), 3, size * size).scatter_add(2, pixel[:, None].expand_as(values), values)
    density, total, height = sums.view(*rotations.shape[:2], 3, size, size).unbind(2)
    coverage = 1.0 - (-density).exp()
    return torch.stack([coverage, coverage * height / (total + 1e-12)], dim=2)


def _taps(
    place: Float[Tensor, "pictures n"], size: int, radius: int
) -> tuple[Int64[Tensor, "pictures n taps"], Float[Tensor, "pictures n taps"]]:
    """The pixels that a disc reaches along one axis and its height there, (1 - (distance / radius)²)²; 0 outside the
    picture. A disc is the product of two such curves; its slope has no jumps."""
    pixel = (place.detach() + 0.5).floor()[..., None] + torch.arange(-radius, radius, device=place.device)
    height = (1.0 - ((place[..., None] - pixel - 0.5) / radius).square()).clamp_min(0.0).square()
    return pixel.long().clamp(0, size - 1), height * ((pixel >= 0) & (pixel < size))
