"""`fieldstone export`."""

from pathlib import Path
from typing import Annotated

import typer

import fieldstone
from fieldstone.cli.arguments import LibraryPath, Where
from fieldstone.cli.console import say

__all__ = ["export"]


def export(
    library: LibraryPath,
    output: Annotated[Path, typer.Argument(help="A .csv, .json or .parquet file.")],
    where: Where = None,
    thumbnails: Annotated[
        Path | None, typer.Option(help="Also write the pictures into this folder.", show_default=False)
    ] = None,
) -> None:
    """Write the rows of a library as a table for other programs (parquet: with embeddings)."""
    from fieldstone.library.export import export_table, export_thumbnails

    opened = fieldstone.Library(library)
    say(f"wrote {export_table(opened, output, where=where)} rows to {output}")
    if thumbnails is not None:
        say(f"wrote {export_thumbnails(opened, thumbnails, where=where)} pictures to {thumbnails}")
