"""A weight file's shape tower, tuned: tensors in, tensors out (3DOR, section 4.4: 20 % warm-up).

The tower learns as it is used: on clouds in the pose that its header names, with the descriptor beside them. Towers for
pictures and words stay as they are; multi-modal contrast pulls the shapes towards what they say.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from fieldstone.encoders.networks.build import image_tower, shape_tower, text_tower
from fieldstone.encoders.weights import Header
from fieldstone.errors import FieldstoneError
from fieldstone.progress import Progress
from fieldstone.training import recipe as recipes
from fieldstone.training.augment import Rotation
from fieldstone.training.collection import Collection
from fieldstone.training.loop import Trained, train
from fieldstone.training.mmcl import MMCL
from fieldstone.training.recipe import Recipe
from fieldstone.training.schedule import Schedule
from fieldstone.training.towers import Towers

__all__ = ["GALLERY", "STEPS", "Tuning", "recipe_of", "tune_weights"]

Tuning: TypeAlias = Literal["classification", "vicreg", "mmcl"]
STEPS = 100
"""Batches an epoch at most, whatever the library's size: an evening on a laptop, not a week."""
LEAST = 200
"""Batches in all at least, as far as MOST_EPOCHS allows: small libraries are gone through more often."""
MOST_EPOCHS = 100
"""3DOR, section 4.4, for its smaller sets."""
SMALLEST_BATCH = 16
OURS: dict[Tuning, Schedule] = {
    "classification": Schedule(rate=1e-3, warm=0.2), "vicreg": recipes.TUNED, "mmcl": Schedule(rate=1e-3, warm=0.2),
}  # fmt: skip
"""Rates for fieldstone-base's network, which has a sixteenth of the weights of the paper's; chosen on validation shapes of a
domain that the base had not seen (benchmarks/results/learned_dynamics.md)."""
GALLERY = 512
"""Shapes at most among which validation shapes are looked up after an epoch: a look at all would take as long as learning."""
DRAWN = 3072
"""Points of a cloud at most, of the 4,096 that a library keeps: other ones at each access."""


def recipe_of(method: Tuning, header: Header, shapes: int, epochs: int | None = None) -> Recipe:
    """The compact recipe of a method for so many training shapes, with the paper's schedule for tuning, or OURS for our
    own small network.

    Clouds on their principal axes may come mirrored, for which side of an axis is the first is a close call at times,
    and a little askew; upright ones turn about the up axis. Networks of patches learn from half of them at a time.
    """
    presets = {"classification": recipes.classification, "vicreg": recipes.vicreg, "mmcl": recipes.mmcl}
    preset = presets[method]("compact", tuned=True)
    points = min(DRAWN, int(header.config["backbone"].get("points", DRAWN)))
    turned: Rotation = "up" if header.pose == "upright" else "none"
    seen = replace(preset.augment, points=points, rotation=turned, shift=0.0)  # an encoder centres what it sees
    seen = replace(seen, told=1.0 if header.pose == "upright" else 0.0)
    if header.pose == "any":
        seen = replace(seen, tilt=0.1, flip=("xy", "yz", "xz"))
    batch = min(preset.batch, max(SMALLEST_BATCH, shapes // 4), shapes)
    rounds = epochs or max(preset.epochs, min(MOST_EPOCHS, LEAST // max(1, shapes // batch)))
    contrast, groups = (MMCL(project=False),), header.config["backbone"].get("groups")
    return replace(
        preset, objectives=contrast if method == "mmcl" else preset.objectives, augment=seen, epochs=rounds, batch=batch,
        schedule=OURS[method] if header.network == "frameless" else recipes.TUNED, steps=STEPS,
        patience=max(3, rounds // 3), gallery=GALLERY,
        keep=None if groups is None else -(-int(groups) // 2),
    )  # fmt: skip


def tune_weights(
    header: Header,
    tensors: Mapping[str, np.ndarray],
    collection: Collection,
    recipe: Recipe,
    *,
    seed: int,
    folder: Path | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
) -> tuple[dict[str, np.ndarray], Trained]:
    """All tensors of the file, those of the shape tower at the best epoch, and what the training came to.

    Descriptors of the collection are as they come; the file says how they are evened. `folder` as for `train`: an equal
    call goes on from what a killed one left there. FieldstoneError where the collection does not fit the recipe, or
    multi-modal contrast finds no tower in the file.
    """
    tower = shape_tower(header.network, header.config, tensors).requires_grad_(True)
    towers = _frozen(header, tensors) if any(isinstance(one, MMCL) for one in recipe.objectives) else None
    trained = train(
        tower,
        _evened(collection, tensors),
        recipe,
        seed=seed,
        towers=towers,
        folder=folder,
        device=device,
        progress=progress,
    )
    learnt = {f"shape.{name}": value.cpu().numpy() for name, value in tower.state_dict().items()}
    return {name: learnt.get(name, value) for name, value in tensors.items()}, trained


def _evened(collection: Collection, tensors: Mapping[str, np.ndarray]) -> Collection:
    """As the encoder evens descriptors before its network reads them."""
    mean, std = (tensors.get(f"descriptor.{name}") for name in ("mean", "std"))
    if collection.descriptors is None or mean is None or std is None:
        return collection
    return replace(collection, descriptors=(collection.descriptors - mean) / std)


def _frozen(header: Header, tensors: Mapping[str, np.ndarray]) -> Towers:
    """The file's towers for pictures and words; they give targets and do not learn (3DOR, section 3.2.1)."""
    config = header.config
    if "image" not in config and "text" not in config:
        raise FieldstoneError(
            f"{header.id} holds no tower for pictures or words; tune it with vicreg or classification"
        )
    return Towers(
        latent=int(header.config["latent"]),
        image=image_tower(config["image"], tensors) if "image" in config else None,
        text=text_tower(config["text"], tensors) if "text" in config else None,
        image_frozen=True,
        text_frozen=True,
    )
