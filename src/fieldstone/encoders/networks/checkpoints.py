"""Published checkpoint files: what each of them is, by its tensors, and PointBERT and ResNet-18 made from them.

    ULIP, ULIP-2 (Xue et al., 2023, 2024)    module.point_encoder.*, module.pc_projection, module.logit_scale, other towers
      first generation     pointbert_ULIP-2.pt: xyz, 12 layers, 8,192 points, 512-d latent (ULIP's own file looks the same)
      second generation    CVPR 2024: xyz and colour, 18 layers, 10,000 points, 1280-d latent of OpenCLIP's bigG
    Point-BERT (Yu et al., 2022)             base_model: module.transformer_q.*, momentum twin transformer_k.*, dvae.*;
                                             after fine-tuning the bare names and cls_head_finetune.*
    torchvision's ResNet-18                  conv1.*, bn1.*, layer1.* to layer4.*, fc.*

Not in the files and taken from their publishers' settings: heads of 64 values, patches of 32 points, the number of points
and of patches. No file of theirs was at hand when this was written; layouts follow their public code.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from fieldstone.encoders.networks.pointbert import Config, PointBERT
from fieldstone.encoders.networks.resnet import Config as ResNetConfig
from fieldstone.encoders.networks.resnet import ResNet
from fieldstone.encoders.networks.state_dicts import (
    Row,
    Tensors,
    blocks_of,
    fill,
    fitted,
    heads_of,
    read_tensors,
    shape_of,
    shown,
)
from fieldstone.errors import EncoderError

__all__ = ["UNKNOWN_COLOUR", "Inspection", "inspect_checkpoint", "inspect_tensors", "load_backbone", "load_resnet"]

UNKNOWN_COLOUR = 0.4
"""Red, green and blue of a point without colour, as the second generation was trained."""
GROUP_SIZE = 32
STEM = "encoder.first_conv.0.weight"
PREFIXES = {
    "point_encoder.": "ULIP-2's PointBERT",
    "transformer_q.": "Point-BERT as pre-trained",
    "base_model.": "Point-BERT as fine-tuned",
    "": "Point-BERT as fine-tuned",
}
ASIDE = ("mask_token", "lm_head.", "cls_head.", "cls_head_finetune.")
"""Heads of pre-training and fine-tuning, which are no part of the encoder."""

Kind = Literal["ulip", "point-bert", "resnet", "slip", "clip", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What a checkpoint file is, by its tensors alone; None where the question makes no sense for it."""

    path: Path
    kind: Kind
    title: str
    """What it is, in a few words."""
    generation: int | None = None
    """1 or 2, of ULIP-2's PointBERT."""
    layers: int | None = None
    """Transformer blocks of the point encoder; of the text tower in SLIP's and CLIP's files."""
    width: int | None = None
    channels: int | None = None
    """3 for coordinates, 6 with colours."""
    points: int | None = None
    """Points of a cloud, as its publishers fed it."""
    projection: int | None = None
    """Length of the latent that shapes share with pictures and words."""
    parameters: int
    """Numbers that were learned: of the point encoder, or of the whole file where there is none."""
    prefix: str = ""
    """What the names of the encoder's tensors begin with."""

    def sentence(self) -> str:
        """All that is known, for people."""
        said = {
            f"{self.layers} layers of {self.width}": self.layers,
            f"{self.channels} channels": self.channels,
            f"{self.points or 0:,} points": self.points,
            f"a latent of {self.projection}": self.projection,
            f"{self.parameters / 1e6:.2f} M parameters": self.parameters,
        }
        return f"{self.title}: {', '.join(words for words, there in said.items() if there)}"


def inspect_checkpoint(path: str | Path) -> Inspection:
    """What a checkpoint file is; EncoderError where it cannot be read, `kind` "unknown" where nobody knows it."""
    return inspect_tensors(Path(path), read_tensors(Path(path)))


