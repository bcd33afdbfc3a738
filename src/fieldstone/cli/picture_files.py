"""Pictures that verbs write."""

from pathlib import Path
from typing import Annotated, TypeAlias

import numpy as np
import typer
from jaxtyping import UInt8

from fieldstone.cli.console import say

__all__ = ["PictureFile", "Pixels", "check_picture_file", "save_picture"]

ENDINGS = (".png", ".webp")


def check_picture_file(path: Path) -> Path:
    """The path, where its ending is one of a picture. Exits with a usage error elsewhere."""
    if path.suffix.lower() not in ENDINGS:
        raise typer.BadParameter(f"{path}: a picture is a file that ends in {' or '.join(ENDINGS)}")
    return path


PictureFile: TypeAlias = Annotated[
    Path, typer.Option("-o", "--output", callback=check_picture_file, help="A .png or .webp file.")
]
Pixels: TypeAlias = Annotated[int, typer.Option("--size", min=16, max=4096, help="Pixels along each side.")]


def save_picture(picture: UInt8[np.ndarray, "h w 4"], path: Path) -> None:
    """Write a picture and say so. Raises FileError where the place cannot be written to."""
    from fieldstone.files.whole import write_whole
    from fieldstone.render import encode_png, encode_webp

    write_whole(path, encode_webp(picture) if path.suffix.lower() == ".webp" else encode_png(picture))
    say(f"wrote {path}: {picture.shape[1]} x {picture.shape[0]} pixels")
