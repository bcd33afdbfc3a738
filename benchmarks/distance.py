"""Signed distance on a damaged surface: speed, wrong signs, and what the confidence says.

A torus knot of 100,000 faces; the truth is libigl's exact distance and winding number on the intact knot.
"""

import time
from pathlib import Path

import igl
import numpy as np

from fieldstone.geometry.distance import sign_confidence, signed_distance
from fieldstone.geometry.weld import weld
from fieldstone.types import Mesh
from machine import describe

RESULT = Path(__file__).parent / "results" / "distance.md"


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


def speed(mesh: Mesh, truth: np.ndarray, points: np.ndarray) -> list[str]:
    cases = {
        "A intact": mesh,
        "B 2 % of the faces removed": damaged(mesh, 0.02, 0),
        "C = B and 30 % flipped": damaged(mesh, 0.02, 0.3),
    }
    rows = [
        "| case | method | s | CPU s | kpt/s | wrong signs | largest error of the distance | confidence |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, case in cases.items():
        for method in ("libigl as it is", "fieldstone"):
            start, begun = time.perf_counter(), time.process_time()
            found, confidence = (
                signed_distance(case, points, 0.0) if method == "fieldstone" else (raw(case, points), None)
            )
            took, busy = time.perf_counter() - start, time.process_time() - begun
            wrong = float(((found < 0) != (truth < 0)).mean())
            error = float(np.abs(np.abs(found) - np.abs(truth)).max())
            sure = "" if confidence is None else f"{confidence:.3f}"
            numbers = f"{took:.1f} | {busy:.1f} | {len(points) / took / 1000:.0f} | {wrong:.3%} | {error:.1e} | {sure}"
            rows.append(f"| {name} | {method} | {numbers} |")
    return rows


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
    rows = [
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
        rows.append(
            f"| {name} | {wrong[0]:.2%} | {wrong[1]:.2%} | {confidence:.3f} | {stored:.3f} | {took * 1e3:.0f} |"
        )
    return rows


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
        f"{(truth < 0).mean():.1%} inside.",
        "",
        "## 500,000 points",
        "",
        *speed(mesh, truth, points),
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
