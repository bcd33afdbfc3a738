"""What training costs: shapes a second, minutes and memory of each recipe, for three networks.

    python benchmarks/learned_training.py [--threads 2] [--steps 4] [--device cuda]

Each row is a process of its own: a few steps of the recipe over real train shapes, after one that is not counted. Minutes
are for the recipe's whole training of 1,000 shapes at that pace (compact: ten epochs; the paper's: its own, for small
sets), validation left out. Writes results/learned_training.md (with another device, learned_training_DEVICE.md).
"""

import argparse
import json
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch

from fieldstone.encoders.networks import frameless, pointbert
from fieldstone.encoders.networks.build import build
from fieldstone.encoders.networks.image import Config as ImageConfig
from fieldstone.encoders.networks.image import ImageTower
from fieldstone.encoders.networks.text import Config as TextConfig
from fieldstone.encoders.networks.text import TextTower
from fieldstone.encoders.networks.tower import ShapeTower
from fieldstone.training import recipe as recipes
from fieldstone.training.learning import Learning
from fieldstone.training.run import pass_over
from fieldstone.training.towers import Towers
from learned_data import load
from machine import describe
from train_base import LATENT, collection

RESULTS = Path(__file__).parent / "results"
METHODS = ("classification", "vicreg", "mmcl")
SHAPES = 1000
"""Shapes of the training that the minutes are for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A network, its sizes, and the form of the recipes."""

    network: str
    sizes: frameless.Config | pointbert.Config
    form: recipes.Form
    title: str
    batch: int | None = None
    """Instead of the recipe's, where that takes more memory than a laptop has."""


ROWS = (
    Row(network="frameless", sizes=frameless.compact(), form="compact", title="fieldstone-base's network, points alone, compact recipe"),
    Row(network="pointbert", sizes=pointbert.compact(), form="compact", title="PointBERT compact, compact recipe"),
    Row(
        network="pointbert", sizes=pointbert.ulip2(), form="paper", batch=8,
        title="PointBERT, ULIP-2's size, 4,096 points, paper's recipe but its batch",
    ),
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--device", default="cpu")
    asked = parser.parse_args()
    load()  # made here once, not in each process
    text = [
        "# What training costs", "", describe(), "",
        f"{asked.device}, {asked.threads} threads; {asked.steps} steps a row. Shapes/s count shapes (VICReg sees each twice); minutes are "
        f"for {SHAPES:,} shapes. Memory is the process's peak beyond what it has before it trains.", "",
        "| network and recipe | method | batch | epochs | shapes/s | minutes | host memory, MB |", "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    context = multiprocessing.get_context("spawn")
    for number, row in enumerate(ROWS):
        for method in METHODS:
            with ProcessPoolExecutor(1, mp_context=context) as pool:
                cost = pool.submit(measured, number, method, asked.threads, asked.steps, asked.device).result()
            minutes = cost["epochs"] * SHAPES / cost["pace"] / 60
            text.append(
                f"| {row.title} | {method} | {cost['batch']:.0f} | {cost['epochs']:.0f} | {cost['pace']:.1f} | {minutes:.0f} | "
                f"{cost['memory']:.0f} |"
            )
            print(text[-1], json.dumps(cost), flush=True)
    name = "learned_training" if asked.device == "cpu" else f"learned_training_{asked.device}"
    (RESULTS / f"{name}.md").write_text("\n".join([*text, ""]))


def measured(number: int, method: str, threads: int, steps: int, device: str) -> dict[str, float]:
    """Batch, epochs, shapes a second and megabytes of one row."""
    torch.set_num_threads(threads)
    row = ROWS[number]
    generator = torch.Generator().manual_seed(0)
    network = ShapeTower(build(row.network, asdict(row.sizes), generator), LATENT, generator)
    preset = {"classification": recipes.classification, "vicreg": recipes.vicreg, "mmcl": recipes.mmcl}[method]
    how = preset(row.form)
    how = replace(
        how,
        batch=row.batch or how.batch,
        augment=replace(how.augment, points=row.sizes.points, rotation="none", shift=0.0),
    )
    learn = replace(collection(load(), ("objects",)), descriptors=None)
    learn = learn if row.network == "frameless" else replace(learn, normals=None, upright=None)
    sides = None
    if method == "mmcl":
        image, text = ImageTower(ImageConfig(latent=LATENT), generator), TextTower(TextConfig(latent=LATENT), generator)
        sides = Towers(latent=LATENT, image=image, text=text)
    Path("/proc/self/clear_refs").write_text("5")  # Linux: the peak begins anew
    before = peak()
    learning = Learning(network, learn, how, 0, sides, device)
    rate = np.full(steps, 1e-4)
    pass_over(learning, 0, rate[:1], rate[:1], lambda _: None)
    started = time.perf_counter()
    pass_over(learning, 1, rate, rate, lambda _: None)
    pace = steps * how.batch / (time.perf_counter() - started)
    return {"batch": how.batch, "epochs": how.epochs, "pace": pace, "memory": peak() - before}


def peak() -> float:
    """The most memory that this process had since its peak was last forgotten, in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    main()
