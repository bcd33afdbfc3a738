"""The verbs, in the order in which a user meets them."""

import typer

from fieldstone import __version__
from fieldstone.cli import add, doctor, duplicates, export, history, pictures, repair, samples, search, show, sync

__all__ = ["app"]

app = typer.Typer(
    name="fieldstone",
    help="A library of 3D shapes that you can search: what is alike, what is the same, what is broken.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool | None) -> None:
    if wanted:
        typer.echo(f"fieldstone {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool | None = typer.Option(None, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    pass


for command in (
    add.add,
    sync.sync,
    search.search,
    duplicates.duplicates,
    show.show,
    show.remove,
    history.history,
    history.undo,
    pictures.report,
    pictures.map_,
    export.export,
    repair.repair,
    samples.samples,
    doctor.doctor,
):
    app.command(name=command.__name__.rstrip("_"))(command)
