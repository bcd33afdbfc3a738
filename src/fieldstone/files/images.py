"""Textures: decoded within a budget of pixels, whose size is known from the header before memory is taken."""

import io
import warnings

import numpy as np
from jaxtyping import UInt8

from fieldstone.errors import FileError
from fieldstone.files.notes import Notes
from fieldstone.files.source import Source

__all__ = ["Images"]

KINDS = ("PNG", "JPEG", "WEBP", "BMP", "TGA", "GIF")


class Images:
    """The textures of one file: each decoded once; what cannot be had becomes a note, never an error."""

    def __init__(self, source: Source, notes: Notes) -> None:
        self.source, self.notes = source, notes
        self.left = source.limits.pixels
        self.decoded: dict[str, UInt8[np.ndarray, "_ _ 4"] | None] = {}

    def beside(self, name: str) -> UInt8[np.ndarray, "_ _ 4"] | None:
        """The image in a file beside; None, with a note, where it cannot be had."""
        if name not in self.decoded:
            try:
                data = self.source.beside.get(name)
            except FileError as error:
                self.notes.add(f"texture {name[:80]!r} {error.reason}")
                self.decoded[name] = None
            else:
                self.decode(name, data)
        return self.decoded[name]

    def decode(self, name: str, data: bytes) -> UInt8[np.ndarray, "_ _ 4"] | None:
        """Decode `data`, known as `name`; None, with a note, where it cannot be."""
        if name not in self.decoded:
            self.decoded[name] = self._decode(name, data)
        return self.decoded[name]

    def _decode(self, name: str, data: bytes) -> UInt8[np.ndarray, "_ _ 4"] | None:
        from PIL import Image

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                with Image.open(io.BytesIO(data), formats=KINDS) as image:
                    size = image.width * image.height
                    if size > self.left:
                        self.notes.add(
                            f"texture {name[:80]!r} ({image.width} x {image.height}) was left out: "
                            f"beyond Limits.pixels ({self.source.limits.pixels:,}) of all textures"
                        )
                        return None
                    pixels = np.asarray(image.convert("RGBA"), dtype=np.uint8)
        except MemoryError:
            raise
        except Exception as error:  # decoders of strangers' bytes raise anything; the shape is fine without
            self.notes.add(f"texture {name[:80]!r} cannot be decoded ({type(error).__name__})")
            return None
        self.left -= size
        return pixels
