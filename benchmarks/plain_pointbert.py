"""PointBERT in plain torch, eager and in float32, as one first writes it: the rival of ours in learned_speed.py.

Farthest points by a loop over whole batches, neighbours by cdist and topk, the mini-PointNet by convolutions over what is
concatenated, attention by products and softmax.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from fieldstone.encoders.networks.pointbert import Config, PointBERT
from fieldstone.nn.transformer import Block


class PlainPointBERT(nn.Module):
    """The same numbers as `network`, in evaluation mode."""

    def __init__(self, network: PointBERT) -> None:
        super().__init__()
        self.config: Config = network.config
        ours = network.patches
        self.first = nn.Sequential(conv(ours.lift1), batch_norm(ours.norm1), nn.ReLU(), conv(ours.lift2))
        self.second = nn.Sequential(conv(ours.mix1), batch_norm(ours.norm2), nn.ReLU(), conv(ours.mix2))
        self.reduce, self.position, self.norm = network.reduce, network.position, network.norm
        self.cls, self.cls_position = network.cls, network.cls_position
        self.blocks = network.blocks.blocks
        self.eval().requires_grad_(False)

    def forward(self, points: Tensor) -> Tensor:
        """[batch n 3] -> [batch 2 dim]."""
        batch = torch.arange(len(points))[:, None]
        centres = points[batch, farthest(points, self.config.groups)]
        near = torch.cdist(centres, points).topk(self.config.group_size, dim=2, largest=False).indices
        patches = points[batch[..., None], near] - centres[:, :, None]
        b, groups, size, _ = patches.shape
        x = self.first(patches.reshape(b * groups, size, 3).transpose(1, 2))
        whole = x.max(2, keepdim=True).values.expand(-1, -1, size)
        x = self.second(torch.cat([whole, x], dim=1)).max(2).values
        tokens = self.reduce(x.reshape(b, groups, -1))
        tokens = torch.cat([self.cls.expand(b, 1, -1), tokens], dim=1)
        places = torch.cat([self.cls_position.expand(b, 1, -1), self.position(centres)], dim=1)
        for block in self.blocks:
            tokens = transformed(block, tokens + places)
        tokens = self.norm(tokens)
        return torch.cat([tokens[:, 0], tokens[:, 1:].max(1).values], dim=1)


def farthest(points: Tensor, count: int) -> Tensor:
    """Indices of points, each the farthest from those before it, the first first."""
    chosen = torch.zeros(len(points), count, dtype=torch.long)
    nearest = torch.full(points.shape[:2], torch.inf)
    newest, batch = torch.zeros(len(points), dtype=torch.long), torch.arange(len(points))
    for step in range(count):
        chosen[:, step] = newest
        distance = (points - points[batch, newest][:, None]).square().sum(2)
        nearest = torch.minimum(nearest, distance)
        newest = nearest.argmax(1)
    return chosen


def transformed(block: Block, x: Tensor) -> Tensor:
    """One pre-norm block."""
    heads = block.attention.heads
    b, n, dim = x.shape
    qkv = block.attention.qkv(block.norm1(x)).reshape(b, n, 3, heads, dim // heads).permute(2, 0, 3, 1, 4)
    weights = (qkv[0] @ qkv[1].transpose(2, 3) * (dim // heads) ** -0.5).softmax(3)
    x = x + block.attention.proj((weights @ qkv[2]).transpose(1, 2).reshape(b, n, dim))
    return x + block.mlp2(functional.gelu(block.mlp1(block.norm2(x))))


def conv(linear: nn.Linear) -> nn.Conv1d:
    made = nn.Conv1d(linear.in_features, linear.out_features, 1)
    made.weight.data = linear.weight.data[:, :, None].clone()
    made.bias.data = linear.bias.data.clone()
    return made


def batch_norm(norm: nn.BatchNorm1d) -> nn.BatchNorm1d:
    made = nn.BatchNorm1d(norm.num_features)
    made.load_state_dict(norm.state_dict())
    return made
