"""PLY (the Stanford polygon format): text and binary, polygons and strips, colours, texture coordinates."""

import re

import numpy as np
from jaxtyping import Float32, Float64, Int64, Num, UInt8

from fieldstone.files.checks import check_faces, unit_normals
from fieldstone.files.colors import as_rgba
from fieldstone.files.images import Images
from fieldstone.files.notes import Notes, small
from fieldstone.files.ply_data import Ragged, Rows, read_rows
from fieldstone.files.ply_header import Header, read_header
from fieldstone.files.polygons import Triangles, cut_polygons
from fieldstone.files.source import Source
from fieldstone.files.strips import strip_triangles
from fieldstone.files.units import stated_unit
from fieldstone.types import Mesh, Model, Paint, PointCloud

__all__ = ["read"]

TEXTURE = re.compile(r"TextureFile\s+(.+?)\s*$", re.IGNORECASE)
UV_NAMES = (("s", "t"), ("u", "v"), ("texture_u", "texture_v"), ("texcoord_u", "texcoord_v"))


def read(source: Source, notes: Notes) -> Model:
    """A mesh, or a cloud where there are no faces; polygons are cut into triangles."""
    header = read_header(source)
    _check_counts(source, header)
    rows = read_rows(source, header)
    vertex = rows.get("vertex", Rows())
    if vertex.count == 0:
        raise source.empty("holds no vertices; check that the export was not empty")
    vertices = _columns(vertex, ("x", "y", "z"))
    if vertices is None:
        raise source.broken("has vertices without x, y and z; export it again")
    vertices = vertices.astype(np.float64)
    metadata = small(("comment" if not at else f"comment {at + 1}", text) for at, text in enumerate(header.comments))
    unit = stated_unit("\n".join(header.comments))
    mesh = _mesh(source, notes, header, rows, vertices)
    if mesh is not None:
        return Model(name=source.stem, shape=mesh, unit=unit, metadata=metadata)
    normals = _columns(vertex, ("nx", "ny", "nz"))
    unit_length = None if normals is None else unit_normals(normals.astype(np.float64), notes)
    cloud = PointCloud(vertices, unit_length, _colors(vertex, notes))
    return Model(name=source.stem, shape=cloud, unit=unit, metadata=metadata)


def _check_counts(source: Source, header: Header) -> None:
    for element in header.elements:
        if element.name == "vertex":
            source.check("vertices", element.count, "vertices")
        elif element.name == "face":
            source.check("faces", element.count, "faces")
        elif element.name != "tristrips":
            source.check("vertices", element.count, f"{element.name[:40]} rows")


def _mesh(
    source: Source, notes: Notes, header: Header, rows: dict[str, Rows], vertices: Float64[np.ndarray, "n 3"]
) -> Mesh | None:
    face = rows.get("face", Rows())
    polygons = face.lists.get("vertex_indices") or face.lists.get("vertex_index")
    strips = rows.get("tristrips", Rows()).lists
    vertex_colors = _colors(rows["vertex"], notes)
    if face.count and polygons is None and not strips:
        raise source.broken("has faces without vertex_indices; export it again")
    if polygons is not None and len(polygons.counts):
        triangles, faces = _triangles(source, notes, polygons, vertices)
        face_colors = _colors(face, notes)
        paint = _paint(source, notes, header, rows, (triangles, faces, polygons), (vertex_colors, face_colors))
        return Mesh(vertices, faces, paint)
    for entries in strips.values():
        faces = strip_triangles(entries.values.astype(np.int64), entries.counts)
        check_faces(source, faces, len(vertices))
        source.check("faces", len(faces), "faces")
        return Mesh(vertices, faces, None if vertex_colors is None else Paint(vertex=vertex_colors))
    return None


def _triangles(
    source: Source, notes: Notes, polygons: Ragged, vertices: Float64[np.ndarray, "n 3"]
) -> tuple[Triangles, Int64[np.ndarray, "m 3"]]:
    counts = polygons.counts
    if polygons.values.dtype.kind == "f" and not (polygons.values == np.floor(polygons.values)).all():
        raise source.broken("has face corners that are not whole numbers; export it again")
    corners = polygons.values.astype(np.int64)
    check_faces(source, corners, len(vertices))
    if len(counts) and (counts == 3).all():
        everything = np.arange(len(corners), dtype=np.int64).reshape(-1, 3)
        return Triangles(everything, np.arange(len(counts)), 0), corners.reshape(-1, 3)
    triangles = cut_polygons(source, notes, vertices[corners], counts)
    return triangles, corners[triangles.corners]


def _paint(
    source: Source,
    notes: Notes,
    header: Header,
    rows: dict[str, Rows],
    cut: tuple[Triangles, Int64[np.ndarray, "m 3"], Ragged],
    colors: tuple[UInt8[np.ndarray, "n 4"] | None, UInt8[np.ndarray, "p 4"] | None],
) -> Paint | None:
    triangles, faces, polygons = cut
    vertex, face = colors
    face = None if face is None else face[triangles.polygon]
    uv = _uv(rows, triangles, faces, polygons)
    images: list[UInt8[np.ndarray, "_ _ 4"]] = []
    if uv is not None:
        names = [match.group(1) for match in map(TEXTURE.match, header.comments) if match]
        decoder = Images(source, notes)
        images = [image for image in map(decoder.beside, names[:1]) if image is not None]
        if len(names) > 1:
            notes.add(f"{len(names) - 1} further textures were left out")
    if vertex is None and face is None and not images:
        return None
    if not images:
        return Paint(vertex=vertex, face=face)
    return Paint(
        vertex=vertex, face=face, uv=uv, image_of_face=np.zeros(len(faces), dtype=np.int64), images=tuple(images)
    )


def _uv(
    rows: dict[str, Rows], triangles: Triangles, faces: Int64[np.ndarray, "m 3"], polygons: Ragged
) -> Float32[np.ndarray, "m 3 2"] | None:
    """Texture coordinates of each corner, from the faces (`texcoord`) or the vertices (`s t`, `u v`)."""
    own = rows["face"].lists.get("texcoord")
    if own is not None and np.array_equal(own.counts, 2 * polygons.counts):
        of_faces: Float32[np.ndarray, "m 3 2"] = own.values.reshape(-1, 2)[triangles.corners].astype(np.float32)
        return of_faces
    for names in UV_NAMES:
        columns = _columns(rows["vertex"], names)
        if columns is not None:
            of_vertices: Float32[np.ndarray, "m 3 2"] = columns[faces].astype(np.float32)
            return of_vertices
    return None


def _columns(rows: Rows, names: tuple[str, ...]) -> Num[np.ndarray, "n c"] | None:
    if not all(name in rows.columns for name in names):
        return None
    return np.stack([rows.columns[name] for name in names], axis=1)


def _colors(rows: Rows, notes: Notes) -> UInt8[np.ndarray, "n 4"] | None:
    """Colours of vertices or faces; text has no types, so there whole numbers run to 255 and fractions to 1."""
    for prefix in ("", "diffuse_"):
        names = tuple(prefix + name for name in ("red", "green", "blue"))
        values = (
            _columns(rows, (*names, prefix + "alpha")) if prefix + "alpha" in rows.columns else _columns(rows, names)
        )
        if values is None:
            continue
        if values.dtype.kind == "f":
            if not np.isfinite(values).all():
                notes.add("some colours are not numbers and count as black")
            values = values / 255.0 if (values > 1.0).any() else values
        return as_rgba(values)
    return None
