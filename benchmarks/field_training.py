"""Training and asking of the grid networks: the numba kernels beside eager torch and torch.compile, in one run.

    python benchmarks/field_training.py [THREADS]

The same network, the same points (INRet's mixture on a mesh of 4,900 faces), the same batches, as many threads (2). Each
rival is the fastest of its ways (torch_rivals.py). Rounds of all methods follow each other, so that what else the
machine does strikes all; figures are medians over the rounds. On two threads wall time counts: leave the machine alone.
On one thread processor time counts, which other work on the machine hardly changes.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numba
import numpy as np
import torch
from torch import Tensor

from fieldstone.fields.frame import Frame
from fieldstone.fields.grid import DECODER, GridNetwork
from fieldstone.fields.network import Network
from fieldstone.fields.registry import KINDS
from fieldstone.fields.sampling import Samples, Sampling, draw
from fieldstone.fields.trainer import GridTrainer
from fieldstone.fields.truth import MeshTruth
from fieldstone.geometry.sample import sample_surface
from fieldstone.kernels.reference import decode, features, lattice_of, lookup, losses
from fieldstone.types import Mesh
from machine import describe
from torch_rivals import COMPILED, EAGER, Rival

THREADS = int(sys.argv[1]) if len(sys.argv) > 1 else 2
RESULT = Path(__file__).parent / "results" / ("field_training.md" if THREADS > 1 else "field_training_one_thread.md")
CLOCK = time.perf_counter if THREADS > 1 else time.process_time
ARCHITECTURES = ("hashgrid", "octree", "triplane")
BATCHES = (4096, 512)
ROUNDS = 3
SECONDS = 0.4
"""Of one method in one round, about."""
RATE = 5e-3
PASS = 24 * 4096
"""Points of a call of our trainer, a fifth of an epoch; ours takes each batch from them and sorts it, rivals find theirs ready."""
ASKED = 1 << 18
BLOCKS = (4096, 32768)
"""Points that eager torch is asked at a time; the faster one counts."""


def main() -> None:
    load = os.getloadavg()[0]
    torch.set_num_threads(THREADS)
    numba.set_num_threads(THREADS)
    mesh = ball(50)
    samples = draw(MeshTruth(mesh, "sdf"), Sampling().part(0.4), np.random.default_rng(0))
    training = [train(name, samples, mesh, batch) for name in ARCHITECTURES for batch in BATCHES]
    asking = [ask(name, samples, mesh) for name in ARCHITECTURES]
    exact = [deviations(name, samples, mesh) for name in ARCHITECTURES]
    text = report(training, asking, exact, load)
    print(text)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(text)


def ball(n: int) -> Mesh:
    """A bumpy ball of 2 n (n - 1) faces, in the frame of a field."""
    polar, around = np.meshgrid(np.linspace(0, np.pi, n + 1), np.linspace(0, 2 * np.pi, n, False), indexing="ij")
    radius = 1 + 0.15 * np.sin(7 * polar) * np.cos(5 * around)
    out = np.stack([np.sin(polar) * np.cos(around), np.sin(polar) * np.sin(around), np.cos(polar)], -1)
    a = np.arange(n + 1)[:, None] * n + np.arange(n)
    b = np.roll(a, -1, axis=1)
    quads = np.stack([a[:-1], a[1:], b[1:], b[:-1]], -1).reshape(-1, 4)
    faces = np.concatenate([quads[n:, [0, 2, 3]], quads[:-n, [0, 1, 2]]])  # at the poles one of the two has no area
    moved, _ = Frame.of(Mesh((out * radius[..., None]).reshape(-1, 3), faces))
    assert isinstance(moved, Mesh)
    return moved


def begin(name: str, mesh: Mesh) -> GridNetwork:
    kind = KINDS[name]
    surface = sample_surface(mesh, 1_000_000, np.random.default_rng(1)).points
    network = kind.network(kind.config(), kind.begin(kind.config(), "sdf", 1, 0, surface))
    assert isinstance(network, GridNetwork)
    return network


def rates_of(methods: dict[str, Callable[[], int]]) -> dict[str, float]:
    """Points a second of each method, the median over rounds; a call does some points and says how many."""
    found: dict[str, list[float]] = {name: [] for name in methods}
    for call in methods.values():
        call()
    for _ in range(ROUNDS):
        for name, call in methods.items():
            done, start = 0, CLOCK()
            while CLOCK() - start < SECONDS:
                done += call()
            found[name].append(done / (CLOCK() - start))
    return {name: median(rates) for name, rates in found.items()}


def train(name: str, samples: Samples, mesh: Mesh, batch: int) -> tuple[str, int, dict[str, float]]:
    network, steps = begin(name, mesh), PASS // batch
    generator = np.random.default_rng(2)
    chosen = [np.sort(generator.permutation(len(samples.points))[:batch]) for _ in range(16)]
    points = [torch.from_numpy(samples.points[c]) for c in chosen]
    values = [torch.from_numpy(samples.values[c]) for c in chosen]
    order = generator.permutation(len(samples.points))[:PASS]
    rates = np.full(steps, RATE, np.float32)
    trainer, turn = GridTrainer(network, "sdf", THREADS), iter(range(1 << 60))

    def ours() -> int:
        trainer.epoch(samples.points, samples.values, order, batch, rates)
        return PASS

    def theirs(rival: Rival) -> Callable[[], int]:
        def call() -> int:
            at = next(turn) % len(points)
            rival.step(points[at], values[at])
            return batch

        return call

    methods = {"ours": ours}
    methods |= {f"eager, {way}": theirs(Rival(network, way, False, RATE)) for way in EAGER}
    methods |= {f"compiled, {way}": theirs(Rival(network, way, True, RATE)) for way in COMPILED}
    return name, batch, rates_of(methods)


def ask(name: str, samples: Samples, mesh: Mesh) -> tuple[str, int, dict[str, float]]:
    network = begin(name, mesh)
    points = samples.points[np.random.default_rng(3).permutation(len(samples.points))]
    points = np.tile(points, (-(-ASKED // len(points)), 1))[:ASKED]
    there = torch.from_numpy(points)

    def ours() -> int:
        network.forward(points)
        return ASKED

    def theirs(rival: Rival, block: int) -> Callable[[], int]:
        blocks, turn = there.split(block), iter(range(1 << 60))

        def call() -> int:
            rival.forward(blocks[next(turn) % len(blocks)])
            return block

        return call

    methods = {"ours": ours}
    methods |= {"eager, plain": theirs(Rival(network, "plain", False), BLOCKS[0])}
    methods |= {f"eager, blocks of {block:,}": theirs(Rival(network, "dense", False), block) for block in BLOCKS}
    methods |= {f"compiled, blocks of {BLOCKS[1]:,}": theirs(Rival(network, "gather", True), BLOCKS[1])}
    return name, ASKED, rates_of(methods)


def deviations(name: str, samples: Samples, mesh: Mesh) -> tuple[str, dict[str, float], dict[str, float]]:
    """Largest deviations from float64 over that tensor's largest entry, of ours and of eager torch, after 40 steps."""
    trainer = GridTrainer(begin(name, mesh), "sdf", THREADS)
    order = np.random.default_rng(4).permutation(len(samples.points))[: 41 * 4096]
    trainer.epoch(samples.points, samples.values, order[:-4096], 4096, np.full(40, RATE, np.float32))
    network = KINDS[name].network(KINDS[name].config(), trainer.tensors())
    assert isinstance(network, GridNetwork)
    last = np.sort(order[-4096:])
    points, values = samples.points[last], samples.values[last]
    exact = gradients(network, points, values, torch.float64)
    eager = gradients(network, points, values, torch.float32)
    found = compiled_gradients(network, points, values)
    return name, relative(found, exact), relative(eager, exact)


