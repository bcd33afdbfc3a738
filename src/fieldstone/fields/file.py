"""A field on disk: one safetensors file, its header JSON in the metadata (docs/field-format.md).

    save(field, "part.field", precision="fp16")
    field = open_field("part.field")

Files come from strangers: what a file holds is compared with what its header promises before memory is taken, and
nothing in it can run.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from fieldstone.errors import BrokenFile, GeometryError
from fieldstone.fields.header import MOST_BYTES, Header, header_from, header_text
from fieldstone.fields.layout import SCALE, Slot, check_structure, layout, stored
from fieldstone.fields.network import Architecture, NeuralField
from fieldstone.fields.quantise import Precision, quantise, restore
from fieldstone.fields.registry import KINDS
from fieldstone.files import Limits, open_bytes
from fieldstone.files.scanning import entry_of
from fieldstone.files.whole import write_whole

__all__ = ["SUFFIX", "check_precision", "field_bytes", "field_from", "header_of", "open_field", "save"]

SUFFIX = ".field"
DEFAULT = Limits()
LARGEST = 1e4
"""No number of a trained network comes near; sums of smaller ones stay finite."""
KEY = "fieldstone"
FOREIGN = "is not a field file; fields are made by `fieldstone fit`"
CUT = "was cut short or damaged; copy it again, or save the field anew"


def save(field: NeuralField, path: str | Path, precision: Precision = "fp32") -> None:
    """Write a field: all digits (`fp32`), tables and large matrices in two bytes a number (`fp16`), or tables in one.

    The file appears whole or not at all. Raises FileError where the place cannot be written to, GeometryError where the
    field does not go into that precision.
    """
    write_whole(path, field_bytes(field, precision))


def open_field(path: str | Path, limits: Limits = DEFAULT) -> NeuralField:
    """The field of a file, or of a member of an archive as `archive.zip!/member`; its numbers are float32 whatever the file's precision.

    Raises FileError: BrokenFile for what is no field or a damaged one, UnsupportedFormat for one of a newer Fieldstone,
    LimitExceeded beyond `Limits.bytes`.
    """
    entry = entry_of(path, limits)
    return field_from(open_bytes(entry, limits), entry.source)


def field_bytes(field: NeuralField, precision: Precision = "fp32") -> bytes:
    """The bytes of a field's file; the same field gives the same bytes. Raises GeometryError as `save` does."""
    network = field.network
    check_precision(network.architecture, precision)
    slots = layout(network.architecture, network.config, network.outputs)
    arrays = _packed(network.tensors(), slots, precision)
    header = Header(
        architecture=network.architecture,
        config=network.config,
        outputs=network.outputs,
        function=field.function,
        frame=field.frame,
        card=field.card,
        precision=precision,
        checksum=_checksum(safetensors.numpy.save(arrays)),
    )
    return safetensors.numpy.save(arrays, metadata={KEY: header_text(header)})


def check_precision(architecture: Architecture, precision: Precision) -> None:
    """GeometryError where a field of that architecture does not go into the precision."""
    if precision == "int8" and architecture == "siren":
        raise GeometryError("a field of architecture siren has no tables for int8; save it as fp16")


def header_of(data: bytes, path: str) -> Header:
    """What a file's bytes say of the field, the arrays not looked at. Raises FileError as `open_field` does."""
    return header_from(_split(data, path)[1], path)


def field_from(data: bytes, path: str) -> NeuralField:
    """The field of a file's bytes; `path` is the file to blame. Raises FileError as `open_field` does."""
    entries, text = _split(data, path)
    header = header_from(text, path)
    slots = layout(header.architecture, header.config, header.outputs)
    _check_entries(entries, stored(slots, header.precision), path)
    try:
        arrays = safetensors.numpy.load(data)
    except safetensors.SafetensorError as error:
        raise BrokenFile(path, CUT) from error
    if _checksum(data) != header.checksum:
        raise BrokenFile(path, "does not match its checksum; copy it again, or save the field anew")
    tensors = _unpacked(arrays, slots, path)
    try:
        check_structure(header.config, tensors)
        network = KINDS[header.architecture].network(header.config, tensors)
    except ValueError as error:
        raise BrokenFile(
            path, f"holds arrays that make no {header.architecture} ({error}); save the field again"
        ) from error
    return NeuralField(network=network, function=header.function, frame=header.frame, card=header.card)


