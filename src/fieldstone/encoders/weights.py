"""A learned encoder on disk: one safetensors file, its header JSON in the metadata.

Tensors are named `shape.*`, `image.*` and `text.*` after the towers' own state (encoders/networks), and
`descriptor.mean` and `descriptor.std` stand for what the descriptor beside the points is evened with. Files come from
strangers: what a file holds is checked before it is used, and nothing in it can run.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

import numpy as np
import safetensors
import safetensors.numpy

from fieldstone.errors import EncoderError
from fieldstone.files.whole import write_whole

__all__ = ["FIELDS", "MOST_BYTES", "Header", "check_header", "holds_encoder", "open_weights", "read_header", "save"]

KEY = "fieldstone-encoder"
MOST_BYTES = 2 * 2**30
"""Of a weight file; the largest network of the papers has a tenth of it."""
MOST_HEADER = 2**20
DTYPES = {"F16", "F32"}
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
MOST_SIZE = 2**14
"""Of a number in a configuration: layers, widths, points, pixels."""
FIELDS = "inr"
"""The network of a file whose encoders read neural fields (encoders/inr.py, which checks the sizes of these)."""
LARGEST = 1e6
"""No weight comes near."""
LATEST = 10**9
"""Highest version: files are named by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a weight file says of itself."""

    name: str
    """Lower-case letters, digits, dots, dashes and underscores; with the version it is the encoder's id."""
    version: int
    """Grows whenever the numbers change."""
    network: str
    """The backbone's name (encoders/networks/build.py)."""
    config: dict[str, Any]
    """Sizes: "backbone", "latent" and "descriptor" of the shape tower; "image" and "text" of those that are there.
    "normals" says that the network reads normals."""
    dim: int
    """Length of the backbone's row."""
    latent: int
    """Length of an embedding, in the latent that shapes, pictures and words share."""
    card: dict[str, Any]
    """The fields of `Card`, and what else a user should know: data, licences, figures."""
    training: dict[str, Any] = field(default_factory=dict)
    """How it was trained: recipe, seeds, data."""
    pose: Literal["any", "upright"] = "any"
    """The pose in which `name@version` sees a shape."""

    @property
    def id(self) -> str:
        """Name and version, `name@version`."""
        return f"{self.name}@{self.version}"


def save(path: str | Path, tensors: Mapping[str, np.ndarray], header: Header) -> None:
    """Write a weight file, whole or not at all; tensors stay float16 or float32 as they are given.

    The same tensors and header give the same bytes. Raises EncoderError for a header or tensors that would not open
    again, FileError where the place cannot be written to.
    """
    arrays = {name: np.ascontiguousarray(array) for name, array in sorted(tensors.items())}
    check_header(header, str(path))
    for name, array in arrays.items():
        if array.dtype not in (np.float16, np.float32):
            raise EncoderError(f"{path}: tensor {name} is {array.dtype}; give float16 or float32")
        _check_numbers(name, array, str(path))
    said = asdict(header) | {"checksum": _checksum(safetensors.numpy.save(arrays))}
    write_whole(Path(path), safetensors.numpy.save(arrays, metadata={KEY: json.dumps(said, sort_keys=True)}))


def holds_encoder(path: str | Path) -> bool:
    """Whether a file says that it is a weight file of ours. EncoderError where it cannot be read."""
    size = int.from_bytes(_read(path, 8), "little")
    return size <= MOST_HEADER and KEY.encode() in _read(path, 8 + size)


def read_header(path: str | Path) -> Header:
    """What a weight file says of itself; its tensors are not looked at. EncoderError as for `open_weights`."""
    return _split(_begin(path), str(path))[1]


def open_weights(path: str | Path) -> tuple[Header, dict[str, np.ndarray]]:
    """Header and tensors, as float32 whatever their precision on disk.

    Raises EncoderError for a file that is missing, damaged (its SHA-256 is checked), too large, or no weight file.
    """
    checksum, header, entries = _split(_begin(path), str(path))
    for name, entry in entries.items():
        if not isinstance(entry, dict) or entry.get("dtype") not in DTYPES:
            raise EncoderError(f"{path}: tensor {name[:60]!r} is neither float16 nor float32; {AGAIN}")
    data = _read(path, MOST_BYTES)
    if _checksum(data) != checksum:
        raise EncoderError(f"{path}: does not match its checksum; {AGAIN}")
    try:
        arrays = safetensors.numpy.load(data)
    except (safetensors.SafetensorError, ValueError) as error:
        raise EncoderError(f"{path}: was cut short or damaged; {AGAIN}") from error
    for name, array in arrays.items():
        _check_numbers(name, array, str(path))
    return header, {name: array.astype(np.float32) for name, array in arrays.items()}


