"""Hostile files against every reader: crashes, hangs, foreign exceptions, memory, files opened elsewhere: all 0.

    python benchmarks/fuzz_readers.py [cases a seed, default 2000] [name of one seed]

Each seed file of tests/files/mutations.py is mutated with numbered seeds in a child process whose memory is capped at
3 GB and which dies where one case takes 10 s. Every `open` of the reader is watched (an audit hook); the places that
tricks lead to hold named pipes, so that even an `open` in a C library that the hook cannot see would hang and be found.
Writes benchmarks/results/fuzz_readers.md.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import machine

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from tests.files import mutations  # noqa: E402

from fieldstone.errors import FileError  # noqa: E402
from fieldstone.files import Limits, read, read_entry, scan  # noqa: E402

MEMORY = 3 * 2**30
SECONDS = 10
LIMITS = Limits(seconds=8.0)
STEP_CASES = 60
MEMBERS = 20
"""Members of an archive that are read, at most, in one case."""


def step_seed() -> mutations.Seed | None:
    """A real STEP file, where the data is."""
    path = (
        Path(os.environ.get("FIELDSTONE_SHARED", HERE.parents[1] / "shared"))
        / "data/files/good/base_interface_AP214.STEP"
    )
    return mutations.Seed("real.step", path.read_bytes()) if path.is_file() else None


def all_seeds() -> dict[str, mutations.Seed]:
    step = step_seed()
    return {seed.name: seed for seed in [*mutations.seeds(), *([step] if step else [])]}


class Watch:
    """Remembers what is opened, written or run while a reader is at work."""

    def __init__(self, allowed: Path, *, step: bool) -> None:
        self.allowed, self.on, self.found = str(allowed), False, []
        self.step = step
        self.libraries = tuple({sys.prefix, sys.base_prefix, str(HERE.parent / "src")})

    def __call__(self, event: str, arguments: tuple) -> None:
        if not self.on or event not in (
            "open",
            "os.listdir",
            "os.scandir",
            "socket.connect",
            "subprocess.Popen",
            "os.mkdir",
        ):
            return
        target = os.fsdecode(arguments[0]) if isinstance(arguments[0], str | bytes | os.PathLike) else str(arguments[0])
        if event == "open":
            own = os.path.realpath(target).startswith(self.allowed) and not (arguments[2] or 0) & (
                os.O_WRONLY | os.O_RDWR
            )
            code = target.endswith((".py", ".pyc", ".so", ".nbi", ".nbc")) or target.startswith(self.libraries)
            if own or code:
                return
        if event in ("os.listdir", "os.scandir") and (
            os.path.realpath(target).startswith(self.allowed) or target in sys.path
        ):
            return
        if self.stepping(event, target):
            return
        self.found.append(f"{event} {target[:100]}")

    def stepping(self, event: str, target: str) -> bool:
        """What the STEP reader may do: a folder of its own, and its own converter."""
        return (
            "fieldstone-step-" in target
            or (self.step and target.isdigit())
            or (event == "subprocess.Popen" and target == sys.executable)
            or target == "/dev/null"
        )


def prepare(folder: Path) -> Path:
    """The folder of the file with what it may read, and pipes outside that nobody may."""
    inside, outside = folder / "in", folder / "outside"
    inside.mkdir()
    outside.mkdir()
    (inside / "sub").mkdir()
    for name, data in mutations.beside().items():
        (inside / name).write_bytes(data)
    for extension in ("mtl", "png", "bin", "model", "stl", "xsl"):
        os.mkfifo(outside / f"secret.{extension}")
    (inside / "link").symlink_to(outside)
    return inside


def attempt(path: Path) -> str:
    """Read as a user does (the file) and as the ingest does (what a scan finds): "shape", "refused" or worse."""
    outcome = "shape"
    try:
        shape = read(path, limits=LIMITS).shape
        points = shape.vertices if hasattr(shape, "vertices") else shape.points
        outcome = "shape" if np.isfinite(points).all() else "numbers that are not finite"
    except FileError as error:
        outcome = "out of memory" if "memory" in error.reason else "refused"
    if path.suffix != ".zip" or outcome not in ("shape", "refused"):
        return outcome
    for entry, _ in zip(scan(path.parent, LIMITS), range(MEMBERS), strict=False):
        try:
            read_entry(entry, limits=LIMITS)
        except FileError as error:
            outcome = "out of memory" if "memory" in error.reason else outcome
    return outcome


def child(name: str, first: int, last: int) -> None:
    """Run cases first..last-1 of a seed, one line of JSON each."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    seed = all_seeds()[name]
    with tempfile.TemporaryDirectory(prefix="fieldstone-fuzz-") as folder:
        inside = prepare(Path(folder))
        path, watch = inside / name, Watch(inside, step=name.endswith(".step"))
        for known in all_seeds().values():  # import and compile all that readers use, before they are watched
            (inside / known.name).write_bytes(known.data)
            assert attempt(inside / known.name) == "shape", known.name
            (inside / known.name).unlink()
        sys.addaudithook(watch)
        for case in range(first, last):
            path.write_bytes(mutations.mutate(seed, np.random.default_rng([case, len(name), len(seed.data)])))
            print(json.dumps({"case": case}), flush=True)
            signal.alarm(SECONDS)
            started = time.perf_counter()
            watch.on = True
            try:
                outcome = attempt(path)
            except BaseException as error:
                outcome = f"{type(error).__name__}: {error}"[:200]
            watch.on = False
            signal.alarm(0)
            seconds = time.perf_counter() - started
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            print(json.dumps({"outcome": outcome, "seconds": seconds, "peak": peak, "opened": watch.found}), flush=True)
            watch.found = []


