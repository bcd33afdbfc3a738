"""The real shapes beside the checkout, as files that a user would have."""

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fieldstone.files import write
from fieldstone.types import Mesh

SHARED = Path(os.environ.get("FIELDSTONE_SHARED", Path(__file__).resolve().parents[2] / "shared")) / "data"
FORMATS = ("stl", "ply", "obj", "glb", "off")


def rows() -> dict[str, dict[str, str]]:
    """The index, by id."""
    with (SHARED / "shapes" / "shapes.csv").open() as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def meshes(packs: list[str] | None = None) -> Iterator[tuple[str, Mesh]]:
    """Every shape of the packs, in order."""
    for pack in sorted((SHARED / "shapes").glob("*.npz")):
        if packs is not None and pack.name not in packs:
            continue
        with np.load(pack) as data:
            ids, corner, v, f, vo, fo = (data[key] for key in ("ids", "lo_scale", "v", "f", "vo", "fo"))
        for i, shape_id in enumerate(ids):
            vertices = v[vo[i] : vo[i + 1]] * corner[i, 3] + corner[i, :3]
            yield str(shape_id), Mesh(vertices, f[fo[i] : fo[i + 1]].astype(np.int64))


def write_files(folder: Path, limit: int | None = None) -> int:
    """Write them below `folder/category/`, the formats in turn; files that exist are left. Returns how many there are."""
    index, count = rows(), 0
    for count, (shape_id, mesh) in enumerate(meshes(), 1):
        kind = FORMATS[count % len(FORMATS)]
        path = folder / index[shape_id]["category"] / f"{shape_id}.{kind}"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write(mesh, path)
        if count == limit:
            break
    return count
