"""`fieldstone evaluate inret`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from fieldstone.cli.arguments import AsJson, Device, Quiet, choose
from fieldstone.cli.console import TerminalProgress, note, print_json, say, table

if TYPE_CHECKING:
    from fieldstone.evaluate.inret.key import KeyFigures
    from fieldstone.evaluate.inret.report import Report
    from fieldstone.evaluate.inret.study import Study

__all__ = ["inret"]

ScaleName: TypeAlias = Literal["tiny", "small", "full"]
LAST = 18
"""Number of the paper's last table."""
ABOUT = {
    "tiny": "meant to show in minutes that it runs",
    "small": "meant for two hours on two cores",
    "full": "meant for a GPU, or patience",
}
"""What a scale's usual tables of samples10 were made for."""
GIGABYTES = 0.0047
"""Of a hash grid's field in half precision."""
KEPT = "kept"

Tables: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="1,3,4", help="Numbers of the paper's tables; by default the scale's.", show_default=False),
]
Listed: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        metavar="LIST.csv", show_default=False,
        help="Shapes of your own: columns path, split (train or test), category and perhaps up.",
    ),
]  # fmt: skip
Folder: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "-o", "--output", help="A folder for report and fields; by default inret-NAME-SCALE.", show_default=False
    ),
]


def inret(
    scale: Annotated[
        str, typer.Option(help="tiny: that it runs; small: for two cores; full: for a GPU or patience.")
    ] = "small",
    tables: Tables = None,
    shapes: Listed = None,
    output: Folder = None,
    device: Device = "cpu",
    seed: Annotated[
        int, typer.Option(min=0, help="The same seed, the same figures on one machine, but for times.")
    ] = 0,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """INRet's tables (arXiv 2501.15722): how well fields of one function find fields of another, beside its rivals."""
    chosen: ScaleName = choose("--scale", scale, ScaleName)
    asked = _numbers(tables) if tables is not None else None
    from fieldstone.fields.torch_fit import require_torch

    require_torch("fieldstone evaluate inret")
    from fieldstone.evaluate.inret.registry import usual
    from fieldstone.evaluate.inret.report import run

    study = _study(chosen, shapes, output, device, seed, TerminalProgress(quiet=quiet))
    asked = asked or usual(study)
    if not as_json:
        _say_plan(study, asked)
    made = run(study, asked, study.folder.parent)
    if as_json:
        print_json(made)
    else:
        _say_made(made)
    for title, why in made.failed.items():
        note(f"{title}: not made: {why}")
    if len(made.tables) < len(asked):
        raise typer.Exit(1)


def _numbers(text: str) -> tuple[int, ...]:
    """`1,3,4` as numbers of tables. Exits with a usage error where one is none."""
    try:
        found = sorted({int(part) for part in text.split(",")})
    except ValueError:
        found = []
    if not found or found[0] < 1 or found[-1] > LAST:
        raise typer.BadParameter(f"--tables {text}: give numbers from 1 to {LAST} with commas between, as 1,3,4")
    return tuple(found)


def _study(
    scale: ScaleName, shapes: Path | None, output: Path | None, device: str, seed: int, progress: TerminalProgress
) -> "Study":
    """What is run, kept below the folder of the report."""
    from fieldstone.evaluate.inret import listed, samples10
    from fieldstone.evaluate.inret.study import SCALES, Study, default_fits
    from fieldstone.fields.torch_stack import device_of
    from fieldstone.files.whole import make_folder

    device_of(device)
    if output is not None:
        make_folder(output, "a report")  # before a long list is read
    size = SCALES[scale]
    selection = samples10(size.train, size.test) if shapes is None else listed(shapes, progress=progress)
    folder = output or Path(f"inret-{selection.name}-{scale}")
    return Study(
        selection=selection, scale=size, folder=folder / KEPT, fits=default_fits(size), seed=seed, device=device,
        progress=progress,
    )  # fmt: skip


def _say_plan(study: "Study", asked: tuple[int, ...]) -> None:
    from fieldstone.evaluate.inret.registry import usual

    selection, name = study.selection, study.scale.name
    train, test = len(selection.train), len(selection.test)
    say(
        f"INRet on {selection.name}, scale {name}: {len(selection.classes)} categories, {train} shapes to learn from, {test} "
        f"to ask; {'table' if len(asked) == 1 else 'tables'} {', '.join(map(str, asked))}"
    )
    usually = selection.role == "ShapeNet10" and asked == usual(study)
    about = ABOUT[name] if usually else "takes time for each shape and table"
    say(
        f"{about}; hash grids alone fill {3 * GIGABYTES * (train + test):.1f} GB in {study.folder}; stopped, the same command "
        "goes on from there",
        "dim",
    )


def _say_made(made: "Report") -> None:
    if made.figures is not None:
        _say_figures(made.figures)
    say(f"wrote {made.path} in {made.seconds / 60:.1f} minutes")


def _say_figures(key: "KeyFigures") -> None:
    low, high = (f"{100 * end:.1f}" for end in key.interval)
    say(
        f"first answers right, mean of nine pairs of functions: {100 * key.average:.1f} % ({low} to {high}); "
        f"same function: {100 * key.same_function:.1f} %"
    )
    rows = [
        (name, f"{100 * lead.average:.1f} %", f"{100 * lead.gain:+.1f}",
         " to ".join(f"{100 * end:+.1f}" for end in lead.interval))
        for name, lead in key.leads.items()
    ]  # fmt: skip
    table(("rival", "mean", "INRet's lead", "95 %"), rows, right=("mean", "INRet's lead"))
