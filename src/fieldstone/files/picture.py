"""A picture file as pixels: decoded within limits, its size known before memory is taken."""

import io
import warnings
from pathlib import Path, PurePosixPath

import numpy as np
from jaxtyping import UInt8

from fieldstone.errors import BrokenFile, LimitExceeded
from fieldstone.files.images import KINDS
from fieldstone.files.limits import Limits
from fieldstone.files.scanning import entry_of, open_bytes

__all__ = ["SUFFIXES", "is_picture", "pixels_of", "read_picture"]

SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tga", ".gif"}
"""Endings of files that are taken for pictures."""


def is_picture(path: object) -> bool:
    """Whether a path ends as pictures do."""
    return isinstance(path, str | Path) and PurePosixPath(str(path)).suffix.lower() in SUFFIXES


def read_picture(path: str | Path, limits: Limits | None = None) -> UInt8[np.ndarray, "h w 4"]:
    """The pixels of a picture file, 8-bit sRGB with straight alpha, top row first.

    Raises FileError: BrokenFile for what no decoder takes, LimitExceeded beyond `Limits.bytes` or `Limits.pixels`.
    """
    limits = limits or Limits()
    entry = entry_of(path, limits)
    return pixels_of(open_bytes(entry, limits), entry.source, limits)


def pixels_of(data: bytes, path: str, limits: Limits | None = None) -> UInt8[np.ndarray, "h w 4"]:
    """The pixels of a picture's bytes; `path` is the file to blame. Raises FileError as `read_picture` does."""
    from PIL import Image

    limits = limits or Limits()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=KINDS) as image:
                if image.width * image.height > limits.pixels:
                    raise LimitExceeded(
                        path,
                        f"has {image.width:,} x {image.height:,} pixels, beyond Limits.pixels ({limits.pixels:,}); make it smaller",
                    )
                return np.asarray(image.convert("RGBA"), dtype=np.uint8)
    except (LimitExceeded, MemoryError):
        raise
    except Exception as error:  # decoders of strangers' bytes raise anything
        raise BrokenFile(
            path, f"cannot be decoded as a picture ({type(error).__name__}); save it again as PNG"
        ) from error
