"""glTF 2.0, as .gltf with its buffers and as .glb in one file. Metres, y up, by definition of the format."""

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fieldstone.files.assembly import Piece, assemble, budget
from fieldstone.files.gltf_buffers import Buffers, whole
from fieldstone.files.gltf_materials import Materials
from fieldstone.files.gltf_mesh import read_mesh
from fieldstone.files.gltf_scene import Scene, read_scene
from fieldstone.files.notes import Notes, small
from fieldstone.files.source import Source
from fieldstone.types import Model

__all__ = ["read"]

MAGIC, JSON_CHUNK, BINARY_CHUNK = b"glTF", 0x4E4F534A, 0x004E4942
READ_WITH_CARE = {
    "KHR_mesh_quantization",
    "KHR_texture_transform",
    "EXT_texture_webp",
    "KHR_materials_pbrSpecularGlossiness",
}


def read(source: Source, notes: Notes) -> Model:
    """The default scene. Each mesh is a part with the poses of all nodes that show it."""
    text, chunk = _chunks(source) if source.data[:4] == MAGIC else (source.data, None)
    with source.parsing("glTF"):
        document = _document(source, text)
        _check_extensions(source, notes, document)
        buffers = Buffers(source, document, chunk)
        scene = read_scene(source, buffers, notes)
        _check_budget(source, buffers, scene)
        shape, parts = assemble(source, _pieces(buffers, scene, notes))
        metadata = small(_metadata(document))
    return Model(name=source.stem, shape=shape, parts=parts, unit="m", up="y", metadata=metadata)


def _chunks(source: Source) -> tuple[bytes, bytes | None]:
    """The JSON and the binary chunk of a GLB."""
    data = source.data
    if len(data) < 20:
        raise source.broken("is a GLB that ends within its header: it was cut short; copy or export it again")
    version, length = struct.unpack_from("<II", data, 4)
    if version != 2:
        raise source.unsupported(f"is glTF version {version} and only version 2 is read; export it as glTF 2.0")
    if length > len(data):
        raise source.broken(
            f"promises {length:,} bytes and holds {len(data):,}: it was cut short; copy or export it again"
        )
    position, text, binary = 12, None, None
    while position + 8 <= min(length, len(data)):
        size, kind = struct.unpack_from("<II", data, position)
        position += 8
        if position + size > len(data):
            raise source.broken("has a chunk that ends behind the file: it was cut short; copy or export it again")
        if kind == JSON_CHUNK and text is None:
            text = data[position : position + size]
        elif kind == BINARY_CHUNK and binary is None:
            binary = data[position : position + size]
        position += size
    if text is None:
        raise source.broken("is a GLB without a JSON chunk; export it again")
    return text, binary


def _document(source: Source, text: bytes) -> Mapping[str, Any]:
    source.check("elements", text.count(b",") + text.count(b"[") + text.count(b"{"), "JSON values")
    document = json.loads(text.decode("utf-8-sig").rstrip("\0 \r\n\t"))
    if not isinstance(document, Mapping) or "asset" not in document:
        raise source.broken("is JSON and no glTF (it has no `asset`); check that this is a glTF file")
    version = str(document["asset"].get("version", ""))
    if not version.startswith("2"):
        raise source.unsupported(f"is glTF version {version[:10]} and only version 2 is read; export it as glTF 2.0")
    return document


def _check_extensions(source: Source, notes: Notes, document: Mapping[str, Any]) -> None:
    required = {str(name) for name in document.get("extensionsRequired", [])}
    if "KHR_draco_mesh_compression" in required:
        raise source.unsupported("is compressed with Draco, which is not read; export it without compression")
    if "EXT_meshopt_compression" in required:
        raise source.unsupported("is compressed with meshopt, which is not read; export it without compression")
    for name in sorted(required - READ_WITH_CARE):
        notes.add(f"extension {name[:60]} is not read")
    animations = document.get("animations", [])
    notes.count(len(animations), "animation was left out", "animations were left out")


def _check_budget(source: Source, buffers: Buffers, scene: Scene) -> None:
    """Count the whole from the accessors alone."""
    sizes = []
    for (mesh, _), shown in scene.instances.items():
        for primitive in _primitives(buffers, mesh):
            position = primitive["attributes"].get("POSITION")
            vertices = 0 if position is None else buffers.count(position)
            corners = vertices if primitive.get("indices") is None else buffers.count(primitive["indices"])
            faces = corners // 3 if whole(primitive.get("mode", 4)) == 4 else corners
            sizes.append((vertices, faces, len(shown)))
    budget(source, sizes)


def _primitives(buffers: Buffers, mesh: int) -> Sequence[Mapping[str, Any]]:
    primitives = buffers.item("meshes", mesh)["primitives"]
    if not isinstance(primitives, list) or not all(isinstance(item, dict) for item in primitives):
        raise TypeError("primitives are no list of objects")
    return primitives


def _pieces(buffers: Buffers, scene: Scene, notes: Notes) -> list[Piece]:
    materials = Materials(buffers, notes)
    # OpenCASCADE calls nodes by their use (NAUO3) and meshes by the product.
    by_product = str(buffers.document["asset"].get("generator", "")).startswith("Open CASCADE")
    pieces = []
    for (mesh, skin), shown in scene.instances.items():
        entry = buffers.item("meshes", mesh)
        placements = np.stack([pose for _, pose in shown])
        names = [shown[0][0], str(entry.get("name") or "")]
        name = next(filter(None, reversed(names) if by_product else names), f"mesh {mesh}")
        shapes = read_mesh(buffers, materials, notes, entry, (scene, skin))
        pieces += [Piece(name, shape, placements) for shape in shapes]
    if not pieces:
        raise buffers.source.empty("holds no geometry; check that the export was not empty")
    return pieces


def _metadata(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    asset = document["asset"]
    found = [(key, str(asset[key])) for key in ("generator", "copyright", "version") if key in asset]
    extras = asset.get("extras", {})
    if isinstance(extras, Mapping):
        found += [
            (f"extras {key}", str(value))
            for key, value in list(extras.items())[:20]
            if isinstance(value, str | int | float)
        ]
    names = [str(item.get("name", "")) for item in document.get("materials", [])[:40]]
    return [*found, ("materials", ", ".join(name for name in names if name))]
