"""`fieldstone render`."""

from typing import Annotated

import typer

import fieldstone
from fieldstone.cli.arguments import FieldFile, choose
from fieldstone.cli.picture_files import PictureFile, Pixels, save_picture
from fieldstone.cli.place import check_output
from fieldstone.types import Axis

__all__ = ["render"]


def render(
    field: FieldFile,
    output: PictureFile,
    size: Pixels = 512,
    depth: Annotated[bool, typer.Option("--depth", help="Draw the distance to the eye: near is light.")] = False,
    up: Annotated[str | None, typer.Option(help="The axis that points up, over what the field says.")] = None,
    azimuth: Annotated[float, typer.Option(help="Degrees to the right of the front.")] = 35.0,
    elevation: Annotated[float, typer.Option(min=-90.0, max=90.0, help="Degrees above the ground.")] = 24.0,
) -> None:
    """Draw a field, ray by ray."""
    axis = choose("--up", up, Axis)
    check_output(output, field)
    opened = fieldstone.open_field(field)
    from fieldstone.fields.depth import depth_picture
    from fieldstone.fields.view import render as look

    seen = look(opened, size, up=axis, azimuth=azimuth, elevation=elevation)
    save_picture(depth_picture(seen.depth) if depth else seen.picture, output)
