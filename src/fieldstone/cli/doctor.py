"""`fieldstone doctor`."""

from typing import Annotated

import typer

from fieldstone.cli.console import out, table

__all__ = ["doctor"]


def doctor(
    library: Annotated[str | None, typer.Argument(help="Also look at this library.", show_default=False)] = None,
) -> None:
    """Say what this machine can and cannot do, and the exact line that changes it."""
    from fieldstone.library.doctor import look

    findings = look(library)
    table(["", "what", "found"], [("ok" if f.ok else "--", f.what, f.found) for f in findings])
    for finding in findings:
        if finding.fix:
            out.print(f"to fix {finding.what}: {finding.fix}", markup=False)
