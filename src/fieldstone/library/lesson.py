"""From a library's kept points to what its encoder can learn from: clouds as the encoder sees them, labels, captions.

Queries of the division have no place in it: they are what the tuned encoder is judged on.
"""

import numpy as np
from jaxtyping import Float32, Float64, UInt8

from fieldstone import encoders
from fieldstone.encoders.learned import DESCRIPTOR, Learned, thinned, with_normals
from fieldstone.encoders.pose import posed_with_normals
from fieldstone.errors import QueryError
from fieldstone.geometry.sample import half_of
from fieldstone.library.library import Library
from fieldstone.library.shape import Shape
from fieldstone.library.split import Division, by_content
from fieldstone.progress import Progress
from fieldstone.render import ring, views
from fieldstone.training.captions import templates
from fieldstone.training.collection import Collection, kept_views
from fieldstone.types import PointCloud, Sampled

__all__ = ["FEWEST", "learners", "lesson"]

FEWEST = 12
"""Shapes to learn from, below which there is too little."""
POINTS = 4096
"""Points of a cloud; where fewer were kept, some come again."""
VALIDATION = 0.15
"""Of the shapes of each label, at most: they choose the epoch."""
VARIANTS = 3
"""Descriptors of each shape: its own, then those of stretched copies, so that the network does not lean on the one."""
STRETCH = (0.8, 1.25)
PICTURES = 4
"""Views of each shape, as many as the paper's."""
ELEVATION = 20.0
"""Degrees above the ground from which they are seen."""
BLOCK = 64
"""Shapes read at a time."""


def learners(division: Division, *, labels: bool) -> list[int]:
    """The shapes of a division that would be learnt from: its gallery; with `labels`, those of it that have one.

    Raises QueryError where there are too few, or labels of fewer than two kinds.
    """
    rows = [row for row in np.flatnonzero(division.gallery).tolist() if division.labels[row] or not labels]
    if len(rows) < FEWEST:
        what = "shapes with a label" if labels else "shapes"
        raise QueryError(
            f"there are {len(rows)} {what} to learn from beside those held out, and tuning needs {FEWEST}; add more"
        )
    if labels and len({division.labels[row] for row in rows}) < 2:
        raise QueryError(
            "all shapes to learn from have one label; give two kinds or more, or tune with --method vicreg"
        )
    return rows


def lesson(
    library: Library, division: Division, encoder: Learned, *, labels: bool, pictures: bool, progress: Progress
) -> Collection:
    """The shapes of the division's gallery as a collection to learn from, for the encoder's pose and descriptor.

    `labels`: with the division's labels, and only shapes that have one; otherwise no label is told. `pictures`: with
    views of the kept points, and captions from categories and names. Raises QueryError as `learners` does.
    """
    rows = learners(division, labels=labels)
    shapes = [division.shapes[row] for row in rows]
    said = [division.labels[row] if labels else None for row in rows]
    classes = tuple(sorted({label for label in said if label is not None}))
    queries = by_content(division.group[rows], [shape.id for shape in shapes], said, share=VALIDATION, salt="val")
    columns = _columns(library, shapes, encoder, pictures, progress)
    return Collection(
        ids=tuple(shape.id for shape in shapes),
        split=tuple("val" if chosen else "train" for chosen in queries.tolist()),
        labels=np.array([-1 if label is None else classes.index(label) for label in said], dtype=np.int64),
        classes=classes,
        captions=tuple(map(_captions, shapes)) if pictures else None,
        upright=np.full(len(shapes), encoder.pose == "upright"),
        **columns,
    )


def _columns(
    library: Library, shapes: list[Shape], encoder: Learned, pictures: bool, progress: Progress
) -> dict[str, np.ndarray]:
    """Points, normals and descriptors where the network reads them, and pictures, a block of shapes at a time."""
    config = encoder.header.config
    reads, size = bool(config.get("descriptor")), int(config.get("image", {}).get("size", 64))
    wanted = {"points": True, "normals": config.get("normals"), "descriptors": reads, "views": pictures}
    columns: dict[str, list[np.ndarray]] = {name: [] for name, asked in wanted.items() if asked}
    progress.start("Preparing shapes", len(shapes))
    for start in range(0, len(shapes), BLOCK):
        for shape, sampled in zip(shapes[start:][:BLOCK], library.samples(shapes[start:][:BLOCK]), strict=True):
            turns = with_normals(sampled).normals if "normals" in columns else None
            turns = None if turns is None else thinned(turns, POINTS)
            points, turns = posed_with_normals(thinned(sampled.points, POINTS), turns, encoder.pose, sampled.up)
            columns["points"].append(points)
            if turns is not None:
                columns["normals"].append(turns)
            if reads:
                columns["descriptors"].append(_descriptors(sampled, np.random.default_rng(int(shape.id[:8], 16))))
            if pictures:
                columns["views"].append(_pictures(sampled, size))
            progress.advance(1, shape.name)
    progress.finish()
    return {name: np.stack(column) for name, column in columns.items()}


def _descriptors(sampled: Sampled, generator: np.random.Generator) -> Float32[np.ndarray, "variants values"]:
    copies = [sampled, *(_stretched(sampled, generator) for _ in range(VARIANTS - 1))]
    return encoders.get(DESCRIPTOR).encode(copies)


def _stretched(sampled: Sampled, generator: np.random.Generator) -> Sampled:
    """The cloud stretched along three random axes, half of its points; its normals stay normal to it."""
    axes: Float64[np.ndarray, "3 3"] = np.linalg.qr(generator.standard_normal((3, 3)))[0]
    stretch = axes @ np.diag(generator.uniform(*STRETCH, 3)) @ axes.T
    kept = half_of(len(sampled.points), generator)
    points = (sampled.points[kept] @ stretch).astype(np.float32)
    normals = None
    if sampled.normals is not None:
        wide = sampled.normals[kept] @ np.linalg.inv(stretch)
        normals = (wide / np.maximum(np.linalg.norm(wide, axis=1, keepdims=True), 1e-12)).astype(np.float32)
    return Sampled(shape=PointCloud(points, normals), points=points, normals=normals, up=sampled.up)


def _pictures(sampled: Sampled, size: int) -> UInt8[np.ndarray, "pictures size size 4"]:
    """The shape from around."""
    cloud = PointCloud(sampled.points, sampled.normals)
    return kept_views(views(cloud, ring(PICTURES, up=sampled.up, elevation=ELEVATION), size=size))


def _captions(shape: Shape) -> tuple[str, ...]:
    return templates(shape.category or "", name=shape.name)
