"""From file to field on the command line, where the time and memory go, and the time to a given error.

    python benchmarks/field_fit.py [SHAPES]

SHAPES (default 32) of `detailed32`, as binary STL files; iNGP sdf at the default budget; and the time until gIoU is 95
for each architecture. The commands are warm: one run before them fills the caches of compiled kernels and files.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from field_quality import CUBE, POINTS, detailed, load
from fieldstone import read
from fieldstone.fields.file import save
from fieldstone.fields.fit import truth_of
from fieldstone.fields.fitting import Fitting
from fieldstone.fields.frame import Frame
from fieldstone.fields.lesson import Lesson
from fieldstone.fields.network import Card, NeuralField
from fieldstone.fields.recipe import recipe
from fieldstone.fields.sampling import Sampling, draw
from fieldstone.fields.schedule import fast
from fieldstone.files import write
from fieldstone.geometry.distance import Surface
from fieldstone.geometry.metrics import giou_percent
from fieldstone.geometry.sample import sample_volume
from machine import describe

RESULT = Path(__file__).parent / "results" / "field_fit.md"
TARGET = 95.0
ARCHITECTURES = ("hashgrid", "octree", "triplane")
SOME = 8


def command(stl: Path, out: Path) -> float:
    """Wall seconds of the command."""
    start = time.perf_counter()
    arguments = [sys.executable, "-m", "fieldstone", "fit", str(stl), "-o", str(out), "--quiet"]
    subprocess.run(arguments, check=True, capture_output=True)
    return time.perf_counter() - start


def parts(stl: Path, out: Path) -> dict[str, float]:
    """Wall seconds of each step of the same fit, in this process."""
    clock = [time.perf_counter()]

    def lap() -> float:
        clock.append(time.perf_counter())
        return clock[-1] - clock[-2]

    model = read(stl)
    found = {"read": lap()}
    truth, frame, _ = truth_of(model.shape, "sdf")
    found["frame and sign confidence"] = lap()
    draw(truth, Sampling(), np.random.default_rng([0, 0]))
    found["ground truth of 500,000 points"] = lap()
    fitting = Fitting(Lesson(truth, recipe("hashgrid", "sdf", schedule=fast())))
    lap()
    trained = sum(fitting.epoch().seconds for _ in range(fitting.lesson.schedule.epochs))
    found["training, 10 epochs"] = trained
    found["held-out error"] = lap() - trained
    save(NeuralField(network=fitting.network, function="sdf", frame=frame, card=Card()), out)
    found["write"] = lap()
    return found


def to_target(mesh, architecture: str) -> tuple[float, float, float]:
    """Seconds of training until gIoU is 95 (infinite where it never is), gIoU then, and gIoU at the end."""
    truth, _, _ = truth_of(mesh, "sdf")
    fitting = Fitting(Lesson(truth, recipe(architecture, "sdf", schedule=fast())))
    points = sample_volume(CUBE, POINTS, np.random.default_rng(3))
    inside = np.where(Surface(Frame.of(mesh)[0]).inside(points), -1.0, 1.0)
    spent, reached, then, now = 0.0, np.inf, np.nan, 0.0
    while not fitting.done:
        spent += fitting.epoch().seconds
        now = giou_percent(inside, fitting.network.forward(points)[:, 0])
        if now >= TARGET and not np.isfinite(reached):
            reached, then = spent, now
    return reached, then, now


def command_lines(names: list[str], shapes: dict, folder: Path) -> list[str]:
    walls, steps = [], []
    for i, name in enumerate(names):
        stl, out = folder / f"{name}.stl", folder / f"{name}.field"
        write(shapes[name], stl)
        if i == 0:
            command(stl, out)
            parts(stl, out)
        walls.append(command(stl, out))
        steps.append(parts(stl, out))
        print(name, f"{walls[-1]:.2f} s", {key: round(value, 3) for key, value in steps[-1].items()}, flush=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    lines = [
        f"File to field, the whole command: median {median(walls):.2f} s (from {min(walls):.2f} to {max(walls):.2f} s, "
        f"{len(walls)} shapes). Peak memory of the largest command: {peak:.0f} MB.",
        "",
        "| step, in process | median s | longest s |",
        "|---|---|---|",
    ]
    return lines + [
        f"| {key} | {median(s[key] for s in steps):.2f} | {max(s[key] for s in steps):.2f} |" for key in steps[0]
    ]


def target_lines(names: list[str], shapes: dict) -> list[str]:
    lines = [
        "| architecture | s to gIoU 95, median | longest | reached by | gIoU after 10 epochs, median |",
        "|---|---|---|---|---|",
    ]
    for architecture in ARCHITECTURES:
        found = [to_target(shapes[name], architecture) for name in names]
        times = [seconds for seconds, _, _ in found]
        reached = [t for t in times if np.isfinite(t)]
        lines.append(
            f"| {architecture} | {median(times):.2f} | {max(reached):.2f} | {len(reached)} of {len(times)} "
            f"| {median(last for _, _, last in found):.2f} |"
        )
    return lines


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 32
    names = detailed()[:count]
    shapes = load(names)
    some = names[:: max(1, count // SOME)]
    with tempfile.TemporaryDirectory() as folder:
        measured = command_lines(names, shapes, Path(folder))
    lines = [
        "# From file to field",
        "",
        f"{describe()}",
        "",
        "Hash grid (INRet's iNGP), sdf, 500,000 points, schedule `fast` (10 epochs), `detailed32` as binary STL.",
        "",
        *measured,
        "",
        f"## Training seconds to gIoU {TARGET:.0f}",
        "",
        f"{len(some)} of the shapes, looked at after every epoch of the schedule; truth and looking not counted.",
        "",
        *target_lines(some, shapes),
    ]
    RESULT.write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
