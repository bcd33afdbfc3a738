"""PointNeXt-S: PointNet++ with a stem, residual groups and relative positions in units of the radius.

Qian, Li, Peng, Mai, Hammoud, Elhoseiny, Ghanem, PointNeXt: revisiting PointNet++ with improved training and scaling
strategies, 2022, section 3.2; a rival in INRet (Guan et al., 2024).

    points -> stem -> 4 stages, each at half the points, twice the width and 1.5 times the radius -> everything -> row
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from fieldstone.encoders.networks.batch import Batch
from fieldstone.encoders.networks.grouping import centres_of, rows_of, within_radius
from fieldstone.encoders.networks.groups import GroupNetwork, everything
from fieldstone.encoders.networks.initial import he_normal

__all__ = ["Config", "PointNeXt", "compact", "small", "small_wide"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The sizes of a PointNeXt without inverted residual blocks (its S)."""

    width: int
    """Width of the stem, the paper's C; each stage doubles it."""
    points: int = 1024
    """Points that a cloud is given with; each stage halves them."""
    stages: int = 4
    neighbours: int = 32
    """Points of a group, at most; where there are fewer, the first is repeated."""
    radius: float = 0.15
    """Radius of the first stage's groups; a cloud's own is 1."""
    growth: float = 1.5
    """By how much each stage widens the radius."""


def small() -> Config:
    """PointNeXt-S with C = 32: 512-d rows, 1.0 M parameters."""
    return Config(width=32)


def small_wide() -> Config:
    """PointNeXt-S with C = 64, the one reported on ModelNet: 1024-d rows, 3.8 M parameters."""
    return Config(width=64)


def compact() -> Config:
    """For two cores: C = 16 and groups of 16, 256-d rows."""
    return Config(width=16, neighbours=16)


class Stage(nn.Module):
    """relu(group network + skip(the centre's own features)) at half the points; two layers."""

    def __init__(self, width: int, neighbours: int, radius: float) -> None:
        super().__init__()
        self.neighbours, self.radius = neighbours, radius
        self.group = GroupNetwork(width, (width, 2 * width), last_relu=False)
        self.skip = nn.Linear(width, 2 * width)

    def forward(
        self, points: Float[Tensor, "batch n 3"], features: Float[Tensor, "batch n c"]
    ) -> tuple[Float[Tensor, "batch m 3"], Float[Tensor, "batch m 2*c"]]:
        """The centres and their features."""
        chosen = centres_of(points, points.shape[1] // 2)
        centres = rows_of(points, chosen)
        groups = within_radius(points, centres, self.radius, self.neighbours)
        grouped = self.group(points, features, centres, groups, self.radius)
        return centres, functional.relu(grouped + self.skip(rows_of(features, chosen)))


class PointNeXt(nn.Module):
    """A Backbone that reads points: rows of width x 2^stages."""

    def __init__(self, config: Config, generator: torch.Generator) -> None:
        super().__init__()
        self.config = config
        self.dim = config.width << config.stages
        self.stem = nn.Sequential(nn.Linear(3, config.width), nn.ReLU(), nn.Linear(config.width, config.width))
        self.stages = nn.ModuleList(
            Stage(config.width << i, config.neighbours, config.radius * config.growth**i) for i in range(config.stages)
        )
        self.all = GroupNetwork(self.dim, (self.dim, self.dim))
        he_normal(self, generator)

    def forward(self, batch: Batch) -> Float[Tensor, "batch dim"]:
        """The vector of everything, after the stages."""
        points, features = batch.points, self.stem(batch.points)
        for stage in self.stages:
            points, features = stage(points, features)
        return self.all(points, features, *everything(points))[:, 0]
