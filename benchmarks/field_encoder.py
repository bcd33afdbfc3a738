"""fieldstone-fields on shapes it never saw: every kind of field asked for among every kind, meshes by fits on the fly, SIRENs
by distillation; and real shapes, beside the encoders of points.

    python benchmarks/field_encoder.py

100 test shapes of samples10 (50-59 of each category) stand as fields of all six kinds; the query's own is left out. FEW of
them, evenly drawn, stand for meshes (their points as a library keeps them) and for SIRENs. Real shapes: the test shapes of
objects10 as hash grids' sdf. The figures also go into the card (train_fields.py again).
"""

import json
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float32, Int64

from fieldstone import encoders
from fieldstone.cli.console import TerminalProgress
from fieldstone.encoders.inr import FieldEncoder, Kind, kind_name
from fieldstone.encoders.registry import FIELD_WEIGHTS
from fieldstone.evaluate.bootstrap import interval
from fieldstone.evaluate.inret.shapes import Selection, Shape, numbers_of, samples10
from fieldstone.evaluate.inret.tables.layout import per_cent, table
from fieldstone.fields.network import NeuralField
from fieldstone.geometry.sample import sample_surface
from fieldstone.library.kept import quantise_normals, quantise_points, restore_normals, restore_points
from fieldstone.types import PointCloud, Sampled
from inret_objects10 import objects10
from machine import describe
from train_fields import FIGURES, KINDS, digest, store

OUT = Path(__file__).parent / "results" / "field_encoder.md"
POINTS = 4096
BLOCK, FEW = 25, 20
PURPOSE = 77
"""Of the random numbers that draw points."""
REAL: Kind = ("hashgrid", "sdf")
SIREN: Kind = ("siren", "sdf")
RIVALS = (encoders.BASE, encoders.UPRIGHT, encoders.DESCRIPTOR)


def fields(shapes: Sequence[Shape], kind: Kind) -> list[NeuralField]:
    """The shapes' fields of one kind, fitted where they are missing."""
    kept = store()
    kept.fit_all(shapes, [kind], progress=TerminalProgress())
    return list(kept.fields(shapes, kind))


def rows_of(encoder: FieldEncoder, shapes: Sequence[Shape], kind: Kind) -> Float32[np.ndarray, "shapes dim"]:
    """Of the shapes' fields of one kind, a block open at a time."""
    store().fit_all(shapes, [kind], progress=TerminalProgress())
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
    """What a library keeps of a mesh, in its 16 bits a coordinate and 8 an angle."""
    found = sample_surface(shape.mesh, POINTS, numbers_of(shape.digest, 0, PURPOSE))
    codes, low, step = quantise_points(found.points)
    points, normals = restore_points(codes, np.array(low), step), restore_normals(quantise_normals(found.normals))
    return Sampled(shape=PointCloud(points, normals), points=points, normals=normals, up="z")


def share(values: Bool[np.ndarray, "..."]) -> str:
    """The mean in per cent with its 95 % interval over queries."""
    low, high = interval(values.reshape(-1, values.shape[-1]).mean(axis=0), np.random.default_rng(0))
    return f"{per_cent(float(values.mean()))} ({per_cent(low)} to {per_cent(high)})"


def measured(encoder: FieldEncoder, chosen: Selection) -> tuple[list[str], dict[str, float]]:
    """The report's tables, and the card's figures."""
    shapes, labels = chosen.test, chosen.labels(chosen.test)
    rows, everyone = {kind: rows_of(encoder, shapes, kind) for kind in KINDS}, np.arange(len(chosen.test))
    hits = {(q, g): right(rows[q], rows[g], labels, everyone) for q in KINDS for g in KINDS}
    few = np.linspace(0, len(shapes) - 1, FEW).round().astype(np.int64)
    asked, lines = {}, [[kind_name(q), *(per_cent(float(hits[q, g].mean())) for g in KINDS)] for q in KINDS]
    for name, given in {
        "meshes, fitted on the fly": [points_of(shapes[i]) for i in few],
        "small SIREN sdf, distilled": fields([shapes[i] for i in few], SIREN),
    }.items():
        encoder.encode(given[:1])  # compiles
        begun = time.process_time()
        found = encoder.encode(given)
        taken = (time.process_time() - begun) / len(few)
        asked[name] = [right(found, rows[g], labels, few) for g in KINDS]
        about = f"{name} ({len(few)} shapes, {taken:.1f} core-seconds each)"
        lines.append([about, *(per_cent(float(one.mean())) for one in asked[name])])
    groups = {
        "same kind": [hits[kind, kind] for kind in KINDS],
        "nine pairs of functions, hash grid": [hits[q, g] for q in KINDS[:3] for g in KINDS[:3]],
        "nine pairs of functions, octree": [hits[q, g] for q in KINDS[3:] for g in KINDS[3:]],
        "hash grid among octrees and back": [hits[q, g] for q in KINDS for g in KINDS if q[0] != g[0]],
        **asked,
    }
    return [
        table("Asked with, down, among, across.", ["", *map(kind_name, KINDS)], lines),
        table("Means of these.", ["", "right, %, and 95 %"], ([name, share(np.stack(g))] for name, g in groups.items())),
    ], {name: round(float(np.stack(group).mean()), 4) for name, group in groups.items()}  # fmt: skip


def real(encoder: FieldEncoder) -> tuple[str, dict[str, float]]:
    """Real shapes among each other, by fields and by what encoders of points say of the same shapes."""
    chosen = objects10(1)
    shapes, labels = chosen.test, chosen.labels(chosen.test)
    everyone, seen = np.arange(len(shapes)), [points_of(shape) for shape in shapes]
    rows = {encoder.id: rows_of(encoder, shapes, REAL)}
    rows |= {name: encoders.get(name).encode(seen) for name in RIVALS}
    hits = {name: right(found, found, labels, everyone) for name, found in rows.items()}
    about = (
        f"{len(shapes)} test shapes of objects10, ten categories of real shapes, among each other: `{encoder.id}` as "
        f"{kind_name(REAL)}, the others by points."
    )
    said = table(about, ["", "right, %, and 95 %"], ([name, share(found)] for name, found in hits.items()))
    return said, {"real shapes, hashgrid-sdf": round(float(hits[encoder.id].mean()), 4)}


def main() -> None:
    encoder = FieldEncoder(FIELD_WEIGHTS)
    parts, figures = measured(encoder, samples10(1, 10))
    part, more = real(encoder)
    about = (
        f"`{encoder.id}`, {FIELD_WEIGHTS.stat().st_size / 1e6:.1f} MB. It learnt from {encoder.card.training}. Asked with the 100 "
        "test shapes of samples10; per cent of queries whose nearest neighbour is of the same category, the query's own shape left "
        "out; intervals over queries."
    )
    OUT.write_text("\n\n".join(["# The encoder of fields that ships", about, *parts, part, describe()]) + "\n")
    FIGURES.write_text(json.dumps({"of": digest(), "nearest neighbour": figures | more}))
    print(OUT.read_text())


if __name__ == "__main__":
    main()
