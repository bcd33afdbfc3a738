"""From rows of a collection to what a network sees."""

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32, Int64, UInt8
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
    normals = None if collection.normals is None else collection.normals[rows]
    clouds = augment.augmented(collection.points[rows], normals, config, generator)
    variant = None
    if collection.descriptors is not None:
        variant = generator.integers(collection.descriptors.shape[1], size=len(rows))
    told = (
        None if collection.upright is None else collection.upright[rows] & (generator.random(len(rows)) < config.told)
    )
    return _batch(collection, rows, clouds, variant, told, views, device)


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
    normals = None if collection.normals is None else collection.normals[rows]
    clouds = augment.view(collection.points[rows], normals, config, generator)
    told = None if collection.upright is None else collection.upright[rows] & (config.told >= 1.0)
    return _batch(collection, rows, clouds, np.zeros(len(rows), dtype=np.int64), told, views, device)


def signed_views(
    pictures: UInt8[Tensor, "*batch size size 4"],
) -> Float[Tensor, "*batch 4 size size"]:
    """Normals and nearness in [-1, 1] from a collection's pictures; 0 where nothing is seen."""
    values = pictures.movedim(-1, -3).float() / 127.5 - 1.0
    return values * (pictures[..., 3] > 0).unsqueeze(-3)


def _batch(
    collection: Collection,
    rows: Int64[np.ndarray, "batch"],
    clouds: tuple[Float32[np.ndarray, "batch n 3"], Float32[np.ndarray, "batch n 3"] | None],
    variant: Int64[np.ndarray, "batch"] | None,
    told: Bool[np.ndarray, "batch"] | None,
    views: bool,
    device: str,
) -> Batch:
    descriptor = pictures = None
    if collection.descriptors is not None:
        descriptor = torch.from_numpy(collection.descriptors[rows, variant]).to(device)
    if views and collection.views is not None:
        pictures = signed_views(torch.from_numpy(collection.views[rows]).to(device))
    points, normals = clouds
    return Batch(
        points=torch.from_numpy(points).to(device),
        normals=None if normals is None else torch.from_numpy(normals).to(device),
        up=None if told is None else torch.from_numpy(told.astype(np.float32)).to(device),
        descriptor=descriptor,
        views=pictures,
    )
