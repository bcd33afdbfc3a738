"""What three encoders find: 3DOR's Figure 4. A query, and its eight nearest train shapes; right ones are framed green.

    python benchmarks/learned_strips.py [--domain parts] [--queries 4] [ENCODER ENCODER ENCODER]

An ENCODER is an encoder's id, a weight file, or "random" (the base's network with random weights). Without any: random
weights, the base that never saw parts (train_base.py), the same tuned to them (learned_dynamics.py), and where a file is
not there yet, a descriptor. Queries are drawn from the test split by a fixed seed. Writes results/learned_strips.png
and .md.
"""

import argparse
import csv
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from fieldstone import encoders
from fieldstone.encoders import Encoder
from fieldstone.encoders.learned import Learned
from fieldstone.encoders.networks.frameless import compact
from fieldstone.render import thumbnail
from fieldstone.types import Mesh, PointCloud, Sampled
from learned_data import Shapes, load
from learned_dynamics import tuned_file
from learned_tuning import BASE
from learned_weights import random_file
from machine import describe
from real_shapes import meshes
from retrieval_data import DATA

OUT = Path(__file__).parent / "results" / "learned_strips.png"
SEED, HITS, SIZE, GAP, TEXT = 20_263, 8, 150, 6, 20
RIGHT, WRONG = (46, 139, 87), (214, 214, 214)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("encoders", nargs="*")
    parser.add_argument("--domain", choices=("objects", "parts"), default="parts")
    parser.add_argument("--queries", type=int, default=4)
    asked = parser.parse_args()
    shapes = load()
    gallery, test = (shapes.rows(domain=asked.domain, split=split) for split in ("train", "test"))
    queries = np.sort(np.random.default_rng(SEED).choice(test, asked.queries, replace=False))
    with tempfile.TemporaryDirectory() as folder:
        chosen = {name: encoder(name, Path(folder)) for name in asked.encoders or default()}
        found = {title(name): nearest(one, shapes, gallery, queries) for name, one in chosen.items()}
    drawn(shapes, queries, found).quantize(128).save(OUT, optimize=True)
    OUT.with_suffix(".md").write_text(page(shapes, queries, found, asked.domain))
    print(OUT)


def default() -> list[str]:
    """The paper's three, as far as they are there."""
    base = str(BASE) if BASE.is_file() else encoders.DESCRIPTOR
    tuned = tuned_file("fieldstone-objects")
    return ["random", base, str(tuned) if tuned.is_file() else "surflet-pairs@1"]


def encoder(name: str, folder: Path) -> Encoder:
    if name == "random":
        return Learned(random_file(folder / "random.safetensors", "frameless", compact()))
    return Learned(name) if Path(name).is_file() else encoders.get(name)


def title(name: str) -> str:
    """What stands above a strip."""
    return "random weights" if name == "random" else Learned(name).id if Path(name).is_file() else name


def nearest(one: Encoder, shapes: Shapes, gallery: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """Rows of the shapes that each query finds first, nearest first."""
    sides = []
    for rows in (gallery, queries):
        batch = [
            Sampled(shape=PointCloud(shapes.points[i]), points=shapes.points[i], normals=shapes.normals[i], up="y")
            for i in rows
        ]
        known = shapes.descriptors[rows, 0]
        sides.append(one.encode(batch, known) if isinstance(one, Learned) else one.encode(batch))
    return gallery[np.argsort(-(sides[1] @ sides[0].T), axis=1, kind="stable")[:, :HITS]]


def drawn(shapes: Shapes, queries: np.ndarray, found: dict[str, np.ndarray]) -> Image.Image:
    """A block a query, a strip an encoder: its name, the query, and the hits with their frames."""
    wanted = {shapes.ids[i] for i in [*queries, *(row for hits in found.values() for row in hits.ravel())]}
    pictures = {name: Image.fromarray(thumbnail(mesh, size=SIZE, up="y"), "RGBA") for name, mesh in loaded(wanted)}
    cell, high = SIZE + 2 * GAP, SIZE + 2 * GAP + TEXT
    sheet = Image.new("RGB", (cell * (HITS + 1), high * len(queries) * len(found)), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    for q, query in enumerate(queries):
        for e, (name, hits) in enumerate(found.items()):
            top = (q * len(found) + e) * high
            pen.text((GAP, top + 4), f"{name}: {shapes.categories[query]}", fill=(70, 70, 70), font=font)
            for place, row in enumerate([query, *hits[q]]):
                picture = pictures[shapes.ids[row]]
                sheet.paste(picture, (place * cell + GAP, top + TEXT + GAP), picture)
                if place:
                    right = shapes.categories[row] == shapes.categories[query]
                    box = (place * cell + 2, top + TEXT + 2, (place + 1) * cell - 3, top + high - 3)
                    pen.rectangle(box, outline=RIGHT if right else WRONG, width=4 if right else 1)
    return sheet


def page(shapes: Shapes, queries: np.ndarray, found: dict[str, np.ndarray], domain: str) -> str:
    """The picture with a word on what it shows."""
    lines = [
        "# What three encoders find", "", describe(), "",
        f"3DOR's Figure 4 on our shapes: {len(queries)} test shapes of `{domain}`, drawn by seed {SEED}, and the {HITS} train "
        "shapes that each encoder finds first; green: of the query's category.",
        "", "| encoder | " + " | ".join(shapes.categories[query] for query in queries) + " |",
        "|---" * (len(queries) + 1) + "|",
    ]  # fmt: skip
    for name, hits in found.items():
        right = [
            sum(shapes.categories[row] == shapes.categories[query] for row in own)
            for query, own in zip(queries, hits, strict=True)
        ]
        lines.append(f"| {name} | " + " | ".join(f"{count} of {HITS}" for count in right) + " |")
    return "\n".join([*lines, "", f"![strips]({OUT.name})", ""])


def loaded(wanted: set[str]) -> list[tuple[str, Mesh]]:
    """The meshes of these shapes."""
    with (DATA / "shapes" / "shapes.csv").open() as file:
        packs = {row["pack"] for row in csv.DictReader(file) if row["id"] in wanted}
    return [(name, mesh) for name, mesh in meshes(sorted(packs)) if name in wanted]


if __name__ == "__main__":
    main()
