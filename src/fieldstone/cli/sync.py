"""`fieldstone sync`."""

from typing import Annotated

import typer

import fieldstone
from fieldstone.cli.add import print_report
from fieldstone.cli.arguments import LibraryPath, LimitOptions, Quiet, Workers, Yes, limits_from
from fieldstone.cli.console import TerminalProgress, note, say

__all__ = ["sync"]

SHOWN = 20


def sync(
    library: LibraryPath,
    yes: Yes = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and stop.")] = False,
    limit: LimitOptions = None,
    workers: Workers = None,
    quiet: Quiet = False,
) -> None:
    """Show what changed, moved, went or came since, then apply it."""
    opened, limits = fieldstone.Library(library), limits_from(limit)
    plan = opened.plan_sync(limits=limits)
    for root in plan.unreachable:
        note(f"{root} cannot be read now; what it holds stays in the library")
    _lines("new", [entry.source for entry in plan.new])
    _lines("changed", [entry.source for entry in plan.changed])
    _lines("moved", [f"{old} -> {entry.source}" for old, entry in plan.moved])
    _lines("gone", plan.gone)
    if plan.empty:
        say("nothing changed")
        return
    if dry_run:
        return
    if not yes and not typer.confirm("Apply this? (files on disk are never touched; `fieldstone undo` takes it back)"):
        say("nothing was done")
        return
    print_report(opened.sync(plan, limits=limits, workers=workers, progress=TerminalProgress(quiet=quiet)))


def _lines(title: str, items: list[str] | tuple[str, ...]) -> None:
    if items:
        say(f"{title}: {len(items)}", "bold")
        for item in items[:SHOWN]:
            say("  " + item)
        if len(items) > SHOWN:
            say(f"  ... and {len(items) - SHOWN} more")
