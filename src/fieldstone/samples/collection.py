"""Many sample shapes: balanced over the categories, in memory or as files."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fieldstone.errors import QueryError
from fieldstone.samples.make import CATEGORIES, make
from fieldstone.types import Mesh

__all__ = ["make_many", "write"]

FORMATS = ("glb", "glb", "stl", "glb", "ply", "glb", "obj", "glb")
"""Formats in turn: mostly the one that keeps colour, unit and up axis."""


def make_many(n: int, *, seed: int) -> Iterator[tuple[str, str, Mesh]]:
    """`n` shapes, one category after the other and round again, as (name, category, mesh).

    The k-th chair is named "chair-000k" and is `make("chair", 1_000_000 * seed + k)`. QueryError for a negative seed.
    """
    if seed < 0 or n < 0:
        raise QueryError(f"asked for {n} samples with seed {seed}; give whole numbers from 0")
    for i in range(n):
        k, category = i // len(CATEGORIES), CATEGORIES[i % len(CATEGORIES)]
        yield f"{category}-{k:04d}", category, make(category, 1_000_000 * seed + k)


def write(folder: str | Path, n: int, *, seed: int) -> list[Path]:
    """Write `n` shapes as folder/category/name.ext and return their paths, in the order of `make_many`.

    Formats are mixed: GLB in metres with y up, as glTF says; STL, PLY and OBJ in millimetres with z up.
    """
    from fieldstone import files

    paths = []
    for i, (name, category, mesh) in enumerate(make_many(n, seed=seed)):
        extension = FORMATS[(i // len(CATEGORIES) + i % len(CATEGORIES)) % len(FORMATS)]
        path = Path(folder) / category / f"{name}.{extension}"
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write(_as_gltf(mesh) if extension == "glb" else mesh, path)
        paths.append(path)
    return paths


def _as_gltf(mesh: Mesh) -> Mesh:
    x, y, z = mesh.vertices.T
    return Mesh(np.stack([x, z, -y], 1) * 0.001, mesh.faces, mesh.paint)
