"""Six depth pictures of a cloud, along both ways of its frame's axes, through one small ResNet. Ours, for two cores.

Su, Maji, Kalogerakis, Learned-Miller, Multi-view convolutional neural networks for 3D shape recognition, 2015, with the
views where the frame already stands still: on the principal axes of a shape in any pose, or on the upright box. A picture
costs a scatter of the points, and a ResNet at 1/4 of its width sees six of 48 pixels in about a millisecond.

    points -> nearness and coverage from +x, -x, +y, -y, +z, -z -> ResNet -> [mean ; max ; max of each axis]
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldstone.encoders.networks import resnet
from fieldstone.encoders.networks.batch import Batch

__all__ = ["Config", "Facets", "compact", "facets"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The sizes of the six-view network."""

    size: int = 48
    """Pixels along a picture's side."""
    width: int = 16
    """Width of the ResNet-18."""
    points: int = 4096
    """Points that a cloud is given with; each is drawn."""


def compact() -> Config:
    """For two cores: pictures of 48 pixels, 640-d rows, 0.7 M parameters."""
    return Config()


class Facets(nn.Module):
    """A Backbone that reads points: rows of 5 x 8 x width."""

    def __init__(self, config: Config, generator: torch.Generator) -> None:
        super().__init__()
        self.config = config
        self.see = resnet.ResNet(resnet.Config(channels_in=2, width=config.width, large=False), generator)
        self.dim = 5 * self.see.dim

    def forward(self, batch: Batch) -> Float[Tensor, "batch dim"]:
        """Mean and maximum over the pictures, and the maximum of each axis' two."""
        seen = facets(batch.points, self.config.size)
        rows = self.see(seen.flatten(0, 1)).view(len(seen), 3, 2, -1)
        of_axis = rows.amax(2)
        return torch.cat([rows.mean((1, 2)), of_axis.amax(1), of_axis.flatten(1)], dim=1)


def facets(points: Float[Tensor, "batch n 3"], size: int) -> Float[Tensor, "batch 6 2 {size} {size}"]:
    """Nearness (2 at the front of the cloud's cube, 0 at its back) and coverage of each cloud, from +x, -x, +y, ...

    The largest coordinate fills the picture. A pixel shows its nearest point; both channels are 0 where there is none.
    The picture from the other side is not mirrored: a pixel and its depth stay where they are in the frame.
    """
    places = points / points.abs().amax((1, 2), keepdim=True).clamp_min(1e-12)
    cell = ((places + 1.0) * (0.5 * size)).long().clamp(max=size - 1)
    near = places.new_full((len(points), 6, size * size), -2.0)
    for axis in range(3):
        pixel = cell[:, :, (axis + 1) % 3] * size + cell[:, :, (axis + 2) % 3]
        for side, sign in enumerate((1.0, -1.0)):
            near[:, 2 * axis + side].scatter_reduce_(1, pixel, sign * places[:, :, axis], "amax")
    near = near.view(len(points), 6, 1, size, size)
    covered = (near > -1.5).to(near.dtype)
    return torch.cat([(near + 1.0) * covered, covered], dim=2)
