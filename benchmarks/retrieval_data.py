"""The retrieval experiments' shapes: unique real shapes of categories that have at least ten, as points with normals.

Points are drawn once and kept under benchmarks/.cache (git-ignored).
"""

import csv
import sys
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, Float32

from fieldstone.geometry.sample import sample_surface
from fieldstone.types import Mesh

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
CACHE = ROOT / "benchmarks" / ".cache"
POINTS = 4096
SMALLEST_CATEGORY = 10


@dataclass(frozen=True, slots=True, eq=False)
class LabelledPoints:
    """A shape of the experiment: its points and normals in the source's frame, y up."""

    id: str
    split: str
    category: str
    points: Float32[np.ndarray, "n 3"]
    normals: Float32[np.ndarray, "n 3"]


def load_domain(domain: str) -> list[LabelledPoints]:
    """All shapes of `objects` or `parts` that take part, in the index's order."""
    rows = chosen_rows(domain)
    path = CACHE / f"retrieval_{domain}.npz"
    if not path.is_file():
        CACHE.mkdir(exist_ok=True)
        (CACHE / ".gitignore").write_text("*\n")
        points, normals = draw(rows)
        np.savez(path, points=points, normals=normals)
    with np.load(path) as kept:
        points, normals = kept["points"], kept["normals"]
    assert len(points) == len(rows), f"{path} is of another selection: delete it"
    return [
        LabelledPoints(row["id"], row["split"], row["category"], p, n)
        for row, p, n in zip(rows, points, normals, strict=True)
    ]


def chosen_rows(domain: str) -> list[dict[str, str]]:
    """Rows of the index: unique, of this domain, in categories of at least ten, without prop_misc."""
    with (DATA / "shapes" / "shapes.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["domain"] == domain and not row["near_duplicate_of"]]
    sizes = Counter(row["category"] for row in rows)
    return [row for row in rows if row["category"] != "prop_misc" and sizes[row["category"]] >= SMALLEST_CATEGORY]


def draw(rows: list[dict[str, str]]) -> tuple[Float[np.ndarray, "shapes n 3"], Float[np.ndarray, "shapes n 3"]]:
    """Points and normals of each row's mesh, each by its own seed."""
    sys.path.insert(0, str(DATA))
    from read_packs import iter_shapes

    index = {row["id"]: i for i, row in enumerate(rows)}
    points = np.zeros((len(rows), POINTS, 3), dtype=np.float32)
    normals = np.zeros_like(points)
    for pack in sorted({row["pack"] for row in rows}):
        for shape_id, vertices, faces in iter_shapes(DATA / "shapes" / pack):
            if shape_id in index:
                generator = np.random.default_rng(zlib.crc32(shape_id.encode()))
                samples = sample_surface(Mesh(vertices, faces), POINTS, generator)
                points[index[shape_id]], normals[index[shape_id]] = samples.points, samples.normals
    return points, normals
