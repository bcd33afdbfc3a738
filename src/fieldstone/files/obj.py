"""Wavefront OBJ: vertices with optional colours, polygons, texture coordinates, objects, groups, materials."""

import re

import numpy as np
from jaxtyping import Float32, Float64, Int64, UInt8

from fieldstone.files.assembly import HERE, Piece, assemble, cut_out
from fieldstone.files.checks import check_faces
from fieldstone.files.colors import as_rgba
from fieldstone.files.images import Images
from fieldstone.files.mtl import Material, read_materials
from fieldstone.files.notes import Notes, small
from fieldstone.files.obj_faces import Corners, read_corners
from fieldstone.files.polygons import Triangles, cut_polygons
from fieldstone.files.source import Source
from fieldstone.files.text import Lines, table
from fieldstone.files.units import stated_unit
from fieldstone.types import Mesh, Model, Paint, PointCloud

__all__ = ["read"]


def read(source: Source, notes: Notes) -> Model:
    """A mesh with the file's own vertices, or a cloud where there are no faces; objects, else groups, are parts."""
    text = source.data
    lines = Lines(re.sub(rb"\\[ \t]*\r?\n", b" ", text) if b"\\" in text else text)
    is_vertex, is_face = lines.starting(b"v"), lines.starting(b"f")
    source.check("vertices", int(is_vertex.sum()), "vertices")
    source.check("faces", int(is_face.sum()), "faces")
    vertices, colors = _vertices(source, notes, lines.pick(is_vertex, 1))
    comments = _comments(lines)
    unit = stated_unit("\n".join(comments))
    metadata = small(("comment" if not at else f"comment {at + 1}", line) for at, line in enumerate(comments))
    _note_others(notes, lines)
    if not is_face.any():
        return Model(name=source.stem, shape=_cloud(source, lines, vertices, colors), unit=unit, metadata=metadata)
    corners = read_corners(source, lines, is_vertex, is_face)
    check_faces(source, corners.vertex, len(vertices))
    cut = cut_polygons(source, notes, vertices[corners.vertex], corners.counts)
    line_of_face = np.flatnonzero(is_face)[cut.polygon]
    paint = _paint(source, notes, lines, corners, cut, line_of_face, colors)
    mesh = Mesh(vertices, corners.vertex[cut.corners], paint)
    shape, parts = assemble(source, _pieces(notes, lines, mesh, line_of_face))
    # The pieces lie where the file has them, so the whole is the file's own mesh, with its own order of vertices.
    return Model(name=source.stem, shape=mesh if parts else shape, parts=parts, unit=unit, metadata=metadata)


def _vertices(
    source: Source, notes: Notes, text: bytes
) -> tuple[Float64[np.ndarray, "n 3"], UInt8[np.ndarray, "n 4"] | None]:
    rows = table(source, text, "vertices")
    widths = rows.widths
    n_vertices = len(widths)
    if n_vertices == 0:
        raise source.empty("holds no vertices; check that the export was not empty")
    if text.count(b"\n") != n_vertices or widths.min() < 3:
        raise source.broken("has vertices with fewer than three numbers; export it again")
    vertices = np.ascontiguousarray(rows.columns(int(widths[0]) if (widths == widths[0]).all() else 3)[:, :3])
    if widths.min() < 6:
        return vertices, None
    rgb = rows.columns(int(widths[0]) if (widths == widths[0]).all() else 6)[:, 3:6]
    unknown = int((~np.isfinite(rgb).all(axis=1)).sum())
    notes.count(
        unknown,
        "vertex colour is not a number and counts as white",
        "vertex colours are not numbers and count as white",
    )
    rgb = np.where(np.isfinite(rgb).all(axis=1)[:, None], rgb, 1.0 if not (rgb > 1.0).any() else 255.0)
    return vertices, as_rgba(rgb / 255.0 if (rgb > 1.0).any() else rgb)


def _comments(lines: Lines) -> list[str]:
    """What the first comment lines say."""
    head = lines.text[:4096].split(b"\n")
    found = [
        line.strip().lstrip(b"#").strip().decode("utf-8", "replace") for line in head if line.lstrip().startswith(b"#")
    ]
    return [text for text in found if text][:10]


def _note_others(notes: Notes, lines: Lines) -> None:
    """Say what is in the file and not in the shape."""
    for word, one in ((b"l", "line"), (b"curv", "free-form curve"), (b"surf", "free-form surface")):
        number = int(lines.starting(word).sum())
        notes.count(number, f"{one} was left out", f"{one}s were left out")


def _cloud(
    source: Source, lines: Lines, vertices: Float64[np.ndarray, "n 3"], colors: UInt8[np.ndarray, "n 4"] | None
) -> PointCloud:
    if lines.starting(b"l").any():
        raise source.empty("holds lines (a wireframe) and no faces; export it with faces")
    if lines.starting(b"surf").any():
        raise source.empty("holds free-form surfaces and no faces; export it as polygons")
    return PointCloud(vertices, None, colors)


