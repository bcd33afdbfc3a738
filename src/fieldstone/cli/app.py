"""The verbs, in the order in which a user meets them."""

from typing import Any

import typer
from typer.core import TyperGroup

from fieldstone import __version__
from fieldstone.cli import (
    add,
    distil,
    doctor,
    duplicates,
    encode,
    encoders,
    export,
    fit,
    history,
    inspect,
    mesh,
    pictures,
    render,
    repair,
    samples,
    search,
    show,
    sync,
    tune,
)
from fieldstone.cli.console import TerminalProgress, complain
from fieldstone.cli.evaluate import evaluate
from fieldstone.cli.slice import slice_

__all__ = ["app"]


class Verbs(TyperGroup):
    """The verbs; what ends one early ends in one line, with the terminal as it was."""

    def invoke(self, ctx: Any) -> Any:
        """Run the verb. Ctrl-C exits with 130, no answer to a question with 1."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            TerminalProgress.stop()
            complain("interrupted; what was committed stays, and the same command goes on from there")
            raise typer.Exit(130) from None
        except typer.Abort:
            complain("no answer; nothing was done")
            raise typer.Exit(1) from None
        finally:
            TerminalProgress.stop()


app = typer.Typer(
    name="fieldstone",
    cls=Verbs,
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
    fit.fit,
    mesh.mesh,
    render.render,
    slice_,
    encode.encode,
    encoders.encoders,
    distil.distil,
    inspect.inspect,
    samples.samples,
    doctor.doctor,
    tune.tune,
):
    app.command(name=command.__name__.rstrip("_"))(command)
app.add_typer(evaluate, name="evaluate")
