"""A COLLADA geometry: sources, and polygons in six spellings, into one triangle mesh."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float32, Float64, Int64, UInt8

from fieldstone.files.checks import check_faces
from fieldstone.files.colors import as_rgba
from fieldstone.files.dae_materials import Material, Materials
from fieldstone.files.notes import Notes
from fieldstone.files.paint import tidy
from fieldstone.files.polygons import cut_polygons
from fieldstone.files.source import Source
from fieldstone.files.strips import fan_triangles, strip_triangles
from fieldstone.files.text import numbers
from fieldstone.types import Mesh, Paint

__all__ = ["read_mesh", "room"]

KINDS = ("triangles", "polylist", "polygons", "tristrips", "trifans")


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """The triangles of one primitive element: indices of positions, uv and colours per corner where it has them."""

    positions: Int64[np.ndarray, "m 3"]
    uv: Float32[np.ndarray, "m 3 2"] | None
    colors: UInt8[np.ndarray, "m 3 4"] | None
    material: Material | None


def room(geometry: Any) -> tuple[int, int]:
    """How many vertices and faces a geometry says that it has, at least."""
    mesh = geometry.find("mesh")
    if mesh is None:
        return 0, 0
    counts = [int(element.get("count") or 0) for kind in KINDS for element in mesh.findall(kind)]
    arrays = [int(element.get("count") or 0) for element in mesh.findall("source/technique_common/accessor")]
    return max(arrays, default=0), sum(counts)


def read_mesh(source: Source, geometry: Any, bound: dict[str, str], materials: Materials, notes: Notes) -> Mesh | None:
    """The mesh of a geometry; None where it has no faces. `bound` are the targets of the material symbols."""
    mesh = geometry.find("mesh")
    if mesh is None:
        notes.add("splines and other geometry that is no mesh was left out")
        return None
    arrays = Arrays(source, mesh)
    vertices_element = mesh.find("vertices")
    if vertices_element is None:
        return None
    position = next((item for item in vertices_element.findall("input") if item.get("semantic") == "POSITION"), None)
    if position is None:
        return None
    vertices = arrays.get(position)
    if vertices is None or vertices.shape[1] < 3:
        raise source.broken("has positions of fewer than three numbers; export it again")
    vertices = np.ascontiguousarray(vertices[:, :3])
    groups = []
    for element in mesh:
        if element.tag in KINDS:
            group = _group(
                source, element, arrays, vertices, materials.get(bound.get(element.get("material", ""))), notes
            )
            groups += [] if group is None else [group]
        elif element.tag in ("lines", "linestrips"):
            notes.add("lines were left out")
    if not groups:
        return None
    return Mesh(vertices, np.concatenate([group.positions for group in groups]), _paint(groups))


class Arrays:
    """The sources of a geometry, each parsed once however many primitives use it."""

    def __init__(self, source: Source, mesh: Any) -> None:
        self.source = source
        self.elements = {item.get("id"): item for item in mesh.findall("source")}
        self.known: dict[str, Float64[np.ndarray, "n c"]] = {}

    def get(self, item: Any) -> Float64[np.ndarray, "n c"] | None:
        """The numbers behind an `input`, a row an entry; None where it names no source."""
        name = (item.get("source") or "").removeprefix("#")
        if name not in self.elements:
            return None
        if name not in self.known:
            self.known[name] = self._parse(self.elements[name])
        return self.known[name]

    def _parse(self, element: Any) -> Float64[np.ndarray, "n c"]:
        accessor = element.find("technique_common/accessor")
        values = numbers(self.source, (element.findtext("float_array") or "").encode(), "coordinates")
        stride = 1 if accessor is None else int(accessor.get("stride") or 1)
        offset = 0 if accessor is None else int(accessor.get("offset") or 0)
        if stride < 1 or offset < 0:
            raise self.source.broken("has an accessor with an impossible stride; export it again")
        return values[offset : offset + (len(values) - offset) // stride * stride].reshape(-1, stride)


def _group(
    source: Source, element: Any, arrays: Arrays, vertices: Float64[np.ndarray, "n 3"],
    material: Material | None, notes: Notes,
) -> Group | None:  # fmt: skip
    inputs = element.findall("input")
    width = 1 + max((int(item.get("offset") or 0) for item in inputs), default=0)
    corner_inputs = [item for item in inputs if item.get("semantic") == "VERTEX"]
    if not corner_inputs or not 0 < width <= 64:
        return None
    rows, counts = _corners(source, element, width, notes)
    if len(rows) == 0:
        return None
    at = rows[:, int(corner_inputs[0].get("offset") or 0)]
    check_faces(source, at, len(vertices))
    corners = _cut(source, element.tag, vertices[at], counts, notes)
    if len(corners) == 0:
        return None
    uv = _attribute(inputs, "TEXCOORD", arrays, rows, corners)
    colors = _attribute(inputs, "COLOR", arrays, rows, corners)
    return Group(
        at[corners],
        None if uv is None or uv.shape[2] < 2 else np.nan_to_num(uv[..., :2]).astype(np.float32),
        None
        if colors is None or colors.shape[2] < 3
        else as_rgba(colors.reshape(-1, colors.shape[2])).reshape(-1, 3, 4),
        material,
    )


def _corners(
    source: Source, element: Any, width: int, notes: Notes
) -> tuple[Int64[np.ndarray, "c w"], Int64[np.ndarray, "p"]]:
    """All corners of the element, one row each, and how many each polygon (strip, fan) has."""
    texts = [item.text or "" for item in element.findall("p")]
    if element.tag == "polygons" and element.find("ph") is not None:
        notes.add("polygons with holes were left out")
    values = numbers(source, " ".join(texts).encode(), "faces")
    if not (np.isfinite(values) & (values == np.floor(values)) & (np.abs(values) < 2**53)).all() or len(values) % width:
        raise source.broken("has faces whose corners are not whole; export it again")
    rows = values.astype(np.int64).reshape(-1, width)
    if element.tag == "triangles":
        counts = np.full(len(rows) // 3, 3, dtype=np.int64)
    elif element.tag == "polylist":
        counts = numbers(source, (element.findtext("vcount") or "").encode(), "faces").astype(np.int64)
    else:
        counts = np.array([len(text.split()) // width for text in texts], dtype=np.int64)
    if (counts < 0).any() or counts.sum() != len(rows):
        raise source.broken(f"promises {int(counts.sum()):,} face corners and holds {len(rows):,}; export it again")
    return rows, counts


def _cut(
    source: Source, kind: str, points: Float64[np.ndarray, "c 3"], counts: Int64[np.ndarray, "p"], notes: Notes
) -> Int64[np.ndarray, "m 3"]:
    """Triangles, as indices of corners."""
    everything = np.arange(len(points), dtype=np.int64)
    if kind == "tristrips":
        return strip_triangles(everything, counts)
    if kind == "trifans":
        pieces = np.split(everything, np.cumsum(counts)[:-1])
        return np.concatenate([fan_triangles(piece) for piece in pieces])
    if (counts == 3).all():
        return everything.reshape(-1, 3)
    return cut_polygons(source, notes, points, counts).corners


def _attribute(
    inputs: list[Any], semantic: str, arrays: Arrays, rows: Int64[np.ndarray, "c w"],
    corners: Int64[np.ndarray, "m 3"],
) -> Float64[np.ndarray, "m 3 k"] | None:  # fmt: skip
    """An input's values at every corner; None where there is none, or where it names entries that are not there."""
    found = next((item for item in inputs if item.get("semantic") == semantic), None)
    values = None if found is None else arrays.get(found)
    if found is None or values is None:
        return None
    at = rows[:, int(found.get("offset") or 0)]
    if len(values) == 0 or at.min() < 0 or at.max() >= len(values):
        return None
    chosen: Float64[np.ndarray, "m 3 k"] = values[at[corners]]
    return chosen


