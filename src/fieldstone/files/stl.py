"""STL: binary (80-byte header, count, 50 bytes a triangle) and ASCII (`solid` ... `vertex x y z`)."""

import numpy as np
from jaxtyping import Bool, Float64, Int64, UInt8, UInt16

from fieldstone.files.assembly import HERE, Piece, assemble
from fieldstone.files.notes import Notes, small
from fieldstone.files.source import Source
from fieldstone.files.text import Lines, table
from fieldstone.files.units import stated_unit
from fieldstone.types import Mesh, Model, Paint

__all__ = ["TRIANGLE", "read"]

HEADER = 84
TRIANGLE = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


def read(source: Source, notes: Notes) -> Model:
    """A mesh of three vertices a triangle, as the file has it; `solid`s of an ASCII file are parts."""
    data = source.data
    count = int.from_bytes(data[80:HEADER], "little") if len(data) >= HEADER else -1
    exact = len(data) == HEADER + TRIANGLE.itemsize * count
    words = data[:4096].lstrip()[:5].lower()
    if not exact and words == b"solid" and (b"facet" in data[:4096].lower() or b"endsolid" in data[-4096:].lower()):
        return _read_ascii(source, notes)
    if count < 0:
        raise source.broken("is neither an ASCII nor a binary STL; check that this is an STL file, or export it again")
    return _read_binary(source, notes, count)


def _read_binary(source: Source, notes: Notes, count: int) -> Model:
    source.check("faces", count, "faces")
    whole = (len(source.data) - HEADER) // TRIANGLE.itemsize
    if whole < count:
        raise source.broken(
            f"promises {count:,} triangles and holds {whole:,}: it was cut short; copy or export it again"
        )
    if count == 0 and whole > 0:
        raise source.broken(f"says that it holds no triangles and has room for {whole:,}; export it again")
    if count == 0:
        raise source.empty("holds no triangles; check that the export was not empty")
    if len(source.data) > HEADER + count * TRIANGLE.itemsize:
        notes.add(f"{len(source.data) - HEADER - count * TRIANGLE.itemsize:,} bytes follow the last triangle")
    triangles = np.frombuffer(source.data, dtype=TRIANGLE, count=count, offset=HEADER)
    vertices = triangles["corners"].reshape(-1, 3).astype(np.float64)
    header = source.data[:80]
    face = _colors(header, triangles["attribute"])
    mesh = Mesh(vertices, _in_threes(count), None if face is None else Paint(face=face))
    text = header.split(b"\0")[0].decode("latin-1").strip()
    return Model(name=source.stem, shape=mesh, unit=stated_unit(text), metadata=small([("header", text)]))


def _in_threes(count: int) -> Int64[np.ndarray, "m 3"]:
    return np.arange(3 * count, dtype=np.int64).reshape(-1, 3)


def _colors(header: bytes, attribute: UInt16[np.ndarray, "m"]) -> UInt8[np.ndarray, "m 4"] | None:
    """The two unofficial colourings of the attribute word, 5 bits a channel.

    Magics: the header holds `COLOR=` and 4 bytes; a face with bit 15 clear has its own, red in the low bits.
    VisCAM and SolidView: bit 15 set says that the face has a colour, red in the high bits.
    """
    shifts = np.array([0, 5, 10])
    marked = (attribute & 0x8000) != 0
    position = header.find(b"COLOR=")
    if 0 <= position <= 70:
        channels = (attribute[:, None] >> shifts) & 31
        overall = np.frombuffer(header[position + 6 : position + 10], dtype=np.uint8)
        return _rgba(channels, ~marked, overall)
    if not marked.any() or (attribute[~marked] != 0).any():
        return None
    return _rgba((attribute[:, None] >> shifts[::-1]) & 31, marked, np.full(4, 255, dtype=np.uint8))


def _rgba(
    channels: UInt16[np.ndarray, "m 3"] | Int64[np.ndarray, "m 3"],
    own: Bool[np.ndarray, "m"],
    overall: UInt8[np.ndarray, "4"],
) -> UInt8[np.ndarray, "m 4"]:
    colors = np.tile(overall, (len(channels), 1))
    colors[own, :3] = np.rint(channels[own] * (255.0 / 31.0))
    colors[own, 3] = 255
    return colors


def _read_ascii(source: Source, notes: Notes) -> Model:
    lines = Lines(source.data)
    corner = lines.starting(b"vertex", ignore_case=True)
    source.check("faces", int(corner.sum()) // 3, "faces")
    vertices = _corners(source, lines, corner)
    solid = lines.starting(b"solid", ignore_case=True)
    names = lines.words(solid, len(b"solid"))
    if len(vertices) == 0:
        raise source.empty("holds no triangles; check that the export was not empty")
    bounds = np.cumsum(corner)[solid] if len(names) else np.zeros(1, dtype=np.int64)
    edges = np.append(bounds, len(vertices))
    if (edges % 3).any():
        raise source.broken("starts a solid in the middle of a triangle; export it again")
    if not lines.starting(b"endsolid", ignore_case=True).any():
        notes.add("the last solid is not ended (endsolid is missing): the file may be cut short")
    pieces = [
        Piece(name or f"solid {index + 1}", Mesh(vertices[begin:end], _in_threes((end - begin) // 3)), HERE)
        for index, (name, begin, end) in enumerate(
            zip(names or [""], edges[:-1].tolist(), edges[1:].tolist(), strict=True)
        )
        if end > begin
    ]
    notes.count(len(names) - len(pieces), "solid is empty", "solids are empty")
    shape, parts = assemble(source, pieces)
    text = "\n".join(names[:1])
    return Model(name=source.stem, shape=shape, parts=parts, unit=stated_unit(text), metadata=small([("header", text)]))


def _corners(source: Source, lines: Lines, corner: Bool[np.ndarray, "lines"]) -> Float64[np.ndarray, "n 3"]:
    """The coordinates of all `vertex` lines; every loop must have three."""
    rows = table(source, lines.pick(corner, len(b"vertex")), "vertices")
    if len(rows.widths) and not (rows.widths == 3).all():
        raise source.broken("has vertices that are not three numbers; export it again")
    n_facets = int(lines.starting(b"facet", ignore_case=True).sum())
    ends = np.cumsum(corner)[lines.starting(b"endloop", ignore_case=True)]
    whole = np.array_equal(ends, 3 * np.arange(1, len(ends) + 1))
    if not whole or 3 * n_facets != len(rows.widths) or int(corner.sum()) != len(rows.widths):
        raise source.broken(
            f"has {n_facets:,} facets and {int(corner.sum()):,} vertices, not three for each: "
            "it was cut short or damaged; export it again"
        )
    return rows.values.reshape(-1, 3)
