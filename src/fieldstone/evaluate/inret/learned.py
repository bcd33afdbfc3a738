"""INRet and inr2vec on the shapes of a selection: encoders trained on its training fields, rows of its test fields."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import gcd
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Float32

from fieldstone.encoders.inr import Kind, kind_name
from fieldstone.encoders.networks.inr import Config, Inr, grid_config, inr2vec_config
from fieldstone.evaluate.inret.fitted import FieldStore
from fieldstone.evaluate.inret.shapes import Shape
from fieldstone.progress import Progress
from fieldstone.training.asking import rows_of_fields
from fieldstone.training.common_latent import Recipe, common_latent
from fieldstone.training.fields import FieldCollection, Readings
from fieldstone.training.seeding import torch_generator
from fieldstone.training.state import State, read_state, restore, write_state
from fieldstone.training.state import learnt as state_of

__all__ = ["ENCODERS", "Added", "embedded", "keep", "learnt", "own_latents", "reopened", "sizes"]

Added: TypeAlias = Literal["none", "norm", "straight"]
"""What encoders have that the papers' have not (encoders/networks/inr.py: Config): nothing, the norm behind a row, or that and,
for grids, the straight path."""
WEIGHTS = 11
"""Purpose of the random numbers that draw first weights, after the seed."""
BLOCK = 32
ENCODERS = "encoders.safetensors"
"""The file of trained encoders, in the folder of their training."""


def learnt(
    collection: FieldCollection,
    recipe: Recipe,
    *,
    seed: int,
    added: Added = "straight",
    folder: Path | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
) -> dict[Kind, Inr]:
    """Encoders of all the collection's kinds, trained into one latent as the recipe says, in evaluation mode."""
    encoders = {
        kind: Inr(sizes(seen, added), torch_generator(seed, WEIGHTS, i))
        for i, (kind, seen) in enumerate(collection.readings.items())
    }
    trained = common_latent(encoders, collection, recipe, seed=seed, folder=folder, device=device, progress=progress)
    return trained.encoders


def own_latents(points: int, epochs: int) -> Recipe:
    """inr2vec's idea in INRet's terms: each kind's encoder with a decoder of its own that says the field's own function,
    and nothing that ties one kind to another. (inr2vec's own code clips distances at 0.1 and learns them by BCE.)"""
    return Recipe(decoder="own", pull=0.0, points=points, epochs=epochs)


def keep(encoders: Mapping[Kind, Inr], folder: Path) -> None:
    """Write trained encoders for `reopened`: the state of a training has more than they need, and no sizes."""
    tensors = {
        f"{kind_name(kind)}.{name}": value
        for kind, encoder in encoders.items()
        for name, value in state_of(encoder).items()
    }
    write_state(folder / ENCODERS, State(key="", history=[], tensors=tensors))


def reopened(folder: Path, kind: Kind, seen: Readings, device: str = "cpu") -> Inr:
    """One of the encoders that `keep` wrote; `seen` are readings of its kind, or of one field. BrokenFile where there are
    none."""
    tensors, prefix = read_state(folder / ENCODERS).tensors, f"{kind_name(kind)}."
    marks: Mapping[Added, str] = {"straight": "straight.mean", "norm": "norm.running_mean"}
    added: Added = next((added for added, mark in marks.items() if prefix + mark in tensors), "none")
    encoder = Inr(sizes(seen, added), torch_generator(0, WEIGHTS))
    restore(encoder, tensors, prefix)
    return encoder.eval().to(device)


def sizes(seen: Readings, added: Added = "straight") -> Config:
    """The papers' encoder for fields of this kind: INRet's for a grid, inr2vec's for an MLP alone. A grid of few features
    (a hash grid's levels summed: 2) has fewer groups in its norms, as many as its first layer allows; one that is seen at
    another lattice than the papers' has as many convolutions as halve it to one place. ValueError for a lattice whose side is
    no power of two."""
    rows, width = seen.rows.shape[1:]
    if seen.grid is None:
        return replace(inr2vec_config(), width=width, norm=added != "none")
    config, (channels, side) = grid_config(8, width), seen.grid.shape[1:3]
    if side & (side - 1):
        raise ValueError(f"an encoder halves a lattice to one place, and {side} places a side cannot be halved so")
    ours = {"rows": rows, "blocks": min(config.blocks, side)} if added == "straight" else {}
    return replace(
        config, channels=channels, convolutions=side.bit_length() - 1, groups=gcd(config.groups, 2 * channels),
        norm=added != "none", **ours,
    )  # fmt: skip


def embedded(
    encoder: Inr, store: FieldStore, shapes: Sequence[Shape], kind: Kind, device: str = "cpu"
) -> Float32[np.ndarray, "shapes dim"]:
    """One row a shape, not normalised, from its field of that kind."""
    blocks = (shapes[start : start + BLOCK] for start in range(0, len(shapes), BLOCK))
    return rows_of_fields(encoder, (store.readings(block, kind) for block in blocks), device)
