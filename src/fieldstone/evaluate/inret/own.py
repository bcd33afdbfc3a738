"""Encoders of neural fields of one's own: from shapes to the weight file that a library searches with."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from fieldstone.encoders.field_input import HALF
from fieldstone.encoders.inr import FINEST, Kind, Reader, checked, kind_name
from fieldstone.encoders.networks.field_towers import save_encoders
from fieldstone.encoders.networks.inr import Inr, thinned
from fieldstone.encoders.weights import FIELDS, Header
from fieldstone.errors import FieldstoneError
from fieldstone.evaluate.inret.fitted import FieldStore
from fieldstone.evaluate.inret.learned import learnt, sizes
from fieldstone.evaluate.inret.shapes import Shape
from fieldstone.fields.machine import check_machine
from fieldstone.fields.network import Architecture
from fieldstone.fields.recipe import Settings
from fieldstone.fields.recipe import recipe as recipe_of
from fieldstone.files.whole import make_folder
from fieldstone.progress import Progress
from fieldstone.training.common_latent import Recipe
from fieldstone.training.fields import Readings
from fieldstone.training.settle import settle_rows

__all__ = ["RANK", "as_filed", "train_encoders"]

RANK = 64
"""Of straight paths in a file: 0.4 MB a kind instead of 2.4, for 97.0 % found right instead of 97.2 (benchmarks/inret_seeds.py)."""

HALVES = tuple(1 << power for power in range(FINEST.bit_length()))
"""Of lattices that convolutions halve to one place."""


def train_encoders(
    path: str | Path,
    shapes: Sequence[Shape],
    kinds: Sequence[Kind],
    folder: Path,
    recipe: Recipe,
    *,
    name: str,
    card: Mapping[str, Any],
    version: int = 1,
    fits: Mapping[str, Settings] | None = None,
    half: int = HALF,
    seed: int = 0,
    device: str = "cpu",
    progress: Progress | None = None,
) -> None:
    """Learn one latent for fields of these kinds (INRet, section 3.3), and write their encoders as a weight file in float16.

    Each shape is fitted as every kind, by `fits` (settings of `fields.fit` by architecture; None: the defaults, by which
    `fieldstone fit` fits, and a library what it fits on the fly). No labels are needed. `folder` keeps fields and training:
    killed and called again, it goes on. `card`: what `encoders.protocol.Card` asks for, and what else a user should know.
    `half`: N of the (2N)^3 lattice at which grids are seen, a power of two.

    Before any work: ValueError where the settings fit no field, lattice or encoder, FieldstoneError for fewer than two shapes or a device
    that is not here, EncoderError for a name or card that cannot be, FileError where the file's folder cannot be made. Later:
    GeometryError, with the shape's name, where one cannot be fitted; FieldstoneError where `folder` holds another training;
    FileError where nothing can be written.
    """
    settings = {kind[0]: (fits or {}).get(kind[0], Settings()) for kind in kinds}
    configs = {kind[0]: recipe_of(*kind, **settings[kind[0]]).config for kind in kinds}
    fields = {kind_name(kind): {"field": asdict(configs[kind[0]]), "encoder": {}} for kind in kinds}
    begin = Header(
        name=name, version=version, network=FIELDS, config={"half": half, "kinds": fields}, dim=1, latent=1, card=dict(card)
    )  # fmt: skip
    _check(begin, Path(path), len(shapes), half, configs, device)
    store = FieldStore(folder=folder / "fields", settings=settings, half=half, device=device)
    store.fit_all(shapes, kinds, progress=progress)
    collection = store.collection(shapes, kinds, seed, progress)
    whole = learnt(collection, recipe, seed=seed, folder=folder / "run", device=device, progress=progress)
    encoders = {kind: as_filed(encoder, collection.readings[kind], device) for kind, encoder in whole.items()}
    about = {"seed": seed, "shapes": len(shapes), "kinds": [*map(kind_name, kinds)], "recipe": recipe.settings}
    save_encoders(path, encoders, configs, half=half, name=name, version=version, card=card, training=about)


def as_filed(encoder: Inr, seen: Readings, device: str = "cpu") -> Inr:
    """The encoder as a weight file has it: a thin straight path, weights that half precision holds, and the norm behind its
    rows settled over the fields that it learnt from."""
    thin = thinned(encoder, RANK)
    for weight in thin.parameters():
        weight.data = weight.data.half().float()
    settle_rows(thin, seen, device)
    return thin


def _check(
    header: Header, path: Path, shapes: int, half: int, configs: Mapping[Architecture, Any], device: str
) -> None:
    """What `train_encoders` raises before any work."""
    if shapes < 2:
        raise FieldstoneError(f"encoders of fields learn from two shapes or more, and there are {shapes}")
    if half not in HALVES:
        raise ValueError(f"half is one of {', '.join(map(str, HALVES))}, not {half}")
    for architecture, config in configs.items():
        check_machine(architecture, device, None)
        rows, width, channels = Reader(config=config, sizes=None).seen
        grid = np.zeros((0, channels, *[2 * half] * 3), np.float16) if channels else None
        sizes(Readings(rows=np.zeros((0, rows, width), np.float32), grid=grid))
    checked(header, str(path))
    make_folder(path.absolute().parent, "weights")
