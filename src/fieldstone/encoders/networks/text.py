"""The small text tower: a few words to the latent that shapes share with them. Trained on captions, no dictionary."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldstone.encoders.networks.initial import he_normal
from fieldstone.encoders.tokens import WORDS, tokens
from fieldstone.nn.transformer import Transformer

__all__ = ["Config", "TextTower"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The sizes of a text tower."""

    latent: int
    """Length of a row: the shape tower's latent."""
    rows: int = 6144
    """Rows of the table that words and their pieces hash to."""
    dim: int = 128
    """Width of a word."""
    depth: int = 2
    """Transformer blocks; word order matters little in captions."""
    heads: int = 4


class TextTower(nn.Module):
    """Texts to rows of the latent, not normalised."""

    def __init__(self, config: Config, generator: torch.Generator) -> None:
        super().__init__()
        self.config = config
        self.table = nn.Embedding(config.rows, config.dim, padding_idx=0)
        self.position = nn.Parameter(torch.zeros(WORDS, config.dim))
        self.blocks = Transformer(config.dim, config.depth, config.heads)
        self.norm = nn.LayerNorm(config.dim)
        self.project = nn.Linear(config.dim, config.latent)
        he_normal(self, generator)
        nn.init.normal_(self.table.weight, std=0.05, generator=generator)
        with torch.no_grad():
            self.table.weight[0] = 0.0

    def forward(self, texts: Sequence[str]) -> Float[Tensor, "texts latent"]:
        """One row a text: the mean over its words; a text without words gives what no words give."""
        pieces = torch.from_numpy(tokens(texts, self.config.rows)).to(self.table.weight.device)
        present = pieces[:, :, 0] > 0
        words = self.table(pieces).sum(2) / (pieces > 0).sum(2, keepdim=True).clamp(min=1).sqrt()
        seen = present | (torch.arange(WORDS, device=present.device) == 0)  # at least one token to look at
        x = self.norm(self.blocks(words, self.position[None], mask=seen[:, None, None].expand(-1, 1, WORDS, -1)))
        weight = seen[..., None].to(x.dtype)
        return self.project((x * weight).sum(1) / weight.sum(1))