def _split(data: bytes, path: str) -> tuple[dict[str, Any], str]:
    """The entries of the tensors, and the text of our own header."""
    size = int.from_bytes(data[:8], "little")
    if len(data) < 10 or data[8:9] != b"{":
        raise BrokenFile(path, FOREIGN)
    if size > len(data) - 8:
        raise BrokenFile(path, CUT)
    if size > MOST_BYTES:
        raise BrokenFile(
            path, f"has a header of {size:,} bytes, and a field's has {MOST_BYTES:,} at most; do not trust it"
        )
    try:
        entries = json.loads(data[8 : 8 + size])
        text = entries.pop("__metadata__")[KEY]
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise BrokenFile(path, FOREIGN) from error
    if not isinstance(text, str):
        raise BrokenFile(path, FOREIGN)
    return entries, text


def _check_entries(entries: dict[str, Any], wanted: Mapping[str, Slot], path: str) -> None:
    """Refuse a file whose arrays are not those that its header promises."""
    missing, extra = sorted(wanted.keys() - entries.keys()), sorted(entries.keys() - wanted.keys())
    if missing or extra:
        found = f"misses the array {missing[0]!r}" if missing else f"holds an array {extra[0][:40]!r} that no field has"
        raise BrokenFile(path, f"{found}; save the field again")
    for name, slot in wanted.items():
        entry = entries[name] if isinstance(entries[name], dict) else {}
        shape, dtype = entry.get("shape"), entry.get("dtype")
        if dtype != slot.dtype:
            raise BrokenFile(path, f"holds {name!r} as {str(dtype)[:20]}, not {slot.dtype}; save the field again")
        if not isinstance(shape, list) or not _fits(shape, slot.shape):
            raise BrokenFile(
                path, f"holds {name!r} in the shape {str(shape)[:60]}, its header says another; save the field again"
            )


def _fits(shape: list[Any], wanted: tuple[int | None, ...]) -> bool:
    if len(shape) != len(wanted):
        return False
    return all(type(n) is int and n > 0 and m in (None, n) for n, m in zip(shape, wanted, strict=True))


def _checksum(data: bytes) -> str:
    """SHA-256 of what stands behind the header."""
    return hashlib.sha256(memoryview(data)[8 + int.from_bytes(data[:8], "little") :]).hexdigest()


def _packed(tensors: Mapping[str, np.ndarray], slots: dict[str, Slot], precision: Precision) -> dict[str, np.ndarray]:
    """The arrays as the file holds them."""
    assert tensors.keys() == slots.keys(), "the layout names what a network has"
    arrays: dict[str, np.ndarray] = {}
    for name, slot in stored(slots, precision).items():
        if name.endswith(SCALE):
            continue
        tensor = tensors[name]
        if not _sound(tensor):
            raise GeometryError(f"the field holds values that are not numbers, or beyond {LARGEST:,.0f}; fit it again")
        match slot.dtype:
            case "I8":
                arrays[name], arrays[name + SCALE] = quantise(tensor)
            case "F16":
                arrays[name] = tensor.astype(np.float16)
            case _:
                arrays[name] = tensor
        arrays[name] = np.ascontiguousarray(arrays[name])
    return arrays


def _sound(tensor: np.ndarray) -> bool:
    """Whether every number is one, and small enough that no sum of a network overflows."""
    return bool(tensor.min() >= -LARGEST and tensor.max() <= LARGEST)


def _unpacked(arrays: Mapping[str, np.ndarray], slots: Mapping[str, Slot], path: str) -> dict[str, np.ndarray]:
    """The arrays as a network has them: float32, and integers of a structure."""
    tensors: dict[str, np.ndarray] = {}
    for name, slot in slots.items():
        if slot.kind == "structure":
            tensors[name] = arrays[name]
            continue
        if name + SCALE in arrays:
            with np.errstate(all="ignore"):
                tensors[name] = restore(arrays[name], arrays[name + SCALE])
        else:
            tensors[name] = arrays[name].astype(np.float32)
        if not _sound(tensors[name]):
            reason = f"holds values that are not numbers, or beyond {LARGEST:,.0f}, in {name!r}"
            raise BrokenFile(path, f"{reason}; save the field again")
    return tensors