def gradients(network: GridNetwork, points: np.ndarray, values: np.ndarray, dtype: torch.dtype) -> dict[str, Tensor]:
    lattice = lattice_of([network.lookup])
    named = {"table": network.table, **{name: network.decoder[name] for name in DECODER}}
    parameters = {k: torch.from_numpy(v.copy()).to(dtype).requires_grad_() for k, v in named.items()}
    at = torch.from_numpy(points).to(dtype)
    table, *layers = parameters.values()
    outputs = decode(at, features(table, *lookup(lattice, at), lattice), layers)
    losses(outputs, torch.from_numpy(values).to(dtype), squared=True).backward()
    return {"values": outputs.detach(), **{k: p.grad for k, p in parameters.items()}}


def compiled_gradients(network: Network, points: np.ndarray, values: np.ndarray) -> dict[str, Tensor]:
    """From one step of the trainer: the first moments are then a tenth of the gradients."""
    assert isinstance(network, GridNetwork)
    trainer, channels = GridTrainer(network, "sdf", THREADS), network.table.shape[1]
    trainer.epoch(points, values, np.arange(len(points)), len(points), np.zeros(1, np.float32))
    state = trainer.state()
    found = {"values": network.forward(points), "table": 10 * state["records"][:, 2 * channels : 3 * channels]}
    layers = [10 * state[f"first.{i}"] for i in range(4)]
    found |= dict(zip(DECODER, (layers[0], layers[1], layers[2].T, layers[3]), strict=True))
    return {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in found.items()}


