"""The sample shapes: how fast, how large, how varied; and a contact sheet to look at.

    taskset -c 0 python benchmarks/samples.py [--no-sheet]

Times are of one process on the cores that it is given, and include the check that every mesh is sound.
"""

import hashlib
import os
import sys
import time
from pathlib import Path

import numpy as np

from fieldstone.render import contact_sheet, thumbnail
from fieldstone.samples import CATEGORIES, make
from fieldstone.types import Mesh
from machine import describe

RESULTS = Path(__file__).parent / "results"
SEEDS = 12
SHOWN = 3


def digest(mesh: Mesh) -> str:
    return hashlib.sha256(mesh.vertices.tobytes() + mesh.faces.tobytes()).hexdigest()


def measure(category: str) -> tuple[str, float, dict[str, float]]:
    """One row of the table; seconds of wall clock and processor for one shape in `numbers`."""
    wall, cpu, meshes = time.perf_counter(), time.process_time(), [make(category, seed) for seed in range(SEEDS)]
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    counts = [len(mesh.faces) for mesh in meshes]
    sizes = [float(np.linalg.norm(np.ptp(mesh.vertices, axis=0))) for mesh in meshes]
    colours = [len(np.unique(mesh.paint.face, axis=0)) for mesh in meshes if mesh.paint and mesh.paint.face is not None]
    numbers = {
        "wall": wall / SEEDS, "cpu": cpu / SEEDS, "faces": float(np.median(counts)), "most": max(counts),
        "distinct": len({digest(mesh) for mesh in meshes}) / SEEDS, "topologies": len(set(counts)) / SEEDS,
    }  # fmt: skip
    row = (
        f"| {category} | {1e3 * numbers['cpu']:.0f} | {min(counts):,} / {np.median(counts):,.0f} / {max(counts):,} "
        f"| {min(sizes):,.0f} to {max(sizes):,.0f} | {np.mean(colours):.1f} | {len(set(counts))} |"
    )
    return row, wall, numbers


def sheet() -> np.ndarray:
    names = [(category, seed) for category in CATEGORIES for seed in range(SHOWN)]
    pictures = [thumbnail(make(category, seed), size=128, up="z") for category, seed in names]
    return contact_sheet(pictures, [f"{category} {seed}" for category, seed in names], columns=4 * SHOWN)


def main() -> None:
    cores = len(os.sched_getaffinity(0))
    make("chair", 0)
    rows, _, numbers = zip(*(measure(category) for category in CATEGORIES), strict=True)
    mean = {key: float(np.mean([n[key] for n in numbers])) for key in numbers[0]}
    lines = [
        "# Sample shapes",
        "",
        describe(),
        "",
        f"{len(CATEGORIES)} categories, {SEEDS} seeds of each, one process held to {cores} core(s) of a shared machine: "
        f"**{1 / mean['wall']:.0f} shapes/s** ({1e3 * mean['cpu']:.0f} ms of processor time a shape, check included); "
        f"{mean['faces']:,.0f} faces in the mean of the medians, at most {max(n['most'] for n in numbers):,}. "
        f"Distinct meshes: {100 * mean['distinct']:.1f} %; distinct face counts within a category (variation of structure, "
        f"not only of size): {100 * mean['topologies']:.0f} %.",
        "",
        "![Contact sheet](samples.png)",
        "",
        f"| category | ms (cpu) | faces: least / median / most | diagonal, mm | colours | face counts in {SEEDS} |",
        "|---|---|---|---|---|---|",
        *rows,
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "samples.md").write_text(text)
    if "--no-sheet" not in sys.argv:
        from PIL import Image

        picture = Image.fromarray(sheet()).convert("RGB")
        picture.quantize(palette=picture.quantize(256, method=Image.Quantize.MAXCOVERAGE)).save(
            RESULTS / "samples.png", optimize=True
        )


if __name__ == "__main__":
    main()
