"""Train fieldstone-base on the train split of the real shapes and on the generator's, and write it into the package.

    python benchmarks/train_base.py --phase objects
    python benchmarks/train_base.py --phase all
    python benchmarks/train_base.py --release

Phase "objects": objects and the generator's shapes alone: the base that never saw `parts` (kept in the state folder, for
the paper's claim). Phase "all" goes on from it with every domain; without "objects" it begins anew. Of shapes whose
pose is known, the network is told which way is up half of the time. Both phases resume after a kill. `--release` writes what
"all" came to into the package, and the base of "objects", where there is one, into the state folder, as weight files in
float16 with their cards.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from fieldstone import encoders
from fieldstone.encoders.networks.frameless import Frameless, compact
from fieldstone.encoders.networks.image import Config as ImageConfig
from fieldstone.encoders.networks.image import ImageTower
from fieldstone.encoders.networks.text import Config as TextConfig
from fieldstone.encoders.networks.text import TextTower
from fieldstone.encoders.networks.tower import ShapeTower
from fieldstone.encoders.weights import Header, save
from fieldstone.progress import Silent
from fieldstone.training.augment import Augment
from fieldstone.training.captions import templates
from fieldstone.training.collection import Collection
from fieldstone.training.loop import Trained, train
from fieldstone.training.mmcl import MMCL
from fieldstone.training.objectives import Classification
from fieldstone.training.recipe import Recipe
from fieldstone.training.schedule import Schedule
from fieldstone.training.towers import Towers
from fit_descriptor import provenance
from learned_data import GENERATED, Shapes, load
from retrieval_data import CACHE

LATENT, DESCRIPTOR, SPREAD = 256, 256, 16.0
"""SPREAD: rows of the descriptor have unit length; so many times that, their values are about 1."""
LICENCES = "CC0, CC-BY 2.0 / 3.0 / 4.0, MIT, MIT-0, BSD-3-Clause, Apache-2.0; see `fieldstone encoders --json`"
"""Of the shapes that were learnt from; the card names every source with its own."""
RATES = {"objects": 2e-3, "all": 1e-3}
FIGURES = CACHE / "base" / "figures.json"
"""What learned_base.py measured on test."""
VAL = 40
"""Validation shapes of each domain that are looked up after an epoch."""


def collection(shapes: Shapes, domains: tuple[str, ...]) -> Collection:
    """Train shapes of these domains, all of them, and some of the protocol's val shapes."""
    val = [i for d in domains if d != "generated" for i in shapes.rows(domain=d, split="val")[::3][:VAL]]
    learn = [i for i, d in enumerate(shapes.domains) if d in domains and shapes.splits[i] == "train"]
    rows = np.array([*learn, *val])
    labels = [f"{shapes.domains[i]}/{shapes.categories[i]}" for i in rows]
    classes = sorted({labels[i] for i in range(len(learn))})
    number = {name: i for i, name in enumerate(classes)}
    return Collection(
        ids=tuple(shapes.ids[i] for i in rows),
        points=shapes.points[rows],
        normals=shapes.normals[rows],
        upright=np.array([shapes.domains[i] != "parts" for i in rows]),
        split=("train",) * len(learn) + ("val",) * len(val),
        labels=np.array([number.get(name, -1) for name in labels], dtype=np.int64),
        classes=tuple(classes),
        descriptors=SPREAD * shapes.descriptors[rows],
        views=shapes.views[rows],
        captions=tuple(templates(shapes.categories[i].removeprefix("ldraw_"), shapes.captions[i]) for i in rows),
    )  # fmt: skip


def recipe(epochs: int, rate: float) -> Recipe:
    """Labels, pictures and captions at once."""
    seen = Augment(
        points=2048, tilt=0.05, flip=("xy", "yz"), stretch=(0.75, 1.3), jitter=0.005, jitter_limit=0.02, told=0.5,
    )  # fmt: skip
    return Recipe(
        objectives=(Classification(head="linear", smoothing=0.1), MMCL(weight=0.5, project=False)), augment=seen,
        schedule=Schedule(rate=rate, warm=0.1), epochs=epochs, batch=64, decay=0.1, clip=1.0, steps=100, gallery=300,
        select="last", keep=48,
    )  # fmt: skip


class Told(Silent):
    """Progress by the line."""

    def __init__(self) -> None:
        self.count = 0

    def advance(self, done: int = 1, detail: str = "") -> None:
        self.count += done
        if self.count % 25 == 0:
            print(self.count, detail, flush=True)


def towers(generator: torch.Generator) -> tuple[ShapeTower, Towers]:
    """At their first weights."""
    shape = ShapeTower(Frameless(compact(), generator), LATENT, generator, descriptor=DESCRIPTOR)
    image = ImageTower(ImageConfig(latent=LATENT), generator)
    text = TextTower(TextConfig(latent=LATENT), generator)
    return shape, Towers(latent=LATENT, image=image, text=text)


