"""Train fieldstone-fields, the encoder of hash grids and octrees as udf, sdf and occ, and write it into the package.

    python benchmarks/train_fields.py
    python benchmarks/train_fields.py --release

Shapes of our own generator, `samples10`: the first TRAIN of each of its ten categories. Fields and training are kept below
.cache and resume after a kill. `--release` writes the weight file in float16, with the card, in which stand what
field_encoder.py measured.
"""

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

from fieldstone.cli.console import TerminalProgress
from fieldstone.encoders.field_input import HALF
from fieldstone.encoders.inr import Kind, kind_name
from fieldstone.encoders.networks.field_towers import save_encoders
from fieldstone.encoders.registry import FIELD_WEIGHTS
from fieldstone.evaluate.inret.across import FUNCTIONS
from fieldstone.evaluate.inret.fitted import FieldStore
from fieldstone.evaluate.inret.learned import ENCODERS, keep, learnt, reopened
from fieldstone.evaluate.inret.shapes import SAMPLES10, samples10
from fieldstone.evaluate.inret.study import SCALES, default_fits
from fieldstone.fields.network import Architecture
from fieldstone.training.common_latent import Recipe
from fieldstone.training.settle import settle_rows

STATE = Path(__file__).parent / ".cache" / "fields"
FIGURES = STATE / "figures.json"
"""What field_encoder.py measured."""
GRIDS: tuple[Architecture, ...] = ("hashgrid", "octree")
KINDS: tuple[Kind, ...] = tuple((grid, function) for grid in GRIDS for function in FUNCTIONS)
SEED, TRAIN = 0, 25
SMALL = SCALES["small"]
"""Fits, epochs and places a step are those of `fieldstone evaluate inret` at this scale."""


def store() -> FieldStore:
    """Fields as `fieldstone evaluate inret` fits them at its small scale, grids by the default schedule, and where it keeps
    them."""
    return FieldStore(folder=STATE.parent / "inret" / "fields", settings=default_fits(SMALL))


def train() -> None:
    """All six encoders in one latent, kept in the state folder."""
    told, fields, shapes = TerminalProgress(), store(), samples10(TRAIN, 1).train
    recipe = Recipe(points=SMALL.points, epochs=SMALL.epochs)
    fields.fit_all(shapes, KINDS, progress=told)
    collection = fields.collection(shapes, KINDS, SEED, told)
    encoders = learnt(collection, recipe, norm=True, seed=SEED, folder=STATE / "run", progress=told)
    for kind, encoder in encoders.items():
        for weight in encoder.parameters():
            weight.data = weight.data.half().float()  # as the file will hold them
        settle_rows(encoder, collection.readings[kind])
    keep(encoders, STATE)
    (STATE / "about.json").write_text(json.dumps({"train": TRAIN, "recipe": recipe.settings}))


def release() -> None:
    """The kept encoders as the file that ships, with the figures that were measured of them, where there are any."""
    digest = hashlib.sha256((STATE / ENCODERS).read_bytes()).hexdigest()
    figures = json.loads(FIGURES.read_text()) if FIGURES.is_file() else {}
    known = figures.get("of") == digest
    about, fields = json.loads((STATE / "about.json").read_text()), store()
    one = samples10(1, 1).train[:1]
    encoders = {kind: reopened(STATE, kind, fields.readings(one, kind)) for kind in KINDS}
    configs = {grid: fields.field(one[0], (grid, "sdf")).network.config for grid in GRIDS}
    save_encoders(
        FIELD_WEIGHTS, encoders, configs, half=HALF, name="fieldstone-fields", version=1,
        card=card(about["train"]) | {"figures": {"nearest neighbour": figures["nearest neighbour"]} if known else {}},
        training={"script": "benchmarks/train_fields.py", "seed": SEED, "encoders": digest, **about},
    )  # fmt: skip
    print(f"{FIELD_WEIGHTS}: {FIELD_WEIGHTS.stat().st_size / 1e6:.1f} MB, {'with' if known else 'without'} figures")


def card(train: int) -> dict[str, Any]:
    """What a user should know of it."""
    count = train * len(SAMPLES10)
    return {
        "title": "Hash grids and octrees of any function in one latent, read from their numbers; other fields are distilled",
        "source": (
            "after INRet (Guan et al., arXiv 2501.15722): an MLP encoder of the decoder's weights and a Conv3D encoder of the grid "
            "for each kind, tied by the L2 distance and a common decoder of the udf; the norm behind the embedding is ours"
        ),
        "invariances": ["translation", "scale"],
        "normalisation": "unit_sphere_bbox, the frame in which fields are fitted",
        "up": "z",
        "metric": "cosine",
        "training": (
            f"{count} shapes of Fieldstone's own generator, {train} of each of ten categories ({', '.join(SAMPLES10)}), each fitted by "
            f"the default schedule as {', '.join(map(kind_name, KINDS))}; no labels"
        ),
        "licences": "Apache-2.0: all shapes are our generator's",
        "data": f"Fieldstone's own generator (Apache-2.0): {count} shapes",
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--release", action="store_true")
    if parser.parse_args().release:
        release()
    else:
        train()


if __name__ == "__main__":
    main()
