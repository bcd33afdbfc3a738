"""OFF: counts, vertices, polygons with optional colours (Geomview's text form, with its C, N and ST prefixes)."""

import re

import numpy as np
from jaxtyping import Float64, Int64, UInt8

from fieldstone.files.checks import check_faces, unit_normals
from fieldstone.files.colors import as_rgba
from fieldstone.files.notes import Notes
from fieldstone.files.polygons import Triangles, cut_polygons
from fieldstone.files.source import Source
from fieldstone.files.text import Table, table
from fieldstone.types import Mesh, Model, Paint, PointCloud

__all__ = ["read"]

HEADER = re.compile(rb"\s*(ST)?(C)?(N)?(4)?(n)?OFF(?![A-Za-z])[ \t]*(BINARY)?", re.IGNORECASE)


def read(source: Source, notes: Notes) -> Model:
    """A mesh, or a cloud where there are vertices and no faces; polygons are cut into triangles."""
    header = HEADER.match(source.data)
    if header is None:
        raise source.broken("does not start with OFF; check that this is an OFF file, or export it again")
    textured, colored, normal, fourth, dimension, binary = header.groups()
    if fourth or dimension or binary:
        raise source.unsupported(
            "is an OFF of a kind that is not read (binary or not three-dimensional); save it as text OFF"
        )
    body = re.sub(rb"#[^\n]*", b"", source.data[header.end() :].replace(b"\r", b"\n"))
    rows = table(source, body, "vertices and faces")
    n_vertices, n_faces, rows = _counts(source, rows)
    if n_vertices == 0:
        raise source.empty("holds no vertices; check that the export was not empty")
    columns = 3 + 3 * bool(normal)
    if len(rows.widths) < n_vertices + n_faces:
        raise source.broken(
            f"promises {n_vertices:,} vertices and {n_faces:,} faces and holds {len(rows.widths):,} lines for them: "
            "it was cut short; copy or export it again"
        )
    vertex_rows = _section(rows, 0, n_vertices)
    if (vertex_rows.widths < columns + 3 * bool(colored) + 2 * bool(textured)).any():
        raise source.broken("has vertices with too few numbers; export it again")
    vertices = vertex_rows.columns(3).copy()
    colors = _vertex_colors(vertex_rows, columns) if colored else None
    if n_faces == 0:
        normals = unit_normals(vertex_rows.columns(6)[:, 3:], notes) if normal else None
        return Model(name=source.stem, shape=PointCloud(vertices, normals, colors))
    face_rows = _section(rows, n_vertices, n_vertices + n_faces)
    triangles, faces = _faces(source, notes, face_rows, vertices)
    face = _face_colors(face_rows)
    paint = None
    if colors is not None or face is not None:
        paint = Paint(vertex=colors, face=None if face is None else face[triangles.polygon])
    return Model(name=source.stem, shape=Mesh(vertices, faces, paint))


def _counts(source: Source, rows: Table) -> tuple[int, int, Table]:
    """The two counts of the first row, and the rows behind it."""
    if len(rows.widths) == 0 or rows.widths[0] < 2:
        raise source.broken("does not say how many vertices and faces it holds; export it again")
    counts = rows.values[:2]
    if not ((counts >= 0) & (counts == np.floor(counts)) & (counts < 2**53)).all():
        raise source.broken("does not say how many vertices and faces it holds; export it again")
    source.check("vertices", int(counts[0]), "vertices")
    source.check("faces", int(counts[1]), "faces")
    return int(counts[0]), int(counts[1]), _section(rows, 1, len(rows.widths))


def _section(rows: Table, begin: int, end: int) -> Table:
    starts = rows.starts[begin : end + 1]
    return Table(rows.values[starts[0] : starts[-1]], starts - starts[0])


def _vertex_colors(rows: Table, columns: int) -> UInt8[np.ndarray, "n 4"]:
    width = int(min(rows.widths.min(), columns + 4))
    width = width if width - columns in (3, 4) else columns + 3
    return _rgba(rows.columns(width)[:, columns:])


def _rgba(values: Float64[np.ndarray, "n c"]) -> UInt8[np.ndarray, "n 4"]:
    """Colours run to 255 where any number is above 1, else to 1."""
    return as_rgba(values / 255.0 if (values > 1.0).any() else values)


def _faces(
    source: Source, notes: Notes, rows: Table, vertices: Float64[np.ndarray, "n 3"]
) -> tuple[Triangles, Int64[np.ndarray, "m 3"]]:
    sizes = rows.values[rows.starts[:-1]]
    if not ((sizes >= 0) & (sizes == np.floor(sizes)) & (sizes < rows.widths)).all():
        raise source.broken("has faces with fewer corners than they promise; export it again")
    counts = sizes.astype(np.int64)
    offsets = np.repeat(rows.starts[:-1] + 1 - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
    named = rows.values[offsets]
    if not (np.isfinite(named) & (named == np.floor(named)) & (np.abs(named) < 2**53)).all():
        raise source.broken("has face corners that are not whole numbers; export it again")
    corners = named.astype(np.int64)
    check_faces(source, corners, len(vertices))
    triangles = cut_polygons(source, notes, vertices[corners], counts)
    return triangles, corners[triangles.corners]


def _face_colors(rows: Table) -> UInt8[np.ndarray, "p 4"] | None:
    """RGB or RGBA behind the corners, where any face has them (a single number, of a palette, is ignored)."""
    counts = rows.values[rows.starts[:-1]].astype(np.int64)
    extra = rows.widths - 1 - counts
    if not (extra >= 3).any():
        return None
    first = rows.starts[:-1] + 1 + counts
    colors = np.full((len(counts), 4), np.nan)
    last = len(rows.values) - 1
    for channel in range(4):
        has = (extra >= 3) & (extra > channel)
        colors[has, channel] = rows.values[np.minimum(first + channel, last)][has]
    with_color = extra >= 3
    scale = 255.0 if (colors[with_color] > 1.0).any() else 1.0
    colors[np.isnan(colors)] = scale
    return as_rgba(colors / scale)
