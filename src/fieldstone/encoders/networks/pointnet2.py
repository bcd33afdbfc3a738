"""PointNet++ with single-scale grouping (SSG): groups of points, groups of groups, then everything.

Qi, Yi, Su, Guibas, PointNet++: deep hierarchical feature learning on point sets in a metric space, 2017, section 3 and
appendix B; a rival in 3DOR (Van den Herrewegen et al., 2024), section 4.

    points -> farthest centres, the first k points within a radius -> group network -> again -> all -> row
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldstone.encoders.networks.batch import Batch
from fieldstone.encoders.networks.grouping import centres_of, rows_of, within_radius
from fieldstone.encoders.networks.groups import GroupNetwork, everything
from fieldstone.encoders.networks.initial import he_normal

__all__ = ["Config", "PointNet2", "compact", "ssg"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The sizes of a PointNet++."""

    points: int
    """Points that a cloud is given with."""
    centres: tuple[int, ...]
    """Groups of each level."""
    radii: tuple[float, ...] = (0.2, 0.4)
    """Radius of each level's groups; a cloud's own is 1."""
    neighbours: tuple[int, ...]
    """Points of a group, at most; where there are fewer, the first is repeated."""
    widths: tuple[tuple[int, ...], ...]
    """Widths of each level's group network, and last of the one that sees everything."""


def ssg() -> Config:
    """The paper's SSG: SA(512, 0.2, 32), SA(128, 0.4, 64), SA(all) of 2,048 points, 1024-d rows, 0.8 M parameters."""
    return Config(
        points=2048, centres=(512, 128), neighbours=(32, 64), widths=((64, 64, 128), (128, 128, 256), (256, 512, 1024))
    )


def compact() -> Config:
    """For two cores: half the groups, neighbours and widths, of 1,024 points; 512-d rows."""
    return Config(
        points=1024, centres=(256, 64), neighbours=(16, 32), widths=((32, 32, 64), (64, 64, 128), (128, 256, 512))
    )


class PointNet2(nn.Module):
    """A Backbone that reads points: rows as long as the last width."""

    def __init__(self, config: Config, generator: torch.Generator) -> None:
        super().__init__()
        assert len(config.centres) == len(config.radii) == len(config.neighbours) == len(config.widths) - 1
        self.config = config
        self.dim = config.widths[-1][-1]
        channels = (0, *(widths[-1] for widths in config.widths))
        self.levels = nn.ModuleList(GroupNetwork(c, w) for c, w in zip(channels, config.widths, strict=False))
        he_normal(self, generator)

    def forward(self, batch: Batch) -> Float[Tensor, "batch dim"]:
        """The vector of everything, after the levels of groups."""
        points, features = batch.points, None
        levels = zip(self.levels, self.config.centres, self.config.radii, self.config.neighbours, strict=False)
        for level, count, radius, k in levels:
            centres = rows_of(points, centres_of(points, count))
            features = level(points, features, centres, within_radius(points, centres, radius, k))
            points = centres
        row: Tensor = self.levels[-1](points, features, *everything(points))
        return row[:, 0]
