"""`fieldstone duplicates`."""

from pathlib import Path
from typing import Annotated

import typer

import fieldstone
from fieldstone.cli.arguments import AsJson, LibraryPath, Quiet
from fieldstone.cli.console import TerminalProgress, note, print_json, say

__all__ = ["duplicates"]

SHOWN = 20


def duplicates(
    library: LibraryPath,
    plan: Annotated[Path | None, typer.Option(help="Write a plan to act on, as CSV.", show_default=False)] = None,
    protect: Annotated[
        list[Path] | None,
        typer.Option(help="A folder whose files the plan never calls copies; may be given again.", show_default=False),
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Find shapes that are the same, with evidence. Nothing is ever deleted by it."""
    groups = fieldstone.Library(library).duplicates(progress=TerminalProgress(quiet=quiet))
    if plan is not None:
        from fieldstone.library.duplicates import write_plan

        written = write_plan(groups, plan, protect or ())
        (note if as_json else say)(f"wrote {plan}: {written} paths in {len(groups)} groups; nothing was deleted")
    if as_json:
        print_json(groups)
        return
    for number, group in enumerate(groups[:SHOWN], 1):
        say(f"group {number}", "bold")
        for member in group.members:
            for source in member.shape.sources:
                say(f"  {member.evidence.text:<34} {source}")
    if len(groups) > SHOWN:
        say(f"... and {len(groups) - SHOWN} more groups; --plan FILE.csv or --json has all")
    if not groups:
        say("no two shapes of this library are the same")
