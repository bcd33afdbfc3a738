"""`fieldstone doctor`."""

from typing import Annotated

import typer

from fieldstone.cli.console import say, table

__all__ = ["doctor"]


def doctor(
    library: Annotated[str | None, typer.Argument(help="Also look at this library.", show_default=False)] = None,
) -> None:
    """Say what this machine can and cannot do, and the exact line that changes it.

    Exits with 1 where something is wrong; an optional package that is not there is not.
    """
    from fieldstone.library.doctor import look

    findings = look(library)
    table(["", "what", "found"], [("ok" if f.ok else "--", f.what, f.found) for f in findings])
    for finding in findings:
        if finding.fix:
            say(f"to fix {finding.what}: {finding.fix}")
    if any(f.fix and not f.ok and not f.optional for f in findings):
        raise typer.Exit(1)