def inspect_tensors(path: Path, found: Tensors) -> Inspection:
    """`inspect_checkpoint` for tensors at hand (of a meta device, if need be); `path` is for messages."""
    for prefix in PREFIXES:
        if prefix + STEM in found:
            return _pointbert(path, found, prefix)
    learned = _count(found, found)
    if any(name.startswith("point_encoder.") for name in found):
        title = "ULIP with another point encoder than PointBERT"
        return Inspection(path=path, kind="unknown", title=title, parameters=learned)
    if {"conv1.weight", "layer1.0.conv1.weight"} <= set(found):
        return Inspection(
            path=path, kind="resnet", title="ResNet in torchvision's layout", channels=3, parameters=learned
        )
    if "text_projection" in found and any(name.startswith("visual.") for name in found):
        slip = "visual.patch_embed.proj.weight" in found
        return Inspection(
            path=path, kind="slip" if slip else "clip",
            title="SLIP's image and text towers" if slip else "CLIP's image and text towers",
            layers=blocks_of(found, "transformer.resblocks."), width=shape_of(path, found, "text_projection", 2)[0],
            projection=shape_of(path, found, "text_projection", 2)[1], parameters=learned,
        )  # fmt: skip
    title = f"unknown; it begins with {shown(next(iter(found)))}"
    return Inspection(path=path, kind="unknown", title=title, parameters=learned)


def load_backbone(
    path: str | Path, config: Config | None = None
) -> tuple[PointBERT, Float[Tensor, "latent dim"] | None, Inspection]:
    """PointBERT of a ULIP, ULIP-2 or Point-BERT file, frozen; its projection to the latent, where it has one; what it is.

    Points are `unit_sphere_centroid`, y up. A file that was trained with colours gets those of unknown ones
    (`UNKNOWN_COLOUR`) folded into its first layer and reads coordinates alone. Given a `config`, the file must be exactly
    that. EncoderError names the first tensor that does not fit and what the file is.
    """
    path = Path(path)
    found = read_tensors(path)
    what = inspect_tensors(path, found)
    if what.kind not in ("ulip", "point-bert"):
        raise EncoderError(f"{path}: holds no PointBERT ({what.title}); give ULIP's, ULIP-2's or Point-BERT's file")
    with torch.device("meta"):
        network = PointBERT(config or _config(what, found), torch.Generator())
    kept = {name: tensor for name, tensor in found.items() if not name.removeprefix(what.prefix).startswith(ASIDE)}
    way = "leave the config out to load it as it is" if config else "the file is not whole; download it again"
    remedy = f"this is {what.title}, {what.layers} layers and {what.channels} channels; {way}"
    state = fitted(path, kept, _table(what.prefix), network, remedy, own=what.prefix)
    if config is None and what.channels != 3:
        network, state = _without_colours(network.config, state)
    fill(network, state)
    return network, _projection(path, found, network.dim), what


def load_resnet(path: str | Path) -> ResNet:
    """ResNet-18 (or one of its kind) of torchvision's state dict, frozen, without `fc`; EncoderError where it is none."""
    path = Path(path)
    found = read_tensors(path)
    if inspect_tensors(path, found).kind != "resnet":
        raise EncoderError(f"{path}: holds no ResNet in torchvision's layout; give resnet18-f37072fd.pth or its like")
    width, channels, kernel, _ = shape_of(path, found, "conv1.weight", 4)
    one, two, three, four = (blocks_of(found, f"layer{stage}.") for stage in range(1, 5))
    config = ResNetConfig(channels_in=channels, width=width, blocks=(one, two, three, four), large=kernel == 7)
    with torch.device("meta"):
        network = ResNet(config, torch.Generator())
    kept = {name: tensor for name, tensor in found.items() if not name.startswith("fc.")}
    remedy = "only ResNets of basic blocks (18 and 34 layers) are read; give torchvision's ResNet-18"
    fill(network, fitted(path, kept, [Row("*", "*")], network, remedy))
    return network


