"""fieldstone-fields on shapes it never saw: every kind of field asked for among every kind, meshes by fits on the fly, SIRENs
by distillation.

    python benchmarks/field_encoder.py [--file FIELDS.safetensors] [--briefly 30]

100 test shapes of samples10 (50-59 of each category) stand as fields of all six kinds; the query's own is left out. `--briefly`
shapes, evenly drawn, stand for meshes (4,096 points with normals, as a library keeps them) and for SIRENs. The figures also go
into the card (train_fields.py, `--release` again).
"""

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float32, Int64

from fieldstone.encoders.inr import FieldEncoder, Kind, kind_name
from fieldstone.encoders.registry import FIELD_WEIGHTS
from fieldstone.evaluate.bootstrap import interval
from fieldstone.evaluate.inret.shapes import Selection, Shape, numbers_of, samples10
from fieldstone.fields.network import NeuralField
from fieldstone.geometry.sample import sample_surface
from fieldstone.types import PointCloud, Sampled
from machine import describe
from train_fields import FIGURES, KINDS, store

OUT = Path(__file__).parent / "results" / "field_encoder.md"
POINTS = 4096
BLOCK = 25
PURPOSE = 77
"""Of the random numbers that draw points."""


def rows_of(encoder: FieldEncoder, shapes: Sequence[Shape], kind: Kind) -> Float32[np.ndarray, "shapes dim"]:
    """Of the shapes' fields of one kind, a block open at a time."""
    blocks = (shapes[start : start + BLOCK] for start in range(0, len(shapes), BLOCK))
    return np.concatenate([encoder.encode(list(store().fields(block, kind))) for block in blocks])


def right(
    queries: Float32[np.ndarray, "queries dim"],
    gallery: Float32[np.ndarray, "shapes dim"],
    labels: Int64[np.ndarray, "shapes"],
    own: Int64[np.ndarray, "queries"],
) -> Bool[np.ndarray, "queries"]:
    """Whether the nearest has the query's class; `own`: each query's shape in the gallery, which does not count."""
    likeness = queries @ gallery.T
    likeness[np.arange(len(own)), own] = -np.inf
    found: Bool[np.ndarray, "queries"] = labels[likeness.argmax(axis=1)] == labels[own]
    return found


def points_of(shape: Shape) -> Sampled:
    """What a library keeps of a mesh."""
    found = sample_surface(shape.mesh, POINTS, numbers_of(shape.digest, 0, PURPOSE))
    cloud = PointCloud(found.points.astype(np.float64), found.normals)
    return Sampled(shape=cloud, points=found.points.astype(np.float32), normals=found.normals, up="z")


def sirens(shapes: Sequence[Shape]) -> list[NeuralField]:
    """The shapes as fields of an architecture that the file does not read."""
    kept = store()
    kept.fit_all(shapes, [("siren", "sdf")])
    return list(kept.fields(shapes, ("siren", "sdf")))


def percent(values: Bool[np.ndarray, "..."]) -> str:
    """The mean with its 95 % interval over queries."""
    low, high = interval(values.reshape(-1, values.shape[-1]).mean(axis=0), np.random.default_rng(0))
    return f"{100 * values.mean():.1f} ({100 * low:.0f} to {100 * high:.0f})"


def measured(encoder: FieldEncoder, chosen: Selection, briefly: int) -> tuple[list[str], dict[str, float]]:
    """The report's lines, and the card's figures."""
    shapes, labels = chosen.test, chosen.labels(chosen.test)
    rows = {kind: rows_of(encoder, shapes, kind) for kind in KINDS}
    everyone = np.arange(len(shapes))
    hits = {(q, g): right(rows[q], rows[g], labels, everyone) for q in KINDS for g in KINDS}
    few = everyone[:: max(1, len(shapes) // briefly)]
    asked, seconds = {}, {}
    for name, given in {
        "meshes, fitted on the fly": [points_of(shapes[i]) for i in few],
        "SIREN sdf, distilled": sirens([shapes[i] for i in few]),
    }.items():
        begun = time.process_time()
        found = encoder.encode(given)
        seconds[name] = (time.process_time() - begun) / len(few)
        asked[name] = {g: right(found, rows[g], labels, few) for g in KINDS}
    lines = ["| asked with \\ among | " + " | ".join(map(kind_name, KINDS)) + " |", "|---|" + "---|" * len(KINDS)]
    lines += [
        f"| {kind_name(q)} | " + " | ".join(f"{100 * hits[q, g].mean():.0f}" for g in KINDS) + " |" for q in KINDS
    ]
    lines += [
        f"| {name} ({len(few)} shapes, {seconds[name]:.1f} core-seconds each) | "
        + " | ".join(f"{100 * asked[name][g].mean():.0f}" for g in KINDS) + " |"
        for name in asked
    ]  # fmt: skip
    groups = {
        "same kind": [hits[k, k] for k in KINDS],
        "nine pairs of functions, hash grid": [hits[q, g] for q in KINDS[:3] for g in KINDS[:3]],
        "nine pairs of functions, octree": [hits[q, g] for q in KINDS[3:] for g in KINDS[3:]],
        "hash grid among octrees and back": [hits[q, g] for q in KINDS for g in KINDS if q[0] != g[0]],
        **{name: list(found.values()) for name, found in asked.items()},
    }
    lines += ["", "| group | nearest neighbour right, % |", "|---|---|"]
    lines += [f"| {name} | {percent(np.stack(group))} |" for name, group in groups.items()]
    return lines, {name: round(float(np.stack(group).mean()), 4) for name, group in groups.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=Path, default=FIELD_WEIGHTS)
    parser.add_argument("--briefly", type=int, default=30)
    asked = parser.parse_args()
    encoder = FieldEncoder(asked.file)
    lines, figures = measured(encoder, samples10(1, 10), asked.briefly)
    about = (
        f"`{encoder.id}`, {asked.file.stat().st_size / 1e6:.1f} MB. {encoder.card.training}. Asked with the 100 test shapes of "
        "samples10; nearest neighbour of the same category in per cent, the query's own shape left out, with 95 % intervals "
        "over queries."
    )
    OUT.write_text("\n".join(["# The encoder of fields that ships", "", about, "", *lines, "", describe()]) + "\n")
    FIGURES.parent.mkdir(parents=True, exist_ok=True)
    FIGURES.write_text(json.dumps({"nearest neighbour": figures}))
    print(OUT.read_text())


if __name__ == "__main__":
    main()
