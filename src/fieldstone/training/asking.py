"""Trained networks asked, batch by batch, in evaluation mode: what comes out is arrays again."""

from collections.abc import Iterable

import numpy as np
import torch
from jaxtyping import Float32
from torch import nn

from fieldstone.encoders.networks.inr import Inr
from fieldstone.training.augment import Augment
from fieldstone.training.batches import plain_batch
from fieldstone.training.collection import Collection
from fieldstone.training.fields import Readings
from fieldstone.training.seeding import numpy_generator

__all__ = ["rows_of_fields", "rows_of_shapes"]

BATCH = 16


def rows_of_shapes(
    network: nn.Module, collection: Collection, seen: Augment, *, views: bool = False, device: str = "cpu"
) -> Float32[np.ndarray, "shapes dim"]:
    """One row a shape, not normalised, as `augment.view` shows them; with their pictures where `views` asks for them."""
    numbers, found = numpy_generator(0), []
    with torch.inference_mode():
        for rows in np.array_split(np.arange(len(collection)), -(-len(collection) // BATCH)):
            batch = plain_batch(collection, rows, seen, numbers, views=views, device=device)
            found.append(network(batch).float().cpu().numpy())
    return np.concatenate(found)


def rows_of_fields(encoder: Inr, parts: Iterable[Readings], device: str = "cpu") -> Float32[np.ndarray, "fields dim"]:
    """One row a field, not normalised, part after part."""
    with torch.inference_mode():
        found = [encoder(part.fields(np.arange(len(part.rows)), device)).float().cpu().numpy() for part in parts]
    return np.concatenate(found)
