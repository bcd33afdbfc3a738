"""Retrieval with learned networks: 3DOR's Tables 1 and 2 on our shapes, six networks, three ways of training, descriptors.

    python benchmarks/learned_retrieval.py --scale tiny|small|full [--seeds 3] [--groups objects,rotated,parts]
        [--only pointbert,...] [--state FILE] [--jobs 2] [--device cuda] [--table] [--estimate]

Sets to learn from are objects, rotated (which also asks parts that it never saw) and parts. A cell is a network, a method, a
seed and a set; each finished one is a line of the state (benchmarks/.cache/learned_retrieval_SCALE.jsonl), and a training
that was stopped goes on from its last epoch (delete it after a
change of networks or recipes). Cells run in processes of their own, one thread each. `--estimate` only says
how long it would take (after a minute or two of trying), `--table` only writes the result of what is there. Writes
results/learned_retrieval_SCALE.md (tiny: prints it).
"""

import argparse
import json
import multiprocessing
import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path
from typing import Any

from learned_cells import GROUPS, METHODS, Cell, pace, recipe, run
from learned_networks import NAMES
from learned_sets import SCALES, Scale, draw
from learned_tables import Table, accuracies, costs, gains, others
from machine import describe
from retrieval_data import CACHE

RESULTS = Path(__file__).parent / "results"
FORMULAS = ("fieldstone-descriptor@1", "surflet-pairs@1", "near-surflets@1", "aligned-grid@1")
"""The default, the two best of the others in any pose, and the one that trusts the pose."""


