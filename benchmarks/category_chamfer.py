"""Exact nearest shapes by Chamfer distance within a category (INRet's Category-Chamfer), pose given, bounds stored.

`samples10` test: ten categories of our own samples, seeds 50 to 99, in the unit sphere of their boxes, 4,096 points each; a
query meets the other 49 of its category. Growth: one category, seeds 50 on; beyond `SEEDS` its shapes come again, each
axis stretched at random. The stages run one by one and keep what they found in .cache: `truth`, `speed`, `growth`, `page`.
"""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from fieldstone.evaluate.category_chamfer import hierarchical
from fieldstone.evaluate.inret.shapes import SAMPLES10
from fieldstone.geometry.normalise import normalise
from fieldstone.geometry.sample import sample_surface
from fieldstone.kernels import chamfer
from fieldstone.kernels.chamfer import Clouds, Cube, nearest
from fieldstone.samples.make import make
from machine import describe

# ruff: noqa: E501  (the page is written as it is read)

RESULT = Path(__file__).parent / "results" / "category_chamfer.md"
CACHE = Path(__file__).parent / ".cache" / "category_chamfer"
POINTS, ROUGH, FIRST, EACH, WORKERS = 4096, 128, 50, 50, 2
GROWN, SIZES, SEEDS, PART = "chair", (49, 490, 1000, 10_000), 4000, 1000
UNIT = Cube(np.full(3, -1, np.float32), 2.0)


def cloud(category: str, seed: int) -> np.ndarray:
    mesh = normalise(make(category, seed), "unit_sphere_bbox")[0]
    return sample_surface(mesh, POINTS, np.random.default_rng([SAMPLES10.index(category), seed])).points


def clouds(category: str, start: int, stop: int) -> np.ndarray:
    path = CACHE / f"{category}_{start}_{stop}.npy"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, np.stack([cloud(category, seed) for seed in range(start, stop)]))
    return np.load(path)


def samples10() -> np.ndarray:
    """Clouds of the test part, category by category."""
    return np.stack([clouds(category, FIRST, FIRST + EACH) for category in SAMPLES10])


def grown(n: int) -> np.ndarray:
    """n clouds of one category: the test part first, then more seeds, then stretched copies."""
    ends = [FIRST, *range(FIRST + EACH, FIRST + EACH + SEEDS + 1, PART)]
    made = np.concatenate([clouds(GROWN, a, b) for a, b in pairwise(ends)])
    generator = np.random.default_rng(0)
    more = made[generator.integers(len(made), size=max(0, n - len(made)))]
    more = more * generator.uniform(0.85, 1.18, (len(more), 1, 3)).astype(np.float32)
    more /= np.linalg.norm(more, axis=2).max(axis=1)[:, None, None]
    return np.concatenate([made, more])[:n]


def others(i: int, n: int = EACH) -> np.ndarray:
    return np.delete(np.arange(n), i)


def by_trees(trees: list[cKDTree], points: np.ndarray, i: int, rows: np.ndarray, workers: int) -> np.ndarray:
    """Distances from cloud i to each of the rows; trees are there already."""
    there = [trees[j].query(points[i], workers=workers)[0].mean() for j in rows]
    back = [trees[i].query(points[j], workers=workers)[0].mean() for j in rows]
    return (np.array(there) + np.array(back)) / 2


def timed(times: list[float], work: Callable[..., tuple[np.ndarray, ...]], *given: object) -> tuple[np.ndarray, ...]:
    """What `work` answers; its milliseconds go to `times`."""
    start = time.perf_counter()
    answer = work(*given)
    times.append((time.perf_counter() - start) * 1e3)
    return answer


def by_rule(query: Clouds, c: Clouds, rough: Clouds, i: int, k: int) -> tuple[np.ndarray, np.ndarray, int]:
    return hierarchical(query, c, rough.row(i), rough, k, rows=others(i), workers=WORKERS)


def truth() -> None:
    """All distances within each category by kd-trees."""
    for category, points in zip(SAMPLES10, samples10(), strict=True):
        path = CACHE / f"truth_{category}.npy"
        if not path.exists():
            trees = [cKDTree(p) for p in points]
            one_way = np.array([[t.query(p, workers=WORKERS)[0].mean() for t in trees] for p in points])
            np.save(path, (one_way + one_way.T) / 2)


