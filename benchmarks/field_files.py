"""What a field's file costs: bytes, time to write and open, and what fp16 and int8 change, beside the error of the fit.

python benchmarks/field_files.py
"""

import time
from pathlib import Path
from statistics import median

import numpy as np

from fieldstone.fields.file import field_bytes, field_from
from fieldstone.fields.fit import fit
from fieldstone.fields.network import NeuralField
from fieldstone.geometry.sample import sample_surface
from machine import describe
from real_shapes import SHARED, meshes

RESULT = Path(__file__).parent / "results" / "field_files.md"
SHAPES = 4
POINTS = 100_000
STD = 0.015
"""Points are moved from the surface by so much, as the held-out points of a fit."""


def main() -> None:
    ids = (SHARED / "lists" / "detailed32.txt").read_text().split()[::8][:SHAPES]
    rows: dict[tuple[str, str], list[tuple[float, ...]]] = {}
    for name, mesh in ((name, mesh) for name, mesh in meshes() if name in ids):
        for architecture in ("hashgrid", "octree", "triplane"):
            field = fit(mesh, architecture, name=name)
            points = field.frame.to_model.inverse()(sample_surface(mesh, POINTS, np.random.default_rng(0)).points)
            points += STD * np.random.default_rng(1).standard_normal(points.shape)
            for precision in ("fp32", "fp16", "int8"):
                rows.setdefault((architecture, precision), []).append(measured(field, precision, points))
            print(name, architecture, f"{field.card.error:.2e}")
    lines = [f"| {a} | {p} | " + " | ".join(cells(rows[a, p])) + " |" for a, p in rows]
    text = "\n".join(
        [
            "# Field files\n",
            f"{describe()}\n",
            f"Medians over {SHAPES} shapes of `detailed32`, signed distance, the default fit. *Change* is the mean absolute",
            f"difference from the fp32 field at {POINTS:,} points near the surface, *sides* the share of them that change",
            "theirs; *error* is the fit's own.\n",
            "| architecture | precision | bytes | write, ms | open, ms | error | change | sides |",
            "|---|---|---|---|---|---|---|---|",
            *lines,
        ]
    )
    RESULT.write_text(text + "\n")
    print(text)


def measured(field: NeuralField, precision: str, points: np.ndarray) -> tuple[float, ...]:
    started = time.perf_counter()
    data = field_bytes(field, precision)
    written = time.perf_counter()
    back = field_from(data, "x.field")
    opened = time.perf_counter()
    before, after = field.values(points), back.values(points)
    return (
        len(data),
        1e3 * (written - started),
        1e3 * (opened - written),
        field.card.error,
        float(np.abs(after - before).mean()),
        float(np.mean((after < 0) != (before < 0))),
    )


def cells(rows: list[tuple[float, ...]]) -> list[str]:
    n_bytes, write, read, error, change, sides = (median(column) for column in zip(*rows, strict=True))
    return [f"{n_bytes:,.0f}", f"{write:.0f}", f"{read:.0f}", f"{error:.1e}", f"{change:.1e}", f"{100 * sides:.2f} %"]


if __name__ == "__main__":
    main()
