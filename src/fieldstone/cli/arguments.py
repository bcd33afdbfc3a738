"""Arguments that several verbs take, named once."""

import sys
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, TypeAlias, get_args

import typer

from fieldstone.files import Limits

__all__ = [
    "AsJson",
    "Device",
    "FieldFile",
    "LibraryPath",
    "LimitOptions",
    "Quiet",
    "Where",
    "Workers",
    "Yes",
    "choose",
    "limits_from",
]

LibraryPath: TypeAlias = Annotated[str, typer.Argument(metavar="LIBRARY", help="The library's folder or URI.")]
Where: TypeAlias = Annotated[
    str | None,
    typer.Option("--where", help="A filter, as \"volume < 20 and category = 'bracket'\".", show_default=False),
]
FieldFile: TypeAlias = Annotated[Path, typer.Argument(metavar="FIELD", help="A .field file.")]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Quiet: TypeAlias = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")]
Device: TypeAlias = Annotated[str, typer.Option(help="cpu, or a device of torch, as cuda.")]
Yes: TypeAlias = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Workers: TypeAlias = Annotated[
    int | None, typer.Option("--workers", min=1, help="Processes; as many as there are cores by default.")
]
LimitOptions: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--limit", metavar="NAME=N", help="Raise a limit: faces=20000000, seconds=300.", show_default=False),
]


MOST = sys.maxsize // 2
"""Readers multiply and add to a limit."""


def limits_from(options: list[str] | None) -> Limits:
    """`NAME=N` options as Limits. Exits with a usage error that lists the names."""
    kinds = {item.name: float if item.name == "seconds" else int for item in fields(Limits)}
    values: dict[str, float] = {}
    for option in options or ():
        name, _, value = option.partition("=")
        try:
            values[name] = kinds[name](value)
        except (KeyError, ValueError):
            raise typer.BadParameter(f"{option}: give NAME=N; the names are {', '.join(kinds)}") from None
        if not 0 < values[name] <= MOST:
            raise typer.BadParameter(f"{option}: give a number between 0 and {MOST}")
    return Limits(**values)  # type: ignore[arg-type]


def choose(option: str, value: str | None, kind: Any) -> Any:
    """The value, where it is one of those of the Literal `kind`, or None. Exits with a usage error that lists them."""
    if value is not None and value not in get_args(kind):
        *most, last = get_args(kind)
        raise typer.BadParameter(f"{option} {value}: give {', '.join(most)} or {last}")
    return value
