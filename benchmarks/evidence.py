"""Does Fieldstone tell how two shapes are the same? 200 shapes in nine disguises, 100 bodies, 5,000 unrelated pairs.

Shapes: the test split of ../shared/data/shapes, 200 faces or more, not marked as a near duplicate; drawn with seed 20.
The tolerances of library/evidence.py were set on measurements of the train split (first looks drew from all splits). An
earlier run of this script showed that near-isotropic shapes lost their pose; how they are posed was then mended and
measured on the train split. Query and row are sampled with different seeds, which is harder than a library's one seed.

What is right:
    mirrored      `mirrored` where the shape is chiral, `identical` where it is not. Chirality is measured without moments:
                  the exact mesh distance of the mirror image in the best of 384 proper poses after iterated closest points;
                  above 5e-6 of the diagonal is chiral (16-bit coordinates alone leave up to 2.6e-6).
    decimated     `remeshed`; `identical` too where the surface moved no more than between two tessellations of one CAD part
                  (three STEP files at five tolerances: mean 3.5e-5, Hausdorff 7.3e-4 of the diagonal; the stricter rule,
                  Hausdorff below 1e-4, is counted beside it). Where decimation removed so much that the exact symmetric
                  mean distance passes 2 % of the diagonal, the issue itself calls two shapes unrelated: counted apart.
    body          `part of`. Of each shape with two bodies or more, one body drawn among those of 20 faces or more that are
                  not flat and have no more than 95 % of the area, turned and moved.
    unrelated     `similar`. Pairs of different categories. Two kinds of answers are counted apart as true: pairs whose
                  exact symmetric mean distance in the pose found is 2 % of the diagonal or less, and parts whose exact
                  distance from the whole is below 1e-3 of their own diagonal everywhere (a burger on a table).
"""

import argparse
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

from evidence_disguises import disguises, record, rotation, stored
from evidence_truth import both_ways, chirality, holds, is_flat, laid, mirror_hint
from fieldstone.files import read
from fieldstone.geometry.bodies import label_bodies, select_faces
from fieldstone.geometry.fingerprint import BODY_FACES, fingerprint
from fieldstone.geometry.weld import weld
from fieldstone.library.evidence import WHOLE, Judgement, Record, judge
from fieldstone.types import Mesh
from machine import describe
from real_shapes import SHARED, meshes, rows

CHIRAL = 5e-6
UNMOVED = 1e-4
TESSELLATED = (3.5e-5, 7.3e-4)
UNRELATED = 0.02
KINDS = ("identical", "rescaled", "mirrored", "remeshed", "part of", "similar")
FILES = (
    ("featuretype.STL", "featuretype.STEP"),
    ("featuretype.STL", "featuretype.3MF"),
    ("featuretype.STEP", "featuretype.3MF"),
    ("Duck.glb", "duck.dae"),
    ("suzanne.ply", "monkey.glb"),
    ("fuze.obj", "fuze.ply"),
    ("octagonal_pocket.ply", "octagonal_pocket.stl"),
)


class Table:
    """Answers of each experiment: how many of each class, how many right, how long."""

    def __init__(self) -> None:
        self.kinds: dict[str, Counter[str]] = defaultdict(Counter)
        self.right: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.misses: list[str] = []

    def ask(self, name: str, query: Record, other: Record) -> Judgement:
        """Judge, and time it; the query is ready, the other one comes from the library."""
        _ = query.prepared.index, query.prepared.floor, query.key
        start = time.perf_counter()
        answer = judge(query, other)
        self.seconds[name].append(time.perf_counter() - start)
        self.kinds[name][answer.evidence.kind] += 1
        return answer

    def note(self, name: str, answer: Judgement, wanted: set[str], shape: str) -> None:
        """Count one answer as right or wrong."""
        self.asked[name] += 1
        self.right[name] += answer.evidence.kind in wanted
        if answer.evidence.kind not in wanted:
            self.misses.append(f"{name}: {shape} is {answer.evidence.kind}, not {' or '.join(sorted(wanted))}")

    def lines(self) -> list[str]:
        """As markdown."""
        head = f"| experiment | judged | {' | '.join(KINDS)} | right | share | ms, median | ms, p95 |"
        lines = [head, "|---" * (len(KINDS) + 6) + "|"]
        for name, kinds in self.kinds.items():
            ms = np.array(self.seconds[name]) * 1e3
            share = (
                f"{self.right[name]} of {self.asked[name]} | {100 * self.right[name] / max(self.asked[name], 1):.1f} %"
            )
            counts = " | ".join(str(kinds[kind]) for kind in KINDS)
            lines.append(
                f"| {name} | {kinds.total()} | {counts} | {share} | {np.median(ms):.1f} | {np.percentile(ms, 95):.1f} |"
            )
        return lines


def run_disguises(table: Table, shapes: dict[str, Mesh], notes: list[str]) -> None:
    """Every shape against itself in nine disguises."""
    generator = np.random.default_rng(21)
    gone, chiral, lenient = 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for shape_id, mesh in shapes.items():
            query = record(mesh, 1)
            for name, make in disguises(mesh, generator, Path(folder)).items():
                changed = make()
                answer = table.ask(name, query, record(changed, 2))
                wanted = {"x 25.4": {"rescaled"}, "decimated to half": {"remeshed"}}.get(name, {"identical"})
                if name == "mirrored" and chirality(mesh, mirror_hint(mesh)) > CHIRAL:
                    wanted, chiral = {"mirrored"}, chiral + 1
                if name == "decimated to half":
                    mean, largest = both_ways(mesh, changed)
                    if mean > UNRELATED:
                        gone += 1
                        continue
                    same = mean <= TESSELLATED[0] and largest <= TESSELLATED[1]
                    wanted = wanted | {"identical"} if same or largest < UNMOVED else wanted
                    lenient += answer.evidence.kind == "identical" and same and largest >= UNMOVED
                table.note(name, answer, wanted, shape_id)
    notes.append(f"{chiral} of the {len(shapes)} shapes are chiral; the others must not be called mirrored.")
    notes.append(f"{lenient} decimations are right as identical only by the measure of CAD tessellations.")
    notes.append(f"{gone} decimations moved the surface by more than 2 % of the diagonal on average: counted apart.")