AGAIN = "copy it again, or take another version"
FOREIGN = "is no weight file of an encoder; `fieldstone encoders` lists those that are at hand"


def _read(path: str | Path, most: int) -> bytes:
    try:
        if (size := Path(path).stat().st_size) > MOST_BYTES:
            raise EncoderError(f"{path}: has {size:,} bytes, and a weight file at most {MOST_BYTES:,}; do not trust it")
        with open(path, "rb") as file:
            return file.read(most)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) else "no such path"
        raise EncoderError(f"{path}: cannot be read ({reason}); give a weight file of an encoder") from error


def _begin(path: str | Path) -> bytes:
    """The file up to the end of its header."""
    size = int.from_bytes(_read(path, 8), "little")
    if size > MOST_HEADER:
        raise EncoderError(f"{path}: {FOREIGN}")
    return _read(path, 8 + size)


def _split(data: bytes, path: str) -> tuple[str, Header, dict[str, Any]]:
    """The checksum, the header, and the entries of the tensors."""
    try:
        entries = json.loads(data[8:])
        said = json.loads(entries.pop("__metadata__")[KEY])
        checksum = said.pop("checksum")
        header = Header(**{name: said[name] for name in (item.name for item in fields(Header))})
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise EncoderError(f"{path}: {FOREIGN}") from error
    check_header(header, path)
    return checksum, header, entries


def check_header(header: Header, path: str) -> None:
    """EncoderError where no weight file can have such a header."""
    kinds = {
        "name": str, "version": int, "network": str, "config": dict, "dim": int, "latent": int, "card": dict,
        "training": dict, "pose": str,
    }  # fmt: skip
    for name, kind in kinds.items():
        if type(getattr(header, name)) is not kind:
            raise EncoderError(f"{path}: its header's {name} is no {kind.__name__}; {AGAIN}")
    try:
        json.dumps([header.config, header.card, header.training])
    except (TypeError, ValueError, RecursionError) as error:
        raise EncoderError(f"{path}: its header holds what no JSON can say ({error}); {AGAIN}") from error
    if not NAME.fullmatch(header.name) or header.pose not in ("any", "upright"):
        raise EncoderError(
            f"{path}: its header names an encoder {header.name[:80]!r} or a pose that cannot be; {AGAIN}"
        )
    lengths = (header.dim, header.latent)
    if min(header.version, *lengths) < 1 or max(lengths) > 2**16 or header.version > LATEST:
        raise EncoderError(f"{path}: its header names a version or lengths that cannot be; {AGAIN}")
    left: list[Any] = [_sizes(header)]
    while left:
        value = left.pop()
        if isinstance(value, dict | list | tuple):
            left += value.values() if isinstance(value, dict) else value
        elif isinstance(value, int | float) and not abs(value) <= MOST_SIZE:
            raise EncoderError(f"{path}: its header names a size beyond {MOST_SIZE:,}; {AGAIN}")


def _sizes(header: Header) -> dict[str, Any]:
    """The configuration without what it tells of neural fields: their sizes are no part of a network."""
    kinds = header.config.get("kinds")
    if header.network != FIELDS or not isinstance(kinds, dict):
        return header.config
    return {**header.config, "kinds": [one.get("encoder") for one in kinds.values() if isinstance(one, dict)]}


def _check_numbers(name: str, array: np.ndarray, path: str) -> None:
    if array.size and not (float(array.min()) >= -LARGEST and float(array.max()) <= LARGEST):
        raise EncoderError(f"{path}: tensor {name[:60]!r} holds values that are not numbers, or beyond {LARGEST:,.0f}")


def _checksum(data: bytes) -> str:
    """SHA-256 of what stands behind the header."""
    return hashlib.sha256(memoryview(data)[8 + int.from_bytes(data[:8], "little") :]).hexdigest()
