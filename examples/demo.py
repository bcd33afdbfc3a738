"""`make demo`: a library of sample shapes, searched, its duplicates found, and a report. About a minute.

python examples/demo.py [FOLDER]
"""

import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fieldstone import Library, samples
from fieldstone.cli.add import print_report
from fieldstone.cli.console import TerminalProgress
from fieldstone.files import read
from fieldstone.library.catalog import MILLIMETRES
from fieldstone.library.pictures import write_hits, write_map, write_report
from fieldstone.library.shape import Hit
from fieldstone.types import Mesh

COUNT = 240


def tell(hits: Sequence[Hit]) -> None:
    """A line a hit."""
    for hit in hits:
        print(f"   {100 * hit.score:5.1f} %  {hit.evidence.text or hit.evidence.kind:<30} {hit.shape.name}")


def in_inches(path: Path) -> Mesh:
    """A file's mesh as an export from a program set to inches would give it: other numbers, no word on the unit."""
    model = read(path)
    assert isinstance(model.shape, Mesh)
    scale = MILLIMETRES[model.unit or "mm"] / MILLIMETRES["inch"]
    quarter_turn = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    return Mesh(scale * model.shape.vertices @ quarter_turn.T, model.shape.faces)


def main(folder: Path) -> None:
    started = time.perf_counter()
    shutil.rmtree(folder / "parts.fieldstone", ignore_errors=True)
    print(f"1. {COUNT} sample shapes of our own generator -> {folder / 'models'}")
    files = samples.write(folder / "models", COUNT, seed=0)

    print(f"2. fieldstone add {folder / 'parts.fieldstone'} {folder / 'models'} --category folder")
    library = Library(folder / "parts.fieldstone")
    print_report(library.add(folder / "models", category="folder", progress=TerminalProgress()))

    query = samples.make("gear", 4242)
    print("3. a gear that the library has never seen: what is like it?")
    answer = library.ask(query, k=8)
    tell(answer.hits)
    write_hits(library, query, answer, folder / "hits.html")

    print("   and a bracket of the library, turned and exported in inches: is it known?")
    brackets = [path for path in files if path.parent.name == "bracket" and path.suffix != ".glb"]  # in millimetres
    tell(library.search(in_inches(brackets[0]), k=3))

    print("4. the report and the map")
    write_report(library, folder / "report.html", progress=TerminalProgress())
    write_map(library, folder / "map.html")

    print(
        f"\ndone in {time.perf_counter() - started:.0f} s. Open {folder / 'report.html'} (and hits.html, map.html beside it)."
    )
    print("Try next:")
    print(f"  .venv/bin/fieldstone search {folder / 'parts.fieldstone'} {files[0]}")
    print(f'  .venv/bin/fieldstone search {folder / "parts.fieldstone"} --text chair --where "diagonal_mm < 1500"')
    print(f"  .venv/bin/fieldstone duplicates {folder / 'parts.fieldstone'}")
    print("  .venv/bin/fieldstone add mine.fieldstone ~/models     # your own files")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo"))
