"""The paper's own claim, with our base: trained without the target domain, then tuned to it in three ways.

    python benchmarks/learned_tuning.py [--seeds 3] [--method vicreg ...]

The base of phase "objects" (train_base.py) never saw `parts`. It is tuned on parts' train shapes, an epoch is chosen on
val, and test shapes look up train shapes. Every finished training is a line of the state file (delete it after a change
of the recipe); a killed run goes on.
"""

import argparse
import hashlib
import json
import time
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32, Float64

from fieldstone.encoders.learned import thinned
from fieldstone.encoders.networks.run import Towers
from fieldstone.encoders.weights import Header, open_weights
from fieldstone.evaluate.bootstrap import interval, paired_interval
from fieldstone.evaluate.metrics import nearest_neighbour
from fieldstone.evaluate.ranking import rank
from fieldstone.training.captions import templates
from fieldstone.training.collection import Collection
from fieldstone.training.tuning import recipe_of, tune_weights
from learned_data import Shapes, load
from machine import describe
from retrieval_data import CACHE

OUT = Path(__file__).parent / "results" / "learned_tuning.md"
STATE = CACHE / "learned_tuning.jsonl"
BASE = CACHE / "base" / "fieldstone-objects-1.safetensors"
EPOCHS = {"classification": 15, "vicreg": 8, "mmcl": 8}
"""As long as val rose in trials; the best epoch on val is kept."""


def collection(shapes: Shapes, rows: dict[str, np.ndarray]) -> Collection:
    """Train and val of parts; nobody says which way is up."""
    both = np.concatenate([rows["train"], rows["val"]])
    classes = sorted({shapes.categories[i] for i in rows["train"]})
    return Collection(
        ids=tuple(shapes.ids[i] for i in both), points=shapes.points[both], normals=shapes.normals[both],
        split=("train",) * len(rows["train"]) + ("val",) * len(rows["val"]),
        labels=np.array([classes.index(c) if (c := shapes.categories[i]) in classes else -1 for i in both]),
        classes=tuple(classes), descriptors=shapes.descriptors[both], views=shapes.views[both],
        captions=tuple(templates(shapes.categories[i].removeprefix("ldraw_"), shapes.captions[i]) for i in both),
    )  # fmt: skip


def right(
    header: Header, tensors: dict[str, np.ndarray], shapes: Shapes, rows: dict[str, np.ndarray]
) -> Float64[np.ndarray, "queries"]:
    """1 for each test shape whose nearest train shape has its label."""
    towers, count = Towers(header, tensors), int(header.config["backbone"]["points"])

    def embedded(split: str) -> Float32[np.ndarray, "shapes dim"]:
        chosen = rows[split]
        points, normals = ([thinned(of[i], count) for i in chosen] for of in (shapes.points, shapes.normals))
        return towers.shapes(points, shapes.descriptors[chosen, 0], normals)

    labels = np.unique(shapes.categories, return_inverse=True)[1]
    return nearest_neighbour(rank(embedded("train"), labels[rows["train"]], embedded("test"), labels[rows["test"]]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--method", nargs="*", default=list(EPOCHS))
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    shapes = load()
    rows = {split: shapes.rows(domain="parts", split=split) for split in ("train", "val", "test")}
    header, tensors = open_weights(BASE)
    learn = collection(shapes, rows)
    done = [json.loads(line) for line in STATE.read_text().splitlines()] if STATE.is_file() else []
    base = hashlib.sha256(b"".join(tensors[name].tobytes() for name in sorted(tensors))).hexdigest()[:12]
    done = [one for one in done if one["base"] == base]
    known = {(one["method"], one["seed"]) for one in done if one["epochs"] == EPOCHS.get(one["method"], 0)}
    for seed in range(asked.seeds):
        for method in ("none", *asked.method):
            if (method, seed) in known or (method == "none" and seed):
                continue
            started, tuned, best = time.perf_counter(), tensors, 0
            if method != "none":
                recipe = recipe_of(method, header, len(rows["train"]), EPOCHS[method])
                tuned, trained = tune_weights(header, tensors, learn, recipe, seed=seed)
                best = trained.best_epoch
            seconds = time.perf_counter() - started
            values = right(header, tuned, shapes, rows)
            line = {
                "method": method, "seed": seed, "epochs": EPOCHS.get(method, 0), "base": base, "best": best, "seconds": seconds,
                "right": values.tolist(),
            }  # fmt: skip
            done.append(line)
            with STATE.open("a") as file:
                file.write(json.dumps(line) + "\n")
            print(method, seed, f"{values.mean():.3f}, best epoch {best}, {seconds:.0f} s", flush=True)
    OUT.write_text(report([one for one in done if one["epochs"] == EPOCHS.get(one["method"], 0)], len(rows["train"])))


def report(done: list[dict[str, object]], gallery: int) -> str:
    """The table as markdown."""
    base = np.array(next(one["right"] for one in done if one["method"] == "none"), dtype=np.float64)
    text = [
        "# A base that never saw the domain, tuned to it", "", describe(), "",
        f"The base was trained on objects and generated shapes. Parts: {gallery} train shapes, {len(base)} test queries. NN: "
        "nearest-neighbour accuracy, means over seeds, 95 % bootstrap intervals over queries; gains are paired.", "",
        "| tuning | seeds | epochs | NN | gain, points | s a training |", "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for method in ("none", *EPOCHS):
        runs = [one for one in done if one["method"] == method]
        if not runs:
            continue
        values = np.mean([one["right"] for one in runs], axis=0)
        low, high = interval(values, np.random.default_rng(0))
        less, more = paired_interval(base, values, np.random.default_rng(0))
        gain = (
            "" if method == "none" else f"{100 * (values - base).mean():+.1f} ({100 * less:+.1f} to {100 * more:+.1f})"
        )
        seconds = np.mean([float(str(one["seconds"])) for one in runs])
        text.append(
            f"| {'out of the box' if method == 'none' else method} | {len(runs)} | {runs[0]['epochs'] if gain else ''} | "
            f"{values.mean():.3f} ({low:.3f}-{high:.3f}) | {gain} | {f'{seconds:.0f}' if gain else ''} |"
        )
    return "\n".join([*text, ""])


if __name__ == "__main__":
    main()
