"""Clouds and generators for the networks' tests."""

import torch
from torch import Tensor


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def clouds(batch: int, n: int, seed: int = 0) -> Tensor:
    """Points about the origin, the farthest of each cloud at 1."""
    points = torch.randn(batch, n, 3, generator=seeded(seed))
    points -= points.mean(1, keepdim=True)
    return points / points.norm(dim=2).amax(1)[:, None, None]


def pictures(batch: int, views: int, size: int = 32, seed: int = 0) -> Tensor:
    """Views as a Batch holds them, of nothing in particular."""
    return torch.rand(batch, views, 4, size, size, generator=seeded(seed)) * 2 - 1
