"""How an encoder does on the validation shapes, between epochs. It never learns from them."""

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from fieldstone.training.batches import plain_batch
from fieldstone.training.learning import Learning
from fieldstone.training.nearest import nearest_accuracy
from fieldstone.training.seeding import numpy_generator

__all__ = ["embeddings", "val_accuracy", "val_loss"]

GALLERY, POSES, LOSS = 4, 5, 6
"""Purposes of random numbers, after the seed (see learning.py)."""


def val_loss(learning: Learning) -> float | None:
    """The recipe's weighted sum on the validation shapes, augmented the same way at every call; None for fewer than two."""
    rows = learning.collection.rows("val")
    if len(rows) < 2:
        return None
    _evaluating(learning)
    total = 0.0
    parts = np.array_split(rows, max(1, len(rows) // learning.recipe.batch))
    with torch.no_grad():
        for i, part in enumerate(parts):
            loss = learning.total(learning.losses(part, (learning.seed, LOSS, i)))
            total += float(loss) * len(part) / len(rows)
    return total


def val_accuracy(learning: Learning) -> float | None:
    """Nearest-neighbour accuracy of the labelled validation shapes among the labelled training shapes; None without any."""
    collection, recipe = learning.collection, learning.recipe
    queries, gallery = (
        rows[collection.labels[rows] >= 0] for rows in (collection.rows("val"), collection.rows("train"))
    )
    if recipe.gallery is not None and len(gallery) > recipe.gallery:
        gallery = np.sort(numpy_generator(learning.seed, GALLERY).permutation(gallery)[: recipe.gallery])
    if not len(queries) or not len(gallery):
        return None
    rows = np.concatenate([gallery, queries])
    found = embeddings(learning, rows)
    labels = torch.from_numpy(collection.labels[rows]).to(found.device)
    n = len(gallery)
    return nearest_accuracy(found[:n], labels[:n], found[n:], labels[n:])


def embeddings(learning: Learning, rows: Int64[np.ndarray, "rows"]) -> Float[Tensor, "rows dim"]:
    """Rows of some shapes as they are met after the training; the same poses at every call."""
    _evaluating(learning)
    found = []
    numbers = numpy_generator(learning.seed, POSES)
    with torch.no_grad():
        for start in range(0, len(rows), learning.recipe.batch):
            part = rows[start : start + learning.recipe.batch]
            batch = plain_batch(
                learning.collection, part, learning.recipe.augment, numbers, views=learning.recipe.views,
                device=learning.device,
            )  # fmt: skip
            found.append(learning.embed(batch))
    return torch.cat(found)


def _evaluating(learning: Learning) -> None:
    for module in learning.modules.values():
        module.eval()
