"""glTF's bytes: buffers, views and accessors; every range is checked before memory is taken."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64, Num

from fieldstone.files.beside import Missing
from fieldstone.files.source import Source

__all__ = ["Buffers"]

KINDS = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
UNSTORED = 1_000_000
"""Entries of an accessor without data of its own (zeros, before sparse ones replace some)."""
TOPS = {"i1": 127.0, "u1": 255.0, "i2": 32767.0, "u2": 65535.0}


def whole(value: object) -> int:
    """A JSON number as a count or offset; ValueError where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value) or value < 0:
        raise ValueError(f"{value!r} is not a count")
    return int(value)


class Buffers:
    """Reads a document's accessors. The GLB's own chunk is buffer 0 where that has no uri."""

    def __init__(self, source: Source, document: Mapping[str, Any], chunk: bytes | None) -> None:
        self.source, self.document, self.chunk = source, document, chunk
        self.loaded: dict[int, bytes] = {}

    def item(self, kind: str, index: object) -> Mapping[str, Any]:
        """Entry `index` of one of the document's lists; raises LookupError or TypeError where there is none."""
        entries: Sequence[Mapping[str, Any]] = self.document[kind]
        entry = entries[whole(index)]
        if not isinstance(entry, Mapping):
            raise TypeError(f"{kind}[{index}] is not an object")
        return entry

    def uri(self, text: str) -> bytes:
        """The bytes behind a uri: `data:` within, or a file beside; raises Missing."""
        if not isinstance(text, str):
            raise TypeError("a uri is not a text")
        if not text.startswith("data:"):
            return self.source.beside.get(text)
        head, comma, body = text.partition(",")
        if not comma or not head.endswith(";base64"):
            raise Missing("a data uri", "is not in base64")
        try:
            return base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError) as error:
            raise Missing("a data uri", "is not in base64") from error

    def buffer(self, index: int) -> bytes:
        """A whole buffer; raises BrokenFile where it cannot be had."""
        if index not in self.loaded:
            uri = self.item("buffers", index).get("uri")
            if uri is None and index == 0 and self.chunk is not None:
                self.loaded[index] = self.chunk
            elif uri is None:
                raise self.source.broken("names a buffer that is not in the file; export it again")
            else:
                try:
                    self.loaded[index] = self.uri(uri)
                except Missing as error:
                    raise self.source.broken(
                        f"needs {error.path!r}, which {error.reason}; put its files together and add them again"
                    ) from error
            self.source.check("bytes", sum(map(len, self.loaded.values())), "bytes in all of its buffers")
        return self.loaded[index]

    def view(self, index: object) -> tuple[memoryview, int | None]:
        """The bytes of a buffer view, and its stride."""
        view = self.item("bufferViews", index)
        if "EXT_meshopt_compression" in view.get("extensions", {}):
            raise self.source.unsupported(
                "is compressed with meshopt, which is not read; export it without compression"
            )
        data = self.buffer(whole(view["buffer"]))
        begin, length = whole(view.get("byteOffset", 0)), whole(view["byteLength"])
        if begin + length > len(data):
            raise self.source.broken(
                "has a buffer that ends before its data does: it was cut short; copy or export it again"
            )
        stride = view.get("byteStride")
        return memoryview(data)[begin : begin + length], None if stride is None else whole(stride)

    def count(self, index: object) -> int:
        """How many entries an accessor says it has, checked against the limits."""
        count = whole(self.item("accessors", index)["count"])
        self.source.check("vertices", (count + 2) // 3, "vertices or corners in one accessor")
        return count

    def read(self, index: object) -> Num[np.ndarray, "n c"]:
        """An accessor's entries as they are stored, one a row; normalised integers become fractions."""
        accessor = self.item("accessors", index)
        count, kind, width = self.count(index), KINDS[accessor["componentType"]], WIDTHS[accessor["type"]]
        if accessor.get("bufferView") is None:
            if count > UNSTORED:
                raise self.source.broken(f"promises {count:,} entries and stores none of them; export it again")
            values: Num[np.ndarray, "n c"] = np.zeros((count, width), dtype=kind)
        else:
            values = self._rows(accessor["bufferView"], whole(accessor.get("byteOffset", 0)), kind, (count, width))
        if "sparse" in accessor:
            values = self._sparse(values, accessor["sparse"], kind)
        if accessor.get("normalized") and kind[1:] in TOPS:
            return np.maximum(values / TOPS[kind[1:]], -1.0)
        return values

    def _rows(self, view: object, begin: int, kind: str, shape: tuple[int, int]) -> Num[np.ndarray, "n c"]:
        data, stride = self.view(view)
        size = np.dtype(kind).itemsize
        step = stride or size * shape[1]
        if shape[0] and begin + step * (shape[0] - 1) + size * shape[1] > len(data):
            raise self.source.broken(
                f"promises {shape[0]:,} entries where its buffer holds fewer: it was cut short; copy or export it again"
            )
        if not shape[0]:
            return np.zeros(shape, dtype=kind)
        return np.ndarray(shape, kind, data, begin, (step, size))

    def _sparse(self, values: Num[np.ndarray, "n c"], sparse: Mapping[str, Any], kind: str) -> Num[np.ndarray, "n c"]:
        count = whole(sparse["count"])
        if count > len(values):
            raise self.source.broken("replaces more entries than an accessor has; export it again")
        at, new = sparse["indices"], sparse["values"]
        places = self._rows(at["bufferView"], whole(at.get("byteOffset", 0)), KINDS[at["componentType"]], (count, 1))[
            :, 0
        ]
        entries = self._rows(new["bufferView"], whole(new.get("byteOffset", 0)), kind, (count, values.shape[1]))
        replaced = values.copy()
        replaced[places.astype(np.int64)] = entries
        return replaced

    def floats(self, index: object, width: int) -> Float64[np.ndarray, "n width"]:
        """An accessor of vectors as float64; raises ValueError where it has another width."""
        values = self.read(index)
        if values.shape[1] != width:
            raise ValueError(f"an accessor has {values.shape[1]} components where {width} are needed")
        return values.astype(np.float64)

    def indices(self, index: object) -> Int64[np.ndarray, "n"]:
        """An accessor of indices."""
        values = self.read(index)
        if values.shape[1] != 1 or values.dtype.kind == "f":
            raise ValueError("indices are not whole numbers")
        return values[:, 0].astype(np.int64)