def _since(lines: Lines, word: bytes, line_of_face: Int64[np.ndarray, "m"]) -> tuple[list[str], Int64[np.ndarray, "m"]]:
    """The distinct names that lines starting with `word` give, and for each face the one in force, -1 before any."""
    chosen = lines.starting(word)
    names = lines.words(chosen, len(word))
    distinct = list(dict.fromkeys(names))
    index = {name: number for number, name in enumerate(distinct)}
    of_line = np.array([index[name] for name in names] + [-1], dtype=np.int64)
    return distinct, of_line[np.searchsorted(np.flatnonzero(chosen), line_of_face) - 1]


def _pieces(notes: Notes, lines: Lines, mesh: Mesh, line_of_face: Int64[np.ndarray, "m"]) -> list[Piece]:
    """The mesh cut along its objects, or along its groups where it has not several objects."""
    for word in (b"o", b"g"):
        names, owner = _since(lines, word, line_of_face)
        used = np.unique(owner)
        notes.count(
            len(names) - int((used >= 0).sum()),
            f"`{word.decode()}` without faces",
            f"`{word.decode()}` lines without faces",
        )
        if len(used) > 1:
            order = np.argsort(owner, kind="stable")
            cuts = np.searchsorted(owner[order], used[1:])
            return [
                Piece(names[number] if number >= 0 else "unnamed", cut_out(mesh, faces), HERE)
                for number, faces in zip(used.tolist(), np.split(order, cuts), strict=True)
            ]
    return [Piece("", mesh, HERE)]


def _paint(
    source: Source,
    notes: Notes,
    lines: Lines,
    corners: Corners,
    cut: Triangles,
    line_of_face: Int64[np.ndarray, "m"],
    vertex: UInt8[np.ndarray, "n 4"] | None,
) -> Paint | None:
    """Vertex colours, and the materials' colours and images."""
    names, of_face = _since(lines, b"usemtl", line_of_face)
    files = lines.words(lines.starting(b"mtllib"), len(b"mtllib"))
    materials = read_materials(source, notes, files) if names and files else {}
    known = [materials.get(name) for name in names]
    notes.count(sum(item is None for item in known), "material is not defined", "materials are not defined")
    face = None
    if any(item is not None and item.color is not None for item in known):
        palette = [
            item.color if item is not None and item.color is not None else (255, 255, 255, 255) for item in known
        ]
        face = np.array([*palette, (255, 255, 255, 255)], dtype=np.uint8)[of_face]
    uv = _uv(source, lines, corners, cut)
    image_of_face, images = _images(Images(source, notes), known, of_face, has_uv=uv is not None)
    if vertex is not None and not images:
        face = None  # scanners write both, and their materials are plain
    if not images:
        return None if vertex is None and face is None else Paint(vertex=vertex, face=face)
    return Paint(vertex=vertex, face=face, uv=uv, image_of_face=image_of_face, images=images)


def _images(
    decoder: Images, materials: list[Material | None], of_face: Int64[np.ndarray, "m"], *, has_uv: bool
) -> tuple[Int64[np.ndarray, "m"], tuple[UInt8[np.ndarray, "_ _ 4"], ...]]:
    images: list[UInt8[np.ndarray, "_ _ 4"]] = []
    of_material, number_of = [], {}
    for item in materials:
        image = decoder.beside(item.image) if item is not None and item.image and has_uv else None
        if image is not None and id(image) not in number_of:
            number_of[id(image)] = len(images)
            images.append(image)
        of_material.append(-1 if image is None else number_of[id(image)])
    return np.array([*of_material, -1], dtype=np.int64)[of_face], tuple(images)


def _uv(source: Source, lines: Lines, corners: Corners, cut: Triangles) -> Float32[np.ndarray, "m 3 2"] | None:
    """Texture coordinates of each corner; zero where a corner has none."""
    if corners.texture is None:
        return None
    rows = table(source, lines.pick(lines.starting(b"vt"), 2), "texture coordinates")
    if len(rows.widths) == 0 or rows.widths.min() < 2:
        return None
    width = int(rows.widths[0]) if (rows.widths == rows.widths[0]).all() else 2
    coordinates = np.concatenate([rows.columns(width)[:, :2], np.zeros((1, 2))])
    chosen = corners.texture[cut.corners]
    chosen = np.where((chosen >= 0) & (chosen < len(coordinates) - 1), chosen, len(coordinates) - 1)
    uv: Float32[np.ndarray, "m 3 2"] = np.nan_to_num(coordinates[chosen]).astype(np.float32)
    return uv