@dataclass
class Tally:
    outcomes: Counter = field(default_factory=Counter)
    opened: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    hangs: list[str] = field(default_factory=list)
    slowest: float = 0.0
    peak: int = 0


def run(name: str, cases: int) -> Tally:
    """All cases of a seed; a child that dies is replaced and goes on with the next case."""
    tally, case = Tally(), 0
    while case < cases:
        command = [sys.executable, "-X", "faulthandler", __file__, "--child", name, str(case), str(cases)]
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
        result = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        for line in result.stdout.splitlines():
            told = json.loads(line)
            if "case" in told:
                case = told["case"]
                continue
            take(tally, f"{name} case {case}", told)
        if result.returncode == 0:
            return tally
        assert "case" in result.stdout, result.stderr[-2000:]
        died = tally.hangs if result.returncode == -signal.SIGALRM else tally.crashes
        died.append(f"{name} case {case}: {result.stderr[-300:]}")
        case += 1
    return tally


def take(tally: Tally, where: str, told: dict) -> None:
    outcome = told["outcome"]
    if outcome not in ("shape", "refused", "out of memory"):
        tally.foreign.append(f"{where}: {outcome}")
    else:
        tally.outcomes[outcome] += 1
    tally.opened += [f"{where}: {item}" for item in told["opened"]]
    tally.slowest, tally.peak = max(tally.slowest, told["seconds"]), max(tally.peak, told["peak"])


def main() -> None:
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    names = sys.argv[2:] or list(all_seeds())
    lines = [
        "# Hostile files", "", f"{machine.describe()}. Memory capped at 3 GB, 10 s a case.", "",
        "| seed | cases | shapes | refused | foreign exceptions | crashes | hangs | beyond memory | opened elsewhere "
        "| slowest, s | peak, MB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]  # fmt: skip
    bad: list[str] = []
    for name in names:
        count = min(cases, STEP_CASES) if name.endswith(".step") else cases
        tally = run(name, count)
        done = tally.outcomes
        row = (
            name, count, done["shape"], done["refused"], len(tally.foreign), len(tally.crashes), len(tally.hangs),
            done["out of memory"], len(tally.opened), f"{tally.slowest:.2f}", tally.peak,
        )  # fmt: skip
        lines.append("| " + " | ".join(map(str, row)) + " |")
        print(lines[-1], flush=True)
        bad += tally.foreign + tally.crashes + tally.hangs + tally.opened
    print("\n".join(bad[:60]))
    if not sys.argv[2:]:
        lines += ["", f"Found: {len(bad)}.", *(f"- {text}" for text in bad[:60]), ""]
        (HERE / "results" / "fuzz_readers.md").write_text("\n".join(lines))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        main()
