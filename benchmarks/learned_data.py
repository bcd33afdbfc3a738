"""What the learned encoders are trained and judged on: real shapes and the generator's, as points, descriptors, pictures.

Drawn once, by two processes, and kept under benchmarks/.cache (git-ignored); every shape has its own seed. Points stand in
`unit_sphere_centroid`, y up. A shape's descriptors are `fieldstone-descriptor@1` of the shape and of six stretched copies;
its pictures are six views from around, above and below.
"""

import csv
import functools
import multiprocessing
import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64, UInt8

from fieldstone.encoders.fused import ENCODER
from fieldstone.encoders.picture import MARGIN
from fieldstone.encoders.pose import to_unit_sphere
from fieldstone.errors import GeometryError
from fieldstone.geometry.sample import sample_surface
from fieldstone.render import ring, views
from fieldstone.samples import make_many
from fieldstone.types import Mesh, Sampled
from retrieval_data import CACHE, DATA, SMALLEST_CATEGORY

POINTS, STRETCHED, SIZE = 4096, 6, 64
ELEVATIONS = (0.0, 20.0, 40.0, 20.0, -10.0, 60.0)
GENERATED, GENERATOR_SEED = 16, 77
"""Shapes of each of the generator's categories, and their seed."""


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """Shapes side by side, in the index's order (the generator's in its own)."""

    ids: list[str]
    domains: list[str]
    """objects, parts or generated."""
    splits: list[str]
    categories: list[str]
    captions: list[str]
    """The source's own name, in lower case; the generator's category."""
    unique: list[bool]
    """Without a near-duplicate before it."""
    points: Float32[np.ndarray, "shapes n 3"]
    normals: Float32[np.ndarray, "shapes n 3"]
    descriptors: Float32[np.ndarray, "shapes variants 256"]
    views: UInt8[np.ndarray, "shapes views size size 4"]

    def rows(self, *, domain: str, split: str) -> np.ndarray:
        """Rows that take part in the retrieval protocol: unique, of categories with at least ten, without prop_misc."""
        sizes = Counter(
            c for c, d, u in zip(self.categories, self.domains, self.unique, strict=True) if d == domain and u
        )
        return np.array(
            [
                i
                for i, category in enumerate(self.categories)
                if self.domains[i] == domain
                and self.splits[i] == split
                and self.unique[i]
                and category != "prop_misc"
                and sizes[category] >= SMALLEST_CATEGORY
            ]
        )


@functools.cache
def load() -> Shapes:
    """All real shapes, then the generator's."""
    with (DATA / "shapes" / "shapes.csv").open() as file:
        index = {row["id"]: row for row in csv.DictReader(file)}
    real, made = _kept("real"), _kept("generated")
    ids = [*real["ids"].tolist(), *made["ids"].tolist()]
    rows = [index.get(name) for name in ids]
    categories = [row["category"] if row else name.rsplit("-", 1)[0] for row, name in zip(rows, ids, strict=True)]
    return Shapes(
        ids=ids,
        domains=[row["domain"] if row else "generated" for row in rows],
        splits=[row["split"] if row else "train" for row in rows],
        categories=categories,
        captions=[row["fine_label"].lower() if row else c.replace("_", " ") for row, c in zip(rows, categories, strict=True)],
        unique=[not row["near_duplicate_of"] if row else True for row in rows],
        points=np.concatenate([real["points"], made["points"]]).astype(np.float32),
        normals=np.concatenate([real["normals"], made["normals"]]).astype(np.float32),
        descriptors=np.concatenate([real["descriptors"], made["descriptors"]]).astype(np.float32),
        views=cropped(np.concatenate([real["views"], made["views"]])),
    )  # fmt: skip


def cropped(pictures: UInt8[np.ndarray, "shapes views size size 4"]) -> UInt8[np.ndarray, "shapes views size size 4"]:
    """Each picture with its object centred and filling the square, as `encoders.picture` makes of what users give."""
    size = pictures.shape[2]
    kept = np.zeros_like(pictures)
    for whole, target in zip(pictures.reshape(-1, size, size, 4), kept.reshape(-1, size, size, 4), strict=True):
        seen = whole[..., 3] > 0
        rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
        if not len(rows):
            continue
        side = (1.0 + 2.0 * MARGIN) * max(np.ptp(rows), np.ptp(columns), 1)
        steps = (np.arange(size) + 0.5) * (side / size) - side / 2
        take = [np.floor((where[0] + where[-1] + 1) / 2 + steps).astype(int) for where in (rows, columns)]
        inside = (take[0] >= 0)[:, None] & (take[0] < size)[:, None] & (take[1] >= 0) & (take[1] < size)
        target[:] = whole[np.clip(take[0], 0, size - 1)[:, None], np.clip(take[1], 0, size - 1)] * inside[..., None]
    return kept


def turned(
    points: Float32[np.ndarray, "n 3"], normals: Float32[np.ndarray, "n 3"], name: str
) -> tuple[Float32[np.ndarray, "n 3"], Float32[np.ndarray, "n 3"]]:
    """The shape in a random pose of its own, drawn by its name."""
    from fieldstone.geometry.rotations import quaternion_rotations

    quaternion = np.random.default_rng(zlib.crc32(f"pose {name}".encode())).normal(size=(1, 4))
    rotation = quaternion_rotations(quaternion / np.linalg.norm(quaternion))[0].astype(np.float32)
    return points @ rotation.T, normals @ rotation.T


