"""Groups of neighbouring points around far-spread centres: our kernels on a CPU, plain torch on other devices.

The same points give the same groups: the farthest-point walk starts at the cloud's first point, and equally near
neighbours go by their index.
"""

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from fieldstone.kernels.farthest import farthest_points
from fieldstone.kernels.neighbours import k_nearest, within

__all__ = ["centres_of", "k_around", "rows_of", "within_radius"]


def rows_of(values: Float[Tensor, "batch n c"], indices: Int64[Tensor, "batch *m"]) -> Float[Tensor, "batch *m c"]:
    """The rows of each cloud at some indices."""
    flat = indices.flatten(1)
    taken = values.gather(1, flat[..., None].expand(-1, -1, values.shape[2]))
    return taken.view(*indices.shape, values.shape[2])


def centres_of(points: Float[Tensor, "batch n 3"], k: int) -> Int64[Tensor, "batch {k}"]:
    """Indices of k points of each cloud, each the farthest from those before it."""
    if points.device.type == "cpu":
        return torch.from_numpy(farthest_points(points.detach().numpy(), k, None)).long()
    chosen = torch.zeros(len(points), k, dtype=torch.int64, device=points.device)
    nearest = torch.full(points.shape[:2], torch.inf, device=points.device)
    for step in range(1, k):
        newest = points.gather(1, chosen[:, step - 1, None, None].expand(-1, 1, 3))
        nearest = torch.minimum(nearest, (points - newest).square().sum(2))
        chosen[:, step] = nearest.argmax(1)
    return chosen


def k_around(
    points: Float[Tensor, "batch n 3"], centres: Float[Tensor, "batch m 3"], k: int
) -> Int64[Tensor, "batch m {k}"]:
    """Indices of the k points nearest to each centre, nearest first."""
    if points.device.type == "cpu":
        return torch.from_numpy(k_nearest(points.detach().numpy(), centres.detach().numpy(), k, None)).long()
    return torch.cdist(centres, points).topk(k, dim=2, largest=False).indices


def within_radius(
    points: Float[Tensor, "batch n 3"], centres: Float[Tensor, "batch m 3"], radius: float, k: int
) -> Int64[Tensor, "batch m {k}"]:
    """Indices of the first k points within a radius of each centre; the first of them fills up, or the nearest point."""
    if points.device.type == "cpu":
        return torch.from_numpy(within(points.detach().numpy(), centres.detach().numpy(), radius, k, None)).long()
    distance = torch.cdist(centres, points)
    inside = distance <= radius
    order = (~inside).to(torch.uint8).argsort(dim=2, stable=True)[:, :, :k]
    count = inside.sum(2, keepdim=True)
    first = torch.where(count > 0, order[:, :, :1], distance.argmin(2, keepdim=True))
    return torch.where(torch.arange(k, device=points.device) < count, order, first)