def _paint(groups: list[Group]) -> Paint | None:
    """Material colours a face (or the mean of its corners' colours), and images."""
    sizes = [len(group.positions) for group in groups]
    face, uv, image_of_face = None, None, None
    images: list[UInt8[np.ndarray, "_ _ 4"]] = []
    if any(group.colors is not None or (group.material and group.material.color) for group in groups):
        face = np.concatenate([_face_colors(group, size) for group, size in zip(groups, sizes, strict=True)])
    if any(group.uv is not None and group.material and group.material.image is not None for group in groups):
        numbers_of = []
        for group in groups:
            image = group.material.image if group.material and group.uv is not None else None
            if image is not None and not any(image is other for other in images):
                images.append(image)
            numbers_of.append(-1 if image is None else next(k for k, other in enumerate(images) if other is image))
        image_of_face = np.repeat(np.array(numbers_of, dtype=np.int64), sizes)
        blank = [np.zeros((size, 3, 2), dtype=np.float32) for size in sizes]
        uv = np.concatenate([none if group.uv is None else group.uv for group, none in zip(groups, blank, strict=True)])
    return tidy(Paint(face=face, uv=uv, image_of_face=image_of_face, images=tuple(images)))


def _face_colors(group: Group, size: int) -> UInt8[np.ndarray, "m 4"]:
    if group.colors is not None:
        mean: UInt8[np.ndarray, "m 4"] = np.rint(group.colors.mean(axis=1)).astype(np.uint8)
        return mean
    color = (255, 255, 255, 255) if group.material is None or group.material.color is None else group.material.color
    return np.tile(np.array(color, dtype=np.uint8), (size, 1))
