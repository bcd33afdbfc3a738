"""MVTN: a network that says from where to look at a shape, pictures from there, and the maximum over the pictures.

Hamdi, Giancola, Ghanem, MVTN: multi-view transformation network for 3D shape recognition, 2021, section 3; a rival in
3DOR (Van den Herrewegen et al., 2024), section 4. The view-points are those it calls learned circular: a ring that
learns to move, together with the rest and by the same loss, through pictures that are differentiable.

    points -> PointNet -> offsets of 12 view-points -> soft splats -> ResNet -> maximum over the views
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldstone.encoders.networks import resnet
from fieldstone.encoders.networks.batch import Batch
from fieldstone.encoders.networks.groups import GroupNetwork, everything
from fieldstone.encoders.networks.initial import he_normal
from fieldstone.encoders.networks.splat import splat
from fieldstone.encoders.networks.viewpoints import ring, rotations

__all__ = ["MVTN", "Config", "compact", "hamdi"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The sizes of an MVTN."""

    views: int = 12
    size: int
    """Pixels along a picture's side."""
    points: int
    """Points that a cloud is given with; each is drawn."""
    point_widths: tuple[int, ...]
    """Widths of the PointNet that the view-points come from."""
    width: int
    """Width of the ResNet-18."""
    large: bool
    """The ResNet's stem, for pictures of about 224 pixels."""
    radius: int
    """Pixels: a splat's."""


def hamdi() -> Config:
    """The paper's sizes: 12 views of 224 pixels, ResNet-18, 2,048 points; 512-d rows."""
    return Config(size=224, points=2048, point_widths=(64, 64, 64, 128, 1024), width=64, large=True, radius=4)


def compact() -> Config:
    """For two cores: 12 views of 64 pixels, a ResNet-18 at a quarter of its width, 1,024 points; 128-d rows."""
    return Config(size=64, points=1024, point_widths=(32, 64, 128), width=16, large=True, radius=2)


class MVTN(nn.Module):
    """A Backbone that reads points: rows of 8 x width."""

    ring: Tensor

    def __init__(self, config: Config, generator: torch.Generator) -> None:
        super().__init__()
        self.config = config
        hidden = config.point_widths[-1]
        self.shape = GroupNetwork(0, config.point_widths)
        self.turn = nn.Sequential(nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 2 * config.views))
        self.register_buffer("ring", ring(config.views), persistent=False)
        he_normal(self, generator)
        nn.init.zeros_(self.turn[2].get_parameter("weight"))  # it starts from the ring
        self.see = resnet.ResNet(resnet.Config(channels_in=2, width=config.width, large=config.large), generator)
        self.dim = self.see.dim

    def viewpoints(self, points: Float[Tensor, "batch n 3"]) -> Float[Tensor, "batch views 2"]:
        """Azimuth and elevation of each view, radians: the ring, each moved by at most half a step and a quarter turn."""
        shape = self.shape(points, None, *everything(points))[:, 0]
        offsets = self.turn(shape).view(-1, self.config.views, 2).tanh()
        return self.ring + offsets * offsets.new_tensor([math.pi / self.config.views, math.pi / 2])

    def forward(self, batch: Batch) -> Float[Tensor, "batch dim"]:
        """The maximum over the rows of the pictures."""
        turned = rotations(self.viewpoints(batch.points))
        pictures = splat(batch.points, turned, self.config.size, radius=self.config.radius)
        return self.see(pictures.flatten(0, 1)).view(*pictures.shape[:2], -1).amax(1)
