"""A pre-norm transformer whose positions are added before every block (Vaswani et al., 2017; Point-BERT, 2022)."""

from collections.abc import Callable
from typing import TypeAlias

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["Attention", "Block", "Mask", "Transformer"]

Mask: TypeAlias = Bool[Tensor, "#batch 1 #n n"] | Float[Tensor, "#batch heads n n"]


class Attention(nn.Module):
    """Multi-head self-attention; queries, keys and values from one product, with or without a bias."""

    def __init__(self, dim: int, heads: int, *, bias: bool = False) -> None:
        super().__init__()
        assert dim % heads == 0, f"{heads} heads do not divide {dim}"
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim, bias=bias)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x: Float[Tensor, "batch n dim"], mask: Mask | None = None) -> Float[Tensor, "batch n dim"]:
        """`mask` is True where a token may look, or a number that is added to what it gives another."""
        batch, n, dim = x.shape
        q, k, v = self.qkv(x).view(batch, n, 3, self.heads, dim // self.heads).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return self.proj(seen.transpose(1, 2).reshape(batch, n, dim))


class Block(nn.Module):
    """x + attention(norm(x)), then x + mlp(norm(x)), the hidden layer four times as wide, GELU or another activation."""

    def __init__(
        self, dim: int, heads: int, *, bias: bool = False, drop_path: float = 0.0, eps: float = 1e-5,
        activation: Callable[[Tensor], Tensor] = functional.gelu,
    ) -> None:  # fmt: skip
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(dim, eps=eps), nn.LayerNorm(dim, eps=eps)
        self.attention = Attention(dim, heads, bias=bias)
        self.mlp1, self.mlp2 = nn.Linear(dim, 4 * dim), nn.Linear(4 * dim, dim)
        self.drop_path, self.activation = drop_path, activation

    def forward(
        self,
        x: Float[Tensor, "batch n dim"],
        mask: Mask | None = None,
        generator: torch.Generator | None = None,
    ) -> Float[Tensor, "batch n dim"]:
        """The tokens after one block; in training, each branch is left out for a shape by chance (stochastic depth)."""
        x = x + self._kept(self.attention(self.norm1(x), mask), generator)
        return x + self._kept(self.mlp2(self.activation(self.mlp1(self.norm2(x)))), generator)

    def _kept(self, branch: Float[Tensor, "batch n dim"], generator: torch.Generator | None) -> Tensor:
        if not self.training or not self.drop_path:
            return branch
        kept = torch.rand(len(branch), 1, 1, generator=generator).to(branch.device) >= self.drop_path
        return branch * kept / (1.0 - self.drop_path)


class Transformer(nn.Module):
    """Blocks one after the other; the chance of leaving one out rises linearly to `drop_path` at the last."""

    def __init__(self, dim: int, depth: int, heads: int, *, drop_path: float = 0.0) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            Block(dim, heads, drop_path=drop_path * i / max(depth - 1, 1)) for i in range(depth)
        )

    def forward(
        self,
        x: Float[Tensor, "batch n dim"],
        position: Float[Tensor, "#batch n dim"],
        generator: torch.Generator | None = None,
        mask: Bool[Tensor, "#batch 1 #n n"] | None = None,
    ) -> Float[Tensor, "batch n dim"]:
        """The tokens after all blocks; `position` is added before each."""
        for block in self.blocks:
            x = block(x + position, mask, generator)
        return x
