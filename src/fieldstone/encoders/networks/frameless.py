"""PointBERT without a frame: patches described by what does not turn, related by what lies between them. Ours.

A turned shape is the same input, so nothing has to be learnt about poses and nothing is lost when a shape is turned. Where
the up axis is known, heights above the centroid and tilts join in, and turning about that axis still changes nothing.

    points, normals -> farthest centres -> neighbourhoods -> histograms (kernels/patches.py) -> tokens t_1..t_g
    attention_ij = softmax(q_i k_j + b(distance, angles, height between i and j)) -> [mean ; max over tokens]

The bias by relations is that of Shaw, Uszkoreit, Vaswani, Self-attention with relative position representations, 2018, made
geometric as in graph transformers (Ying et al., Do transformers really perform badly for graph representation?, 2021).
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from fieldstone.encoders.networks.batch import Batch
from fieldstone.encoders.networks.grouping import centres_of, k_around, rows_of
from fieldstone.encoders.networks.initial import he_normal
from fieldstone.kernels import patches
from fieldstone.nn.transformer import Block

__all__ = ["Config", "Frameless", "compact"]

UP_VALUES, RELATIONS, RINGS = 3, 14, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The sizes of the network without a frame."""

    dim: int = 160
    """Width of a token."""
    depth: int = 4
    heads: int = 4
    groups: int = 96
    """Patches of a cloud: farthest-point centres."""
    inner: int = 32
    """Points of a patch's inner reach."""
    outer: int = 128
    """Points of its outer reach."""
    points: int = 2048
    """Points that a cloud is given with."""


def compact() -> Config:
    """The sizes that fieldstone-base has: 320-d rows, 1.3 M parameters."""
    return Config()


class Frameless(nn.Module):
    """A Backbone that reads points, normals (their sign means nothing) and, where it is known, which way is up."""

    def __init__(self, config: Config, generator: torch.Generator) -> None:
        super().__init__()
        self.config = config
        self.dim = 2 * config.dim
        values = patches.VALUES + UP_VALUES
        self.even = nn.BatchNorm1d(values)
        self.lift = nn.Sequential(nn.Linear(values, 256), nn.GELU(), nn.Dropout(0.1), nn.Linear(256, config.dim))
        self.blocks = nn.ModuleList(Block(config.dim, config.heads, drop_path=0.1) for _ in range(config.depth))
        self.relate = nn.Sequential(nn.Linear(RELATIONS, 32), nn.ReLU(), nn.Linear(32, config.depth * config.heads))
        self.norm = nn.LayerNorm(config.dim)
        he_normal(self, generator)

    def forward(
        self, batch: Batch, keep: int | None = None, generator: torch.Generator | None = None
    ) -> Float[Tensor, "batch dim"]:
        """[mean ; max over tokens]. `keep` patches only, drawn by `generator`, where training wants it cheaper."""
        assert batch.normals is not None, "this network reads normals beside the points"
        points = to_unit_spread(batch.points)
        centres = centres_of(points, self.config.groups)
        if keep is not None:
            centres = centres[:, torch.randperm(self.config.groups, generator=generator)[:keep]]
        at, normals = rows_of(points, centres), rows_of(batch.normals, centres)
        up = at.new_zeros(len(at)) if batch.up is None else batch.up
        values = self._values(points, batch.normals, centres, at, normals, up)
        x = self.lift(self.even(values.flatten(0, 1)).view(values.shape))
        between = self.relate(relations(at, normals, up)).permute(0, 3, 1, 2)
        for block, bias in zip(self.blocks, between.split(self.config.heads, dim=1), strict=True):
            x = block(x, bias, generator)
        x = self.norm(x)
        return torch.cat([x.mean(1), x.amax(1)], dim=1)

    def _values(
        self,
        points: Float[Tensor, "batch n 3"],
        normals: Float[Tensor, "batch n 3"],
        centres: Int64[Tensor, "batch m"],
        at: Float[Tensor, "batch m 3"],
        turns: Float[Tensor, "batch m 3"],
        up: Float[Tensor, "batch"],
    ) -> Float[Tensor, "batch m values"]:
        """What each patch looks like; and its height, its tilt and 1, where up is known, else 0."""
        around = k_around(points, at, self.config.outer)
        found = patches.patches(
            points.detach().cpu().numpy(), normals.detach().cpu().numpy(), centres.int().cpu().numpy(),
            around.int().cpu().numpy(), self.config.inner, None,
        )  # fmt: skip
        known = up[:, None].expand(-1, at.shape[1])
        stands = torch.stack([at[..., 1], turns[..., 1].abs(), torch.ones_like(known)], dim=2) * known[..., None]
        return torch.cat([torch.from_numpy(found).to(at.device), stands], dim=2)


def to_unit_spread(points: Float[Tensor, "batch n 3"]) -> Float[Tensor, "batch n 3"]:
    """The clouds about their centroids, at a root mean square distance of 1 (a single point stays at the origin)."""
    centred = points - points.mean(1, keepdim=True)
    return centred / centred.square().sum(2).mean(1).sqrt().clamp_min(1e-12)[:, None, None]


def relations(
    at: Float[Tensor, "batch m 3"], normals: Float[Tensor, "batch m 3"], up: Float[Tensor, "batch"]
) -> Float[Tensor, "batch m m relations"]:
    """Between each pair of centres: the distance, in soft rings and as it is; |cosines| of the way between them with both
    normals, and of the normals; and, where up is known, how much higher the second is, and 1."""
    way = at[:, None] - at[:, :, None]
    distance = way.norm(dim=3, keepdim=True)
    reach = torch.linspace(0.0, 2.5, RINGS, device=at.device)
    rings = torch.exp(-10.0 * (distance - reach).square())
    leaves = (way * normals[:, :, None]).sum(3, keepdim=True).abs() / (distance + 1e-6)
    alike = (normals @ normals.transpose(1, 2)).abs()[..., None]
    known = up[:, None, None, None].expand_as(distance)
    return torch.cat([rings, distance, leaves, leaves.transpose(1, 2), alike, way[..., 1:2] * known, known], dim=3)
