"""Signed distance beside libigl: speed, wrong signs on a damaged surface, and what the confidence says.

A torus knot of 100,000 faces, uniform points; and the points that a field is fitted to, for the knot and a real shape.
The truth is libigl's exact distance and winding number on the intact surface.
"""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import igl
import numpy as np
from numba import get_num_threads

from fieldstone.fields.frame import Frame
from fieldstone.geometry.distance import sign_confidence, signed_distance
from fieldstone.geometry.sample import sample_near_surface, sample_surface, sample_volume
from fieldstone.geometry.weld import weld
from fieldstone.types import Mesh
from machine import describe
from real_shapes import SHARED, meshes, rows

RESULT = Path(__file__).parent / "results" / "distance.md"
TIMES = 3
STD = 0.015
ON = 1e-6
"""Nearer to the surface than this, a side is rounding."""


def knot(rows: int = 1250, columns: int = 40) -> Mesh:
    """A (2, 3) torus knot as a tube of 2 * rows * columns faces, about 2 across."""
    t = np.arange(rows) * 2 * np.pi / rows
    curve = (
        np.stack([(2 + np.cos(3 * t)) * np.cos(2 * t), (2 + np.cos(3 * t)) * np.sin(2 * t), np.sin(3 * t)], axis=1) / 3
    )
    along = np.roll(curve, -1, axis=0) - np.roll(curve, 1, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    out = np.cross(along, [0.0, 0, 1])
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    up = np.cross(along, out)
    v = np.arange(columns)[:, None] * 2 * np.pi / columns
    vertices = curve[:, None] + 0.13 * (np.cos(v) * out[:, None] + np.sin(v) * up[:, None])
    i, j = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    a, b = i * columns + j, i * columns + (j + 1) % columns
    c, d = (i + 1) % rows * columns + j, (i + 1) % rows * columns + (j + 1) % columns
    faces = np.concatenate([np.stack([a, d, c], -1), np.stack([a, b, d], -1)]).reshape(-1, 3)
    return Mesh(vertices.reshape(-1, 3), faces)


def damaged(mesh: Mesh, drop: float, flip: float, seed: int = 0) -> Mesh:
    generator = np.random.default_rng(seed)
    faces = mesh.faces[generator.random(len(mesh.faces)) >= drop]
    return Mesh(mesh.vertices, np.where((generator.random(len(faces)) < flip)[:, None], faces[:, ::-1], faces))


def soup(mesh: Mesh) -> Mesh:
    return Mesh(mesh.vertices[mesh.faces].reshape(-1, 3), np.arange(mesh.faces.size).reshape(-1, 3))


def raw(mesh: Mesh, points: np.ndarray) -> np.ndarray:
    """libigl's exact distance and fast winding number on the mesh as it is."""
    square, _, _ = igl.point_mesh_squared_distance(points, mesh.vertices, mesh.faces)
    winding = igl.fast_winding_number(mesh.vertices, mesh.faces, points)
    return np.where(winding > 0.5, -1, 1) * np.sqrt(square)


def training_mix(mesh: Mesh, n: int) -> np.ndarray:
    """What a field is fitted to (INRet, A.2): a fifth in the cube [-1, 1]^3, two on the surface, two near it."""
    generator = np.random.default_rng(1)
    cube = sample_volume(np.array([[-1.0] * 3, [1.0] * 3]), n // 5, generator)
    surface = sample_surface(mesh, 2 * n // 5, generator).points
    near = sample_near_surface(mesh, 2 * n // 5, STD, generator)
    return np.concatenate([cube, surface, near]).astype(np.float64)


def timed(call: Callable[[], np.ndarray]) -> tuple[np.ndarray, float, float]:
    """What it returns, seconds by the clock, seconds of all cores."""
    start, begun = time.perf_counter(), time.process_time()
    found = call()
    return found, time.perf_counter() - start, time.process_time() - begun


def speed(name: str, mesh: Mesh, points: np.ndarray, truth: np.ndarray) -> list[str]:
    """Rows of both methods in turn, medians of `TIMES`; signs are counted where the surface is not met."""
    methods = {
        "libigl as it is": lambda: raw(mesh, points),
        "fieldstone": lambda: signed_distance(mesh, points, 0.0)[0],
    }
    found, seconds, busy = {}, {key: [] for key in methods}, {key: [] for key in methods}
    for _ in range(TIMES):
        for method, call in methods.items():
            found[method], took, cores = timed(call)
            seconds[method].append(took)
            busy[method].append(cores)
    off, rows = np.abs(truth) > ON, []
    rival = median(busy["libigl as it is"])
    for method, values in found.items():
        wrong = float(((values < 0) != (truth < 0))[off].mean())
        error = float(np.abs(np.abs(values) - np.abs(truth)).max())
        numbers = f"{median(seconds[method]):.2f} | {median(busy[method]):.2f} | {rival / median(busy[method]):.1f}"
        rows.append(f"| {name} | {method} | {numbers} | {wrong:.3%} | {error:.1e} |")
    return rows


def speeds(whole: Mesh, points: np.ndarray, truth: np.ndarray) -> list[str]:
    ball, _ = Frame.of(whole)
    cases = [
        ("A intact", whole, points, truth),
        ("B 2 % of the faces removed", damaged(whole, 0.02, 0), points, truth),
        ("C = B and 30 % flipped", damaged(whole, 0.02, 0.3), points, truth),
    ]
    sets = {"D knot, training mix": ball}
    if SHARED.exists():
        name = (SHARED / "lists" / "detailed32.txt").read_text().split()[0]
        mesh, _ = Frame.of(next(mesh for found, mesh in meshes([rows()[name]["pack"]]) if found == name))
        sets[f"E {name}, {len(mesh.faces):,} faces, training mix"] = mesh
    for name, mesh in sets.items():
        mix = training_mix(mesh, len(points))
        cases.append((name, mesh, mix, raw(mesh, mix)))
    return [
        "| case | method | s | CPU s | times less CPU than libigl | wrong signs | largest error of the distance |",
        "|---|---|---|---|---|---|---|",
        *(row for case in cases for row in speed(*case)),
    ]


def strategies(mesh: Mesh, truth: np.ndarray, points: np.ndarray) -> list[str]:
    one_end = Mesh(mesh.vertices, mesh.faces[mesh.vertices[mesh.faces].mean(axis=1)[:, 0] > -0.72])
    both = Mesh(mesh.vertices, np.concatenate([mesh.faces, mesh.faces[:, ::-1]]))
    cases = {
        "10 % holes": damaged(mesh, 0.1, 0),
        "30 % holes": damaged(mesh, 0.3, 0),
        "2 % holes, 30 % flips": damaged(mesh, 0.02, 0.3),
        "inside out": Mesh(mesh.vertices, mesh.faces[:, ::-1]),
        "double sided": both,
        "unmerged, 50 % flips": soup(damaged(mesh, 0, 0.5)),
        f"one end missing ({1 - len(one_end.faces) / len(mesh.faces):.0%} of the faces)": one_end,
        "30 % holes, 30 % flips": damaged(mesh, 0.3, 0.3),
    }
    lines = [
        "| case | libigl as it is | fieldstone | confidence at these points | `sign_confidence` | its ms |",
        "|---|---|---|---|---|---|",
    ]
    for name, case in cases.items():
        winding = igl.fast_winding_number(case.vertices, case.faces, points)
        found, confidence = signed_distance(case, points, 0.0)
        start = time.perf_counter()
        stored = sign_confidence(case, np.random.default_rng(0))
        took = time.perf_counter() - start
        wrong = [float((inside != (truth < 0)).mean()) for inside in (winding > 0.5, found < 0)]
        lines.append(
            f"| {name} | {wrong[0]:.2%} | {wrong[1]:.2%} | {confidence:.3f} | {stored:.3f} | {took * 1e3:.0f} |"
        )
    return lines


def main() -> None:
    mesh = weld(knot())
    generator = np.random.default_rng(0)
    low, high = mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)
    points = low + generator.random((500_000, 3)) * (high - low)
    signed_distance(mesh, points[:1000])  # compiles
    truth = raw(mesh, points)
    few = points[:100_000]
    lines = [
        "# Signed distance",
        "",
        f"{describe()}. A torus knot of {len(mesh.faces):,} faces; points uniform in its box,",
        f"{(truth < 0).mean():.1%} inside; and the training mix: a fifth uniform in the cube, two fifths on the surface, two near it",
        f"(standard deviation {STD}, frame unit_sphere_bbox).",
        "",
        f"Both may use {get_num_threads()} threads and take turns, medians of {TIMES}. Other processes may share the cores: CPU seconds,",
        "of all threads, say more than the clock. Each prepares its tree anew; ours merges and turns faces first. Signs are counted",
        f"where the surface is farther than {ON}; in D and E libigl's own answer is the truth.",
        "",
        f"## {len(points):,} points",
        "",
        *speeds(mesh, points, truth),
        "",
        "## 100,000 points, wrong signs by damage",
        "",
        *strategies(mesh, truth[: len(few)], few),
    ]
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
