"""`fieldstone distil`."""

import time
from typing import Annotated

import typer

import fieldstone
from fieldstone.cli.arguments import Device, FieldFile, Quiet
from fieldstone.cli.console import TerminalProgress
from fieldstone.cli.fit import (
    Arch,
    Numbers,
    Output,
    Pace,
    Seed,
    StopAt,
    Threads,
    check_place,
    choices_of,
    keep,
    precision_of,
    state_of,
)

__all__ = ["distil"]


def distil(
    field: FieldFile,
    output: Output,
    arch: Arch = "hashgrid",
    function: Annotated[
        str | None, typer.Option(help="sdf, udf or occ; the field's own without it.", show_default=False)
    ] = None,
    pace: Pace = "fast",
    stop_at: StopAt = None,
    precision: Numbers = "fp32",
    seed: Seed = 0,
    device: Device = "cpu",
    workers: Threads = None,
    quiet: Quiet = False,
) -> None:
    """Fit a field to a field: another architecture, another function."""
    choices = {**choices_of(arch, function, pace, stop_at, seed), "device": device, "workers": workers}
    kind = precision_of(arch, precision)
    check_place(output, field)
    opened, started = fieldstone.open_field(field), time.perf_counter()
    progress = TerminalProgress(quiet=quiet)
    made = fieldstone.distil(opened, checkpoint=state_of(output), progress=progress, **choices)
    keep(made, output, kind, time.perf_counter() - started)