def scanned(points: Float32[np.ndarray, "n 3"], name: str) -> Float32[np.ndarray, "m 3"]:
    """What a depth camera sees of a shape from one side: hidden points left out, three holes, noise of 0.01 radii.

    The camera stands between 10 and 50 degrees above the ground, anywhere around.
    """
    generator = np.random.default_rng(zlib.crc32(f"scan {name}".encode()))
    azimuth, elevation = generator.uniform(0, 2 * np.pi), np.deg2rad(generator.uniform(10, 50))
    towards = np.array([np.cos(elevation) * np.cos(azimuth), np.sin(elevation), np.cos(elevation) * np.sin(azimuth)])
    right = np.cross([0.0, 1.0, 0.0], towards) / np.cos(elevation)
    flat = np.stack([points @ right, points @ np.cross(towards, right)], axis=1)
    cells = np.floor((flat + 1.0) * 20).astype(int)
    place = cells[:, 0] * 64 + cells[:, 1]
    depth = points @ towards
    front = np.full(64 * 64, -np.inf)
    np.maximum.at(front, place, depth)
    seen = depth > front[place] - 0.06
    kept = points[seen]
    for centre in kept[generator.integers(0, len(kept), 3)]:
        beyond = np.linalg.norm(kept - centre, axis=1) > generator.uniform(0.08, 0.2)
        kept = kept[beyond] if beyond.sum() > 200 else kept
    return (kept + generator.normal(scale=0.01, size=kept.shape)).astype(np.float32)


def _kept(which: str) -> dict[str, np.ndarray]:
    path = CACHE / f"learned_{which}.npz"
    if not path.is_file():
        CACHE.mkdir(exist_ok=True)
        (CACHE / ".gitignore").write_text("*\n")
        with multiprocessing.Pool(2) as pool:
            drawn = [one for one in pool.imap(_draw, _source(which), 8) if one is not None]
        columns = ("ids", "points", "normals", "descriptors", "views")
        np.savez(
            path, **{name: np.stack(column) for name, column in zip(columns, zip(*drawn, strict=True), strict=True)}
        )
    with np.load(path) as kept:
        return dict(kept)


def _source(which: str) -> Iterator[tuple[str, Float64[np.ndarray, "v 3"], np.ndarray]]:
    if which == "generated":
        for name, _, mesh in make_many(96 * GENERATED, seed=GENERATOR_SEED):
            yield name, mesh.vertices[:, [0, 2, 1]] * np.array([1.0, 1.0, -1.0]), mesh.faces  # z up to y up
        return
    sys.path.insert(0, str(DATA))
    from read_packs import iter_shapes

    with (DATA / "shapes" / "shapes.csv").open() as file:
        packs = sorted({row["pack"] for row in csv.DictReader(file)})
    for pack in packs:
        for name, vertices, faces in iter_shapes(DATA / "shapes" / pack):
            yield name, np.asarray(vertices, dtype=np.float64), faces


def _draw(shape: tuple[str, Float64[np.ndarray, "v 3"], np.ndarray]) -> tuple[np.ndarray, ...] | None:
    """Points, normals, descriptors and pictures of one shape; None where it has no area."""
    name, vertices, faces = shape
    generator = np.random.default_rng(zlib.crc32(name.encode()))
    try:
        sampled = sample_surface(Mesh(vertices, faces), POINTS, generator)
        rows = [_descriptor(Mesh(vertices, faces), sampled.points, sampled.normals)]
        for _ in range(STRETCHED):
            frame, _ = np.linalg.qr(generator.normal(size=(3, 3)))
            stretched = Mesh(vertices @ (frame * generator.uniform(0.8, 1.25, 3) @ frame.T).T, faces)
            again = sample_surface(stretched, POINTS, generator)
            rows.append(_descriptor(stretched, again.points, again.normals))
    except GeometryError:
        return None
    start = generator.uniform(0.0, 360.0)
    pictures = _pictures(Mesh(vertices, faces), start)
    points = to_unit_sphere(sampled.points).astype(np.float16)
    return np.array(name), points, sampled.normals.astype(np.float16), np.stack(rows), pictures


def _descriptor(mesh: Mesh, points: Float32[np.ndarray, "n 3"], normals: Float32[np.ndarray, "n 3"]) -> np.ndarray:
    return ENCODER.encode([Sampled(shape=mesh, points=points, normals=normals)])[0].astype(np.float16)


def _pictures(mesh: Mesh, start: float) -> UInt8[np.ndarray, "views size size 4"]:
    """Normals in the camera's frame and nearness (near 255, two half diagonals farther 1; 0: nothing), 8 bits each."""
    around = [ring(1, up="y", elevation=e, start=start + 60.0 * i) for i, e in enumerate(ELEVATIONS)]
    seen = views(mesh, np.concatenate(around), size=SIZE)
    hit = np.isfinite(seen.depth)
    near = 255.0 * (1.0 - (seen.depth - seen.depth[hit].min(initial=np.inf)) / 2.0)
    kept = np.zeros((*seen.depth.shape, 4), dtype=np.uint8)
    kept[..., :3] = np.rint(127.5 * (seen.normals + 1.0))
    kept[..., 3] = np.where(hit, np.clip(np.where(hit, near, 0.0), 1, 255), 0)
    return kept
