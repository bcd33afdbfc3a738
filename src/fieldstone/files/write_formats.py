"""The bytes of an STL, PLY, OBJ, OFF or XYZ."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float, Integer, Num, UInt8

from fieldstone.files.stl import TRIANGLE
from fieldstone.types import Mesh, Paint, PointCloud

__all__ = ["obj_bytes", "off_bytes", "ply_bytes", "stl_bytes", "xyz_bytes"]

HEADER = b"binary STL written by Fieldstone".ljust(80, b"\0")
CHANNELS = ("red", "green", "blue", "alpha")


def stl_bytes(mesh: Mesh) -> bytes:
    """Binary STL: 32-bit coordinates, normals from the corners, no colours."""
    corners = mesh.vertices[mesh.faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    triangles = np.zeros(len(mesh.faces), dtype=TRIANGLE)
    triangles["normal"] = normals / np.where(lengths > 0, lengths, 1.0)
    triangles["corners"] = corners
    return HEADER + len(triangles).to_bytes(4, "little") + triangles.tobytes()


def ply_bytes(shape: Mesh | PointCloud) -> bytes:
    """Binary PLY, 64-bit coordinates; colours of vertices and faces, normals of clouds."""
    if isinstance(shape, PointCloud):
        vertex = _records(shape.points, shape.normals, shape.colors)
        return _ply_header([("vertex", vertex)]) + vertex.tobytes()
    paint = shape.paint or Paint()
    vertex = _records(shape.vertices, None, paint.vertex)
    fields: list[tuple[str, str] | tuple[str, str, tuple[int]]] = [("count", "u1"), ("vertex_indices", "<i4", (3,))]
    fields += [] if paint.face is None else [(name, "u1") for name in CHANNELS]
    face = np.zeros(len(shape.faces), dtype=np.dtype(fields))
    face["count"], face["vertex_indices"] = 3, shape.faces
    for channel, name in enumerate(CHANNELS if paint.face is not None else ()):
        face[name] = paint.face[:, channel]  # type: ignore[index]
    return _ply_header([("vertex", vertex), ("face", face)]) + vertex.tobytes() + face.tobytes()


def _records(
    points: Float[np.ndarray, "n 3"], normals: Float[np.ndarray, "n 3"] | None, colors: UInt8[np.ndarray, "n 4"] | None
) -> Num[np.ndarray, "n"] | np.ndarray:
    columns: list[tuple[str, str, np.ndarray]] = [(name, "<f8", points[:, axis]) for axis, name in enumerate("xyz")]
    if normals is not None:
        columns += [(f"n{name}", "<f8", normals[:, axis]) for axis, name in enumerate("xyz")]
    if colors is not None:
        columns += [(name, "u1", colors[:, channel]) for channel, name in enumerate(CHANNELS)]
    rows = np.zeros(len(points), dtype=[(name, kind) for name, kind, _ in columns])
    for name, _, values in columns:
        rows[name] = values
    return rows


def _ply_header(elements: list[tuple[str, np.ndarray]]) -> bytes:
    words = {"<f8": "double", "|u1": "uchar", "<i4": "int"}
    lines = ["ply", "format binary_little_endian 1.0", "comment written by Fieldstone"]
    for name, rows in elements:
        lines.append(f"element {name} {len(rows)}")
        for field in rows.dtype.names or ():
            kind = rows.dtype[field]
            if field == "vertex_indices":
                lines.append("property list uchar int vertex_indices")
            elif field != "count":
                lines.append(f"property {words[kind.str]} {field}")
    return ("\n".join([*lines, "end_header"]) + "\n").encode()


def obj_bytes(mesh: Mesh) -> bytes:
    """OBJ with all digits; colours behind the positions (those of faces on vertices of their own)."""
    mesh = _with_vertex_colors(mesh)
    values: Num[np.ndarray, "n c"] = mesh.vertices
    if mesh.paint is not None and mesh.paint.vertex is not None:
        values = np.concatenate([mesh.vertices, mesh.paint.vertex[:, :3] / 255.0], axis=1)
    return b"# written by Fieldstone\n" + _text("v ", values) + _text("f ", mesh.faces + 1)


def off_bytes(mesh: Mesh) -> bytes:
    """OFF with all digits; colours of faces, or else of vertices (COFF)."""
    vertex = None if mesh.paint is None else mesh.paint.vertex
    face = None if mesh.paint is None else mesh.paint.face
    vertices = _text("", mesh.vertices)
    word = b"OFF"
    if face is None and vertex is not None:
        word, vertices = b"COFF", _lines("", [mesh.vertices, vertex])
    faces = _text("3 ", mesh.faces) if face is None else _lines("3 ", [mesh.faces, face])
    return word + f"\n{len(mesh.vertices)} {len(mesh.faces)} 0\n".encode() + vertices + faces


def xyz_bytes(cloud: PointCloud) -> bytes:
    """XYZ with all digits, a header that names the columns: x y z [r g b] [nx ny nz]."""
    columns: list[np.ndarray] = [cloud.points]
    names = ["X", "Y", "Z"]
    if cloud.colors is not None:
        columns.append(cloud.colors[:, :3])
        names += ["R", "G", "B"]
    if cloud.normals is not None:
        columns.append(cloud.normals)
        names += ["Nx", "Ny", "Nz"]
    return f"//{' '.join(names)}\n".encode() + _lines("", columns)


def _with_vertex_colors(mesh: Mesh) -> Mesh:
    """Face colours as vertex colours, on a mesh whose faces share no vertices."""
    if mesh.paint is None or mesh.paint.face is None:
        return mesh
    corners: Integer[np.ndarray, "m 3"] = np.arange(3 * len(mesh.faces)).reshape(-1, 3)
    colors = np.repeat(mesh.paint.face, 3, axis=0)
    return replace(mesh, vertices=mesh.vertices[mesh.faces.ravel()], faces=corners, paint=Paint(vertex=colors))


def _text(first: str, rows: Num[np.ndarray, "n c"]) -> bytes:
    """One line a row, every number with the fewest digits that give it back."""
    line = first + " ".join(["%r"] * rows.shape[1]) + "\n"
    return (line * len(rows) % tuple(rows.ravel().tolist())).encode()


def _lines(first: str, columns: list[np.ndarray]) -> bytes:
    """Blocks of columns of different types, side by side."""
    width = sum(block.shape[1] for block in columns)
    cells = np.zeros((len(columns[0]), width), dtype=object)
    at = 0
    for block in columns:
        cells[:, at : at + block.shape[1]] = block.astype(object)
        at += block.shape[1]
    line = first + " ".join(["%r"] * width) + "\n"
    return (line * len(cells) % tuple(cells.ravel().tolist())).encode()
