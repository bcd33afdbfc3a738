"""Asking fieldstone-base with words and with pictures, on the test split.

    python benchmarks/learned_queries.py [--split val]

Gallery: the test shapes of objects and of parts, each domain for itself, in random poses. Words: category names, and names
of test shapes that no train shape bears; precision@10 of their categories. Pictures: one new view of each shape, lit or as
a line drawing; recall@10 of the very shape. Chance is beside each.
"""

import argparse
import csv
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Float32, UInt8

from fieldstone import encoders
from fieldstone.encoders.learned import Learned
from fieldstone.render import ring, views
from fieldstone.training.captions import words_of
from fieldstone.types import Mesh
from learned_base import sampled
from learned_data import Shapes, load
from machine import describe
from retrieval_data import DATA

OUT = Path(__file__).parent / "results" / "learned_queries.md"
K, SIZE = 10, 192


def precision(
    rows: Float32[np.ndarray, "q dim"], wanted: list[str], gallery: np.ndarray, categories: list[str]
) -> float:
    """Share of the first ten that have the wanted category."""
    order = np.argsort(-(rows @ gallery.T), axis=1, kind="stable")[:, :K]
    return float(np.mean(np.array(categories)[order] == np.array(wanted)[:, None]))


def new_view(mesh: Mesh, name: str) -> tuple[UInt8[np.ndarray, "s s 4"], UInt8[np.ndarray, "s s 4"]]:
    """A view that training never saw, as a lit picture on white and as a line drawing."""
    generator = np.random.default_rng(zlib.crc32(f"view {name}".encode()))
    rotation = ring(1, up="y", elevation=generator.uniform(5, 50), start=generator.uniform(0, 360))
    seen = views(mesh, rotation, size=SIZE)
    hit, normal, depth = (
        np.isfinite(seen.depth[0]),
        seen.normals[0],
        np.where(np.isfinite(seen.depth[0]), seen.depth[0], 9.0),
    )
    light = np.array([0.35, 0.45, 0.82])
    lit = np.where(hit, 60 + 180 * np.clip(normal @ light, 0, 1), 255)
    line = np.zeros(hit.shape, dtype=bool)
    for axis in (0, 1):
        turn = (normal * np.roll(normal, 1, axis=axis)).sum(axis=2) < 0.8
        line |= (hit | np.roll(hit, 1, axis=axis)) & (turn | (np.abs(depth - np.roll(depth, 1, axis=axis)) > 0.05))
    drawn = np.where(line, 0, 255)
    return tuple(np.dstack([grey] * 3 + [np.full_like(grey, 255)]).astype(np.uint8) for grey in (lit, drawn))  # type: ignore[return-value]


def meshes(wanted: set[str]) -> Iterator[tuple[str, Mesh]]:
    """The test shapes' meshes, y up."""
    sys.path.insert(0, str(DATA))
    from read_packs import iter_shapes

    with (DATA / "shapes" / "shapes.csv").open() as file:
        packs = sorted({row["pack"] for row in csv.DictReader(file) if row["id"] in wanted})
    for pack in packs:
        for name, vertices, faces in iter_shapes(DATA / "shapes" / pack):
            if name in wanted:
                yield name, Mesh(np.asarray(vertices, dtype=np.float64), faces)


def domain_rows(encoder: Learned, shapes: Shapes, domain: str, split: str) -> list[str]:
    """Two tables' rows of one domain."""
    rows = shapes.rows(domain=domain, split=split)
    gallery = encoder.encode(sampled(shapes, rows, "turned", 0))
    categories = [shapes.categories[i] for i in rows]
    train = {words_of(shapes.captions[i]) for i, part in enumerate(shapes.splits) if part == "train"}
    names = sorted(set(categories))
    new = [i for i in rows if words_of(shapes.captions[i]) not in train]
    counts = {c: categories.count(c) for c in names}
    plain = [words_of(c.removeprefix("ldraw_")) for c in names]
    of_names = precision(encoder.encode_text([f"a {words}" for words in plain]), names, gallery, categories)
    captions = [words_of(shapes.captions[i]) for i in new]
    of_captions = precision(encoder.encode_text(captions), [shapes.categories[i] for i in new], gallery, categories)
    best = (
        np.mean([min(counts[c], K) / K for c in names]),
        np.mean([min(counts[shapes.categories[i]], K) / K for i in new]),
    )
    chance = (
        np.mean([counts[c] / len(rows) for c in names]),
        np.mean([counts[shapes.categories[i]] / len(rows) for i in new]),
    )
    found = [
        f"| {domain}: category names | {len(names)} | {of_names:.3f} | {chance[0]:.3f} | {best[0]:.3f} |",
        f"| {domain}: captions that no train shape bears | {len(new)} | {of_captions:.3f} | {chance[1]:.3f} | {best[1]:.3f} |",
    ]
    place = {shapes.ids[i]: at for at, i in enumerate(rows)}
    pictures = {name: new_view(mesh, name) for name, mesh in meshes(set(place))}
    for style, title in enumerate(("lit views", "line drawings")):
        asked = encoder.encode_images(np.stack([pair[style] for pair in pictures.values()]))
        order = np.argsort(-(asked @ gallery.T), axis=1, kind="stable")
        own = np.array([place[name] for name in pictures])
        ranks = np.argmax(order == own[:, None], axis=1)
        same = np.mean(np.array(categories)[order[:, :K]] == np.array(categories)[own][:, None])
        found.append(
            f"| {domain}: {title} | {len(own)} | {(ranks < K).mean():.3f} | {K / len(rows):.3f} | {same:.3f} | {np.median(ranks) + 1:.0f} |"
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", choices=("val", "test"), default="test")
    split = parser.parse_args().split
    encoder, shapes = encoders.get("fieldstone-base@1"), load()
    assert isinstance(encoder, Learned)
    found = [row for domain in ("objects", "parts") for row in domain_rows(encoder, shapes, domain, split)]
    text = [
        "# Words and pictures as queries", "", describe(), "",
        f"fieldstone-base@1; gallery: the {split} shapes, in random poses. Best possible: categories with fewer than ten shapes "
        "cannot fill the first ten.", "",
        "| words | queries | precision@10 | chance | best possible |", "|---|---|---|---|---|",
        *(row for row in found if row.count("|") == 6), "",
        "| pictures | queries | recall@10 of the shape | chance | precision@10 of its category | median rank |",
        "|---|---|---|---|---|---|", *(row for row in found if row.count("|") == 7), "",
    ]  # fmt: skip
    print("\n".join(text))
    if split == "test":
        OUT.write_text("\n".join(text))


if __name__ == "__main__":
    main()
