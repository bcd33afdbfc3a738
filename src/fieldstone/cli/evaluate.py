"""`fieldstone evaluate`: the papers' protocols, on shapes of your own."""

from pathlib import Path
from typing import Annotated

import typer

import fieldstone
from fieldstone.cli.arguments import AsJson, LibraryPath, Quiet
from fieldstone.cli.console import TerminalProgress, note, print_json, say, table
from fieldstone.cli.evaluate_inret import inret
from fieldstone.cli.place import check_output

__all__ = ["evaluate"]

evaluate = typer.Typer(help="Measure how well an encoder finds, by the papers' protocols.", no_args_is_help=True)


@evaluate.callback()
def _protocols() -> None:
    pass


@evaluate.command()
def retrieval(
    library: LibraryPath,
    encoder: Annotated[
        list[str] | None,
        typer.Option(help="An encoder's id; may be given again. By default the library's own.", show_default=False),
    ] = None,
    label: Annotated[str, typer.Option(help="The column whose values count as right answers.")] = "category",
    seeds: Annotated[int, typer.Option(min=1, help="Draw the points anew so many times, and take the mean.")] = 1,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write the table as Markdown.", show_default=False)
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Which share of queries finds its own kind first, and the other figures of retrieval, encoders side by side."""
    from fieldstone.evaluate.markdown import COLUMNS, cells, markdown
    from fieldstone.evaluate.of_library import evaluate_library

    if output is not None:
        check_output(output)
    opened = fieldstone.Library(library)
    found = evaluate_library(opened, encoder or (), label=label, seeds=seeds, progress=TerminalProgress(quiet=quiet))
    for line in found.notes:
        note(line)
    if output is not None:
        from fieldstone.library.save import write_text

        write_text(output, markdown(found.rows, found.notes))
        (note if as_json else say)(f"wrote {output}")
    if as_json:
        print_json(found)
        return
    shown = [row[1:] + row[:1] for row in (COLUMNS, *map(cells, found.rows))]
    table(shown[0], shown[1:], right=COLUMNS[1:])
    first = found.rows[0]
    say(
        f"{first.queries} queries of {found.classes} kinds against {first.gallery} shapes, by cosine; rows have unit length, "
        "so Euclidean distance gives the same order; figures in %",
        "dim",
    )


evaluate.command()(inret)
