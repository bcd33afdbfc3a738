"""What skipping empty space saves where points are drawn on small SIRENs, by the cells of its lattice.

    python benchmarks/empty_space.py

Asked for as many points as a distillation's: `points_on_surface` of signed fields, which traces rays from random places.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from unittest.mock import patch

import numpy as np
from jaxtyping import Float, Float32, Float64

from fieldstone.evaluate.inret.study import SCALES, default_fits
from fieldstone.fields import empty_space, surface_points
from fieldstone.fields.field import CallableField, Field
from fieldstone.fields.fit import fit
from fieldstone.fields.sampling import Sampling
from fieldstone.samples import make
from machine import describe

RESULT: Final = Path(__file__).parent / "results" / "empty_space.md"
SHAPES: Final = ("chair", "car", "table_lamp", "boat")
CELLS: Final = (24, 32, 48, 64)
SEED: Final = 50


@dataclass
class Cost:
    """Of drawing points: how often the field was asked, and core-seconds."""

    asked: int = 0
    seconds: float = 0.0


class Everywhere:
    """In place of EmptySpace: no ray is moved on."""

    def __init__(self, field: Field) -> None:
        """There is nothing to ask."""

    def passed(self, origins: np.ndarray, directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return origins, directions


def main() -> None:
    settings = default_fits(SCALES["small"])["siren"]
    fields = [fit(make(name, SEED), "siren", "sdf", workers=1, **settings) for name in SHAPES]
    n = Sampling().surface
    without = [drawn(field, n, None) for field in fields]
    lines = [
        "# Empty-space skipping",
        "",
        f"{describe()}. {n:,} points of the surface of SIRENs of 3 x 128 ({', '.join(SHAPES)}), medians of the {len(SHAPES)} fields; "
        "core-seconds are the process's, the lattice's own cost included.",
        "",
        "| cells along the cube | values asked, million | core-seconds | times fewer core-seconds than without |",
        "|---|---|---|---|",
        f"| without | {middle([cost.asked for cost in without]) / 1e6:.2f} | {middle([cost.seconds for cost in without]):.2f} | |",
    ]
    for cells in CELLS:
        costs = [drawn(field, n, cells) for field in fields]
        times = middle([a.seconds / b.seconds for a, b in zip(without, costs, strict=True)])
        asked, seconds = middle([cost.asked for cost in costs]), middle([cost.seconds for cost in costs])
        lines.append(f"| {cells} | {asked / 1e6:.2f} | {seconds:.2f} | {times:.2f} |")
    text = "\n".join(lines) + "\n"
    RESULT.write_text(text)
    print(text)


def drawn(field: Field, n: int, cells: int | None) -> Cost:
    """What n points cost with a lattice of so many cells, or without one."""
    cost = Cost()

    def values(points: Float[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n"]:
        cost.asked += len(points)
        return field.values(points)

    counted = CallableField(call=values, function="sdf", frame=field.frame)
    skipping = (
        patch.object(surface_points, "EmptySpace", Everywhere)
        if cells is None
        else patch.object(empty_space, "CELLS", cells)
    )
    with skipping:
        start = time.process_time()
        points: Float64[np.ndarray, "n 3"] = surface_points.points_on_surface(counted, n, np.random.default_rng(0))
        cost.seconds = time.process_time() - start
    assert points.shape == (n, 3)
    return cost


def middle(values: list[float]) -> float:
    return float(np.median(values))


if __name__ == "__main__":
    main()