def run_bodies(table: Table, shapes: dict[str, Mesh], count: int) -> None:
    """One body as the query, its shape as the row."""
    generator = np.random.default_rng(22)
    for shape_id, mesh in shapes.items():
        if table.asked["body"] == count:
            break
        whole = weld(mesh)
        labels = label_bodies(whole.faces, len(whole.vertices))
        sizes = np.bincount(labels)
        bodies = [select_faces(whole, labels == label) for label in np.flatnonzero(sizes >= BODY_FACES)]
        area = fingerprint(whole).area
        bodies = [body for body in bodies if not is_flat(body) and fingerprint(body).area <= WHOLE * area]
        if not bodies:
            continue
        body = bodies[generator.integers(len(bodies))]
        turned = (
            body.vertices @ rotation(generator).T + generator.uniform(-1, 1, 3) * np.ptp(body.vertices, axis=0).max()
        )
        answer = table.ask("body", record(stored(turned, body.faces), 3), record(mesh, 1))
        table.note("body", answer, {"part of"}, shape_id)


def run_unrelated(table: Table, shapes: dict[str, Mesh], count: int, notes: list[str]) -> None:
    """Pairs of different categories."""
    generator, index = np.random.default_rng(23), rows()
    ids = list(shapes)
    records = {shape_id: record(mesh, 1) for shape_id, mesh in shapes.items()}
    close, parts = 0, 0
    while table.asked["unrelated"] < count:
        a, b = (ids[i] for i in generator.choice(len(ids), 2, replace=False))
        if index[a]["category"] == index[b]["category"]:
            continue
        answer = table.ask("unrelated", records[a], records[b])
        if answer.evidence.kind == "part of" and holds(shapes[a], shapes[b], answer):
            parts += 1
            continue
        suspect = answer.evidence.kind != "similar" or (answer.residual or 0.0) <= UNRELATED
        if suspect and both_ways(shapes[a], laid(shapes[b], answer))[0] <= UNRELATED:
            close += 1
            continue
        table.note("unrelated", answer, {"similar"}, f"{a} / {b} ({index[a]['fine_label']} / {index[b]['fine_label']})")
    wrong = table.asked["unrelated"] - table.right["unrelated"]
    notes.append(
        f"False alarms: {wrong} of {count} unrelated pairs ({100 * wrong / count:.2f} %); {close} more pairs of"
    )
    notes[-1] += (
        f" different categories lay within 2 % of the diagonal, and in {parts} more the one truly holds the other."
    )


def run_files(folder: Path) -> list[str]:
    """The pairs of files that hold one shape each."""
    lines = ["| files | units | evidence | factor | residual |", "|---|---|---|---|---|"]
    for a, b in FILES:
        models = [read(folder / name) for name in (a, b)]
        known = (models[0].unit, models[1].unit)
        for units in (known, ("inch", "m")) if b == "featuretype.STEP" else (known,):
            one, two = (record(m.shape, seed, unit) for m, seed, unit in zip(models, (1, 2), units, strict=True))
            answer = judge(one, two)
            kind, residual = f"{answer.evidence.kind}: {answer.evidence.text}", answer.residual or 0.0
            lines.append(
                f"| {a}, {b} | {units[0]}, {units[1]} | {kind} | {answer.evidence.factor:.5g} | {residual:.4f} |"
            )
    return lines


def main() -> None:
    """Run everything, print the tables and write them to results/evidence.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", type=int, default=200)
    parser.add_argument("--bodies", type=int, default=100)
    parser.add_argument("--pairs", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--split", default="test")
    parser.add_argument("--dry", action="store_true", help="print only")
    options = parser.parse_args()
    index = rows()
    pool = [
        key
        for key, row in index.items()
        if row["split"] == options.split and int(row["n_faces"]) >= 200 and not row["near_duplicate_of"]
    ]
    every = {key: mesh for key, mesh in meshes() if key in set(pool)}
    drawn = np.random.default_rng(options.seed).permutation(sorted(every)).tolist()
    shapes = {key: every[key] for key in drawn[: options.shapes]}

    table, notes = Table(), []
    run_disguises(table, shapes, notes)
    run_bodies(table, {key: every[key] for key in drawn[options.shapes :] + drawn[: options.shapes]}, options.bodies)
    run_unrelated(table, {key: every[key] for key in drawn[:1000]}, options.pairs, notes)
    files = run_files(SHARED / "files" / "good")
    parts = ["# Evidence: how two shapes are the same", "", describe(), "", (__doc__ or "").strip(), ""]
    parts += ["## Results", "", *table.lines(), "", *notes, "", "## Files", "", *files, ""]
    parts += ["## Wrong answers", "", *(f"- {miss}" for miss in table.misses), ""]
    text = "\n".join(parts)
    print(text)
    if not options.dry:
        (Path(__file__).parent / "results" / "evidence.md").write_text(text)


if __name__ == "__main__":
    main()
