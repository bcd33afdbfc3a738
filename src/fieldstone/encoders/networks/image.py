"""The small image tower: a picture of a shape to the latent that shapes share with it."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldstone.encoders.networks.initial import he_normal
from fieldstone.encoders.networks.resnet import ResNet, compact

__all__ = ["Config", "ImageTower"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The sizes of an image tower."""

    latent: int
    """Length of a row: the shape tower's latent."""
    size: int = 64
    """Pixels of a picture's side."""


class ImageTower(nn.Module):
    """Pictures (grey in [-1, 1] and coverage in [0, 1], as `encoders.picture` makes them) to rows, not normalised."""

    def __init__(self, config: Config, generator: torch.Generator) -> None:
        super().__init__()
        self.config = config
        self.resnet = ResNet(compact(channels_in=2), generator)
        self.project = nn.Linear(self.resnet.dim, config.latent)
        he_normal(self.project, generator)

    def forward(self, pictures: Float[Tensor, "batch 2 size size"]) -> Float[Tensor, "batch latent"]:
        """One row a picture."""
        return self.project(self.resnet(pictures))
