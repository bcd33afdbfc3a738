"""Towers at work: arrays in, rows of unit length out, the same bytes whatever else is asked for at the same time.

A matrix product over more rows, or on more threads, may sum in another order. So each item goes through alone, on one
thread; several threads take items side by side. On two cores that is as fast as batches (our networks' products are
large enough alone).
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any, TypeVar

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor, nn

from fieldstone.encoders.networks.batch import Batch
from fieldstone.encoders.networks.build import image_tower, shape_tower, text_tower
from fieldstone.encoders.networks.viewgcn import SPLATTED, ViewGCN
from fieldstone.encoders.weights import Header
from fieldstone.errors import EncoderError

__all__ = ["UNFIT", "Towers", "rows_alone", "unfit"]

Item = TypeVar("Item")
Tensors = dict[str, np.ndarray]
UNFIT = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What sizes that do not work together end in."""


class Towers:
    """The towers of one weight file. EncoderError where its tensors do not fit its header, at once or when they are used,
    or where its network looks at rendered pictures."""

    def __init__(self, header: Header, tensors: Tensors) -> None:
        self._header, config = header, header.config
        self._mean, self._std = (tensors.get(f"descriptor.{name}") for name in ("mean", "std"))
        try:
            if int(config["latent"]) != header.latent:
                raise ValueError("the latent of the configuration is not that of the header")
            self._shape = _ready(shape_tower(header.network, config, tensors))
            if isinstance(self._shape.backbone, ViewGCN) and self._shape.backbone.config.channels != SPLATTED:
                raise EncoderError(
                    f"{header.id} looks at rendered pictures, and encoders are given points; take one that splats them"
                )
            self._image = _ready(image_tower(config["image"], tensors)) if "image" in config else None
            self._text = _ready(text_tower(config["text"], tensors)) if "text" in config else None
            for evening in (self._mean, self._std):
                if evening is not None and evening.shape != (config["descriptor"],):
                    raise ValueError("what descriptors are evened with is of another length")
            if self._std is not None and not self._std.min(initial=1.0) > 0.0:
                raise ValueError("a deviation is not above 0")
        except UNFIT as error:
            raise unfit(header) from error

    def shapes(
        self,
        points: Sequence[Float32[np.ndarray, "p 3"]],
        descriptors: Float32[np.ndarray, "n values"] | None,
        normals: Sequence[Float32[np.ndarray, "p 3"]] | None = None,
        *,
        upright: bool = False,
    ) -> Float32[np.ndarray, "n dim"]:
        """One row a shape. `points` and `normals` stand as `pose.posed_with_normals` gives them; `descriptors` are rows
        as they come; `upright` says that y is known to point up."""
        evened = descriptors
        if descriptors is not None and self._mean is not None and self._std is not None:
            evened = (descriptors - self._mean) / self._std

        def one(i: int) -> Tensor:
            row = None if evened is None else torch.from_numpy(evened[i : i + 1])
            turns = None if normals is None else torch.from_numpy(normals[i][None])
            up = torch.full((1,), float(upright))
            return self._shape(Batch(points=torch.from_numpy(points[i][None]), normals=turns, up=up, descriptor=row))

        return self._rows(one, range(len(points)))

    def texts(self, texts: Sequence[str]) -> Float32[np.ndarray, "n dim"]:
        """One row a text. EncoderError where the file holds no such tower."""
        tower = _present(self._text, self._header.id, "words")
        return self._rows(lambda text: tower([text]), texts)

    def pictures(self, pictures: Sequence[Float32[np.ndarray, "size size 2"]]) -> Float32[np.ndarray, "n dim"]:
        """One row a picture, as `encoders.picture` makes them. EncoderError where the file holds no such tower."""
        tower = _present(self._image, self._header.id, "pictures")
        return self._rows(lambda picture: tower(torch.from_numpy(picture.transpose(2, 0, 1)[None].copy())), pictures)

    def _rows(self, one: Callable[[Item], Tensor], items: Sequence[Item]) -> Float32[np.ndarray, "n latent"]:
        """`one` for each item. EncoderError where sizes do not fit."""
        try:
            return rows_alone(one, items, self._header)
        except UNFIT as error:
            raise unfit(self._header) from error


def rows_alone(one: Callable[[Item], Tensor], items: Sequence[Item], header: Header) -> Float32[np.ndarray, "n latent"]:
    """The row [1 dim] that `one` makes of each item, of unit length; each alone and on one thread, some side by side.
    EncoderError where one is not of finite numbers: it would be found by nothing, and find nothing."""
    rows = np.zeros((len(items), header.latent), dtype=np.float32)

    def work(i: int) -> None:
        mode: Any = torch.autocast("cpu", torch.bfloat16) if _in_bf16() else nullcontext()
        with torch.inference_mode(), mode:
            row = one(items[i])[0].double()
            rows[i] = nn.functional.normalize(row, dim=0).float().numpy()

    def alone() -> None:
        torch.set_num_threads(1)  # of this thread, and of those that have not counted theirs yet

    usual = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(max(1, min(len(items), _cores())), initializer=alone) as threads:
            list(threads.map(work, range(len(items))))
    finally:
        torch.set_num_threads(usual)
    if not np.isfinite(rows).all():
        raise EncoderError(f"the weights of {header.id} give rows that are not finite numbers; take the file again")
    return rows


def unfit(header: Header) -> EncoderError:
    """What is said of weights whose sizes are not those that the file names."""
    return EncoderError(f"the weights of {header.id} do not fit its header; take the file again")


def _present(tower: nn.Module | None, encoder: str, what: str) -> nn.Module:
    if tower is None:
        raise EncoderError(f"{encoder} was trained without {what}; choose an encoder that reads them")
    return tower


def _ready(tower: nn.Module) -> nn.Module:
    """In bf16 where the processor multiplies tiles of it (AMX): weights of products are kept so, for autocast."""
    if _in_bf16():
        for layer in tower.modules():
            if isinstance(layer, nn.Linear | nn.Conv2d):
                layer.to(torch.bfloat16)
    return tower


def _in_bf16() -> bool:
    found = getattr(torch.cpu, "_is_amx_tile_supported", None)
    return bool(found is not None and found())


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
