"""A library's own encoder: taught on its shapes, kept beside its tables, used once it wins, given up with one word.

LIBRARY/encoders/NAME-tuned@N.safetensors   the weights
LIBRARY/encoders/NAME-tuned@N.svg           how the training went
LIBRARY/encoders/training-KEY/              a training under way; the same call goes on from it
"""

import hashlib
import json
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fieldstone.encoders import Encoder
from fieldstone.encoders.inr import FieldEncoder
from fieldstone.encoders.learned import Learned
from fieldstone.encoders.weights import Header, open_weights, read_header, save
from fieldstone.errors import EncoderError, LibraryError, QueryError
from fieldstone.fields.torch_fit import require_torch
from fieldstone.library.encoding import FOLDER
from fieldstone.library.library import Library
from fieldstone.progress import Progress
from fieldstone.training.collection import Collection

if TYPE_CHECKING:
    from fieldstone.training.loop import Trained
    from fieldstone.training.recipe import Recipe
    from fieldstone.training.tuning import Tuning

__all__ = ["Taught", "folder_of", "pupil_of", "roll_back", "teach"]

TUNED = "-tuned"
OWN = "; then that library's own shapes"
CURVE = "curve.svg"
"""How training/loop.py calls it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """An encoder that was tuned to a library; nothing uses it yet."""

    id: str
    path: Path
    curve: Path
    epochs: int
    """That ran."""
    best_epoch: int
    """Whose weights these are, counted from 1."""
    shapes: int
    """That were learnt from."""


def pupil_of(encoder: Encoder) -> Learned:
    """The encoder, where it can learn. MissingExtra without torch, EncoderError where it is a formula or reads fields."""
    if isinstance(encoder, FieldEncoder):
        raise EncoderError(
            f"{encoder.id} reads neural fields, and tuning teaches encoders of points; run `fieldstone encode` with one of "
            "those first"
        )
    if not isinstance(encoder, Learned):
        raise EncoderError(
            f"{encoder.id} is a formula and cannot be tuned; run `fieldstone encode` with a learned encoder first"
        )
    require_torch("tuning")
    return encoder


def folder_of(library: Library) -> Path:
    """Where a library keeps encoders of its own. LibraryError where it is no folder."""
    if library.folder is None:
        raise LibraryError(f"{library.uri} is no folder, and a tuned encoder is kept in one; tune a copy on this disk")
    return library.folder / FOLDER


def teach(
    library: Library,
    encoder: Learned,
    collection: Collection,
    method: "Tuning",
    *,
    epochs: int | None = None,
    seed: int = 0,
    device: str = "cpu",
    progress: Progress | None = None,
) -> Taught:
    """Train a copy of the encoder on the collection, and keep it in the library's folder under an id of its own.

    Killed and called again with the same shapes and settings, it goes on; finished, it is found again. LibraryError
    where the library is no folder.
    """
    from fieldstone.training.tuning import recipe_of, tune_weights

    folder = folder_of(library)
    header, tensors = open_weights(encoder.path)
    header = replace(header, pose=encoder.pose)
    recipe = recipe_of(method, header, len(collection.rows("train")), epochs)
    key = _key(encoder, collection, recipe, seed)
    if (done := _found(folder, key)) is not None:
        return done
    place = folder / f"training-{key}"
    learnt, trained = tune_weights(
        header, tensors, collection, recipe, seed=seed, folder=place, device=device, progress=progress
    )
    said = _header(folder, header, encoder.id, collection, recipe, trained)
    said = replace(said, training={**said.training, "key": key, "seed": seed})
    path = folder / f"{said.id}.safetensors"
    shutil.copyfile(place / CURVE, path.with_suffix(".svg"))
    save(path, {name: array.astype(np.float16) for name, array in learnt.items()}, said)
    for old in folder.glob("training-*"):
        shutil.rmtree(old)
    return _taught(path, said)


def _found(folder: Path, key: str) -> Taught | None:
    """The encoder that came of an equal call."""
    for path in folder.glob(f"*{TUNED}@*.safetensors"):
        header = read_header(path)
        if header.training.get("key") == key:
            return _taught(path, header)
    return None


def _taught(path: Path, header: Header) -> Taught:
    told = header.training
    return Taught(
        id=header.id, path=path, curve=path.with_suffix(".svg"), epochs=told["epochs"], best_epoch=told["best_epoch"],
        shapes=told["shapes"],
    )  # fmt: skip


def _key(encoder: Learned, collection: Collection, recipe: "Recipe", seed: int) -> str:
    """What the training is of, short: the encoder with its very weights, the shapes, the recipe."""
    about = json.dumps([encoder.id, collection.fingerprint(), recipe.settings, seed])
    return hashlib.sha256(about.encode() + encoder.path.read_bytes()).hexdigest()[:16]


def _header(
    folder: Path, header: Header, base: str, collection: Collection, recipe: "Recipe", trained: "Trained"
) -> Header:
    """The base's header with a name of its own, the next version, and what was done."""
    name = base.rsplit("@", 1)[0].removesuffix(TUNED) + TUNED
    told: dict[str, Any] = {
        "base": base, "shapes": len(collection), "classes": list(collection.classes), "recipe": recipe.settings,
        "epochs": len(trained.history), "best_epoch": trained.best_epoch, "towers": trained.towers,
    }  # fmt: skip
    kept = {field: value for field, value in header.card.items() if field != "figures"}  # those are the base's own
    card = kept | {
        "title": f"{base}, tuned to a library of {len(collection)} shapes ({_names(recipe)})",
        "training": f"{str(header.card.get('training', '')).removesuffix(OWN)}{OWN}".removeprefix("; then "),
    }
    return replace(header, name=name, version=_next(folder, name), card=card, training=told)


def _names(recipe: "Recipe") -> str:
    return " and ".join(one.name for one in recipe.objectives)


def _next(folder: Path, name: str) -> int:
    """One above the highest version of that name in the folder."""
    taken = [re.fullmatch(rf"{re.escape(name)}@(\d+)", path.stem) for path in folder.glob("*.safetensors")]
    return 1 + max((int(found[1]) for found in taken if found), default=0)


def roll_back(library: Library, *, progress: Progress | None = None) -> str:
    """Undo the latest switch to a tuned encoder; the id of the one that the library uses again.

    What came in since is encoded with that one; the tuned weights and their embeddings stay. Raises QueryError where the
    library uses none that was tuned.
    """
    uses = [operation for operation in library.history() if operation.verb == "use" and not operation.undone]
    if not uses or f"{TUNED}@" not in uses[-1].text:
        raise QueryError(
            f"{library.uri} searches with no encoder that was tuned to it; `fieldstone tune {library.uri}` makes one"
        )
    library.undo(uses[-1].op)
    library.complete(progress=progress)
    return library.encoder_id
