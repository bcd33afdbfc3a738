"""`fieldstone show` and `fieldstone remove`."""

from typing import Annotated

import typer

import fieldstone
from fieldstone.cli.arguments import AsJson, LibraryPath, Where, Yes
from fieldstone.cli.console import note, number, print_json, say, table
from fieldstone.library.shape import Shape

__all__ = ["remove", "show"]


def show(
    library: LibraryPath,
    keys: Annotated[list[str] | None, typer.Argument(help="Ids, sources or names; all shapes without any.")] = None,
    where: Where = None,
    limit: Annotated[int, typer.Option("-n", min=1, help="How many rows of a table.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List shapes, or tell all about some."""
    if keys and where is not None:
        raise typer.BadParameter("give either keys or --where")
    opened = fieldstone.Library(library)
    shapes = [opened.shape(key) for key in keys] if keys else opened.shapes(where)
    for line in opened.filter_notes(where):
        note(line)
    if as_json:
        print_json(shapes)
    elif keys:
        for shape in shapes:
            _details(shape)
    else:
        _table(shapes[:limit])
        refused = len(opened.refused())
        tail = f", {refused} paths refused (see `fieldstone report`)" if refused else ""
        more = f"; {limit} of them above, -n N for more" if len(shapes) > limit else ""
        say(f"{len(shapes)} shapes{more}{tail}", "dim")


def _table(shapes: list[Shape]) -> None:
    rows = [
        (
            shape.id[:12], shape.name, shape.category or "-", shape.kind, f"{shape.n_faces or shape.n_vertices:,}",
            f"{number(shape.diagonal)} {shape.unit or '?'}", "yes" if shape.watertight else "no", shape.source,
        )
        for shape in shapes
    ]  # fmt: skip
    table(
        ["id", "name", "category", "kind", "faces", "diagonal", "closed", "source"], rows, right=["faces", "diagonal"]
    )


def _details(shape: Shape) -> None:
    unit = shape.unit or "?"
    rows = [
        ("id", shape.id),
        *(("source", source) for source in shape.sources),
        ("category", shape.category or "-"),
        ("tags", ", ".join(shape.tags) or "-"),
        ("part of", f"{shape.parent} ({shape.count} x)" if shape.parent else "-"),
        ("unit, up", f"{shape.unit or 'unknown'}, {shape.up or 'unknown'}"),
        ("size", " x ".join(number(x) for x in shape.extents) + f" {unit}"),
        ("area, volume", f"{number(shape.area)} {unit}², {number(shape.volume)} {unit}³"),
        ("faces, vertices, bodies", f"{shape.n_faces:,}, {shape.n_vertices:,}, {shape.n_bodies:,}"),
        ("closed, oriented", f"{'yes' if shape.watertight else 'no'}, {'yes' if shape.oriented else 'no'}"),
        ("boundary, non-manifold edges", f"{shape.n_boundary:,}, {shape.n_non_manifold:,}"),
        ("faces without area", f"{shape.n_degenerate:,}"),
        ("sign confidence", number(shape.sign_confidence, 3)),
        *(("note", text) for text in shape.notes),
        *((f"file: {key}", value) for key, value in shape.metadata.items()),
        ("added", shape.added),
    ]
    table([shape.name, ""], rows)
    say("")


def remove(
    library: LibraryPath,
    keys: Annotated[list[str], typer.Argument(help="Ids, sources, names or folders.")],
    yes: Yes = False,
) -> None:
    """Take shapes out of the library; files stay, and `undo` brings the shapes back."""
    opened = fieldstone.Library(library)
    sources = opened.sources_of(*keys)
    if not yes:
        for source in sources[:20]:
            say("  " + source)
        if not typer.confirm(f"Take {len(sources)} paths out of the library? (files stay on disk)"):
            say("nothing was done")
            return
    say(f"{opened.remove(*keys).removed} paths taken out; `fieldstone undo {library}` brings them back")
