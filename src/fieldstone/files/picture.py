"""A picture file as pixels: decoded within limits, its size known before memory is taken."""

import io
import warnings
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import UInt8

from fieldstone.errors import BrokenFile, LimitExceeded
from fieldstone.files.images import KINDS
from fieldstone.files.limits import Limits
from fieldstone.files.scanning import entry_of, open_bytes

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["SUFFIXES", "is_picture", "pixels_of", "read_picture"]

SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tga", ".gif"}
"""Endings of files that are taken for pictures."""
MOST_SIDE = 2048
"""Pixels along a picture's side, beyond which it is made smaller."""


def is_picture(path: object) -> bool:
    """Whether a path ends as pictures do."""
    return isinstance(path, str | Path) and PurePosixPath(str(path)).suffix.lower() in SUFFIXES


def read_picture(path: str | Path, limits: Limits | None = None) -> UInt8[np.ndarray, "h w 4"]:
    """The pixels of a picture file, 8-bit sRGB with straight alpha, top row first, at most `MOST_SIDE` along each side.

    Raises FileError: BrokenFile for what no decoder takes, LimitExceeded beyond `Limits.bytes` or `Limits.pixels`.
    """
    limits = limits or Limits()
    entry = entry_of(path, limits)
    return pixels_of(open_bytes(entry, limits), entry.source, limits)


def pixels_of(data: bytes, path: str, limits: Limits | None = None) -> UInt8[np.ndarray, "h w 4"]:
    """The pixels of a picture's bytes, as `read_picture` gives them; `path` is the file to blame. FileError as there."""
    from PIL import Image

    limits = limits or Limits()
    beyond = f"beyond Limits.pixels ({limits.pixels:,}); make it smaller"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=KINDS) as image:
                if image.width * image.height > limits.pixels:
                    raise LimitExceeded(path, f"has {image.width:,} x {image.height:,} pixels, {beyond}")
                shown = _eight_bits(image).convert("RGBA")
                shown.thumbnail((MOST_SIDE, MOST_SIDE))
                return np.asarray(shown, dtype=np.uint8)
    except LimitExceeded:
        raise
    except MemoryError as error:
        raise LimitExceeded(path, "needs more memory than this machine has; make it smaller") from error
    except Image.DecompressionBombError as error:
        raise LimitExceeded(path, f"has far too many pixels, {beyond}") from error
    except Exception as error:  # decoders of strangers' bytes raise anything
        raise BrokenFile(
            path, f"cannot be decoded as a picture ({type(error).__name__}); save it again as PNG"
        ) from error


def _eight_bits(image: "Image.Image") -> "Image.Image":
    """A picture of 16 bits, of which Pillow would take all but the lowest values for white, as its high bytes."""
    if not image.mode.startswith("I"):
        return image
    from PIL import Image

    high = np.clip(np.asarray(image), 0, 65535) >> 8
    return Image.fromarray(high.astype(np.uint8))
