"""The header of a PLY: elements, their properties, comments."""

from dataclasses import dataclass, field

import numpy as np

from fieldstone.files.source import Source

__all__ = ["Element", "Header", "Property", "read_header"]

TYPES = {
    "char": "i1", "uchar": "u1", "short": "i2", "ushort": "u2", "int": "i4", "uint": "u4",
    "float": "f4", "double": "f8",
    "int8": "i1", "uint8": "u1", "int16": "i2", "uint16": "u2", "int32": "i4", "uint32": "u4",
    "float32": "f4", "float64": "f8", "int64": "i8", "uint64": "u8",
}  # fmt: skip
MOST = 1000
ORDERS = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}


@dataclass(frozen=True, slots=True)
class Property:
    """A number, or a list of numbers with its length in front (`length` is its type)."""

    name: str
    kind: str
    length: str | None = None


@dataclass(frozen=True, slots=True)
class Element:
    """`count` rows of the same properties."""

    name: str
    count: int
    properties: list[Property] = field(default_factory=list)

    def scalars(self, order: str) -> np.dtype[np.void]:
        """One row as a numpy type; only without lists."""
        return np.dtype([(item.name, order + item.kind) for item in self.properties])


@dataclass(frozen=True, slots=True)
class Header:
    """`order` is "" for text, "<" or ">" for binary; the data starts at byte `end`."""

    order: str
    elements: list[Element]
    comments: list[str]
    end: int


def read_header(source: Source) -> Header:
    """Parse the header; raises BrokenFile."""
    data = source.data
    if not data[:4].rstrip() == b"ply":
        raise source.broken("does not start with `ply`; check that this is a PLY file, or export it again")
    stop = data.find(b"end_header", 0, 2**20)
    if stop < 0:
        raise source.broken("has a header without end_header; export it again")
    end = data.find(b"\n", stop)
    if b"\n" not in data[:stop]:
        end = data.find(b"\r", stop)
    end = len(data) if end < 0 else end + 1
    order, elements, comments = None, [], []
    for line in data[:stop].decode("utf-8", "replace").splitlines()[1:]:
        word, _, rest = line.strip().partition(" ")
        if word == "format":
            order = ORDERS.get(rest.split()[0] if rest.split() else "")
        elif word in ("comment", "obj_info"):
            comments.append(rest.strip())
        elif word == "element":
            elements.append(_element(source, rest.split()))
            if len(elements) > MOST:
                raise source.broken(f"has more than {MOST:,} elements; check that this is a PLY file")
        elif word == "property":
            _add_property(source, elements, rest.split())
    if order is None:
        raise source.broken("does not say whether it is text or binary; export it again")
    return Header(order, elements, comments, end)


def _element(source: Source, words: list[str]) -> Element:
    if len(words) != 2 or not words[1].isascii() or not words[1].isdigit() or len(words[1]) > 18:
        raise source.broken("has an element without a name and a count in its header; export it again")
    return Element(words[0], int(words[1]))


def _add_property(source: Source, elements: list[Element], words: list[str]) -> None:
    """`float x`, or `list uchar int vertex_indices`."""
    *spelled, name = words or [""]
    length = None
    if spelled[:1] == ["list"] and len(spelled) == 3:
        length = TYPES.get(spelled[1], "?")
        spelled = spelled[2:]
    kind = TYPES.get(spelled[0]) if len(spelled) == 1 else None
    if not elements or kind is None or (length is not None and length[0] not in "iu"):
        raise source.broken("has a property of an unknown type in its header; export it again")
    properties = elements[-1].properties
    if len(properties) >= MOST:
        raise source.broken(f"has more than {MOST:,} properties of one element; check that this is a PLY file")
    if any(item.name == name for item in properties):
        raise source.broken(f"names the property {name[:40]!r} twice; export it again")
    properties.append(Property(name, kind, length))
