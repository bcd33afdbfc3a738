"""Encoders that come into a library from elsewhere: weight files, and published checkpoints, which become such files."""

import os
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from fieldstone import encoders
from fieldstone.encoders import Encoder
from fieldstone.encoders.inr import FieldEncoder
from fieldstone.encoders.published import PUBLISHED, download
from fieldstone.encoders.weights import holds_encoder, open_weights
from fieldstone.errors import EncoderError, LibraryError
from fieldstone.fields.torch_fit import require_torch
from fieldstone.files.whole import write_whole
from fieldstone.library.encoding import FOLDER
from fieldstone.library.question import is_file
from fieldstone.progress import Progress

__all__ = ["take_in"]


def take_in(folder: Path | None, given: str | Path, progress: Progress) -> str:
    """The id of an encoder that is given by its id, by a file, or by the name of a published one, which is downloaded.

    Files are kept in the library's folder (None: an object store) under the encoder's id. Raises EncoderError for a file
    that holds no encoder, one of neural fields that reads no udf, an id that is taken by other weights, or text that is
    none of the three; MissingExtra for a published checkpoint without torch; LibraryError where the library is no folder.
    """
    if str(given) in PUBLISHED:
        return _converted(folder, _downloaded(str(given), progress))
    if not is_file(given):
        if not re.fullmatch(r"\S+@\d+", str(given)):
            raise EncoderError(
                f"{given} is no file, and no id of an encoder; `fieldstone encoders` lists those at hand"
            )
        return str(given)
    path = Path(os.path.expanduser(given))
    return _kept(folder, path, path) if holds_encoder(path) else _converted(folder, path)


def _downloaded(name: str, progress: Progress) -> Path:
    if not PUBLISHED[name].shapes:
        names = ", ".join(one.name for one in PUBLISHED.values() if one.shapes)
        raise EncoderError(f"the published file {name} holds no encoder of shapes; those that do are {names}")
    require_torch(name)
    return download(name, progress=progress)


def _converted(folder: Path | None, path: Path) -> str:
    """Take in a published checkpoint, as the weight file that it becomes."""
    require_torch(f"{path} is no weight file of Fieldstone's; to read it as a published checkpoint")
    from fieldstone.encoders.networks.convert import convert

    with TemporaryDirectory() as scratch:
        out = Path(scratch) / "converted.safetensors"
        convert(path, out)
        return _kept(folder, out, path)


def _kept(folder: Path | None, path: Path, said: Path) -> str:
    """Copy a weight file, once all of it is known to be whole; `said` is what the user gave."""
    encoder = encoders.of_file(path)
    open_weights(path)
    if folder is None:
        raise LibraryError("a library under an object store keeps no weight files; copy it to a folder first")
    place, data = folder / FOLDER / f"{encoder.id}.safetensors", path.read_bytes()
    reserved = encoder.id in (*encoders.shipped(), *encoders.formulas())
    if reserved or (place.is_file() and place.read_bytes() != data):
        raise EncoderError(
            f"{said}: there is another encoder {encoder.id}; save this one under another name, or take another library"
        )
    _check_functions(encoder, said)
    try:
        place.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise LibraryError(f"{place.parent} cannot be made ({error.strerror}); make the library writable") from error
    write_whole(place, data)
    return encoder.id


def _check_functions(encoder: Encoder, said: Path) -> None:
    """EncoderError for an encoder of neural fields that could not read every shape of a library: points without normals
    tell distances and no side, so they become a udf."""
    if isinstance(encoder, FieldEncoder) and "udf" not in encoder.functions:
        raise EncoderError(
            f"{said}: reads fields of {', '.join(sorted(encoder.functions))} and of no udf, which clouds without normals "
            "become; give a library an encoder that was trained on udf too"
        )
