"""All 7,646 real shapes into one library: throughput, peak memory, disk; and SIGKILL at 20 random instants.

The shapes are first written as STL, PLY, OBJ, GLB and OFF files in turn (not timed), then `fieldstone add` runs as a user
runs it. Memory is the largest sum of resident sizes over the command and its workers, seen every 50 ms.

    python benchmarks/ingest.py [--limit N] [--kills 20]
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from machine import describe
from real_shapes import write_files

KILL_WITHIN = 10.0  # seconds: the first commit comes after about five, so half the kills strike a working writer
COMMAND = [sys.executable, "-m", "fieldstone", "add"]


def tree_rss(pid: int) -> int:
    """Resident bytes of a process and its descendants."""
    total, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        try:
            total += int(Path(f"/proc/{one}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            for task in Path(f"/proc/{one}/task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text().split()]
        except (OSError, IndexError):
            continue
    return total


def add(library: Path, models: Path) -> tuple[float, float, dict]:
    """One whole add: seconds, peak GB, report."""
    start, peak = time.perf_counter(), 0
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(
            [*COMMAND, str(library), str(models), "--category", "folder", "-q", "--json"], stdout=out
        )
        while process.poll() is None:
            peak = max(peak, tree_rss(process.pid))
            time.sleep(0.05)
        assert process.returncode == 0
        out.seek(0)
        return time.perf_counter() - start, peak / 1e9, json.load(out)


def size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def digest(library: Path) -> tuple[int, str]:
    """How many rows, and a checksum of all that does not depend on when or in which order they came."""
    from fieldstone import Library
    from fieldstone.library.schema import SHAPES, vectors_table

    opened = Library(library)
    store = opened._store
    columns = [name for name in SHAPES.names if name != "added"]
    shapes = sorted(store.read("shapes", columns).to_pylist(), key=lambda row: row["id"])
    vectors = sorted(
        store.read(vectors_table(opened.encoder.id), ["id", "vector"]).to_pylist(), key=lambda row: row["id"]
    )
    bodies = sorted(map(repr, store.read("bodies", ["id", "count", "n_faces", "fingerprint"]).to_pylist()))
    seen = sorted((s.id, s.sources, s.category) for s in opened.shapes())
    return len(shapes), hashlib.sha256(repr((shapes, vectors, bodies, seen)).encode()).hexdigest()


def killed(library: Path, models: Path, kills: int, seconds: float) -> tuple[int, int]:
    """Kill an add (the whole process group) at random instants; after each, open the library. Returns (opened, rows)."""
    from fieldstone import Library
    from fieldstone.errors import LibraryNotFound

    generator, opened = random.Random(0), 0
    for _ in range(kills):
        process = subprocess.Popen(
            [*COMMAND, str(library), str(models), "--category", "folder", "-q"],
            start_new_session=True,
            stdout=subprocess.DEVNULL,
        )
        time.sleep(generator.uniform(0.2, seconds))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        try:
            rows = len(Library(library))
        except LibraryNotFound:
            rows = 0  # killed before there was anything
        opened += 1
        print(f"  killed; opens with {rows} rows", flush=True)
    return opened, rows


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit", type=int, default=None)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--kill-limit", type=int, default=1200, help="shapes of the kill experiment")
    parser.add_argument("--models", type=Path, default=Path(tempfile.gettempdir()) / "fieldstone-real-shapes")
    options = parser.parse_args()
    lines = ["# Ingest of the real shapes", "", describe(), ""]
    with tempfile.TemporaryDirectory() as scratch:
        models, library = options.models, Path(scratch) / "real.fieldstone"
        n = write_files(models, options.limit)
        seconds, peak, report = add(library, models)
        again, _, second = add(library, models)
        rows = report["added"]
        lines += [
            f"- {n} files, {size(models) / 1e6:.0f} MB: {rows} added, {report['known']} of known content, {len(report['refused'])} refused",
            f"- whole command {seconds:.0f} s, **{n / seconds:.1f} shapes/s**, peak memory {peak:.2f} GB (command and workers)",
            f"- {size(library) / rows / 1e3:.1f} kB a shape on disk",
            f"- the same command again: {again:.1f} s, {second['unchanged']} unchanged",
        ]
        print("\n".join(lines), flush=True)
        few = Path(scratch) / "few"
        few.mkdir()
        for path in sorted(models.rglob("*.*"))[:: max(1, n // options.kill_limit)]:
            target = few / path.relative_to(models)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
        whole, torn = Path(scratch) / "whole.fieldstone", Path(scratch) / "torn.fieldstone"
        add(whole, few)
        opened, _ = killed(torn, few, options.kills, KILL_WITHIN)
        add(torn, few)
        expected, found = digest(whole), digest(torn)
        lines.append(
            f"- SIGKILL at {options.kills} random instants of an add of {expected[0]} shapes: opened {opened} of {options.kills} times; "
            f"after one more run {found[0]} rows, {'the same to the byte' if expected == found else 'NOT THE SAME'}"
        )
    text = "\n".join(lines) + "\n"
    print(text)
    if options.limit is None:
        (Path(__file__).parent / "results" / "ingest.md").write_text(text)


if __name__ == "__main__":
    main()
