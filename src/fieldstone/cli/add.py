"""`fieldstone add`."""

from pathlib import Path
from typing import Annotated

import typer

import fieldstone
from fieldstone.cli.arguments import LibraryPath, LimitOptions, Quiet, Workers, choose, limits_from
from fieldstone.cli.console import TerminalProgress, note, print_json, say
from fieldstone.library.shape import Report
from fieldstone.types import Axis, Unit

__all__ = ["add", "print_report"]

SHOWN = 10


def add(
    library: LibraryPath,
    paths: Annotated[list[Path], typer.Argument(help="Files, folders and archives.")],
    category: Annotated[str | None, typer.Option(help="A category for all; 'folder' takes each file's folder.")] = None,
    tag: Annotated[
        list[str] | None, typer.Option(help="A tag for all; may be given again.", show_default=False)
    ] = None,
    unit: Annotated[
        str | None, typer.Option(help="The files' unit, over what they say: mm, cm, m, inch, ft, um.")
    ] = None,
    up: Annotated[str | None, typer.Option(help="The files' up axis, over what they say: x, y, z.")] = None,
    upright: Annotated[
        bool, typer.Option("--upright", help="Trust the up axis of the files or of --up: search minds the pose.")
    ] = False,
    limit: LimitOptions = None,
    workers: Workers = None,
    quiet: Quiet = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Add files, folders and archives; run it again to take what is new or changed."""
    opened = fieldstone.Library(library, encoder=_upright_of_new(library) if upright else None)
    progress = TerminalProgress(quiet=quiet)
    report = opened.add(
        *paths,
        category=category,
        tags=tag or (),
        unit=choose("--unit", unit, Unit),
        up=choose("--up", up, Axis),
        limits=limits_from(limit),
        workers=workers,
        progress=progress,
    )
    if upright and not opened.stated:
        from fieldstone.encoders import UPRIGHT

        opened.encode(UPRIGHT, progress=progress)
        note(f"{library} keeps to {opened.encoder_id}; upright with: fieldstone search {library} --upright ...")
    if as_json:
        print_json(report)
        return
    print_report(report)
    say(f"try: fieldstone search {library} FILE      fieldstone report {library} -o report.html", "dim")


def _upright_of_new(library: str) -> str | None:
    """The encoder to make a new library with; None where there is one. MissingExtra without torch."""
    from fieldstone.encoders import UPRIGHT
    from fieldstone.errors import LibraryNotFound
    from fieldstone.fields.torch_fit import require_torch

    require_torch("--upright")
    try:
        len(fieldstone.Library(library))
    except LibraryNotFound:
        return UPRIGHT
    return None


def print_report(report: Report) -> None:
    """What an add or a sync did, in a few lines."""
    done = report.added + report.known + report.relabelled + report.unchanged + len(report.refused)
    rate = f" ({done / report.seconds:.0f} files/s)" if report.seconds > 0 and done else ""
    parts = [f"{report.added} added"]
    parts += [f"{report.known} known content at a new path"] * bool(report.known)
    parts += [f"{report.relabelled} labelled anew"] * bool(report.relabelled)
    parts += [f"{report.moved} moved"] * bool(report.moved)
    parts += [f"{report.unchanged} unchanged"] * bool(report.unchanged)
    parts += [f"{report.removed} removed"] * bool(report.removed)
    parts += [f"{len(report.refused)} refused"] * bool(report.refused)
    parts += [f"{report.skipped} of other kinds passed over"] * bool(report.skipped)
    say(f"{', '.join(parts)} in {report.seconds:.1f} s{rate}")
    for source, reason in report.refused[:SHOWN]:
        note(f"{source}: {reason}")
    if len(report.refused) > SHOWN:
        note(f"{len(report.refused) - SHOWN} more were refused; `fieldstone report` lists all")
