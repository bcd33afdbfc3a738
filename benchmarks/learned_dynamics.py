"""How a pre-trained base takes to tuning: 3DOR's Figure 5, 3e-4 without warm-up against 5e-5 with 20 % of it, and ours.

    python benchmarks/learned_dynamics.py [--base FILE] [--epochs 8] [--threads 2]

The base that never saw `parts` (train_base.py, phase objects) is tuned to them by classification and by VICReg; after each
epoch val shapes are looked up among some train shapes. Test is not asked. A killed run goes on. Writes
results/learned_dynamics.svg and .md, and keeps the base that was tuned by classification under benchmarks/.cache/dynamics
for learned_strips.py. `--base random` is a stand-in that has learnt nothing.
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from fieldstone.encoders.networks.frameless import compact
from fieldstone.encoders.weights import Header, open_weights, save
from fieldstone.training.history import Epoch
from fieldstone.training.recipe import SCRATCH, TUNED
from fieldstone.training.schedule import Schedule
from fieldstone.training.tuning import GALLERY, recipe_of, tune_weights
from learned_data import load
from learned_tuning import BASE, collection
from learned_weights import random_file
from machine import describe
from retrieval_data import CACHE

RESULTS = Path(__file__).parent / "results"
FOLDER = CACHE / "dynamics"
METHODS = ("classification", "vicreg")
OWN = Schedule(rate=1e-3, warm=0.2)
SCHEDULES = {
    "3e-4, no warm-up": (SCRATCH, "#1f77b4"), "5e-5, 20 % warm-up": (TUNED, "#ff7f0e"),
    "1e-3, 20 % warm-up (ours)": (OWN, "#2ca02c"),
}  # fmt: skip
"""The paper's two, in its colours, and what our small network is tuned with by labels."""
FIGURES = {"val_accuracy": "nearest-neighbour accuracy on val", "val_loss": "loss on val"}
WIDE, HIGH, MARGIN = 380, 210, 52
Runs = dict[tuple[str, str], list[Epoch]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", default=str(BASE))
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--shapes", type=int, help="train shapes at most, to try it out")
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    header, tensors = base_of(asked.base)
    runs = tuned(header, tensors, asked.epochs, asked.shapes)
    (RESULTS / "learned_dynamics.svg").write_text(figure(runs))
    (RESULTS / "learned_dynamics.md").write_text(page(runs, header))


def tuned_file(base: str) -> Path:
    """Where the base of that name is kept as classification tuned it."""
    return FOLDER / f"{base}-tuned.safetensors"


def base_of(name: str) -> tuple[Header, dict[str, np.ndarray]]:
    if name != "random":
        return open_weights(name)
    with tempfile.TemporaryDirectory() as folder:
        return open_weights(random_file(Path(folder) / "base.safetensors", "frameless", compact()))


def tuned(header: Header, tensors: dict[str, np.ndarray], epochs: int, limit: int | None) -> Runs:
    """Each method with each schedule; what is already there is read from its folder."""
    shapes = load()
    rows = {split: shapes.rows(domain="parts", split=split)[:limit] for split in ("train", "val")}
    learn = collection(shapes, rows)
    if not header.config.get("descriptor"):
        learn = replace(learn, descriptors=None)
    runs: Runs = {}
    for method in METHODS:
        for name, (schedule, _) in SCHEDULES.items():
            recipe = replace(recipe_of(method, header, len(rows["train"]), epochs), schedule=schedule, patience=None)
            folder = FOLDER / f"{header.id}-{method}-{schedule.rate}-{epochs}-{len(rows['train'])}"
            learnt, trained = tune_weights(header, tensors, learn, recipe, seed=0, folder=folder)
            runs[method, name] = trained.history
            if method == "classification" and schedule is OWN:
                said = replace(header, name=f"{header.name}-tuned")
                save(tuned_file(header.name), {key: value.astype(np.float16) for key, value in learnt.items()}, said)
            print(method, name, [f"{epoch.val_accuracy or 0:.3f}" for epoch in trained.history], flush=True)
    return runs


def figure(runs: Runs) -> str:
    """Methods side by side, accuracy above loss, a line a schedule. SVG."""
    high = HIGH + MARGIN
    panels = "".join(
        panel(
            f"{method}: {title}",
            {name: [getattr(epoch, key) for epoch in runs[method, name]] for name in SCHEDULES},
            (WIDE + MARGIN) * column + MARGIN, high * row,
        )
        for column, method in enumerate(METHODS)
        for row, (key, title) in enumerate(FIGURES.items())
    )  # fmt: skip
    legend = "".join(
        f'<text x="{MARGIN + 200 * i}" y="{2 * high + 14}" style="fill:{colour}">{name}</text>'
        for i, (name, (_, colour)) in enumerate(SCHEDULES.items())
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * (WIDE + MARGIN) + 16} {2 * high + 24}" role="img" '
        'aria-label="Validation accuracy and loss of three schedules"><style>text{font:12px sans-serif;fill:#555}'
        f"path{{fill:none;stroke-width:2}}line{{stroke:#ddd}}</style>{panels}{legend}</svg>\n"
    )


def panel(title: str, lines: dict[str, Sequence[float | None]], left: int, top: int) -> str:
    """One plot: an axis of three values, epochs from left to right."""
    known = [value for values in lines.values() for value in values if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    span = (high - low) or 1.0

    def y(value: float) -> float:
        return top + HIGH - (HIGH - 30) * (value - low) / span

    parts = [f'<text x="{left}" y="{top + 16}">{title}</text>']
    for value in (low, low + span / 2, low + span):
        parts.append(f'<line x1="{left}" x2="{left + WIDE}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>')
        parts.append(f'<text x="{left - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:.3g}</text>')
    for name, values in lines.items():
        step = WIDE / max(len(values) - 1, 1)
        places = [f"{left + step * i:.1f} {y(value):.1f}" for i, value in enumerate(values) if value is not None]
        if places:
            parts.append(f'<path stroke="{SCHEDULES[name][1]}" d="M{" L".join(places)}"/>')
    count = max(len(values) for values in lines.values())
    parts.append(f'<text x="{left}" y="{top + HIGH + 18}">epoch 1</text>')
    parts.append(f'<text x="{left + WIDE}" y="{top + HIGH + 18}" text-anchor="end">{count}</text>')
    return "".join(parts)


def page(runs: Runs, header: Header) -> str:
    """The figure with its numbers."""
    text = [
        "# Training dynamics of tuning", "", describe(), "",
        f"3DOR's Figure 5 on our shapes: {header.id}, which never saw `parts`, tuned to their train shapes; val shapes are "
        f"looked up among {GALLERY} train shapes after every epoch. Test is not asked. One seed.",
        "", "![dynamics](learned_dynamics.svg)", "",
        "| method | schedule | NN on val: first epoch | best | last | loss on val: first | lowest | last |",
        "|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for (method, name), history in runs.items():
        accuracy = [100 * (epoch.val_accuracy or 0.0) for epoch in history]
        loss = [epoch.val_loss or 0.0 for epoch in history]
        text.append(
            f"| {method} | {name} | {accuracy[0]:.1f} | {max(accuracy):.1f} | {accuracy[-1]:.1f} "
            f"| {loss[0]:.3f} | {min(loss):.3f} | {loss[-1]:.3f} |"
        )
    return "\n".join([*text, ""])


if __name__ == "__main__":
    main()
