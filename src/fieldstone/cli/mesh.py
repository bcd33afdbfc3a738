"""`fieldstone mesh`."""

from pathlib import Path
from typing import Annotated

import typer

import fieldstone
from fieldstone.cli.arguments import FieldFile, Quiet
from fieldstone.cli.console import TerminalProgress, note, say
from fieldstone.cli.place import check_output
from fieldstone.files.write import check_mesh_ending

__all__ = ["mesh"]

HANDFUL = 5
"""Specks about which nothing is said."""


def mesh(
    field: FieldFile,
    output: Annotated[Path, typer.Option("-o", "--output", help="A .stl, .ply, .obj, .off or .glb file.")],
    resolution: Annotated[int, typer.Option(min=8, max=1024, help="Cells along the cube of the field.")] = 256,
    level: Annotated[
        float | None,
        typer.Option(help="The surface at this distance instead, in the field's frame.", show_default=False),
    ] = None,
    specks: Annotated[
        bool,
        typer.Option("--with-specks/--without-specks", help="Keep tiny closed bodies, which learnt fields may have."),
    ] = True,
    quiet: Quiet = False,
) -> None:
    """Turn a field into a mesh, in the model's own unit and pose."""
    from fieldstone.fields.extract import mesh as extract

    check_mesh_ending(output)
    check_output(output, field)
    opened = fieldstone.open_field(field)
    surface = extract(opened, resolution, level=level, specks=specks, progress=TerminalProgress(quiet=quiet))
    fieldstone.write(surface, output)
    say(
        f"wrote {output}: {len(surface.faces):,} faces, {len(surface.vertices):,} vertices, unit {opened.frame.unit or 'unknown'}"
    )
    if specks:
        from fieldstone.fields.specks import without_specks

        count = without_specks(surface, 2.0 / resolution * opened.frame.to_model.scale)[1]
        if count > HANDFUL:
            note(f"{count:,} of its bodies are specks of a few cells; --without-specks leaves them out")