class Counted(chamfer._Search):
    """A search that counts: clouds that only bounds were needed for, and passes measured."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.touched, self.passes = set[int](), 0

    def _refine(self, done: int, place: int) -> tuple[float, int]:
        found = super()._refine(done, place)
        if done >= 0:
            self.touched.add(place)
            self.passes += found[1] - done
        return found


def counted(c: Clouds, i: int, rows: np.ndarray, k: int) -> tuple[float, float]:
    """Shares of the candidates left out by bounds alone, and of their points measured."""
    search = Counted(c.row(i), c, rows, k)
    search.run(1)
    return 1 - len(search.touched) / len(rows), search.passes / chamfer.PASSES / len(rows)


def speed() -> None:
    """Times over all queries of samples10 (kd-trees: every tenth), and each answer held against the truth."""
    times: dict[str, list[float]] = defaultdict(list)
    facts: dict[str, list[float]] = defaultdict(list)
    expected = np.stack([np.load(CACHE / f"truth_{category}.npy") for category in SAMPLES10])
    for at, points in enumerate(samples10()):
        start = time.perf_counter()
        c = Clouds.of(points, UNIT, workers=1)
        times["prepare"].append((time.perf_counter() - start) * 1e3 / EACH)
        rough, trees = Clouds.of(points[:, :: POINTS // ROUGH], UNIT, lattice=False), [cKDTree(p) for p in points]
        nearest(points[0], c, 1, workers=WORKERS)
        for i in range(EACH):
            rows, query = others(i), c.row(i)
            ruled, _, kept = timed(times["rule"], by_rule, query, c, rough, i, 10)
            facts["kept"].append(kept / len(rows))
            order = rows[np.argsort(expected[at, i, rows], kind="stable")]
            for k in (1, 10, EACH - 1):
                index, value = timed(times[f"ours {k}"], nearest, query, c, k, rows, WORKERS)
                facts["worst"].append(float(np.abs(value - expected[at, i, order[:k]]).max()))
                facts[f"same {k}"].append(float((index == order[:k]).all()))
                facts[f"recall {k}"].append(float(set(order[:k]) <= set(ruled[:k])))
            if i % 10 == 0:
                timed(times["fresh"], nearest, points[i], c, 1, rows, WORKERS)
                timed(times["trees"], by_trees, trees, points, i, rows, WORKERS)
                for k in (1, 10):
                    out, share = counted(c, i, rows, k)
                    facts[f"out {k}"].append(out)
                    facts[f"points {k}"].append(share)
    parts = [c.points[0].nbytes, c.boxes[0].nbytes, c.lattice[0].nbytes]
    (CACHE / "speed.json").write_text(json.dumps({"times": times, "facts": facts, "parts": parts}))


def prepared(n: int) -> Clouds:
    """The grown category, prepared once."""
    paths = [CACHE / f"grown_{n}_{name}.npy" for name in ("points", "boxes", "lattice")]
    if not paths[-1].exists():
        c = Clouds.of(grown(n), UNIT)
        for path, array in zip(paths, (c.points, c.boxes, c.lattice), strict=True):
            np.save(path, array)
    points, boxes, lattice = (np.load(path) for path in paths)
    return Clouds(POINTS, points, boxes, lattice, UNIT)


def growth() -> None:
    """Times of ten queries among more and more candidates of one category; one of them held against all in full."""
    c, times = prepared(SIZES[-1] + 1), defaultdict(list)
    nearest(c.row(0), c, 1, np.arange(1, 100), WORKERS)
    for n in SIZES:
        whole, value = timed(times[f"{n} all"], nearest, c.row(0), c, n, others(0, n + 1), WORKERS)
        for k in (1, 10):
            for i in range(0, EACH, 5):
                found = timed(times[f"{n} {k}"], nearest, c.row(i), c, k, others(i, n + 1), WORKERS)
                if i == 0:
                    assert (found[0] == whole[:k]).all()
                    assert (found[1] == value[:k]).all()
            out, share = np.mean([counted(c, i, others(i, n + 1), k) for i in (0, 25)], axis=0).tolist()
            times[f"{n} {k} out"], times[f"{n} {k} points"] = [100 * out], [100 * share]
    (CACHE / "growth.json").write_text(json.dumps(times))


def line(name: str, values: list[float], base: float) -> str:
    median = float(np.median(values))
    return f"| {name} | {median:.1f} | {np.percentile(values, 95):.1f} | {median / base:.2f} |"


def page() -> None:
    """The result as markdown."""
    saved, more = json.loads((CACHE / "speed.json").read_text()), json.loads((CACHE / "growth.json").read_text())
    t, f = saved["times"], {name: 100 * float(np.mean(values)) for name, values in saved["facts"].items()}
    worst, one_by_tree = max(saved["facts"]["worst"]), float(np.median(t["trees"])) / (EACH - 1)
    base, parts, queries = float(np.median(t["ours 1"])), saved["parts"], len(t["ours 1"])
    lines = [
        "# Nearest by Chamfer within a category, exact",
        "",
        f"{describe()}. {WORKERS} threads. `samples10` test: {', '.join(SAMPLES10)}; {EACH} each, seeds from {FIRST},",
        f"`unit_sphere_bbox`, {POINTS:,} points, pose given. Each of {queries} queries against the other {EACH - 1} of its category; points,",
        "boxes and lattices stored (the query's too). Distance: `chamfer_l2_mean`.",
        "",
        "| method | median ms | 95th percentile | times ours, winner |",
        "|---|---|---|---|",
        line("ours, winner", t["ours 1"], base),
        line("ours, top 10", t["ours 10"], base),
        line("ours, all 49 in full (no bounds)", t["ours 49"], base),
        line("ours, winner, for a query whose lattice is made on the way", t["fresh"], base),
        line("the paper's rule (128 points for all, within 3x unsquared at 4,096), our kernel", t["rule"], base),
        line(f"scipy cKDTree, trees stored, all 49 both ways (every tenth query, {WORKERS} threads)", t["trees"], base),
        "",
        "The issue asks for 50 ms (winner) and 150 ms (top 10); the paper's machine takes 65.06 s naive and 35.46 s by its rule, sampling of the",
        "fields included, which here was done when the shapes were stored.",
        "",
        f"- Same winner as by kd-trees in {f['same 1']:.1f} % of queries, same ten in the same order in {f['same 10']:.1f} %; largest difference of a distance {worst:.1e}.",
        f"- Left out by bounds alone: {f['out 1']:.0f} % of the candidates for the winner, {f['out 10']:.0f} % for the top 10; measured: {f['points 1']:.0f} % and {f['points 10']:.0f} % of all points.",
        f"- The paper's rule measures {f['kept']:.0f} % of the candidates in full (paper: 17.1 %) and has the winner in {f['recall 1']:.1f} % of queries, all of the top 10 in {f['recall 10']:.1f} %. Nothing guarantees either.",
        f"- Stored a shape: {sum(parts):,} bytes ({parts[0]:,} points, {parts[1]:,} boxes, {parts[2]:,} lattice); preparing takes {np.median(t['prepare']):.1f} ms on one thread.",
        "",
        "## Growth",
        "",
        f"The category `{GROWN}`: seeds from {FIRST}; beyond {EACH + SEEDS:,} shapes its clouds again, each axis stretched by 0.85 to 1.18 at random. Medians of",
        "10 queries; `all in full` is one query, whose answers at every size are the same with bounds as without.",
        "",
        "| candidates | winner ms | top 10 ms | all in full ms | cKDTree ms, by proportion | left out by bounds, winner / top 10 | points measured, winner / top 10 |",
        "|---|---|---|---|---|---|---|",
    ]
    for n in SIZES:
        x = {name: float(np.median(values)) for name, values in more.items() if name.startswith(f"{n} ")}
        lines.append(
            f"| {n:,} | {x[f'{n} 1']:.1f} | {x[f'{n} 10']:.1f} | {x[f'{n} all']:.0f} | {n * one_by_tree:,.0f} "
            f"| {x[f'{n} 1 out']:.1f} / {x[f'{n} 10 out']:.1f} % | {x[f'{n} 1 points']:.1f} / {x[f'{n} 10 points']:.1f} % |"
        )
    RESULT.write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    stages = {"truth": truth, "speed": speed, "growth": growth, "page": page}
    for name in sys.argv[1:] or stages:
        stages[name]()
