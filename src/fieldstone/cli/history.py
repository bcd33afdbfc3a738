"""`fieldstone history` and `fieldstone undo`."""

from typing import Annotated

import typer

import fieldstone
from fieldstone.cli.arguments import AsJson, LibraryPath
from fieldstone.cli.console import print_json, say, table

__all__ = ["history", "undo"]


def history(library: LibraryPath, as_json: AsJson = False) -> None:
    """List what was done to the library, oldest first."""
    operations = fieldstone.Library(library).history()
    if as_json:
        print_json(operations)
        return
    rows = [
        (
            str(o.op), o.at.replace("T", " ").removesuffix("+00:00"), f"{o.verb} (undone)" if o.undone else o.verb,
            ", ".join(f"{n} {outcome}" for outcome, n in sorted(o.counts.items())) or "-", o.text,
        )
        for o in operations
    ]  # fmt: skip
    table(["op", "when (UTC)", "what", "paths", ""], rows, right=["op"])


def undo(
    library: LibraryPath,
    op: Annotated[int | None, typer.Argument(help="An operation of `history`; the latest by default.")] = None,
) -> None:
    """Take back the latest operation, or the one named; undoing an undo does it again."""
    undone = fieldstone.Library(library).undo(op)
    say(f"undid operation {undone.op}: {undone.verb} {undone.text}")