def relative(found: dict[str, Tensor], exact: dict[str, Tensor]) -> dict[str, float]:
    return {k: float((found[k].double() - exact[k]).abs().max() / exact[k].abs().max()) for k in exact}


def report(training: list, asking: list, exact: list, load: float) -> str:
    clock = f"{THREADS} threads, wall time" if THREADS > 1 else "One thread, processor time"
    lines = [
        "# Training and asking of grid networks",
        "",
        f"{describe()}. {clock}; torch {torch.__version__}. Load average {load:.1f} at the start, {os.getloadavg()[0]:.1f} at the end.",
        "Medians of rounds in turn. Points of INRet's mixture; the networks are INRet's. `plain` is torch as first written: indexing, "
        "multiplying, summing, torch.optim.Adam. Otherwise a rival is the fastest of its ways: embedding_bag (`dense`) or "
        "indexing (`gather`) with fused Adam on the whole table, embedding_bag with SparseAdam (`sparse`), or our sorted step "
        "on touched rows (`rows`). What torch.compile makes adds into the table with racing atomics, ours does not.",
        "",
        "## Training with the optimiser: points a second",
        "",
        "| network | batch | ours | plain eager | eager, fastest | torch.compile, fastest | times plain | times eager | times compiled |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [row(name, f"{batch:,}", rates) for name, batch, rates in training]
    lines += ["", "All ways, points a second:", "", "| network | batch | " + " | ".join(training[0][2]) + " |"]
    lines += ["|---|---|" + "---|" * len(training[0][2])]
    lines += [f"| {n} | {b:,} | " + " | ".join(f"{r:,.0f}" for r in rates.values()) + " |" for n, b, rates in training]
    lines += [
        "",
        f"## Asking for values: points a second ({ASKED:,} points)",
        "",
        "| network | points | ours | plain eager | eager, fastest | torch.compile | times plain | times eager | times compiled |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [row(name, f"{n:,}", rates) for name, n, rates in asking]
    lines += [
        "",
        "## Against float64",
        "",
        "Largest deviation over the tensor's largest entry, of values and gradients of one batch of 4,096 after 40 steps.",
        "Eager torch computes cells in float32.",
        "",
        "| network | | " + " | ".join(exact[0][1]) + " |",
        "|---|---|" + "---|" * len(exact[0][1]),
    ]
    for name, ours, eager in exact:
        lines.append(f"| {name} | ours | " + " | ".join(f"{d:.1e}" for d in ours.values()) + " |")
        lines.append(f"| {name} | eager float32 | " + " | ".join(f"{d:.1e}" for d in eager.values()) + " |")
    return "\n".join(lines) + "\n"


def row(name: str, size: str, rates: dict[str, float]) -> str:
    ours, plain = rates["ours"], rates["eager, plain"]
    eager, compiled = (best(rates, kind) for kind in ("eager", "compiled"))
    return (
        f"| {name} | {size} | {ours:,.0f} | {plain:,.0f} | {eager[1]:,.0f} ({eager[0]}) | {compiled[1]:,.0f} ({compiled[0]}) "
        f"| {ours / plain:.1f} | {ours / eager[1]:.1f} | {ours / compiled[1]:.1f} |"
    )


def best(rates: dict[str, float], kind: str) -> tuple[str, float]:
    name = max((name for name in rates if name.startswith(kind)), key=lambda name: rates[name])
    return name.split(", ")[1], rates[name]


if __name__ == "__main__":
    main()
