"""Shapes a second of learned encoders, grouping and pose included, against plain torch; and of a whole `add`.

    python benchmarks/learned_speed.py [--shapes 64] [--rounds 3]

Ours is `Learned.encode` over a weight file of random numbers, clouds in, rows out (the base's include its descriptor). The
rival, on the same clouds and numbers in the same run, is plain_pointbert.py in batches of 16; rows of the two are compared.
Rounds alternate; figures are medians. `add` reads files of the generator with the default encoder. Both sides use all cores.
Writes results/learned_speed.md.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import torch

from fieldstone import encoders
from fieldstone.encoders.learned import Learned
from fieldstone.encoders.networks import pointbert
from fieldstone.encoders.networks.build import shape_tower
from fieldstone.encoders.networks.run import _in_bf16
from fieldstone.encoders.pose import posed
from fieldstone.encoders.registry import BASE
from fieldstone.encoders.weights import open_weights
from fieldstone.geometry.sample import sample_surface
from fieldstone.samples import make_many
from fieldstone.types import Sampled
from learned_weights import random_file
from machine import describe
from plain_pointbert import PlainPointBERT

RESULT = Path(__file__).parent / "results" / "learned_speed.md"
BATCH, FILES = 16, 1000
GOALS = {"compact": 150, "ULIP-2": 20}
"""Shapes a second on two quiet cores that issue 4 asks for (ADD: of a whole `add`)."""
ADD = 25


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--files", type=int, default=FILES)
    asked = parser.parse_args()
    text = [
        "# Speed of learned encoders", "", describe(), "",
        f"{asked.shapes} clouds, {asked.rounds} alternating rounds, medians. Ours: `Learned.encode`, "
        f"{'bf16' if _in_bf16() else 'float32 (this processor has no AMX, so bf16 is not used)'}; each shape goes through "
        "alone, so that its row has the same bytes whatever else is encoded. Rival: plain torch, eager, float32, batches of "
        f"{BATCH}, {torch.get_num_threads()} threads, the same numbers.",
        "", "| network | ours, shapes/s | plain torch | ratio | rows differ by | asked for |", "|---|---|---|---|---|---|",
    ]  # fmt: skip
    clouds = drawn(asked.shapes)
    for name, sizes in (("compact", pointbert.compact()), ("ULIP-2", pointbert.ulip2())):
        text.append(against_plain(name, sizes, clouds, asked.rounds))
        print(text[-1], flush=True)
    pace = len(clouds) / median(seconds(lambda: encoders.get(BASE).encode(clouds)) for _ in range(asked.rounds))
    text.append(f"| {BASE}, with its descriptor | {pace:.1f} | - | - | - | - |")
    text += ["", *whole_add(asked.files)]
    RESULT.write_text("\n".join(text) + "\n")
    print("\n".join(text))


def drawn(count: int) -> list[Sampled]:
    """Samples of the generator's shapes: 8,192 points with normals each."""
    found = []
    for i, (_, _, mesh) in enumerate(make_many(count, seed=5)):
        sampled = sample_surface(mesh, 8192, np.random.default_rng(i))
        found.append(Sampled(shape=mesh, points=sampled.points, normals=sampled.normals))
    return found


def against_plain(name: str, sizes: pointbert.Config, clouds: list[Sampled], rounds: int) -> str:
    """A row of the table."""
    with tempfile.TemporaryDirectory() as folder:
        ours = Learned(random_file(Path(folder) / "random.safetensors", "pointbert", sizes))
        header, tensors = open_weights(ours.path)
        rows = ours.encode(clouds)
        tower = shape_tower(header.network, header.config, tensors)
        rival = PlainPointBERT(tower.backbone)

        def plain() -> np.ndarray:
            step = len(clouds[0].points) // sizes.points
            points = np.stack([posed(one.points[::step], ours.pose, one.up) for one in clouds])
            with torch.inference_mode():
                parts = [rival(part) for part in torch.from_numpy(points).split(BATCH)]
                return torch.nn.functional.normalize(tower.project(torch.cat(parts)), dim=1).numpy()

        apart = float(np.abs(plain() - rows).max())
        times = [(seconds(lambda: ours.encode(clouds)), seconds(plain)) for _ in range(rounds)]
    first, second = (len(clouds) / median(column) for column in zip(*times, strict=True))
    ratio = median(other / own for own, other in times)
    return f"| {name} | {first:.1f} | {second:.1f} | {ratio:.2f} | {apart:.1e} | {GOALS[name]} |"


def whole_add(files: int) -> list[str]:
    """`fieldstone samples`, then `fieldstone add` with the learned default, as a user runs them."""
    command = [sys.executable, "-m", "fieldstone"]
    with tempfile.TemporaryDirectory() as folder:
        models, library = Path(folder) / "models", Path(folder) / "library.fieldstone"
        subprocess.run([*command, "samples", str(models), "-n", str(files)], check=True, capture_output=True)
        pace = files / seconds(lambda: subprocess.run([*command, "add", str(library), str(models), "-q"], check=True))
    return [f"Whole `add` of {files} files with {BASE}, start included: {pace:.1f} shapes/s (asked for: {ADD})."]


def seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
