"""`fieldstone repair`."""

from pathlib import Path
from typing import Annotated

import typer

from fieldstone.cli.console import say
from fieldstone.errors import FileError, GeometryError
from fieldstone.files import read, write
from fieldstone.types import Mesh

__all__ = ["repair"]


def repair(
    file: Annotated[Path, typer.Argument(help="The mesh to look at.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write the repaired mesh here.", show_default=False)
    ] = None,
) -> None:
    """Tell what is wrong with a mesh, and write a safely repaired copy; the original stays as it is."""
    from fieldstone.geometry.health import health
    from fieldstone.geometry.repair import repair as fix

    model = read(file)
    if not isinstance(model.shape, Mesh):
        raise GeometryError(f"{file} is a point cloud; only meshes can be repaired")
    if output is not None and output.exists() and file.exists() and output.samefile(file):
        raise FileError(output, "is the original; name another file, originals are never changed")
    repaired = fix(model.shape)
    before, after = health(model.shape), health(repaired.mesh)
    if output is not None:
        write(repaired.mesh, output)
    for line in repaired.done or ("nothing to repair",):
        say(f"- {line}")
    say(f"closed: {'yes' if before.watertight else 'no'} -> {'yes' if after.watertight else 'no'}")
    if output is not None:
        say(f"wrote {output}")
