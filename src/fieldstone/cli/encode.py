"""`fieldstone encode`."""

from typing import Annotated

import typer

import fieldstone
from fieldstone.cli.arguments import AsJson, LibraryPath, Quiet
from fieldstone.cli.console import TerminalProgress, print_json, say

__all__ = ["encode"]


def encode(
    library: LibraryPath,
    encoder: Annotated[
        str | None,
        typer.Option(
            metavar="ID_OR_FILE",
            help="An id or a published name that `encoders` lists, a weight file, or a published checkpoint.",
            show_default=False,
        ),
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Encode, and search on with the encoder of before.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Give a library another encoder (the learned base by default): encode what lacks, then search with it."""
    from fieldstone import encoders

    opened = fieldstone.Library(library)
    before, progress = opened.encoder_id, TerminalProgress(quiet=quiet)
    chosen = opened.take_in(encoder or encoders.BASE, progress=progress)
    count = opened.encode(chosen, progress=progress)
    if not keep:
        opened.use(chosen)
    if as_json:
        print_json({"encoder": chosen, "encoded": count, "shapes": len(opened), "used": not keep, "before": before})
        return
    say(f"{count} shapes encoded with {chosen}" if count else f"every shape has its embedding of {chosen} already")
    if not keep and before != chosen:
        say(f"search uses {chosen} now; back to {before} with: fieldstone undo {library}")
