"""`fieldstone report` and `fieldstone map`."""

from pathlib import Path
from typing import Annotated

import typer

import fieldstone
from fieldstone.cli.arguments import LibraryPath, Quiet, Where
from fieldstone.cli.console import TerminalProgress, say

__all__ = ["map_", "report"]


def report(
    library: LibraryPath,
    output: Annotated[Path, typer.Option("-o", "--output", help="The HTML file.")] = Path("report.html"),
    quiet: Quiet = False,
) -> None:
    """Write one HTML file: contact sheet, health, units that look wrong, duplicates, sizes, refused files."""
    from fieldstone.library.pictures import write_report

    write_report(fieldstone.Library(library), output, progress=TerminalProgress(quiet=quiet))
    say(f"wrote {output}")


def map_(
    library: LibraryPath,
    output: Annotated[Path, typer.Option("-o", "--output", help="An .html or .png file.")] = Path("map.html"),
    where: Where = None,
) -> None:
    """Draw the library as a map: what looks alike lies close."""
    from fieldstone.library.pictures import write_map

    write_map(fieldstone.Library(library), output, where=where)
    say(f"wrote {output}")
