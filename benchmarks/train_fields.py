"""Train fieldstone-fields, the encoder of hash grids and octrees as udf, sdf and occ, and write it into the package.

    python benchmarks/train_fields.py

Shapes of our own generator, `samples10`: the first TRAIN of each of its ten categories. Fields and training are kept below
.cache, fields where inret.py keeps them, and resume after a kill. What field_encoder.py then measures of the file comes into
its card when this runs again, for which all is kept.
"""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from safetensors.numpy import load_file

from fieldstone.cli.console import TerminalProgress
from fieldstone.encoders.inr import Kind, kind_name
from fieldstone.encoders.registry import FIELD_WEIGHTS
from fieldstone.encoders.weights import read_header, save
from fieldstone.evaluate.inret.across import FUNCTIONS
from fieldstone.evaluate.inret.fitted import FieldStore
from fieldstone.evaluate.inret.own import train_encoders
from fieldstone.evaluate.inret.shapes import SAMPLES10, samples10
from fieldstone.evaluate.inret.study import SCALES, default_fits
from fieldstone.fields.network import Architecture
from fieldstone.training.common_latent import Recipe

KEPT = Path(__file__).parent / ".cache" / "inret"
FIGURES = KEPT / "field_encoder.json"
"""What field_encoder.py measured."""
GRIDS: tuple[Architecture, ...] = ("hashgrid", "octree")
KINDS: tuple[Kind, ...] = tuple((grid, function) for grid in GRIDS for function in FUNCTIONS)
SEED, TRAIN, VERSION = 0, 25, 2
SMALL = SCALES["small"]
"""Fits, epochs and places a step are those of `fieldstone evaluate inret` at this scale."""
RECIPE = Recipe(points=SMALL.points, epochs=SMALL.epochs)


def store() -> FieldStore:
    """Fields as `fieldstone evaluate inret` fits them at its small scale, grids by the default schedule, and where it keeps
    them."""
    return FieldStore(folder=KEPT / "fields", settings=default_fits(SMALL))


def card() -> dict[str, Any]:
    """What a user should know of it."""
    count = TRAIN * len(SAMPLES10)
    return {
        "title": "Hash grids and octrees of any function in one latent, read from their numbers; other fields are distilled",
        "source": (
            "after INRet (Guan et al., arXiv 2501.15722): an MLP encoder of the decoder's weights and a Conv3D encoder of the grid "
            "for each kind, tied by the L2 distance and a common decoder of the udf; the straight path beside them and the norm behind the "
            "embedding are ours"
        ),
        "invariances": ["translation", "scale"],
        "normalisation": "unit_sphere_bbox, the frame in which fields are fitted",
        "up": "z",
        "metric": "cosine",
        "training": (
            f"{count} shapes of Fieldstone's own generator, {TRAIN} of each of ten categories ({', '.join(SAMPLES10)}), each fitted by "
            f"the default schedule as {', '.join(map(kind_name, KINDS))}; no labels"
        ),
        "licences": "Apache-2.0: all shapes are our generator's",
        "data": f"Fieldstone's own generator (Apache-2.0): {count} shapes",
    }  # fmt: skip


def digest() -> str:
    """SHA-256 of the file's numbers, whatever its card says."""
    found = hashlib.sha256()
    for name, array in sorted(load_file(FIELD_WEIGHTS).items()):
        found.update(name.encode() + array.tobytes())
    return found.hexdigest()


def main() -> None:
    fits = {grid: default_fits(SMALL)[grid] for grid in GRIDS}
    train_encoders(
        FIELD_WEIGHTS, samples10(TRAIN, 1).train, KINDS, KEPT, RECIPE, name="fieldstone-fields", version=VERSION, fits=fits,
        card=card(), seed=SEED, progress=TerminalProgress(),
    )  # fmt: skip
    figures = json.loads(FIGURES.read_text()) if FIGURES.is_file() else {}
    known = figures.get("of") == digest()
    if known:
        said = card() | {"figures": {"nearest neighbour": figures["nearest neighbour"]}}
        save(FIELD_WEIGHTS, load_file(FIELD_WEIGHTS), replace(read_header(FIELD_WEIGHTS), card=said))
    print(f"{FIELD_WEIGHTS}: {FIELD_WEIGHTS.stat().st_size / 1e6:.1f} MB, {'with' if known else 'without'} figures")


if __name__ == "__main__":
    main()
