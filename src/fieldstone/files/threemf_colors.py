"""The colours of a 3MF: base materials, colour groups and textures, by object or by triangle."""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float32, Int64, UInt8

from fieldstone.errors import FileError
from fieldstone.files import xml
from fieldstone.files.colors import from_hex
from fieldstone.files.images import Images
from fieldstone.files.notes import Notes
from fieldstone.types import Paint

__all__ = ["Palettes", "paint_of"]

NAMES = {
    "c": "http://schemas.microsoft.com/3dmanufacturing/core/2015/02",
    "m": "http://schemas.microsoft.com/3dmanufacturing/material/2015/02",
}
WHITE = (255, 255, 255, 255)


class Palettes:
    """The property groups of one model part, by id: lists of colours, and texture coordinates with their image."""

    def __init__(self, root: Any, notes: Notes, images: Images, member: Callable[[str], bytes]) -> None:
        self.colors: dict[str, UInt8[np.ndarray, "k 4"]] = {}
        self.textures: dict[str, tuple[Float32[np.ndarray, "k 2"], UInt8[np.ndarray, "h w 4"]]] = {}
        self._read_colors(root)
        paths = {item.get("id"): item.get("path", "") for item in root.iterfind("c:resources/m:texture2d", NAMES)}
        for group in root.iterfind("c:resources/m:texture2dgroup", NAMES):
            self._read_texture(paths.get(group.get("texid")), group, notes, images, member)
        for name in ("multiproperties", "compositematerials"):
            if root.find(f"c:resources/m:{name}", NAMES) is not None:
                notes.add(f"{name} are not read: their faces have no colour")

    def _read_colors(self, root: Any) -> None:
        for path, attribute in (("c:basematerials", "c:base/@displaycolor"), ("m:colorgroup", "m:color/@color")):
            for group in root.iterfind(f"c:resources/{path}", NAMES):
                colors = [from_hex(text) or WHITE for text in xml.strings(group, attribute, NAMES)]
                if attribute.endswith("displaycolor"):
                    # Slicers write 00 for the alpha of plain materials; a material that cannot be seen is none.
                    colors = [(*color[:3], color[3] or 255) for color in colors]
                self.colors[group.get("id")] = np.array(colors, dtype=np.uint8).reshape(-1, 4)

    def _read_texture(
        self, path: str | None, group: Any, notes: Notes, images: Images, member: Callable[[str], bytes]
    ) -> None:
        if path is None:
            notes.add("a texture that is not there was left out")
            return
        if path not in images.by_name:
            images.by_name[path] = None
            try:
                images.by_name[path] = images.decode(path, member(path))
            except FileError as error:
                notes.add(f"texture {path[:80]!r} {error.reason}")
        image = images.by_name[path]
        us, vs = (xml.strings(group, f"m:tex2coord/@{name}", NAMES) for name in ("u", "v"))
        if image is not None and len(us) == len(vs):
            self.textures[group.get("id")] = (np.array([us, vs], dtype=np.float32).T.reshape(-1, 2), image)


def paint_of(element: Any, mesh: Any, n_faces: int, palettes: Palettes) -> Paint | None:
    """The paint of an object: its own property (`pid`, `pindex`) where a triangle has none."""
    pid = [element.get("pid") or ""] * n_faces
    chosen = np.full((n_faces, 3), int(element.get("pindex") or 0), dtype=np.int64)
    _by_triangle(mesh, pid, chosen)
    groups = _by_group(pid)
    if not any(name in palettes.colors or name in palettes.textures for name in groups):
        return None
    face = np.tile(np.array(WHITE, dtype=np.uint8), (n_faces, 1))
    uv = np.zeros((n_faces, 3, 2), dtype=np.float32)
    image_of_face = np.full(n_faces, -1, dtype=np.int64)
    images: list[UInt8[np.ndarray, "h w 4"]] = []
    for name, faces in groups.items():
        if name in palettes.textures:
            coordinates, image = palettes.textures[name]
            faces = faces[((chosen[faces] >= 0) & (chosen[faces] < len(coordinates))).all(axis=1)]
            uv[faces] = np.nan_to_num(coordinates[chosen[faces]])
            image_of_face[faces] = len(images)
            images.append(image)
        elif name in palettes.colors:
            colors = palettes.colors[name]
            faces = faces[((chosen[faces] >= 0) & (chosen[faces] < len(colors))).all(axis=1)]
            face[faces] = np.rint(colors[chosen[faces]].mean(axis=1))
    if not images:
        return Paint(face=face)
    return Paint(face=face, uv=uv, image_of_face=image_of_face, images=tuple(images))


def _by_group(pid: list[str]) -> dict[str, Int64[np.ndarray, "_"]]:
    """The faces of each property group."""
    names = list(dict.fromkeys(pid))
    code = {name: number for number, name in enumerate(names)}
    group_of = np.fromiter(map(code.__getitem__, pid), dtype=np.int64, count=len(pid))
    order = np.argsort(group_of, kind="stable")
    return dict(zip(names, np.split(order, np.searchsorted(group_of[order], np.arange(1, len(names)))), strict=True))


def _by_triangle(mesh: Any, pid: list[str], chosen: Int64[np.ndarray, "m 3"]) -> None:
    """Write the triangles' own groups and entries over the object's; p2 and p3 default to p1."""
    found = {name: xml.strings(mesh, f"c:triangles/c:triangle/@{name}", NAMES) for name in ("p1", "p2", "p3", "pid")}
    if not found["p1"]:
        return
    if all(len(values) in (0, len(pid)) for values in found.values()):
        for column, name in enumerate(("p1", "p2", "p3")):
            chosen[:, column] = np.array(found[name] or found["p1"], dtype=np.int64)
        if found["pid"]:
            pid[:] = found["pid"]
        return
    # Only where some triangles have their own colour and others not: one step for each that has.
    numbered = enumerate(mesh.find("c:triangles", NAMES).iterfind("c:triangle", NAMES))
    for at, triangle in ((at, triangle) for at, triangle in numbered if triangle.get("p1") is not None):
        first = int(triangle.get("p1"))
        chosen[at] = first, int(triangle.get("p2", first)), int(triangle.get("p3", first))
        pid[at] = triangle.get("pid", pid[at])
