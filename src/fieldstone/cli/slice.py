"""`fieldstone slice`."""

from typing import Annotated

import typer

import fieldstone
from fieldstone.cli.arguments import FieldFile, choose
from fieldstone.cli.picture_files import PictureFile, Pixels, save_picture
from fieldstone.cli.place import check_output
from fieldstone.types import Axis

__all__ = ["slice_"]


def slice_(
    field: FieldFile,
    output: PictureFile,
    axis: Annotated[str, typer.Option(help="The axis across which the cut goes: x, y or z.")] = "z",
    at: Annotated[
        float, typer.Option(min=-1.0, max=1.0, help="Where along it, in the field's frame, the cube from -1 to 1.")
    ] = 0.0,
    size: Pixels = 512,
) -> None:
    """Cut a field open and draw its values: warm inside, cool outside, the surface as a line."""
    across = choose("--axis", axis, Axis)
    check_output(output, field)
    opened = fieldstone.open_field(field)
    from fieldstone.fields.slices import slice_picture

    save_picture(slice_picture(opened, across, at, size), output)
