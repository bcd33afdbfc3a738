"""What each objective adds to fieldstone-base: the same network and shapes, as many clouds seen, on val.

    python benchmarks/learned_ablation.py [--epochs 5] [--steps 72] [--threads 1]

Each row is a training of its own from random weights with part of train_base.py's recipe, or with VICReg too, which is not in
it; much shorter than the base's own, on fewer patches: differences between rows count, not their height. VICReg looks at two
views of a shape, so its row takes half the steps. A killed run goes on (delete benchmarks/.cache/ablation after a change).
Test is not asked. Writes results/learned_ablation.md.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32

from fieldstone.encoders.learned import thinned
from fieldstone.encoders.networks.batch import Batch
from fieldstone.encoders.networks.tower import ShapeTower
from fieldstone.evaluate.bootstrap import interval
from fieldstone.evaluate.metrics import nearest_neighbour
from fieldstone.evaluate.ranking import rank
from fieldstone.training.loop import train
from fieldstone.training.objectives import VICReg
from learned_data import Shapes, load
from machine import describe
from retrieval_data import CACHE
from train_base import RATES, SPREAD, Told, collection, recipe, towers

OUT = Path(__file__).parent / "results" / "learned_ablation.md"
STATE = CACHE / "ablation"
ROWS = {
    "labels (classification)": ("classification",),
    "pictures and captions (MMCL)": ("mmcl",),
    "labels, pictures and captions": ("classification", "mmcl"),
    "labels, pictures and captions, VICReg": ("classification", "mmcl", "vicreg"),
}
KEEP, DOMAINS = 32, ("objects", "generated")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument(
        "--steps", type=int, default=72, help="batches of 64 an epoch: even, and at most as many as the shapes make"
    )
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    shapes = load()
    passes = asked.epochs * asked.steps * 64
    text = [
        "# What each objective adds to fieldstone-base", "", describe(), "",
        f"{passes:,} clouds seen a row (with VICReg two of each shape at a time), objects and generated shapes, one seed. NN: val "
        "shapes among train shapes, any pose, with 95 % bootstrap intervals. Learned part: the network alone, without the "
        "descriptor. Latent: both, as trained. Parts were not learnt from.", "",
        "| objectives | objects: learned part | objects: latent | parts: learned part | parts: latent |", "|---|---|---|---|---|",
    ]  # fmt: skip
    for title, names in ROWS.items():
        text.append(f"| {title} | " + " | ".join(row(shapes, names, asked.epochs, asked.steps)) + " |")
        print(text[-1], flush=True)
    OUT.write_text("\n".join([*text, ""]))


def row(shapes: Shapes, names: Sequence[str], epochs: int, steps: int) -> list[str]:
    """Four cells; what is already known is read."""
    folder = STATE / "-".join((*names, str(epochs), str(steps)))
    known = folder / "cells.json"
    if not known.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        known.write_text(json.dumps(judged(shapes, trained(shapes, names, epochs, steps, folder))))
    return list(json.loads(known.read_text()))


def trained(shapes: Shapes, names: Sequence[str], epochs: int, steps: int, folder: Path) -> ShapeTower:
    """The shape tower after the part of the recipe that `names` says."""
    tower, sides = towers(torch.Generator().manual_seed(0))
    base = recipe(epochs, RATES["objects"])
    both = "vicreg" in names
    objectives = tuple(one for one in base.objectives if one.name in names) + (VICReg(width=512, weight=0.04),) * both
    how = replace(base, objectives=objectives, steps=steps // 2 if both else steps, keep=KEEP)
    sides = sides if "mmcl" in names else None
    train(tower, collection(shapes, DOMAINS), how, seed=0, towers=sides, folder=folder, progress=Told())
    return tower


def judged(shapes: Shapes, tower: ShapeTower) -> list[str]:
    """Learned part and latent on objects, then on parts."""
    cells = []
    labels = np.unique(shapes.categories, return_inverse=True)[1]
    for domain in ("objects", "parts"):
        sets = [shapes.rows(domain=domain, split=split) for split in ("train", "val")]
        sides = [rows_of(tower, shapes, rows) for rows in sets]
        for part in (0, 1):
            (g, gallery), (q, queries) = ((rows, side[part]) for rows, side in zip(sets, sides, strict=True))
            right = nearest_neighbour(rank(gallery, labels[g], queries, labels[q]))
            low, high = interval(right, np.random.default_rng(0))
            cells.append(f"{right.mean():.3f} ({low:.3f}-{high:.3f})")
    return cells


def rows_of(tower: ShapeTower, shapes: Shapes, rows: np.ndarray) -> list[Float32[np.ndarray, "shapes dim"]]:
    """Learned part and latent of some shapes, unit length, nobody saying which way is up."""
    learnt, whole, count = [], [], 2048
    assert tower.describe is not None
    with torch.inference_mode():
        for start in range(0, len(rows), 32):
            chosen = rows[start : start + 32]
            points, normals = (
                np.stack([thinned(of[i], count) for i in chosen]) for of in (shapes.points, shapes.normals)
            )
            descriptor = torch.from_numpy(SPREAD * shapes.descriptors[chosen, 0])
            batch = Batch(points=torch.from_numpy(points), normals=torch.from_numpy(normals), descriptor=descriptor)
            learnt.append(tower.project(tower.backbone(batch)))
            whole.append(learnt[-1] + tower.describe(descriptor))
    return [torch.nn.functional.normalize(torch.cat(part), dim=1).numpy() for part in (learnt, whole)]


if __name__ == "__main__":
    main()
