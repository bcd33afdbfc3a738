"""`fieldstone render`."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from jaxtyping import UInt8

import fieldstone
from fieldstone.cli.arguments import choose
from fieldstone.cli.picture_files import PictureFile, Pixels, save_picture
from fieldstone.cli.place import check_output
from fieldstone.types import Axis, Model

__all__ = ["render"]


def render(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A mesh, a point cloud or a field.")],
    output: PictureFile,
    size: Pixels = 512,
    depth: Annotated[bool, typer.Option("--depth", help="Draw the distance to the eye: near is light.")] = False,
    up: Annotated[str | None, typer.Option(help="The axis that points up, over what the file says.")] = None,
    azimuth: Annotated[float, typer.Option(help="Degrees to the right of the front.")] = 35.0,
    elevation: Annotated[float, typer.Option(min=-90.0, max=90.0, help="Degrees above the ground.")] = 24.0,
) -> None:
    """Draw a shape, or a field ray by ray."""
    axis = choose("--up", up, Axis)
    check_output(output, file)
    if file.suffix.lower() != ".field":
        save_picture(_drawn(fieldstone.read(file, up=axis), size, depth, azimuth, elevation), output)
        return
    opened = fieldstone.open_field(file)
    from fieldstone.fields.depth import depth_picture
    from fieldstone.fields.view import render as look

    seen = look(opened, size, up=axis, azimuth=azimuth, elevation=elevation)
    save_picture(depth_picture(seen.depth) if depth else seen.picture, output)


def _drawn(
    model: Model, size: int, depth: bool, azimuth: float, elevation: float
) -> UInt8[np.ndarray, "{size} {size} 4"]:
    """The picture of a file's shape as a thumbnail shows it, or its depth."""
    from fieldstone.fields.depth import depth_picture
    from fieldstone.render import views
    from fieldstone.render.camera import three_quarter
    from fieldstone.render.draw import picture

    rotation = three_quarter(model.up, azimuth, elevation)
    if depth:
        return depth_picture(views(model.shape, rotation[None], size=size).depth[0])
    return picture(model.shape, rotation, size)
