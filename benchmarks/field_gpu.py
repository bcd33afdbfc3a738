"""Fields on a GPU: shapes a second of stacks of different sizes, and the Triton kernels beside torch. Needs CUDA.

    python benchmarks/field_gpu.py [FOLDER]

FOLDER holds meshes; without it, a bumpy ball stands for each shape. Every shape gets the default budget: 500,000 points,
10 epochs of 4,096 points a step. Ground truth is drawn on the CPU before the clock starts.
"""

import sys
import time
from pathlib import Path

import numpy as np
import torch

from fieldstone.fields import torch_stack
from fieldstone.fields.fit import truth_of
from fieldstone.fields.lesson import Lesson
from fieldstone.fields.recipe import recipe
from fieldstone.fields.schedule import fast
from fieldstone.fields.torch_stack import StackTrainer
from fieldstone.files import read
from fieldstone.kernels import reference
from fieldstone.types import Mesh
from machine import describe

RESULT = Path(__file__).parent / "results" / "field_gpu.md"
ARCHITECTURES = ("hashgrid", "octree", "triplane", "siren")
STACKS = (1, 4, 16, 32)
EPOCHS = 10
WARM = 20
"""Steps before the clock starts: kernels are compiled in the first."""


def main() -> None:
    if not torch.cuda.is_available():
        print("field_gpu: torch finds no CUDA device here; nothing was measured")
        return
    shapes = meshes(max(STACKS))
    lines = [
        "# Fields on a GPU",
        "",
        f"{torch.cuda.get_device_name()}, torch {torch.__version__}; {describe()}. {len(shapes)} shapes, fitted to sdf. "
        f"{EPOCHS} epochs of 500,000 points, 4,096 a step; the error is the mean absolute one at points near the surface.",
        "",
        "| network | shapes side by side | kernels | seconds | shapes a second | points a second | error, median |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in ARCHITECTURES:
        lessons = [lesson(name, shape) for shape in shapes]
        for count in STACKS:
            lines.append(measure(name, lessons[:count], "Triton" if name != "siren" else "torch"))
            print(lines[-1], flush=True)
        if name != "siren":
            lines.append(measure(name, lessons[: STACKS[-2]], "torch"))
    text = "\n".join(lines) + "\n"
    print(text)
    RESULT.write_text(text)


def meshes(count: int) -> list[Mesh]:
    if len(sys.argv) > 1:
        paths = sorted(path for path in Path(sys.argv[1]).rglob("*") if path.suffix in (".stl", ".obj", ".ply", ".off"))
        found = [read(path).shape for path in paths[:count]]
        return [shape for shape in found if isinstance(shape, Mesh)]
    from field_training import ball

    return [ball(20 + k) for k in range(count)]


def lesson(name: str, shape: Mesh) -> Lesson:
    truth, _, _ = truth_of(shape, "sdf")
    return Lesson(truth, recipe(name, "sdf", schedule=fast()))


def measure(name: str, lessons: list[Lesson], kernels: str) -> str:
    """One line: a stack trained for the whole schedule."""
    schedule, batch = lessons[0].schedule, lessons[0].schedule.batch
    choose = torch_stack._grid_kernels
    if kernels == "torch":
        torch_stack._grid_kernels = lambda _: reference
    try:
        stack, warm = (StackTrainer([each.first for each in lessons], "sdf", "cuda") for _ in range(2))
    finally:
        torch_stack._grid_kernels = choose
    samples = [each.samples(0) for each in lessons]
    points, values = np.stack([s.points for s in samples]), np.stack([s.values for s in samples])
    few = np.stack([each.order(0)[: WARM * batch] for each in lessons])
    warm.epoch(points, values, few, batch, np.full(WARM, 1e-3, np.float32))
    torch.cuda.synchronize()
    start = time.perf_counter()
    for epoch in range(EPOCHS):
        order = np.stack([each.order(epoch) for each in lessons])
        stack.epoch(points, values, order, batch, schedule.rates(epoch, order.shape[1]))
    seconds = time.perf_counter() - start
    networks = [each.network(tensors) for each, tensors in zip(lessons, stack.tensors(), strict=True)]
    error = float(np.median([each.error(network) for each, network in zip(lessons, networks, strict=True)]))
    n = len(lessons)
    done = EPOCHS * points.shape[0] * points.shape[1]
    return f"| {name} | {n} | {kernels} | {seconds:.2f} | {n / seconds:.2f} | {done / seconds:,.0f} | {error:.1e} |"


if __name__ == "__main__":
    main()
