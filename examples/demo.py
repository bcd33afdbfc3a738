"""`make demo`: a library of sample shapes, searched, its duplicates found, and a report. About a minute.

python examples/demo.py [FOLDER]
"""

import shutil
import sys
import time
from pathlib import Path

from fieldstone import Library, samples
from fieldstone.cli.add import print_report
from fieldstone.cli.console import TerminalProgress
from fieldstone.library.pictures import write_hits, write_map, write_report

COUNT = 240


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
    for hit in answer.hits:
        print(f"   {100 * hit.score:5.1f} %  {hit.evidence.text:<28} {hit.shape.name}")
    write_hits(library, query, answer, folder / "hits.html")

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
