"""From rows of a collection to what a network sees."""

import numpy as np
import torch
from jaxtyping import Float, Float32, Int64, UInt8
from torch import Tensor

from fieldstone.encoders.networks.batch import Batch
from fieldstone.training import augment
from fieldstone.training.augment import Augment
from fieldstone.training.collection import Collection

__all__ = ["plain_batch", "signed_views", "training_batch"]


def training_batch(
    collection: Collection,
    rows: Int64[np.ndarray, "batch"],
    config: Augment,
    generator: np.random.Generator,
    *,
    views: bool = False,
    device: str = "cpu",
) -> Batch:
    """These shapes, changed at random, with one of their descriptors; with their pictures where `views` asks for them."""
    clouds = augment.augmented(collection.points[rows], config, generator)
    variant = None
    if collection.descriptors is not None:
        variant = generator.integers(collection.descriptors.shape[1], size=len(rows))
    return _batch(collection, rows, clouds, variant, views, device)


def plain_batch(
    collection: Collection,
    rows: Int64[np.ndarray, "batch"],
    config: Augment,
    generator: np.random.Generator,
    *,
    views: bool = False,
    device: str = "cpu",
) -> Batch:
    """These shapes as an encoder meets them afterwards (`augment.view`), with the first of their descriptors."""
    clouds = augment.view(collection.points[rows], config, generator)
    return _batch(collection, rows, clouds, np.zeros(len(rows), dtype=np.int64), views, device)


def signed_views(
    pictures: UInt8[Tensor, "*batch size size 4"],
) -> Float[Tensor, "*batch 4 size size"]:
    """Normals and nearness in [-1, 1] from a collection's pictures; 0 where nothing is seen."""
    values = pictures.movedim(-1, -3).float() / 127.5 - 1.0
    return values * (pictures[..., 3] > 0).unsqueeze(-3)


def _batch(
    collection: Collection,
    rows: Int64[np.ndarray, "batch"],
    clouds: Float32[np.ndarray, "batch n 3"],
    variant: Int64[np.ndarray, "batch"] | None,
    views: bool,
    device: str,
) -> Batch:
    descriptor = pictures = None
    if collection.descriptors is not None:
        descriptor = torch.from_numpy(collection.descriptors[rows, variant]).to(device)
    if views and collection.views is not None:
        pictures = signed_views(torch.from_numpy(collection.views[rows]).to(device))
    return Batch(points=torch.from_numpy(clouds).to(device), descriptor=descriptor, views=pictures)
