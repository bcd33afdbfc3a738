"""Checkpoints in the published layouts at tiny sizes, and what they compute, written out plainly and apart from ours."""

import math

import torch
from torch import Tensor
from torch.nn import functional


class Made(dict[str, Tensor]):
    """A state dict that fills up with random tensors; small ones, so that depth does not blow them up."""

    def __init__(self, seed: int, device: str = "cpu") -> None:
        super().__init__()
        self.generator = torch.Generator().manual_seed(seed)
        self.device = device

    def put(self, name: str, *shape: int, around: float = 0.0) -> None:
        if self.device == "meta":
            self[name] = torch.zeros(shape, device="meta")
        else:
            self[name] = around + 0.3 * torch.randn(shape, generator=self.generator)

    def linear(self, name: str, shape_in: int, shape_out: int, *, bias: bool = True, convolution: bool = False) -> None:
        self.put(f"{name}.weight", shape_out, shape_in, *([1] if convolution else []))
        if bias:
            self.put(f"{name}.bias", shape_out)

    def norm(self, name: str, width: int) -> None:
        self.put(f"{name}.weight", width, around=1.0)
        self.put(f"{name}.bias", width)

    def batch_norm(self, name: str, width: int) -> None:
        self.norm(name, width)
        self.put(f"{name}.running_mean", width)
        self[f"{name}.running_var"] = torch.linspace(0.5, 2.0, width, device=self.device)
        self[f"{name}.num_batches_tracked"] = torch.zeros((), dtype=torch.int64, device=self.device)


def pointbert(
    prefix: str, dim: int, depth: int, channels: int, widths: tuple[int, ...], seed: int = 0, device: str = "cpu"
) -> Made:
    """The point encoder of ULIP's and Point-BERT's files."""
    made, (one, two, three, four) = Made(seed, device), widths
    made.put(f"{prefix}cls_token", 1, 1, dim)
    made.put(f"{prefix}cls_pos", 1, 1, dim)
    made.linear(f"{prefix}encoder.first_conv.0", channels, one, convolution=True)
    made.batch_norm(f"{prefix}encoder.first_conv.1", one)
    made.linear(f"{prefix}encoder.first_conv.3", one, two, convolution=True)
    made.linear(f"{prefix}encoder.second_conv.0", 2 * two, three, convolution=True)
    made.batch_norm(f"{prefix}encoder.second_conv.1", three)
    made.linear(f"{prefix}encoder.second_conv.3", three, four, convolution=True)
    made.linear(f"{prefix}reduce_dim", four, dim)
    made.linear(f"{prefix}pos_embed.0", 3, 128 if dim == 384 else 10)
    made.linear(f"{prefix}pos_embed.2", 128 if dim == 384 else 10, dim)
    for i in range(depth):
        block(made, f"{prefix}blocks.blocks.{i}", dim, bias=False)
    made.norm(f"{prefix}norm", dim)
    return made


def block(made: Made, name: str, dim: int, *, bias: bool) -> None:
    """A transformer block as timm names it."""
    made.norm(f"{name}.norm1", dim)
    made.linear(f"{name}.attn.qkv", dim, 3 * dim, bias=bias)
    made.linear(f"{name}.attn.proj", dim, dim)
    made.norm(f"{name}.norm2", dim)
    made.linear(f"{name}.mlp.fc1", dim, 4 * dim)
    made.linear(f"{name}.mlp.fc2", 4 * dim, dim)


def attend(x: Tensor, weight: Tensor, bias: Tensor | None, heads: int, mask: Tensor | None = None) -> Tensor:
    """Softmax of scaled products, head by head; `mask` is added to the products."""
    queries, keys, values = functional.linear(x, weight, bias).chunk(3, dim=2)
    seen = []
    for q, k, v in zip(queries.chunk(heads, 2), keys.chunk(heads, 2), values.chunk(heads, 2), strict=True):
        products = q @ k.transpose(1, 2) / math.sqrt(q.shape[2])
        seen.append((products if mask is None else products + mask).softmax(2) @ v)
    return torch.cat(seen, 2)


def layer_norm(x: Tensor, state: dict[str, Tensor], name: str, eps: float = 1e-5) -> Tensor:
    return functional.layer_norm(x, x.shape[-1:], state[f"{name}.weight"], state[f"{name}.bias"], eps)


def linear(x: Tensor, state: dict[str, Tensor], name: str) -> Tensor:
    return functional.linear(x, state[f"{name}.weight"], state[f"{name}.bias"])


def run_block(x: Tensor, state: dict[str, Tensor], name: str, heads: int, eps: float = 1e-5) -> Tensor:
    """A block of timm's: pre-norm, GELU."""
    qkv = state[f"{name}.attn.qkv.weight"], state.get(f"{name}.attn.qkv.bias")
    x = x + linear(attend(layer_norm(x, state, f"{name}.norm1", eps), *qkv, heads), state, f"{name}.attn.proj")
    hidden = functional.gelu(linear(layer_norm(x, state, f"{name}.norm2", eps), state, f"{name}.mlp.fc1"))
    return x + linear(hidden, state, f"{name}.mlp.fc2")


def run_pointbert(state: dict[str, Tensor], cloud: Tensor, groups: int, heads: int) -> Tensor:
    """One cloud [n c] through the published network: 1-d convolutions over each patch, as its code has it."""

    def convolution(x: Tensor, name: str) -> Tensor:
        return functional.conv1d(x, state[f"encoder.{name}.weight"], state[f"encoder.{name}.bias"])

    def batch_norm(x: Tensor, name: str) -> Tensor:
        name = f"encoder.{name}"
        figures = (state[f"{name}.running_mean"], state[f"{name}.running_var"])
        return functional.batch_norm(x, *figures, state[f"{name}.weight"], state[f"{name}.bias"])

    places, chosen = cloud[:, :3], [0]
    distance = torch.full((len(cloud),), torch.inf)
    while len(chosen) < groups:
        distance = torch.minimum(distance, (places - places[chosen[-1]]).square().sum(1))
        chosen.append(int(distance.argmax()))
    centres = places[chosen]
    near = torch.cdist(centres.double(), places.double()).topk(32, largest=False).indices
    patches = torch.cat([places[near] - centres[:, None], cloud[:, 3:][near]], 2).transpose(1, 2)
    x = convolution(functional.relu(batch_norm(convolution(patches, "first_conv.0"), "first_conv.1")), "first_conv.3")
    x = torch.cat([x.max(2, keepdim=True)[0].expand_as(x), x], 1)
    x = convolution(functional.relu(batch_norm(convolution(x, "second_conv.0"), "second_conv.1")), "second_conv.3")
    tokens = linear(x.max(2)[0], state, "reduce_dim")[None]
    position = linear(functional.gelu(linear(centres, state, "pos_embed.0")), state, "pos_embed.2")[None]
    x, position = torch.cat([state["cls_token"], tokens], 1), torch.cat([state["cls_pos"], position], 1)
    depth = len({name.split(".")[2] for name in state if name.startswith("blocks.blocks.")})
    for i in range(depth):
        x = run_block(x + position, state, f"blocks.blocks.{i}", heads)
    x = layer_norm(x, state, "norm")
    return torch.cat([x[0, 0], x[0, 1:].max(0)[0]])