def _table(prefix: str) -> list[Row]:
    """PointBERT's tensors here and there."""
    same = [
        Row("patches.lift1.weight", "encoder.first_conv.0.weight", "conv1d"),
        Row("patches.lift1.bias", "encoder.first_conv.0.bias"),
        Row("patches.norm1.*", "encoder.first_conv.1.*"),
        Row("patches.lift2.weight", "encoder.first_conv.3.weight", "conv1d"),
        Row("patches.lift2.bias", "encoder.first_conv.3.bias"),
        Row("patches.mix1.weight", "encoder.second_conv.0.weight", "conv1d"),
        Row("patches.mix1.bias", "encoder.second_conv.0.bias"),
        Row("patches.norm2.*", "encoder.second_conv.1.*"),
        Row("patches.mix2.weight", "encoder.second_conv.3.weight", "conv1d"),
        Row("patches.mix2.bias", "encoder.second_conv.3.bias"),
        Row("reduce.*", "reduce_dim.*"),
        Row("position.*", "pos_embed.*"),
        Row("cls", "cls_token", "token"),
        Row("cls_position", "cls_pos", "token"),
        Row("blocks.blocks.#.attention.*", "blocks.blocks.#.attn.*"),
        Row("blocks.blocks.#.mlp#.*", "blocks.blocks.#.mlp.fc#.*"),
        Row("*", "*"),  # the LayerNorms: blocks.blocks.#.norm1, norm2, and norm
    ]
    return [replace(row, theirs=prefix + row.theirs) for row in same]


def _pointbert(path: Path, found: Tensors, prefix: str) -> Inspection:
    channels = shape_of(path, found, prefix + STEM, 3)[1]
    own = [name for name in found if name.startswith(prefix) and not name.removeprefix(prefix).startswith(ASIDE)]
    latent = shape_of(path, found, "pc_projection", 2)[1] if "pc_projection" in found else None
    second = channels == 6 or latent == 1280
    kind: Kind = "ulip" if prefix == "point_encoder." else "point-bert"
    generation = ", second generation (CVPR 2024)" if second else ", first generation"
    title = PREFIXES[prefix] + (generation if kind == "ulip" else "")
    return Inspection(
        path=path, kind=kind, title=title, prefix=prefix, channels=channels, projection=latent,
        generation=(2 if second else 1) if kind == "ulip" else None, parameters=_count(found, own),
        layers=blocks_of(found, prefix + "blocks.blocks."), width=shape_of(path, found, prefix + "reduce_dim.weight", 2)[0],
        points=(8192 if channels == 3 else 10_000) if kind == "ulip" else 1024,
    )  # fmt: skip


def _config(what: Inspection, found: Tensors) -> Config:
    def first(name: str, rank: int) -> int:
        return shape_of(what.path, found, what.prefix + name, rank)[0]

    dim = first("reduce_dim.weight", 2)
    convolutions = ("first_conv.0", "first_conv.3", "second_conv.0", "second_conv.3")
    one, two, three, four = (first(f"encoder.{name}.weight", 3) for name in convolutions)
    if what.channels not in (3, 6):
        raise EncoderError(
            f"{what.path}: {what.channels} channels a point are neither 3 nor 6; it is no PointBERT of ULIP's"
        )
    return Config(
        dim=dim, depth=what.layers or 0, heads=heads_of(what.path, dim), group_size=GROUP_SIZE, channels=what.channels or 3,
        groups=512 if what.kind == "ulip" else 64, points=what.points or 0, patch_widths=(one, two, three, four),
        position_width=first("pos_embed.0.weight", 2),
    )  # fmt: skip


def _without_colours(config: Config, state: dict[str, Tensor]) -> tuple[PointBERT, dict[str, Tensor]]:
    """The network that reads coordinates and does what the given one does where all colours are unknown."""
    weight, bias = state["patches.lift1.weight"], state["patches.lift1.bias"]
    with torch.device("meta"):
        network = PointBERT(replace(config, channels=3), torch.Generator())
    folded = {
        "patches.lift1.weight": weight[:, :3].clone(),
        "patches.lift1.bias": bias + UNKNOWN_COLOUR * weight[:, 3:].sum(1),
    }
    return network, state | folded


def _projection(path: Path, found: Tensors, dim: int) -> Float[Tensor, "latent dim"] | None:
    if "pc_projection" not in found:
        return None
    kept = found["pc_projection"]
    if kept.shape[0] != dim:
        raise EncoderError(
            f"{path}: pc_projection is {kept.shape[0]} x {kept.shape[1]}, where {dim} x {kept.shape[1]} is expected; "
            "the file is not whole, download it again"
        )
    return kept.float().t().contiguous()


def _count(found: Tensors, names: Iterable[str]) -> int:
    """Learned numbers: the statistics of batch normalisation left out."""
    statistics = ("running_mean", "running_var", "num_batches_tracked")
    return sum(found[name].numel() for name in names if not name.endswith(statistics))
