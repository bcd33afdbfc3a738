"""Re-ranking a shortlist by exact Chamfer distance at 4,096 points, in a given pose, against naive kd-trees.

Queries are shapes of the test split. Candidates are 50 shapes of the train split: drawn at random, or the nearest by a
coarse descriptor (histograms of distances between surface points), as a search would hand over.
"""

import csv
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from fieldstone.errors import GeometryError
from fieldstone.geometry.normalise import normalise
from fieldstone.geometry.sample import sample_surface
from fieldstone.library.rerank import rerank
from fieldstone.types import Mesh
from machine import describe

RESULT = Path(__file__).parent / "results" / "rerank.md"
SHAPES = Path(__file__).resolve().parents[2] / "shared" / "data" / "shapes"
POINTS, CANDIDATES, QUERIES, GALLERY = 4096, 50, 8, 1200


def clouds() -> tuple[np.ndarray, np.ndarray]:
    """Clouds of the gallery (train) and of the queries (test), in the unit sphere of their boxes."""
    sys.path.insert(0, str(SHAPES.parent))
    from read_packs import iter_shapes

    with (SHAPES / "shapes.csv").open() as file:
        split = {row["id"]: row["split"] for row in csv.DictReader(file)}
    generator = np.random.default_rng(0)
    found: dict[str, list[np.ndarray]] = {"train": [], "test": []}
    wanted = {"train": GALLERY, "test": QUERIES}
    every = [(i, Mesh(v, f)) for pack in sorted(SHAPES.glob("*.npz")) for i, v, f in iter_shapes(pack)]
    for k in generator.permutation(len(every)):
        shape_id, mesh = every[k]
        kind = split[shape_id]
        if kind in wanted and len(found[kind]) < wanted[kind]:
            try:
                found[kind].append(sample_surface(normalise(mesh, "unit_sphere_bbox")[0], POINTS, generator).points)
            except GeometryError:
                continue
    return np.stack(found["train"]), np.stack(found["test"])


def descriptor(cloud: np.ndarray) -> np.ndarray:
    """Histograms of distances between random points and from the origin: enough to find plausible neighbours."""
    other = np.random.default_rng(0).permutation(cloud)
    between, out = np.linalg.norm(cloud - other, axis=1), np.linalg.norm(cloud, axis=1)
    return np.concatenate(
        [
            np.histogram(between, 32, (0, 2))[0],
            np.histogram(out, 32, (0, 1))[0],
            np.histogram(cloud[:, 1], 16, (-1, 1))[0],
        ]
    )


def naive(query: np.ndarray, candidates: np.ndarray, workers: int) -> np.ndarray:
    """A tree of each cloud, both ways, for every candidate."""
    values = []
    for candidate in candidates:
        there = cKDTree(candidate).query(query, workers=workers)[0].mean()
        back = cKDTree(query).query(candidate, workers=workers)[0].mean()
        values.append((there + back) / 2)
    return np.array(values)


def timed(work: Callable[[], object]) -> float:
    """Seconds, the better of two runs: the machine has other users."""
    times = []
    for _ in range(2):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def compare(query: np.ndarray, candidates: np.ndarray) -> tuple[dict[str, float], float, bool]:
    """Milliseconds by method, the largest difference in the top 10, and whether the order is the same."""
    times = {}
    for name, workers in (("naive, 1 thread", 1), ("naive, all threads", -1)):
        times[name] = timed(lambda workers=workers: naive(query, candidates, workers))
    for k in (1, 10, len(candidates)):
        for name, threads in (("1 thread", 1), ("all threads", None)):
            times[f"ours, top {k}, {name}"] = timed(lambda k=k, threads=threads: rerank(query, candidates, k, threads))
    expected, (top, numbers) = naive(query, candidates, -1), rerank(query, candidates, 10)
    best = np.argsort(expected, kind="stable")[:10]
    return times, float(np.abs(numbers - expected[best]).max()), bool((top == best).all())


def main() -> None:
    gallery, queries = clouds()
    described = np.stack([descriptor(cloud) for cloud in gallery]).astype(float)
    generator = np.random.default_rng(1)
    rerank(queries[0], gallery[:4], 1)  # compiles
    lines = [
        "# Re-ranking",
        "",
        f"{describe()}. {CANDIDATES} candidates, {POINTS:,} points, one given pose, {QUERIES} queries, better of two runs;",
        "median (largest) ms. The pose search is not included.",
    ]
    for title in ("drawn at random", "nearest by descriptor"):
        measured = []
        for query in queries:
            gap = np.abs(described - descriptor(query)).sum(axis=1)
            chosen = (
                generator.choice(len(gallery), CANDIDATES, replace=False)
                if "random" in title
                else np.argsort(gap)[:CANDIDATES]
            )
            measured.append(compare(query, gallery[chosen]))
        base = np.median([times["naive, 1 thread"] for times, _, _ in measured])
        lines += [
            "",
            f"## Candidates {title}",
            "",
            "| method | ms | times faster than naive, 1 thread |",
            "|---|---|---|",
        ]
        for name in measured[0][0]:
            values = np.array([times[name] for times, _, _ in measured]) * 1e3
            lines.append(
                f"| {name} | {np.median(values):.0f} ({values.max():.0f}) | {base * 1e3 / np.median(values):.1f} |"
            )
        same = sum(same for _, _, same in measured)
        worst = max(difference for _, difference, _ in measured)
        lines += ["", f"Same top 10 in {same} of {len(measured)} queries; largest difference in a number {worst:.1e}."]
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
