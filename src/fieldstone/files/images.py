"""Textures: decoded within a budget of pixels, whose size is known from the header before memory is taken."""

import hashlib
import io
import warnings

import numpy as np
from jaxtyping import UInt8

from fieldstone.errors import FileError
from fieldstone.files.notes import Notes
from fieldstone.files.source import Source

__all__ = ["KINDS", "Images"]

MOST = 1000
"""File names that are looked up."""
KINDS = ("PNG", "JPEG", "WEBP", "BMP", "TGA", "GIF")


class Images:
    """The textures of one file, each decoded once; what cannot be had becomes a note, never an error."""

    def __init__(self, source: Source, notes: Notes) -> None:
        self.source, self.notes = source, notes
        self.left = source.limits.pixels
        self.by_name: dict[str, UInt8[np.ndarray, "_ _ 4"] | None] = {}
        self.by_content: dict[bytes, UInt8[np.ndarray, "_ _ 4"] | None] = {}

    def beside(self, name: str) -> UInt8[np.ndarray, "_ _ 4"] | None:
        """The image in a file beside; None, with a note, where it cannot be had."""
        if name not in self.by_name and len(self.by_name) >= MOST:
            self.notes.add(f"more than {MOST:,} textures: the further ones were left out")
            return None
        if name not in self.by_name:
            self.by_name[name] = None
            try:
                self.by_name[name] = self.decode(name, self.source.beside.get(name))
            except FileError as error:
                self.notes.add(f"texture {name[:80]!r} {error.reason}")
        return self.by_name[name]

    def decode(self, name: str, data: bytes) -> UInt8[np.ndarray, "_ _ 4"] | None:
        """Decode `data`, called `name` in notes; None, with a note, where it cannot be."""
        key = hashlib.blake2b(data, digest_size=16).digest()
        if key not in self.by_content:
            self.by_content[key] = self._decode(name, data)
        return self.by_content[key]

    def afford(self, size: int, what: str) -> bool:
        """Take so many pixels from the budget; False, with a note, where it has not so many left."""
        if size > self.left:
            self.notes.add(f"{what} was left out: beyond Limits.pixels ({self.source.limits.pixels:,}) of all textures")
            return False
        self.left -= size
        return True

    def _decode(self, name: str, data: bytes) -> UInt8[np.ndarray, "_ _ 4"] | None:
        from PIL import Image

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                with Image.open(io.BytesIO(data), formats=KINDS) as image:
                    what = f"texture {name[:80]!r} ({image.width} x {image.height})"
                    if not self.afford(image.width * image.height, what):
                        return None
                    return np.asarray(image.convert("RGBA"), dtype=np.uint8)
        except MemoryError:
            raise
        except Exception as error:  # decoders of strangers' bytes raise anything; the shape is fine without
            self.notes.add(f"texture {name[:80]!r} cannot be decoded ({type(error).__name__})")
            return None
