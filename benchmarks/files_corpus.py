"""Every real file of shared/data/files: what it became, or why it was refused.

    python benchmarks/files_corpus.py

Writes benchmarks/results/files_corpus.md.
"""

import os
import time
from pathlib import Path

import numpy as np

import machine
from fieldstone.errors import FileError
from fieldstone.files import Entry, read_entry, scan
from fieldstone.types import Mesh, Model

HERE = Path(__file__).resolve().parent
SHARED = Path(os.environ.get("FIELDSTONE_SHARED", HERE.parents[1] / "shared"))
EXPECTED = {"good": 41, "awkward": 31}


def told(model: Model) -> str:
    """One line on a shape: kind, size, unit, parts."""
    shape = model.shape
    points = shape.vertices if isinstance(shape, Mesh) else shape.points
    size = f"{len(shape.faces):,} faces" if isinstance(shape, Mesh) else f"{len(points):,} points"
    extents = " x ".join(f"{side:.4g}" for side in np.ptp(points, axis=0))
    parts = f", {len(model.parts)} parts at {sum(len(part.placements) for part in model.parts)} places"
    paint = shape.paint if isinstance(shape, Mesh) else None
    colors = [name for name in ("vertex", "face", "images") if paint is not None and getattr(paint, name) is not None]
    colors = [name for name in colors if name != "images" or (paint is not None and paint.images)]
    colored = f", colours: {' '.join(colors)}" if colors else ""
    unit = f"{model.unit or 'unknown unit'}, up {model.up or 'unknown'}"
    return f"{size}, {extents} ({unit}){parts if model.parts else ''}{colored}"


def row(folder: Path, entry: Entry) -> tuple[str, bool]:
    """A line of the table, and whether the file became a shape."""
    name = entry.source.removeprefix(f"{folder}/")
    started = time.perf_counter()
    try:
        model = read_entry(entry)
        outcome, notes, landed = told(model), "; ".join(model.notes) or "", True
    except FileError as error:
        outcome, notes, landed = f"**refused**: {type(error).__name__}", error.reason, False
    milliseconds = 1000 * (time.perf_counter() - started)
    cells = (name, f"{milliseconds:.1f}", outcome, notes)
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |", landed


def main() -> None:
    lines = ["# Real files", "", f"{machine.describe()}. Times are single cold reads on a shared machine.", ""]
    for kind, expected in EXPECTED.items():
        folder = SHARED / "data" / "files" / kind
        files = sorted(path for path in folder.iterdir() if path.is_file())
        assert len(files) == expected, f"{folder} holds {len(files)} files, not {expected}"
        entries = list(scan(folder))
        results = [row(folder, entry) for entry in entries]
        met = {entry.path for entry in entries}
        landed = {entry.path for entry, (_, good) in zip(entries, results, strict=True) if good}
        lines += [
            f"## {kind}: {expected} files, {len(landed)} became shapes, {len(met - landed)} refused with a reason, "
            f"{expected - len(met)} without a reader",
            "",
            "| file | ms | what it became | notes, or the reason |",
            "|---|---:|---|---|",
            *(line for line, _ in results),
            "",
        ]
    text = "\n".join(lines)
    print(text)
    (HERE / "results" / "files_corpus.md").write_text(text)


if __name__ == "__main__":
    main()
