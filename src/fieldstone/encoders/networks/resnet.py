"""ResNet: pictures to rows through residual convolutions.

He, Zhang, Ren, Sun, Deep residual learning for image recognition, 2015, section 3.3 and table 1; the state dict has the
names and shapes of torchvision's `resnet18` without its `fc`.

    picture -> stem -> 4 stages of blocks, each stage twice as wide at half the size -> mean over the picture
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from fieldstone.encoders.networks.initial import he_normal

__all__ = ["Config", "ResNet", "compact", "resnet18"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The sizes of a ResNet of basic blocks."""

    channels_in: int = 3
    """Channels of a picture."""
    width: int = 64
    """Channels after the stem and in the first stage; rows have 8 times as many values."""
    blocks: tuple[int, int, int, int] = (2, 2, 2, 2)
    """Blocks of each stage."""
    large: bool = True
    """Stem for pictures of about 224 pixels (7 x 7 and a maximum, 1/4 of the size); else 3 x 3, half the size."""


def resnet18() -> Config:
    """ResNet-18: 3 channels, 512-d rows, 11.2 M parameters."""
    return Config()


def compact(channels_in: int = 4) -> Config:
    """For two cores and pictures of 64 pixels: a quarter of the width, 128-d rows, 0.7 M parameters."""
    return Config(channels_in=channels_in, width=16, large=False)


class Block(nn.Module):
    """x + f(x), then ReLU; f is two 3 x 3 convolutions, and x goes through a 1 x 1 where its shape changes (eq. 2)."""

    def __init__(self, width_in: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width_in, width, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = nn.Sequential()
        if stride != 1 or width_in != width:
            self.downsample = nn.Sequential(
                nn.Conv2d(width_in, width, 1, stride=stride, bias=False), nn.BatchNorm2d(width)
            )

    def forward(self, x: Float[Tensor, "batch c h w"]) -> Float[Tensor, "batch width h2 w2"]:
        """The pictures after one block."""
        y = functional.relu(self.bn1(self.conv1(x)))
        return functional.relu(self.downsample(x) + self.bn2(self.conv2(y)))


class ResNet(nn.Module):
    """Pictures to rows of `dim` = 8 x width values, not normalised."""

    def __init__(self, config: Config, generator: torch.Generator) -> None:
        super().__init__()
        self.config = config
        self.dim = 8 * config.width
        kernel = 7 if config.large else 3
        self.conv1 = nn.Conv2d(config.channels_in, config.width, kernel, stride=2, padding=kernel // 2, bias=False)
        self.bn1 = nn.BatchNorm2d(config.width)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1) if config.large else nn.Identity()
        for stage, count in enumerate(config.blocks):
            width_in, width = config.width << max(stage - 1, 0), config.width << stage
            blocks = [Block(width_in if i == 0 else width, width, 2 if stage and i == 0 else 1) for i in range(count)]
            self.add_module(f"layer{stage + 1}", nn.Sequential(*blocks))
        he_normal(self, generator)

    def forward(self, images: Float[Tensor, "batch c h w"]) -> Float[Tensor, "batch dim"]:
        """One row a picture: the mean over its places."""
        fast = images.contiguous(memory_format=torch.channels_last)  # by a quarter, on a CPU
        x = self.maxpool(functional.relu(self.bn1(self.conv1(fast))))
        for stage in range(1, 5):
            x = self.get_submodule(f"layer{stage}")(x)
        return x.mean((2, 3))
