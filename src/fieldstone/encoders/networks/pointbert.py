"""PointBERT, as ULIP-2 lays it out: patches of a cloud as tokens of a transformer.

Yu, Tang, Rao, Huang, Zhou, Lu, Point-BERT: pre-training 3D point cloud transformers with masked point modeling, 2022,
section 3.1; Xue et al., ULIP-2, 2024; used by Van den Herrewegen et al., Fine-tuning 3D foundation models for geometric
object retrieval, 2024 (below: 3DOR), section 3.1.

    points -> farthest centres c_1..c_g -> k nearest of each, minus the centre -> mini-PointNet -> tokens t_1..t_g
    [cls, t_1..t_g] + position, before every block -> transformer -> LayerNorm -> [cls ; max over tokens]
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from fieldstone.encoders.networks.batch import Batch
from fieldstone.encoders.networks.grouping import centres_of, k_around, rows_of
from fieldstone.encoders.networks.initial import he_normal
from fieldstone.nn.transformer import Transformer

__all__ = ["Config", "Patches", "PointBERT", "compact", "ulip2"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The sizes of a PointBERT."""

    dim: int
    """Width of a token."""
    depth: int
    """Transformer blocks."""
    heads: int
    groups: int
    """Patches of a cloud: farthest-point centres."""
    group_size: int
    """Points of a patch: the nearest of its centre."""
    points: int
    """Points that a cloud is given with."""
    channels: int = 3
    """3 for coordinates; 6 with colours after them."""
    patch_widths: tuple[int, int, int, int] = (128, 256, 512, 256)
    """Widths of the mini-PointNet's four layers; the third sees the patch's maximum beside each point."""
    position_width: int = 128
    drop_path: float = 0.1
    """Chance that the last block is left out for a shape in training; rises linearly from 0 at the first."""
    descriptor: int = 0
    """Length of the descriptor that comes in as a token of its own; 0 for none (not in the papers)."""


def ulip2() -> Config:
    """The network that 3DOR fine-tunes: 12 x 384, 512 patches of 32 among 8,192 points, 768-d rows, 21.9 M parameters."""
    return Config(dim=384, depth=12, heads=6, groups=512, group_size=32, points=8192)


def compact(descriptor: int = 0) -> Config:
    """For two cores: 8 x 256, 128 patches of 32 among 2,048 points, 512-d rows; the mini-PointNet at half its width."""
    return Config(
        dim=256, depth=8, heads=4, groups=128, group_size=32, points=2048, patch_widths=(64, 128, 256, 128),
        descriptor=descriptor,
    )  # fmt: skip


class Patches(nn.Module):
    """The mini-PointNet: each patch to one vector (Point-BERT's token embedding)."""

    def __init__(self, channels: int, widths: tuple[int, int, int, int]) -> None:
        super().__init__()
        first, second, third, fourth = widths
        self.lift1, self.norm1 = nn.Linear(channels, first), nn.BatchNorm1d(first)
        self.lift2 = nn.Linear(first, second)
        self.mix1, self.norm2 = nn.Linear(2 * second, third), nn.BatchNorm1d(third)
        self.mix2 = nn.Linear(third, fourth)

    def forward(self, patches: Float[Tensor, "batch groups size c"]) -> Float[Tensor, "batch groups width"]:
        """One vector a patch; `patches` are points about their centres."""
        shape = patches.shape[:3]
        x = self.lift2(functional.relu(self.norm1(self.lift1(patches.flatten(0, 2)))))
        x = x.view(-1, shape[2], x.shape[1])
        largest = x.amax(1)
        # the linear map of [max ; x], with the maximum's part computed once a patch
        of_max, of_point = self.mix1.weight[:, : x.shape[2]], self.mix1.weight[:, x.shape[2] :]
        mixed = functional.linear(x, of_point) + functional.linear(largest, of_max, self.mix1.bias)[:, None]
        y = self.mix2(functional.relu(self.norm2(mixed.flatten(0, 1))))
        return y.view(*shape, -1).amax(2)


class PointBERT(nn.Module):
    """A Backbone that reads points (and, if so configured, a descriptor): rows of 2 x dim."""

    def __init__(self, config: Config, generator: torch.Generator) -> None:
        super().__init__()
        self.config = config
        self.dim = 2 * config.dim
        self.patches = Patches(config.channels, config.patch_widths)
        self.reduce = nn.Linear(config.patch_widths[3], config.dim)
        self.position = nn.Sequential(
            nn.Linear(3, config.position_width), nn.GELU(), nn.Linear(config.position_width, config.dim)
        )
        self.cls = nn.Parameter(torch.zeros(config.dim))
        self.cls_position = nn.Parameter(torch.randn(config.dim, generator=generator))
        self.blocks = Transformer(config.dim, config.depth, config.heads, drop_path=config.drop_path)
        self.norm = nn.LayerNorm(config.dim)
        if config.descriptor:
            self.describe = nn.Linear(config.descriptor, config.dim)
            self.describe_position = nn.Parameter(torch.zeros(config.dim))
        he_normal(self, generator)

    def forward(
        self, batch: Batch, keep: int | None = None, generator: torch.Generator | None = None
    ) -> Float[Tensor, "batch dim"]:
        """[cls ; max over tokens]. `keep` patches only, drawn by `generator`, where training wants it cheaper."""
        tokens, positions = self.tokens(batch.points, keep, generator)
        front, front_positions = [self.cls.expand(len(tokens), 1, -1)], [self.cls_position.expand(len(tokens), 1, -1)]
        if self.config.descriptor:
            assert batch.descriptor is not None, "this network reads a descriptor beside the points"
            front.append(self.describe(batch.descriptor)[:, None])
            front_positions.append(self.describe_position.expand(len(tokens), 1, -1))
        x = torch.cat([*front, tokens], dim=1)
        x = self.norm(self.blocks(x, torch.cat([*front_positions, positions], dim=1), generator))
        return torch.cat([x[:, 0], x[:, 1:].amax(1)], dim=1)

    def tokens(
        self, points: Float[Tensor, "batch n c"], keep: int | None = None, generator: torch.Generator | None = None
    ) -> tuple[Float[Tensor, "batch groups dim"], Float[Tensor, "batch groups dim"]]:
        """The patches' vectors and their positions' vectors."""
        places = points[..., :3].contiguous()
        centres = rows_of(places, centres_of(places, self.config.groups))
        if keep is not None:
            chosen = torch.randperm(self.config.groups, generator=generator)[:keep]
            centres = centres[:, chosen]
        patches = rows_of(points, k_around(places, centres, self.config.group_size))
        patches = torch.cat([patches[..., :3] - centres[:, :, None], patches[..., 3:]], dim=3)
        return self.reduce(self.patches(patches)), self.position(centres)
