"""The sets that the table of learned retrieval learns from and asks: objects, objects turned, parts, scans of objects.

Drawn from learned_data once for each scale and kept under benchmarks/.cache, small enough for many processes to read.
Gallery: the training shapes; queries: test; val, at full scale, only tells which epoch is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Int64, UInt8

from fieldstone.encoders.learned import thinned
from fieldstone.encoders.pose import to_unit_sphere
from fieldstone.training.captions import templates
from fieldstone.training.collection import Collection
from learned_data import Shapes, load, scanned, turned
from retrieval_data import CACHE

SCANS = "scans"
SETS = ("objects", "rotated", "parts", SCANS)
SEED = 20_261
"""Of the choice of shapes; the seeds of trainings draw weights, order and augmentation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much of everything; None: all there is."""

    name: str
    train: int | None
    val: int | None
    """0: the last epoch is kept, and nothing is looked up in between."""
    queries: int | None
    epochs: int | None
    """None: the paper's."""
    picture: int
    """Pixels of the pictures that multi-modal contrast sees; a divisor of 64."""


TINY = Scale(name="tiny", train=200, val=0, queries=96, epochs=2, picture=32)
SMALL = Scale(name="small", train=1000, val=0, queries=None, epochs=10, picture=32)
FULL = Scale(name="full", train=None, val=None, queries=None, epochs=None, picture=64)
SCALES = {scale.name: scale for scale in (TINY, SMALL, FULL)}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Shelf:
    """The shapes of one set side by side: train, then val, then test."""

    ids: list[str]
    split: list[str]
    labels: Int64[np.ndarray, "shapes"]
    classes: list[str]
    captions: list[list[str]]
    points: Float32[np.ndarray, "shapes n 3"]
    normals: Float32[np.ndarray, "shapes n 3"]
    views: UInt8[np.ndarray, "learning views size size 4"]
    """Of train and val alone."""

    def part(self, split: str) -> slice:
        """Where the shapes of one part stand."""
        return slice(self.split.index(split), self.split.index(split) + self.split.count(split))

    def collection(self) -> Collection:
        """What is learnt from: train and val."""
        n = len(self.views)
        return Collection(
            ids=tuple(self.ids[:n]), points=self.points[:n], split=tuple(self.split[:n]), labels=self.labels[:n],
            classes=tuple(self.classes), views=self.views, captions=tuple(map(tuple, self.captions[:n])),
        )  # fmt: skip


def shelf(name: str, scale: Scale) -> Shelf:
    """One of the SETS."""
    path = _folder(scale) / f"{name}.npz"
    with np.load(path) as kept:
        columns = dict(kept)
    ids, split, classes, captions = (columns.pop(key).tolist() for key in ("ids", "split", "classes", "captions"))
    for key in ("points", "normals"):
        columns[key] = columns[key].astype(np.float32)
    return Shelf(ids=ids, split=split, classes=classes, captions=captions, **columns)


def draw(scale: Scale) -> None:
    """Make what is not there yet."""
    if all((_folder(scale) / f"{name}.npz").is_file() for name in SETS):
        return
    _folder(scale).mkdir(parents=True, exist_ok=True)
    shapes = load()
    objects = _of_domain(shapes, "objects", scale)
    made = {
        "objects": objects,
        "rotated": _turned(objects),
        "parts": _of_domain(shapes, "parts", scale),
        SCANS: _scanned(objects),
    }
    for name, one in made.items():
        np.savez(
            _folder(scale) / f"{name}.npz", ids=one.ids, split=one.split, labels=one.labels, classes=one.classes,
            captions=one.captions, points=one.points.astype(np.float16), normals=one.normals.astype(np.float16),
            views=one.views,
        )  # fmt: skip


def balanced(rows: np.ndarray, categories: Sequence[str], count: int | None, seed: int = SEED) -> np.ndarray:
    """So many of the rows (None: all), the categories in turn, each in an order drawn by the seed; in their old order."""
    if count is None or count >= len(rows):
        return rows
    shuffled = np.random.default_rng(seed).permutation(rows)
    seen: dict[str, int] = {}
    rank = np.zeros(len(rows), dtype=np.int64)
    for i, row in enumerate(shuffled):
        rank[i] = seen[categories[row]] = seen.get(categories[row], -1) + 1
    return np.sort(shuffled[np.argsort(rank, kind="stable")[:count]])


def _folder(scale: Scale) -> Path:
    return CACHE / f"learned_table_{scale.name}"


def _of_domain(shapes: Shapes, domain: str, scale: Scale) -> Shelf:
    counts = {"train": scale.train, "val": scale.val, "test": scale.queries}
    chosen = {s: balanced(shapes.rows(domain=domain, split=s), shapes.categories, n) for s, n in counts.items()}
    rows = np.concatenate(list(chosen.values()))
    learning = rows[: len(chosen["train"]) + len(chosen["val"])]
    classes = sorted({shapes.categories[i] for i in chosen["train"]})
    number = {category: i for i, category in enumerate(classes)}
    step = shapes.views.shape[2] // scale.picture
    return Shelf(
        ids=[shapes.ids[i] for i in rows],
        split=[s for s, part in chosen.items() for _ in part],
        labels=np.array([number.get(shapes.categories[i], -1) for i in rows]),
        classes=classes,
        captions=[list(templates(shapes.categories[i].removeprefix("ldraw_"), shapes.captions[i])) for i in rows],
        points=shapes.points[rows],
        normals=shapes.normals[rows],
        views=np.ascontiguousarray(shapes.views[learning][:, :, ::step, ::step]),
    )


def _turned(objects: Shelf) -> Shelf:
    """Each shape in a random pose of its own, gallery and queries alike; pictures stay."""
    pairs = [turned(*three) for three in zip(objects.points, objects.normals, objects.ids, strict=True)]
    points, normals = (np.stack(column) for column in zip(*pairs, strict=True))
    return replace(objects, points=points, normals=normals)


def _scanned(objects: Shelf) -> Shelf:
    """Scans of the test shapes, as many points as the whole shapes have; nothing to learn from, and no true normals."""
    test = objects.part("test")
    count = objects.points.shape[1]
    pairs = zip(objects.points[test], objects.ids[test], strict=True)
    points = np.stack([to_unit_sphere(thinned(scanned(*pair), count)).astype(np.float32) for pair in pairs])
    return Shelf(
        ids=objects.ids[test], split=objects.split[test], labels=objects.labels[test], classes=objects.classes,
        captions=objects.captions[test], points=points, normals=np.zeros_like(points), views=objects.views[:0],
    )  # fmt: skip
