"""INRet and inr2vec on the shapes of a selection: encoders trained on its training fields, rows of its test fields."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from fieldstone.encoders.inr import Kind
from fieldstone.encoders.networks.inr import Config, Inr, grid_config, inr2vec_config
from fieldstone.evaluate.inret.fitted import FieldStore
from fieldstone.evaluate.inret.shapes import Shape
from fieldstone.progress import Progress
from fieldstone.training.asking import rows_of_fields
from fieldstone.training.common_latent import Recipe, common_latent
from fieldstone.training.fields import FieldCollection, Readings
from fieldstone.training.seeding import torch_generator

__all__ = ["embedded", "learnt", "own_latents", "sizes"]

WEIGHTS = 11
"""Purpose of the random numbers that draw first weights, after the seed."""
BLOCK = 32


def learnt(
    collection: FieldCollection,
    recipe: Recipe,
    *,
    seed: int,
    folder: Path | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
) -> dict[Kind, Inr]:
    """Encoders of all the collection's kinds, trained into one latent as the recipe says, in evaluation mode."""
    encoders = {
        kind: Inr(sizes(seen), torch_generator(seed, WEIGHTS, i))
        for i, (kind, seen) in enumerate(collection.readings.items())
    }
    trained = common_latent(encoders, collection, recipe, seed=seed, folder=folder, device=device, progress=progress)
    return trained.encoders


def own_latents(points: int, epochs: int) -> Recipe:
    """inr2vec's idea in INRet's terms: each kind's encoder with a decoder of its own that says the field's own function,
    and nothing that ties one kind to another. (inr2vec's own code clips distances at 0.1 and learns them by BCE.)"""
    return Recipe(decoder="own", pull=0.0, points=points, epochs=epochs)


def sizes(seen: Readings) -> Config:
    """The papers' encoder for fields of this kind: INRet's for a grid, inr2vec's for an MLP alone."""
    width = seen.rows.shape[2]
    if seen.grid is None:
        return Config(width=width, hidden=inr2vec_config().hidden)
    return grid_config(seen.grid.shape[1], width)


def embedded(
    encoder: Inr, store: FieldStore, shapes: Sequence[Shape], kind: Kind, device: str = "cpu"
) -> Float32[np.ndarray, "shapes dim"]:
    """One row a shape, not normalised, from its field of that kind."""
    blocks = (shapes[start : start + BLOCK] for start in range(0, len(shapes), BLOCK))
    return rows_of_fields(encoder, (store.readings(block, kind) for block in blocks), device)
