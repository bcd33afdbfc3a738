"""Networks by name, and the towers that a weight file describes, with their weights in place."""

import dataclasses
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import numpy as np
import torch
from torch import nn

from fieldstone.encoders.networks.image import Config as ImageConfig
from fieldstone.encoders.networks.image import ImageTower
from fieldstone.encoders.networks.text import Config as TextConfig
from fieldstone.encoders.networks.text import TextTower
from fieldstone.encoders.networks.tower import ShapeTower
from fieldstone.errors import EncoderError

__all__ = ["NETWORKS", "build", "filled", "image_tower", "shape_tower", "text_tower"]

NETWORKS = {
    "frameless": "Frameless",
    "pointbert": "PointBERT",
    "pointnet2": "PointNet2",
    "pointnext": "PointNeXt",
    "viewgcn": "ViewGCN",
    "mvtn": "MVTN",
}
"""Modules of this folder, and the class of each; every one has a `Config` beside it."""


def build(network: str, config: Mapping[str, Any], generator: torch.Generator | None = None) -> nn.Module:
    """The backbone of that name and those sizes, at first weights drawn by `generator` (None: seed 0).

    EncoderError for an unknown network or sizes that it does not know.
    """
    if network not in NETWORKS:
        raise EncoderError(f"there is no network {network!r}: choose one of {', '.join(NETWORKS)}")
    module = import_module(f"fieldstone.encoders.networks.{network}")
    given = _sizes(module.Config, config, network)
    backbone: nn.Module = getattr(module, NETWORKS[network])(given, generator or torch.Generator().manual_seed(0))
    return backbone


def shape_tower(network: str, config: Mapping[str, Any], tensors: Mapping[str, np.ndarray]) -> ShapeTower:
    """The shape tower of a weight file, in evaluation mode.

    `config` holds the backbone's sizes as "backbone", "latent" and "descriptor" (0 for none). EncoderError where
    tensors lack, are too many, or have other shapes.
    """
    generator = torch.Generator().manual_seed(0)
    backbone = build(network, config["backbone"], generator)
    tower = ShapeTower(backbone, config["latent"], generator, descriptor=config.get("descriptor", 0))
    return filled(tower, tensors, "shape")


def image_tower(config: Mapping[str, Any], tensors: Mapping[str, np.ndarray]) -> ImageTower:
    """The image tower of a weight file, in evaluation mode. EncoderError as for the shape tower."""
    given = _sizes(ImageConfig, config, "image tower")
    return filled(ImageTower(given, torch.Generator().manual_seed(0)), tensors, "image")


def text_tower(config: Mapping[str, Any], tensors: Mapping[str, np.ndarray]) -> TextTower:
    """The text tower of a weight file, in evaluation mode. EncoderError as for the shape tower."""
    given = _sizes(TextConfig, config, "text tower")
    return filled(TextTower(given, torch.Generator().manual_seed(0)), tensors, "text")


def _sizes(kind: type[Any], config: Mapping[str, Any], what: str) -> Any:
    """The configuration from JSON, where tuples are lists."""
    known = {field.name for field in dataclasses.fields(kind)}
    if strange := sorted(set(config) - known):
        raise EncoderError(f"the {what} has no setting {strange[0]!r}: the file is of another version of Fieldstone")
    return kind(**{name: _tuples(value) for name, value in config.items()})


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


def filled(tower: Any, tensors: Mapping[str, np.ndarray], prefix: str) -> Any:
    """The module in evaluation mode, its weights those of the tensors whose names begin with `prefix` and a dot.

    EncoderError where one lacks, is too many, or has another shape.
    """
    own = tower.state_dict()
    given = {name.removeprefix(f"{prefix}."): value for name, value in tensors.items() if name.startswith(f"{prefix}.")}
    own = {name: value for name, value in own.items() if not name.endswith("num_batches_tracked")}
    if odd := sorted(set(own) ^ set(given)):
        verb = "lacks" if odd[0] in own else "has a strange"
        raise EncoderError(
            f"the weight file {verb} tensor {prefix}.{odd[0]}: take the file again, or another version of it"
        )
    for name, value in own.items():
        if tuple(value.shape) != given[name].shape:
            raise EncoderError(
                f"tensor {prefix}.{name} is of shape {given[name].shape}, not {tuple(value.shape)}: the file is damaged"
            )
        value.copy_(torch.from_numpy(np.ascontiguousarray(given[name], dtype=np.float32)))
    return tower.eval().requires_grad_(False)
