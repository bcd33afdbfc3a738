"""`fieldstone fit`, and the options that it shares with `distil`."""

import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

import fieldstone
from fieldstone.cli.arguments import Device, Quiet, choose
from fieldstone.cli.console import TerminalProgress, note, number, say
from fieldstone.cli.place import check_output
from fieldstone.fields.field import Function
from fieldstone.fields.network import Architecture, NeuralField
from fieldstone.fields.quantise import Precision
from fieldstone.types import Axis, Unit

if TYPE_CHECKING:
    from fieldstone.fields.many import Fitted

__all__ = [
    "Arch",
    "Numbers",
    "Output",
    "Pace",
    "Seed",
    "StopAt",
    "Threads",
    "check_place",
    "choices_of",
    "fit",
    "keep",
    "precision_of",
    "state_of",
]

SUFFIX = ".field"
SHOWN = 10
"""Files of a folder that are told about one by one."""
DOUBTFUL = 0.95
"""Sign confidence below which a user is told."""

Output: TypeAlias = Annotated[Path, typer.Option("-o", "--output", help="The .field file; for a folder, a folder.")]
Arch: TypeAlias = Annotated[str, typer.Option(help="hashgrid, octree, triplane, or siren (needs torch).")]
Pace: TypeAlias = Annotated[str, typer.Option("--schedule", help="fast, or inret: the paper's own.")]
StopAt: TypeAlias = Annotated[
    float | None,
    typer.Option(help="Stop at this mean error near the surface; the radius of the shape is 1.", show_default=False),
]
Numbers: TypeAlias = Annotated[str, typer.Option("--precision", help="Numbers in the file: fp32, fp16 or int8.")]
Seed: TypeAlias = Annotated[int, typer.Option(min=0, help="The same seed, the same bytes.")]
Threads: TypeAlias = Annotated[int | None, typer.Option("--workers", min=1, help="Threads; one a core by default.")]


def fit(
    source: Annotated[Path, typer.Argument(help="A mesh or point cloud; or a folder of them.")],
    output: Output,
    arch: Arch = "hashgrid",
    function: Annotated[
        str, typer.Option(help="sdf: signed distance; udf: unsigned, for open surfaces; occ: inside or outside.")
    ] = "sdf",
    pace: Pace = "fast",
    stop_at: StopAt = None,
    color: Annotated[bool, typer.Option("--color", help="Learn the model's colours too.")] = False,
    redraw: Annotated[
        bool, typer.Option("--redraw", help="New points every epoch: smoother surfaces, in about twice the time.")
    ] = False,
    precision: Numbers = "fp32",
    unit: Annotated[str | None, typer.Option(help="The model's unit, over what its file says.")] = None,
    up: Annotated[str | None, typer.Option(help="The model's up axis, over what its file says.")] = None,
    seed: Seed = 0,
    device: Device = "cpu",
    workers: Threads = None,
    quiet: Quiet = False,
) -> None:
    """Fit a neural field to a shape, in seconds; or one to each shape of a folder, again only where something changed."""
    from fieldstone.fields.sampling import Sampling

    choices = {**choices_of(arch, function, pace, stop_at, seed), "color": color, "workers": workers}
    choices |= {"progress": TerminalProgress(quiet=quiet)}
    choices |= {"device": device, "sampling": Sampling(redraw=True) if redraw else None}
    kind = precision_of(arch, precision)
    stated = {"unit": choose("--unit", unit, Unit), "up": choose("--up", up, Axis)}
    if source.is_dir():
        if unit or up:
            raise typer.BadParameter("--unit and --up go with a single file, not with a folder")
        _tell(fieldstone.fit_many(source, output, precision=kind, **choices), output)
        return
    check_place(output, source)
    started = time.perf_counter()
    field = fieldstone.fit_file(source, checkpoint=state_of(output), **stated, **choices)
    keep(field, output, kind, time.perf_counter() - started)


def choices_of(arch: str, function: str | None, pace: str, stop_at: float | None, seed: int) -> dict[str, Any]:
    """What `fit` is given. Exits with a usage error where a choice is none."""
    from fieldstone.fields.schedule import inret, inret_mlp

    if pace not in ("fast", "inret"):
        raise typer.BadParameter(f"--schedule {pace}: give fast or inret")
    if stop_at is not None and not 0.0 <= stop_at < math.inf:
        raise typer.BadParameter(f"--stop-at {stop_at}: give a mean error, 0 or more")
    own = inret_mlp if arch == "siren" else inret
    return {
        "architecture": choose("--arch", arch, Architecture),
        "function": choose("--function", function, Function),
        "schedule": own() if pace == "inret" else None,
        "stop_at": stop_at,
        "seed": seed,
    }


def precision_of(arch: str, precision: str) -> Precision:
    """The numbers of the file. GeometryError where the architecture has no such, before it is trained."""
    from fieldstone.fields.file import check_precision

    kind: Precision = choose("--precision", precision, Precision)
    check_precision(choose("--arch", arch, Architecture), kind)
    return kind


def check_place(output: Path, source: Path) -> None:
    """Say before the fit, not after it, that a field cannot be kept there."""
    if output.suffix.lower() != SUFFIX:
        raise typer.BadParameter(f"-o {output}: a field is a file that ends in {SUFFIX}")
    check_output(output, source)


def state_of(output: Path) -> Path:
    """Where a long fit keeps its state, so that the same command goes on from there; it is gone when the fit is done."""
    return output.with_name(f".{output.name}.state")


def keep(field: NeuralField, output: Path, precision: Precision, seconds: float) -> None:
    """Write the field and say what it is in a line."""
    fieldstone.save_field(field, output, precision)
    card = field.card
    if card.sign_confidence is not None and card.sign_confidence < DOUBTFUL:
        note(
            f"inside and outside are plain at only {100 * card.sign_confidence:.0f} % of the space around the source, which is "
            "open or overlaps itself; --function udf needs no inside"
        )
    parts = [f"wrote {output}", f"{output.stat().st_size / 1e6:.2f} MB"]
    parts += [f"error {card.error:.2g}"] if card.error is not None else []
    parts += [f"sign confidence {number(card.sign_confidence, 3)}"] if card.sign_confidence is not None else []
    say(f"{', '.join(parts)}, in {seconds:.1f} s")


def _tell(rows: Sequence["Fitted"], folder: Path) -> None:
    """What became of a folder, in a few lines."""
    failed = [row for row in rows if row.outcome == "failed"]
    done = [row for row in rows if row.outcome == "fitted"]
    kept, skipped = (sum(row.outcome == outcome for row in rows) for outcome in ("kept", "skipped"))
    doubtful = sum(row.sign_confidence is not None and row.sign_confidence < DOUBTFUL for row in rows)
    parts = [f"{len(done)} fitted"]
    parts += [f"{kept} kept as they were"] * bool(kept)
    parts += [f"{len(failed)} failed"] * bool(failed)
    parts += [f"{skipped} of other kinds passed over"] * bool(skipped)
    errors = sorted(row.error for row in done if row.error is not None)
    middle = f", median error {errors[len(errors) // 2]:.2g}" if errors else ""
    say(f"{', '.join(parts)} in {folder}{middle}")
    for row in failed[:SHOWN]:
        note(f"{row.source}: {row.reason}")
    if len(failed) > SHOWN:
        note(f"{len(failed) - SHOWN} more failed")
    if doubtful:
        note(f"{doubtful} of them have no plain inside; --function udf needs none")
    if failed:
        raise typer.Exit(1)
