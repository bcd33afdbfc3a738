"""Meshes from a fitted field: time and peak memory of sparse extraction beside a dense run, each in its own process.

Usage: python benchmarks/extraction.py [path of shared/data]
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from fieldstone.fields.extract import mesh
from fieldstone.fields.file import open_field, save
from fieldstone.fields.fit import fit
from fieldstone.geometry.health import health
from fieldstone.geometry.isosurface import isosurface
from fieldstone.types import Grid, Mesh
from machine import describe

RESULT = Path(__file__).parent / "results" / "extraction.md"
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
RUNS = (
    ("hashgrid", "sdf", "dense", 256), ("hashgrid", "sdf", "sparse", 256), ("hashgrid", "sdf", "sparse", 512),
    ("octree", "sdf", "sparse", 256), ("triplane", "sdf", "sparse", 256),
    ("hashgrid", "udf", "sparse", 128), ("hashgrid", "udf", "sparse", 256), ("hashgrid", "udf", "sparse", 512),
    ("hashgrid", "occ", "sparse", 256), ("hashgrid", "occ", "sparse", 512),
)  # fmt: skip


def main() -> None:
    if len(sys.argv) > 2:
        print(json.dumps(one(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))))
        return
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED
    shape, name = first_detailed(data)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for architecture, function, how, resolution in RUNS:
            path = Path(folder) / f"{architecture}-{function}.field"
            if not path.exists():
                save(fit(shape, architecture, function), path)
            rows.append((architecture, function, how, resolution, measured(path, how, resolution)))
            print(rows[-1], flush=True)
    text = "\n".join([
        "# Extraction", "",
        f"{describe()}. `{name}` of detailed32, fields fitted with the defaults; one fresh process a row, warmed up",
        "at 64^3. Peak memory is the whole process's, the imports and the field's tables included.",
        "Dense: every node in slabs through `field.values`, then scikit-image's marching cubes on the whole grid.", "",
        "| field | function | method | cells | s | peak MB | faces | open edges | edges of > 2 faces | bodies |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *(f"| {a} | {f} | {h} | {n}^3 | {r['s']:.2f} | {r['mb']:.0f} | {r['faces']:,} | {r['open']} | {r['folded']} | {r['bodies']} |"
          for a, f, h, n, r in rows), "",
        f"At 256^3 the sparse run takes {rows[0][4]['s'] / rows[1][4]['s']:.1f} times less time than the dense one; the "
        f"two areas differ by {abs(rows[0][4]['area'] / rows[1][4]['area'] - 1):.2%}.", "",
        "An unsigned field's open edges are the rims of small tears, where a learnt field is too uneven to tell; bodies",
        "of signed fields and occupancies beside the shape itself are the network's own specks, which extraction keeps.",
    ])  # fmt: skip
    RESULT.write_text(text + "\n")
    print(text)


def first_detailed(data: Path) -> tuple[Mesh, str]:
    sys.path.insert(0, str(data))
    from read_packs import iter_shapes

    name = (data / "lists" / "detailed32.txt").read_text().split()[0]
    packs = sorted((data / "shapes").glob("*.npz"))
    return next(Mesh(v, f) for pack in packs for key, v, f in iter_shapes(pack) if key == name), name


def measured(path: Path, how: str, resolution: int) -> dict[str, float]:
    command = [sys.executable, __file__, str(path), how, str(resolution)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # our own script
    return json.loads(done.stdout)


def one(path: Path, how: str, resolution: int) -> dict[str, float]:
    field = open_field(path)
    run = dense if how == "dense" else mesh
    run(field, 64)  # compiles
    start = time.perf_counter()
    surface = run(field, resolution)
    took = time.perf_counter() - start
    status = Path("/proc/self/status").read_text()  # the process's own: getrusage starts at its parent's
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
    found = health(surface)
    edges = surface.vertices[surface.faces]
    area = float(np.linalg.norm(np.cross(edges[:, 1] - edges[:, 0], edges[:, 2] - edges[:, 0]), axis=1).sum() / 2)
    return {"s": took, "mb": peak, "faces": len(surface.faces), "open": found.n_boundary,
            "folded": found.n_non_manifold, "bodies": found.n_bodies, "area": area}  # fmt: skip


def dense(field, resolution: int) -> Mesh:
    ticks = np.linspace(-1.0, 1.0, resolution + 1)
    values = np.zeros((resolution + 1,) * 3, dtype=np.float32)
    plane = np.stack(np.meshgrid(ticks, ticks, indexing="ij"), axis=-1).reshape(-1, 2)
    for i, x in enumerate(ticks):
        points = np.concatenate([np.full((len(plane), 1), x), plane], axis=1)
        values[i] = field.values(points).reshape(resolution + 1, resolution + 1)
    return field.frame.back(isosurface(Grid(values=values, origin=np.full(3, -1.0), spacing=2.0 / resolution)))


if __name__ == "__main__":
    main()
