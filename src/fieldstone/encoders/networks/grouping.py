"""Groups of neighbouring points around far-spread centres: our kernels on a CPU, plain torch on other devices.

The same points give the same groups: the farthest-point walk starts at the cloud's first point, and equally near
neighbours go by their index.
"""

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn import functional

from fieldstone.kernels.farthest import farthest_points
from fieldstone.kernels.neighbours import k_nearest, within

__all__ = [
    "centres_of",
    "k_around",
    "plain_centres",
    "plain_nearest",
    "plain_within",
    "rows_of",
    "within_radius",
]


def rows_of(values: Float[Tensor, "batch n c"], indices: Int64[Tensor, "batch *m"]) -> Float[Tensor, "batch *m c"]:
    """The rows of each cloud at some indices."""
    starts = torch.arange(len(values), device=values.device) * values.shape[1]
    return functional.embedding(indices + starts.view(-1, *[1] * (indices.ndim - 1)), values.flatten(0, 1))


def centres_of(points: Float[Tensor, "batch n 3"], k: int) -> Int64[Tensor, "batch {k}"]:
    """Indices of k points of each cloud, each the farthest from those before it."""
    if points.device.type != "cpu":
        return plain_centres(points, k)
    return torch.from_numpy(farthest_points(points.detach().numpy(), k, None)).long()


def k_around(
    points: Float[Tensor, "batch n 3"], centres: Float[Tensor, "batch m 3"], k: int
) -> Int64[Tensor, "batch m {k}"]:
    """Indices of the k points nearest to each centre, nearest first."""
    if points.device.type != "cpu":
        return plain_nearest(points, centres, k)
    return torch.from_numpy(k_nearest(points.detach().numpy(), centres.detach().numpy(), k, None)).long()


def within_radius(
    points: Float[Tensor, "batch n 3"], centres: Float[Tensor, "batch m 3"], radius: float, k: int
) -> Int64[Tensor, "batch m {k}"]:
    """Indices of the first k points within a radius of each centre; the first of them fills up, or the nearest point."""
    if points.device.type != "cpu":
        return plain_within(points, centres, radius, k)
    return torch.from_numpy(within(points.detach().numpy(), centres.detach().numpy(), radius, k, None)).long()


def plain_centres(points: Float[Tensor, "batch n 3"], k: int) -> Int64[Tensor, "batch {k}"]:
    """What `centres_of` does, on any device."""
    chosen = torch.zeros(len(points), k, dtype=torch.int64, device=points.device)
    nearest = torch.full(points.shape[:2], torch.inf, device=points.device)
    for step in range(1, k):
        newest = points.gather(1, chosen[:, step - 1, None, None].expand(-1, 1, 3))
        nearest = torch.minimum(nearest, (points - newest).square().sum(2))
        chosen[:, step] = nearest.argmax(1)
    return chosen


def plain_nearest(
    points: Float[Tensor, "batch n 3"], centres: Float[Tensor, "batch m 3"], k: int
) -> Int64[Tensor, "batch m {k}"]:
    """What `k_around` does, on any device: the distance's bits above the index, so that equals go by index."""
    bits = _distances(points, centres).view(torch.int32).long()
    return ((bits << 32) | torch.arange(points.shape[1], device=points.device)).topk(k, dim=2, largest=False).indices


def plain_within(
    points: Float[Tensor, "batch n 3"], centres: Float[Tensor, "batch m 3"], radius: float, k: int
) -> Int64[Tensor, "batch m {k}"]:
    """What `within_radius` does, on any device."""
    n = points.shape[1]
    distance = _distances(points, centres)
    places = torch.where(distance <= radius, torch.arange(n, device=points.device), n)
    order = places.topk(min(k, n), dim=2, largest=False).values
    first = torch.where(order[:, :, :1] < n, order[:, :, :1], distance.argmin(2, keepdim=True))
    order = functional.pad(order, (0, k - order.shape[2]), value=n)
    return torch.where(order < n, order, first)


def _distances(points: Tensor, centres: Tensor) -> Float[Tensor, "batch m n"]:
    """Distances without the expansion into products, which would blur ties."""
    return torch.cdist(centres.detach(), points.detach(), compute_mode="donot_use_mm_for_euclid_dist")
