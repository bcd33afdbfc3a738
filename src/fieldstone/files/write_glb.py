"""The bytes of a GLB: one mesh, a primitive for each texture, colours kept."""

import io
import json
import struct
from typing import Any

import numpy as np
from jaxtyping import Int64, UInt8

from fieldstone.types import Mesh, Paint

__all__ = ["glb_bytes"]

FLOAT, BYTE, INDEX = 5126, 5121, 5125
ARRAY, ELEMENTS = 34962, 34963


def glb_bytes(mesh: Mesh) -> bytes:
    """glTF 2.0 in one file: 32-bit coordinates; colours (those of faces on vertices of their own); textures as PNG."""
    paint = mesh.paint or Paint()
    builder = Builder()
    groups = paint.image_of_face if paint.image_of_face is not None and paint.images else np.full(len(mesh.faces), -1)
    primitives = []
    for image in np.unique(groups).tolist():
        faces = np.flatnonzero(groups == image)
        primitives.append(_primitive(builder, mesh, paint, faces, image))
    document = {
        "asset": {"version": "2.0", "generator": "Fieldstone"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": primitives}],
        **builder.lists,
        "buffers": [{"byteLength": len(builder.data)}],
    }
    text = json.dumps({key: value for key, value in document.items() if value}, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    body = (
        struct.pack("<II", len(text), 0x4E4F534A)
        + text
        + struct.pack("<II", len(builder.data), 0x004E4942)
        + builder.data
    )
    return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body


class Builder:
    """Grows the binary chunk and the lists that describe it."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.lists: dict[str, list[dict[str, Any]]] = {
            name: [] for name in ("accessors", "bufferViews", "images", "textures", "materials")
        }

    def view(self, data: bytes, target: int | None = None) -> int:
        """Append bytes, padded to four; the index of their view."""
        entry: dict[str, Any] = {"buffer": 0, "byteOffset": len(self.data), "byteLength": len(data)}
        self.lists["bufferViews"].append(entry if target is None else {**entry, "target": target})
        self.data += data + b"\0" * (-len(data) % 4)
        return len(self.lists["bufferViews"]) - 1

    def accessor(self, values: np.ndarray, kind: int, word: str, **more: object) -> int:
        """Append an array; the index of its accessor."""
        view = self.view(np.ascontiguousarray(values).tobytes(), ELEMENTS if word == "SCALAR" else ARRAY)
        self.lists["accessors"].append(
            {"bufferView": view, "componentType": kind, "count": len(values), "type": word, **more}
        )
        return len(self.lists["accessors"]) - 1

    def material(self, image: UInt8[np.ndarray, "h w 4"]) -> int:
        """Append an image with its texture and material; the material's index."""
        from PIL import Image

        file = io.BytesIO()
        Image.fromarray(image).save(file, "PNG")
        self.lists["images"].append({"bufferView": self.view(file.getvalue()), "mimeType": "image/png"})
        self.lists["textures"].append({"source": len(self.lists["images"]) - 1})
        base = {"baseColorTexture": {"index": len(self.lists["textures"]) - 1}, "metallicFactor": 0.0}
        self.lists["materials"].append({"pbrMetallicRoughness": base})
        return len(self.lists["materials"]) - 1


def _primitive(builder: Builder, mesh: Mesh, paint: Paint, faces: Int64[np.ndarray, "k"], image: int) -> dict[str, Any]:
    """Some faces: with shared vertices where all they need stands at the vertices, else with vertices of their own."""
    textured = image >= 0 and paint.uv is not None
    corners = mesh.faces[faces]
    if textured or paint.face is not None:
        used, indices = corners.ravel(), np.arange(3 * len(faces))
    else:
        used, indices = np.unique(corners, return_inverse=True)
    positions = mesh.vertices[used].astype("<f4")
    low, high = positions.min(axis=0).tolist(), positions.max(axis=0).tolist()
    attributes = {"POSITION": builder.accessor(positions, FLOAT, "VEC3", min=low, max=high)}
    primitive: dict[str, Any] = {"attributes": attributes, "mode": 4}
    if textured:
        assert paint.uv is not None
        uv = paint.uv[faces].reshape(-1, 2)
        attributes["TEXCOORD_0"] = builder.accessor(np.c_[uv[:, 0], 1.0 - uv[:, 1]].astype("<f4"), FLOAT, "VEC2")
        primitive["material"] = builder.material(paint.images[image])
    elif paint.face is not None or paint.vertex is not None:
        colors = np.repeat(paint.face[faces], 3, axis=0) if paint.face is not None else paint.vertex[used]  # type: ignore[index]
        attributes["COLOR_0"] = builder.accessor(_linear(colors), FLOAT, "VEC4")
    primitive["indices"] = builder.accessor(indices.ravel().astype("<u4"), INDEX, "SCALAR")
    return primitive


def _linear(colors: UInt8[np.ndarray, "n 4"]) -> np.ndarray:
    """8-bit sRGB to linear light, as the format wants vertex colours; alpha as it is."""
    encoded = colors / 255.0
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    linear[:, 3] = encoded[:, 3]
    return linear.astype("<f4")
