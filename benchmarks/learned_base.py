"""fieldstone-base against the descriptors, on the test split: in the files' pose, turned, on parts, and asked with scans.

    python benchmarks/learned_base.py [--split val]

Gallery: train. `--split val` asks with validation shapes instead, for choosing; test is asked once, at the end: its figures
also go into the card (train_base.py, `--release` again).
"""

import argparse
import json
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from fieldstone import encoders
from fieldstone.encoders.learned import DESCRIPTOR, Learned
from fieldstone.evaluate.retrieval import Labelled, Row, retrieval_table
from fieldstone.types import PointCloud, Sampled
from learned_data import Shapes, load, scanned, turned
from machine import describe
from train_base import FIGURES

OUT = Path(__file__).parent / "results" / "learned_base.md"
RIVALS = (DESCRIPTOR, "aligned-grid@1")
SEED = 0


def sampled(shapes: Shapes, rows: np.ndarray, how: str, gallery: int) -> list[Sampled]:
    """The shapes as they stand, "turned" each in a pose of its own, or the queries (after the gallery) "scanned"."""
    found = []
    for place, i in enumerate(rows):
        points, normals = shapes.points[i], shapes.normals[i]
        if how == "turned":
            points, normals = turned(points, normals, shapes.ids[i])
        if how == "scanned" and place >= gallery:
            points, normals = scanned(points, shapes.ids[i]), None
        found.append(Sampled(shape=PointCloud(points), points=points.astype(np.float32), normals=normals, up="y"))
    return found


def table(shapes: Shapes, domain: str, how: str, split: str, methods: dict[str, encoders.Encoder]) -> list[Row]:
    """One row an encoder; gains are over the first."""
    gallery, queries = (shapes.rows(domain=domain, split=part) for part in ("train", split))
    batch = sampled(shapes, np.concatenate([gallery, queries]), how, len(gallery))
    known = encoders.get(DESCRIPTOR).encode(batch)
    labels = np.unique([shapes.categories[i] for i in [*gallery, *queries]], return_inverse=True)[1]
    first = np.arange(len(labels)) < len(gallery)

    def rows(encoder: encoders.Encoder) -> Float32[np.ndarray, "shapes dim"]:
        if encoder.id == DESCRIPTOR:
            return known
        return encoder.encode(batch, known) if isinstance(encoder, Learned) else encoder.encode(batch)

    embedded = {name: rows(encoder) for name, encoder in methods.items()}
    return retrieval_table(
        Labelled(labels, first, ~first), {name: lambda _, name=name: embedded[name] for name in embedded},
        np.random.default_rng(SEED),
    )  # fmt: skip


def lines(title: str, rows: list[Row]) -> list[str]:
    """The table as markdown."""
    found = [
        f"## {title}: {rows[0].gallery} + {rows[0].queries} shapes", "",
        f"| encoder | NN | over {rows[0].method} | macro F1 | mAP | NDCG@100 | NDCG as coded | hit@10 |",
        "|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for row in rows:
        low, high = row.nearest_neighbour_interval
        gain = "" if row.gain is None or row.gain_interval is None else (
            f"{100 * row.gain:+.1f} ({100 * row.gain_interval[0]:+.1f} to {100 * row.gain_interval[1]:+.1f})"
        )  # fmt: skip
        found.append(
            f"| {row.method} | {row.nearest_neighbour:.3f} ({low:.3f}-{high:.3f}) | {gain} | {row.macro_f1:.3f} | "
            f"{row.mean_average_precision:.3f} | {row.ndcg:.3f} | {row.ndcg_as_coded:.3f} | {row.hit_at_10:.3f} |"
        )
    return [*found, ""]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", choices=("val", "test"), default="test")
    split = parser.parse_args().split
    names = [*RIVALS, "fieldstone-base@1", "fieldstone-base-upright@1"]
    methods = {name: encoders.get(name) for name in names}
    shapes = load()
    text = [
        "# fieldstone-base and the descriptors", "", describe(), "",
        f"Gallery: train; queries: {split}. NN: nearest-neighbour accuracy with its 95 % bootstrap interval over queries; the "
        "gain over the first row, in points, with its paired interval. Turned: every shape in a random pose of its own. "
        "Scans: one side of each query, three holes, noise of 0.01 radii, no normals; the gallery is whole.", "",
    ]  # fmt: skip
    figures = {}
    for title, domain, how in (
        ("objects, in the files' pose", "objects", "as they stand"),
        ("objects, turned", "objects", "turned"),
        ("parts, in the files' pose", "parts", "as they stand"),
        ("parts, turned", "parts", "turned"),
        ("objects, asked with scans", "objects", "scanned"),
    ):
        rows = table(shapes, domain, how, split, methods)
        figures[title] = {row.method: round(row.nearest_neighbour, 4) for row in rows}
        text += lines(title, rows)
        print("\n".join(text[-len(methods) - 5 :]), flush=True)
    if split == "test":
        OUT.write_text("\n".join(text))
        FIGURES.parent.mkdir(parents=True, exist_ok=True)
        FIGURES.write_text(json.dumps(figures))


if __name__ == "__main__":
    main()