def run(state: Path, phase: str, epochs: int, seed: int) -> tuple[ShapeTower, Towers, Trained]:
    """One phase; "all" begins where "objects" ended."""
    shape, sides = towers(torch.Generator().manual_seed(seed))
    if phase == "all" and (state / "objects.pt").is_file():
        begun = torch.load(state / "objects.pt", weights_only=True)
        shape.load_state_dict(begun["shape"])
        sides.image.load_state_dict(begun["image"])
        sides.text.load_state_dict(begun["text"])
    domains = ("objects", "generated") if phase == "objects" else ("objects", "generated", "parts")
    trained = train(
        shape,
        collection(load(), domains),
        recipe(epochs, RATES[phase]),
        seed=seed,
        towers=sides,
        folder=state / phase,
        progress=Told(),
    )
    parts = {"shape": shape, "image": sides.image, "text": sides.text}
    torch.save({name: part.state_dict() for name, part in parts.items()}, state / f"{phase}.pt")
    if phase == "all":
        FIGURES.unlink(missing_ok=True)  # they are of other weights
    return shape, sides, trained


def weight_file(state: Path, phase: str, path: Path) -> None:
    """The towers of a phase in float16, with the card that goes with them."""
    parts = torch.load(state / f"{phase}.pt", weights_only=True)
    tensors = {
        f"{part}.{name}": value.numpy().astype(np.float16)
        for part, values in parts.items()
        for name, value in values.items()
        if not name.endswith("num_batches_tracked")
    }
    tensors["descriptor.mean"] = np.zeros(DESCRIPTOR, dtype=np.float16)
    tensors["descriptor.std"] = np.full(DESCRIPTOR, 1.0 / SPREAD, dtype=np.float16)
    save(path, tensors, header(state, phase))
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB, {sum(t.size for t in tensors.values()) / 1e6:.1f} M values")


def header(state: Path, phase: str) -> Header:
    """Sizes, card and how it was trained."""
    sides = {"image": asdict(ImageConfig(latent=LATENT)), "text": asdict(TextConfig(latent=LATENT))}
    sizes = {
        "backbone": asdict(compact()),
        "latent": LATENT,
        "descriptor": DESCRIPTOR,
        "normals": True,
    }
    domains = ("objects", "generated") if phase == "objects" else ("objects", "generated", "parts")
    shapes = load()
    learnt = {shapes.ids[i] for i, d in enumerate(shapes.domains) if d in domains and shapes.splits[i] == "train"}
    history = json.loads((state / phase / "history.json").read_text())
    return Header(
        name="fieldstone-base" if phase == "all" else f"fieldstone-{phase}",
        version=1,
        network="frameless",
        config=sizes | sides,
        dim=2 * compact().dim,
        latent=LATENT,
        card={
            "title": "Shapes, pictures and words in one space: a transformer over patches without a frame, helped by a descriptor",
            "source": (
                "ours, in the layout of Point-BERT (Yu et al., 2022) with surflet histograms (Wahl et al., 2003) as patches; "
                "classification and multi-modal contrast as Van den Herrewegen et al., Fine-tuning 3D foundation models "
                "for geometric object retrieval, 2024; the descriptor is fieldstone-descriptor@1"
            ),
            "invariances": ["translation", "scale", "rotation"],
            "normalisation": "centroid at the origin, root mean square radius 1",
            "up": None,
            "metric": "cosine",
            "training": f"labels, pictures and captions of {len(learnt):,} shapes: open collections of real meshes, and our generator",
            "licences": LICENCES,
            "data": provenance(learnt)["data"] + generated(domains),
            "figures": {"nearest neighbour": json.loads(FIGURES.read_text())} if FIGURES.is_file() and phase == "all" else {},
        },
        training={"recipe": recipe(len(history), RATES[phase]).settings, "script": "benchmarks/train_base.py", "history": history},
    )  # fmt: skip


def generated(domains: tuple[str, ...]) -> str:
    """The generator's share, as provenance says it."""
    count = 96 * GENERATED
    return f"; Fieldstone's own generator (Apache-2.0): {count} shapes" if "generated" in domains else ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", type=Path, default=CACHE / "base")
    parser.add_argument("--phase", choices=("objects", "all"), default="all")
    parser.add_argument("--epochs", type=int, default=14)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--release", action="store_true")
    asked = parser.parse_args()
    if asked.release:
        weight_file(asked.state, "all", Path(encoders.__file__).parent / "fieldstone-base-1.safetensors")
        if (asked.state / "objects.pt").is_file():
            weight_file(asked.state, "objects", asked.state / "fieldstone-objects-1.safetensors")
        return
    torch.set_num_threads(asked.threads)
    asked.state.mkdir(parents=True, exist_ok=True)
    _, _, trained = run(asked.state, asked.phase, asked.epochs, asked.seed)
    for epoch in trained.history:
        print(epoch)


if __name__ == "__main__":
    main()