START, SETTLED = 6, 256
"""Seconds until a process has begun, and shapes on which an epoch settles its batch norms (training/settle.py)."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", choices=list(SCALES), default="small")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--groups", default="objects,rotated,parts", help=f"sets to learn from: {', '.join(GROUPS)}")
    parser.add_argument("--only", default=",".join((*FORMULAS, *NAMES)), help="networks and descriptors")
    parser.add_argument("--state", type=Path)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--estimate", action="store_true")
    asked = parser.parse_args()
    scale = SCALES[asked.scale]
    state = asked.state or CACHE / f"learned_retrieval_{scale.name}.jsonl"
    started = time.perf_counter()
    if not asked.table:
        draw(scale)
        wanted = cells(asked.only.split(","), asked.groups.split(","), asked.seeds)
        left = [cell for cell in wanted if cell not in done(state, scale)]
        print(f"{len(left)} of {len(wanted)} cells are left", flush=True)
        if asked.estimate:
            print(estimate(left, scale, asked.jobs), flush=True)
            return
        work(left, scale, state, asked.jobs, asked.device)
    took = None if asked.table else time.perf_counter() - started
    write(read(state, scale), scale, took)


def cells(networks: Sequence[str], groups: Sequence[str], seeds: int) -> list[Cell]:
    """All cells, seed by seed, the groups in order, so that what is there at any time is a table."""
    found = []
    for seed in range(seeds):
        for group in groups:
            for network in networks:
                methods = METHODS if network in NAMES else ("formula",) if seed == 0 else ()
                found += [Cell(network=network, method=m, seed=seed, group=group) for m in methods]
    return found


def read(state: Path, scale: Scale) -> list[dict[str, Any]]:
    """The lines of this scale, in the order of the cells."""
    lines = [json.loads(line) for line in state.read_text().splitlines()] if state.exists() else []
    names = [*FORMULAS, *NAMES]
    return sorted(
        (line for line in lines if line["scale"] == scale.name), key=lambda line: names.index(line["network"])
    )


def done(state: Path, scale: Scale) -> set[Cell]:
    return {Cell(**{key: line[key] for key in ("network", "method", "seed", "group")}) for line in read(state, scale)}


def work(left: Sequence[Cell], scale: Scale, state: Path, jobs: int, device: str) -> None:
    """Run the cells, each in a fresh process with one thread, and append their lines as they end."""
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "NUMBA_NUM_THREADS"), "1") if device == "cpu" else {}
    folder = CACHE / f"learned_table_{scale.name}"
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, max_tasks_per_child=1) as pool:
        waiting = {pool.submit(run, cell, scale, folder, device): cell for cell in left}
        for number, future in enumerate(as_completed(waiting), 1):
            line = future.result()
            with state.open("a") as file:
                file.write(json.dumps(line) + "\n")
            shown = {name: round(100 * figures["nearest_neighbour"], 1) for name, figures in line["columns"].items()}
            pace = f"{line['shapes_per_second']:.0f} shapes/s, {line['seconds']:.0f} s" if "seconds" in line else ""
            print(f"{number}/{len(left)} {waiting[future].name} {shown} {pace}", flush=True)


def estimate(left: Sequence[Cell], scale: Scale, jobs: int) -> str:
    """How long what is left will take, from three steps of each network and method in one thread."""
    paces: dict[tuple[str, str], tuple[float, float]] = {}
    said, hours = [], 0.0
    for cell in (cell for cell in left if cell.network in NAMES):
        learnt = replace(cell, method="classification") if cell.method == "random" else cell
        key = (learnt.network, learnt.method)
        if key not in paces:
            paces[key] = pace(learnt, scale)
            said.append(f"{' '.join(key)} {1 / paces[key][0]:.0f} and {1 / paces[key][1]:.0f}")
        learning, seeing = paces[key]
        how, shapes = recipe(learnt, scale), scale.train or 2500
        seconds = START + len(GROUPS[cell.group]) * (shapes + (scale.queries or 600)) * seeing
        if cell.method != "random":
            seconds += how.epochs * (shapes * learning + SETTLED * how.branches * seeing)
        hours += seconds / 3600 / jobs
    return (
        f"shapes a second in one thread, learnt and looked up: {'; '.join(said)}\n"
        f"about {hours:.1f} hours with {jobs} processes, were nothing else running"
    )


def write(lines: list[dict[str, Any]], scale: Scale, seconds: float | None) -> None:
    """The result as markdown; `seconds` that this run took, None where it only wrote."""
    table = Table(lines)
    trained = sum(line.get("seconds", 0.0) for line in lines)
    ran = "" if seconds is None else f"This run took {seconds / 60:.0f} min. "
    text = [
        f"# Retrieval with learned networks, scale {scale.name}", "", describe(), "",
        f"{scale.train or 'All'} training shapes a set, {scale.epochs or 'as many as the paper'} epochs; {len(lines)} cells. "
        f"{ran}All trainings together took {trained / 3600:.1f} processor hours. Gallery: the training shapes; queries: test. "
        "Every cell is a training of its own from random weights. Objects stand upright and "
        "are not turned in training; turned objects (gallery and queries, each in a pose of its own) and parts (as their "
        "files stand) learn with any rotation: the paper's choices for such sets. Scans, of one side, with noise and holes, "
        "are looked up among whole objects by the network that learnt objects; `parts, unseen` asks parts of the network "
        "that learnt turned objects. View-GCN and MVTN see splats of the same points that the others see, and no network "
        "starts from ImageNet. MMCL: image and text tower small, of random weights, trained jointly; captions are "
        "templates over labels and source names, so it sees labels as words. "
        + ("The last epoch is kept." if scale.val == 0 else "The epoch is chosen on val."),
        "", "## Nearest-neighbour accuracy", "",
        "Per cent, with 95 % bootstrap intervals over queries, each query's value its mean over the seeds (x3: three seeds).",
        "", *accuracies(table), "", "## Differences", "",
        "Points of accuracy with paired 95 % intervals over the same queries.",
        "", *gains(table), "", "## Other figures", "",
        "Per cent, means over seeds; NDCG at 100, textbook and as the paper's code computes it (order does not count); mAP "
        "textbook, whole and cut at 10; hit@10: what several codes print as mAP@10.",
        "", *others(table), "", "## What training cost", "",
        "Medians over seeds and sets, one thread a training; shapes/s count shapes (VICReg sees each twice) and include "
        "validation. Peak memory is the process's, Python and torch included.",
        "", *costs(table), "",
    ]  # fmt: skip
    page = "\n".join(text)
    if scale.name == "tiny":
        print(page)
    else:
        (RESULTS / f"learned_retrieval_{scale.name}.md").write_text(page)


if __name__ == "__main__":
    main()
