"""The JSON header of a field file: all that is said of a network beside its numbers (docs/field-format.md)."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from types import NoneType, UnionType
from typing import Any, Literal, NoReturn, Union, get_args, get_origin, get_type_hints

import numpy as np

from fieldstone.errors import BrokenFile, FieldstoneError, UnsupportedFormat
from fieldstone.fields.field import Function
from fieldstone.fields.frame import Frame
from fieldstone.fields.network import Architecture, Card
from fieldstone.fields.quantise import Precision
from fieldstone.fields.registry import KINDS
from fieldstone.geometry.normalise import Normalisation, Similarity
from fieldstone.types import Axis, Unit

__all__ = ["FORMAT_VERSION", "MOST_BYTES", "Header", "header_from", "header_text", "record"]

FORMAT_VERSION = 1

MOST_BYTES = 2**20
"""Of the header, the names of the tensors included."""
DEEPEST = 16
"""JSON values in JSON values."""
LARGEST = 2**31 - 1
ROUNDING = 1e-6


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Header:
    """What a field file says of itself. `checksum` is the SHA-256 of all bytes behind the header, hexadecimal."""

    architecture: Architecture
    config: Any
    outputs: int
    function: Function
    frame: Frame
    card: Card
    precision: Precision
    checksum: str


def header_text(header: Header) -> str:
    """The header as JSON, keys in a fixed order."""
    frame = header.frame
    said = {
        "format": FORMAT_VERSION,
        "architecture": header.architecture,
        "config": asdict(header.config),
        "outputs": header.outputs,
        "function": header.function,
        "frame": {
            "name": frame.name,
            "rotation": frame.to_model.rotation.tolist(),
            "translation": frame.to_model.translation.tolist(),
            "scale": float(frame.to_model.scale),
            "unit": frame.unit,
            "up": frame.up,
        },
        "card": asdict(header.card),
        "precision": header.precision,
        "checksum": header.checksum,
    }
    return json.dumps(said, allow_nan=False)


def header_from(text: str, path: str) -> Header:
    """Read a header; `path` is the file to blame.

    Raises BrokenFile where it does not say what the format promises, UnsupportedFormat for a newer version of it.
    """
    try:
        return _header(json.loads(text, parse_constant=_no_number), path)
    except FieldstoneError:
        raise
    except (ArithmeticError, AssertionError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise BrokenFile(path, f"has a damaged header ({_said(error)}); save the field again") from error


def _header(said: Any, path: str) -> Header:
    _check_plain(said)
    version = _typed(said["format"], int, "format")
    if version > FORMAT_VERSION:
        raise UnsupportedFormat(
            path, f"was made by a newer Fieldstone (format {version}); update Fieldstone to open it"
        )
    if version < 1:
        raise ValueError(f"format {version}")
    architecture = _typed(said["architecture"], Architecture, "architecture")
    card = record(said["card"], Card, "card")
    outputs = _typed(said["outputs"], int, "outputs")
    if outputs not in (1, 4):
        raise ValueError(f"{outputs} outputs")
    for name, value, most in (("error", card.error, math.inf), ("sign_confidence", card.sign_confidence, 1.0)):
        if value is not None and not 0.0 <= value <= most:
            raise ValueError(f"card.{name} is {value}")
    return Header(
        architecture=architecture,
        config=record(said["config"], KINDS[architecture].config, "config"),
        outputs=outputs,
        function=_typed(said["function"], Function, "function"),
        frame=_frame(said["frame"]),
        card=card,
        precision=_typed(said["precision"], Precision, "precision"),
        checksum=_typed(said["checksum"], str, "checksum"),
    )


def _frame(said: Any) -> Frame:
    place = tuple[float, float, float]
    rotation = np.array(_typed(said["rotation"], tuple[place, place, place], "frame.rotation"))
    translation = np.array(_typed(said["translation"], place, "frame.translation"))
    scale = _typed(said["scale"], float, "frame.scale")
    if not np.abs(rotation @ rotation.T - np.eye(3)).max() < ROUNDING:
        raise ValueError("frame.rotation turns nothing")
    if not np.abs(translation).max() < 1e100 or not 1e-100 < scale < 1e100:
        raise ValueError("frame.translation or frame.scale is no measure")
    return Frame(
        name=_typed(said["name"], Normalisation, "frame.name"),
        to_model=Similarity(rotation=rotation, translation=translation, scale=scale),
        unit=_typed(said["unit"], Unit | None, "frame.unit"),
        up=_typed(said["up"], Axis | None, "frame.up"),
    )


def record(said: Any, kind: type, name: str) -> Any:
    """A frozen dataclass from a JSON object that has each of its fields, and no other, in the right type; else ValueError."""
    hints = get_type_hints(kind)
    if not isinstance(said, dict) or set(said) != {item.name for item in fields(kind)}:
        raise ValueError(f"{name} has not the entries that it should have")
    return kind(**{key: _typed(value, hints[key], f"{name}.{key}") for key, value in said.items()})


def _typed(value: Any, kind: Any, name: str) -> Any:
    """A JSON value as the type asked for; ValueError where it is another."""
    if kind is Any:
        return value
    origin, options = get_origin(kind), get_args(kind)
    if origin is Literal:
        if value in options and type(value) in {type(option) for option in options}:
            return value
    elif origin in (Union, UnionType):
        for option in options:
            try:
                return _typed(value, option, name)
            except ValueError:
                continue
    elif origin is tuple and isinstance(value, list):
        one = options[0] if len(options) == 2 and options[1] is Ellipsis else None
        if one is not None or len(value) == len(options):
            return tuple(_typed(item, one or options[i], name) for i, item in enumerate(value))
    elif origin is Mapping and isinstance(value, dict):
        return value
    elif kind is float and type(value) in (int, float):
        return float(value)
    elif kind in (int, bool, str, NoneType) and type(value) is kind and (kind is not int or abs(value) <= LARGEST):
        return value
    raise ValueError(f"{name} is {str(value)[:40]!r}")


def _check_plain(value: Any, depth: int = 0) -> None:
    """Refuse what is nested too deeply, and numbers that JSON can write and a computer cannot hold."""
    if depth > DEEPEST:
        raise ValueError("nested too deeply")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a number beyond all measure")
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            _check_plain(item, depth + 1)


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def _said(error: Exception) -> str:
    match error:
        case KeyError():
            return f"it misses {str(error)[:40]}"
        case RecursionError():
            return "nested too deeply"
        case json.JSONDecodeError():
            return "it is no JSON"
        case TypeError() | LookupError():
            return "a value of the wrong kind"
        case _:
            return str(error)[:100]
