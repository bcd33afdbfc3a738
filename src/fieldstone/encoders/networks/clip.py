"""The towers of CLIP and SLIP, from their published files: words and pictures to one latent, frozen.

Radford et al., Learning transferable visual models from natural language supervision, 2021, section 2.4; Mu et al., SLIP:
self-supervision meets language-image pre-training, 2022. 3DOR contrasts shapes with SLIP's (section 3.2.1); ULIP's own
files hold them too.

    text -> byte pairs, start, end -> token + position -> causal transformer -> norm at the end of text -> latent

SLIP: slip_base_100ep.pt, `visual.*` as timm names a ViT, `image_projection`. CLIP: OpenAI's state dict, `visual.*` of its
own, `visual.proj`. The text side has the same names in both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from fieldstone.encoders.bpe import BytePairs
from fieldstone.encoders.networks import vit
from fieldstone.encoders.networks.state_dicts import (
    Row,
    Tensors,
    blocks_of,
    fill,
    fitted,
    heads_of,
    read_tensors,
    shape_of,
)
from fieldstone.errors import EncoderError
from fieldstone.nn.transformer import Block

__all__ = ["Config", "TextTower", "load_image_tower", "load_text_tower"]

BLOCK = (("norm1", "ln_1"), ("norm2", "ln_2"), ("mlp1", "mlp.c_fc"), ("mlp2", "mlp.c_proj"))


def _resblocks(stack: str) -> list[Row]:
    """CLIP's blocks, here and there."""
    names = [Row(f"blocks.#.{ours}.*", f"{stack}.#.{theirs}.*") for ours, theirs in BLOCK]
    return [
        *names,
        Row("blocks.#.attention.qkv.*", f"{stack}.#.attn.in_proj_*"),
        Row("blocks.#.attention.proj.*", f"{stack}.#.attn.out_proj.*"),
    ]


TEXT = [
    Row("table.*", "token_embedding.*"),
    Row("position", "positional_embedding"),
    Row("norm.*", "ln_final.*"),
    Row("project.weight", "text_projection", "transposed"),
    *_resblocks("transformer.resblocks"),
]
CLIP_IMAGE = [
    Row("patches.weight", "visual.conv1.weight"),
    Row("cls", "visual.class_embedding"),
    Row("position", "visual.positional_embedding"),
    Row("before.*", "visual.ln_pre.*"),
    Row("norm.*", "visual.ln_post.*"),
    Row("project.weight", "visual.proj", "transposed"),
    *_resblocks("visual.transformer.resblocks"),
]
SLIP_IMAGE = [
    Row("patches.*", "visual.patch_embed.proj.*"),
    Row("cls", "visual.cls_token", "token"),
    Row("position", "visual.pos_embed", "rows"),
    Row("norm.*", "visual.norm.*"),
    Row("project.weight", "image_projection", "transposed"),
    Row("blocks.#.attention.*", "visual.blocks.#.attn.*"),
    Row("blocks.#.mlp#.*", "visual.blocks.#.mlp.fc#.*"),
    Row("blocks.*", "visual.blocks.*"),
]
REMEDY = "give SLIP's slip_base_100ep.pt, or the state dict of an OpenAI CLIP with a vision transformer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The sizes of CLIP's text tower; SLIP's is the one with the values 512, 12, 8, 77, 49408 and 512."""

    dim: int
    depth: int
    heads: int
    context: int
    """Tokens of a text, start and end included."""
    vocabulary: int
    latent: int


class TextTower(nn.Module):
    """Texts to rows of the latent, not normalised. Its numbers come from a file (load_text_tower)."""

    def __init__(self, config: Config, vocabulary: BytePairs) -> None:
        super().__init__()
        self.config, self.vocabulary = config, vocabulary
        self.table = nn.Embedding(config.vocabulary, config.dim)
        self.position = nn.Parameter(torch.zeros(config.context, config.dim))
        self.blocks = nn.ModuleList(
            Block(config.dim, config.heads, bias=True, activation=vit.quick_gelu) for _ in range(config.depth)
        )
        self.norm = nn.LayerNorm(config.dim)
        self.project = nn.Linear(config.dim, config.latent, bias=False)

    def forward(self, texts: Sequence[str]) -> Float[Tensor, "texts latent"]:
        """One row a text; what goes beyond the context is not read."""
        ids = torch.from_numpy(self.vocabulary(texts, self.config.context))
        return self.of_tokens(ids.to(self.table.weight.device))

    def of_tokens(self, ids: Int64[Tensor, "texts context"]) -> Float[Tensor, "texts latent"]:
        """One row a text of token numbers, read where its largest number stands, which is the end of text."""
        n = ids.shape[1]
        seen = torch.ones(1, 1, n, n, dtype=torch.bool, device=ids.device).tril()
        x = self.table(ids) + self.position
        for block in self.blocks:
            x = block(x, seen)
        ends = self.norm(x[torch.arange(len(ids), device=ids.device), ids.argmax(1)])
        return self.project(ends)


def load_text_tower(path: str | Path, vocabulary: str | Path) -> TextTower:
    """The text tower of a SLIP, ULIP or CLIP file, frozen; `vocabulary` is CLIP's bpe_simple_vocab_16e6.txt.gz.

    EncoderError names the first tensor in the way, or the vocabulary where it has another number of tokens.
    """
    path, pairs = Path(path), BytePairs(vocabulary)
    found = read_tensors(path)
    size, dim = shape_of(path, found, "token_embedding.weight", 2)
    if size != pairs.size:
        raise EncoderError(
            f"{vocabulary}: has {pairs.size:,} tokens and {path} {size:,}; give the vocabulary that the file was trained with"
        )
    config = Config(
        dim=dim, depth=blocks_of(found, "transformer.resblocks."), heads=heads_of(path, dim), vocabulary=size,
        context=shape_of(path, found, "positional_embedding", 2)[0], latent=shape_of(path, found, "text_projection", 2)[1],
    )  # fmt: skip
    with torch.device("meta"):
        tower = TextTower(config, pairs)
    fill(tower, fitted(path, found, TEXT, tower, REMEDY, own="transformer."))
    return tower


def load_image_tower(path: str | Path) -> vit.ViT:
    """The image tower of a SLIP, ULIP or CLIP file, frozen; EncoderError names the first tensor in the way."""
    path = Path(path)
    found = read_tensors(path)
    clip = "visual.class_embedding" in found
    config = _image_config(path, found, clip)
    with torch.device("meta"):
        tower = vit.ViT(config)
    found = {name: tensor for name, tensor in found.items() if not name.startswith("visual.head.")}
    fill(tower, fitted(path, found, CLIP_IMAGE if clip else SLIP_IMAGE, tower, REMEDY, own="visual."))
    return tower


def _image_config(path: Path, found: Tensors, clip: bool) -> vit.Config:
    names = ("visual.conv1.weight", "visual.proj") if clip else ("visual.patch_embed.proj.weight", "image_projection")
    if names[0] not in found:
        raise EncoderError(f"{path}: has no {names[0]}, so no vision transformer; {REMEDY}")
    dim, _, patch, _ = shape_of(path, found, names[0], 4)
    places = (
        shape_of(path, found, "visual.positional_embedding", 2)[0]
        if clip
        else shape_of(path, found, "visual.pos_embed", 3)[1]
    )
    return vit.Config(
        dim=dim, heads=heads_of(path, dim), patch=patch, size=patch * round((places - 1) ** 0.5), clip=clip,
        latent=shape_of(path, found, names[1], 2)[1],
        depth=blocks_of(found, "visual.transformer.resblocks." if clip else "visual.blocks."),
    )  # fmt: skip
