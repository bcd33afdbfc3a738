"""glTF's materials, as far as they colour a surface: base colour and its texture."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float32, Float64, UInt8

from fieldstone.files.beside import Missing
from fieldstone.files.colors import srgb_from_linear, tint
from fieldstone.files.gltf_buffers import Buffers, whole
from fieldstone.files.images import Images
from fieldstone.files.notes import Notes

__all__ = ["Material", "Materials"]


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """`factor` is linear RGBA; `image` is tinted by it already; `channel` and `transform` say which uv it takes."""

    factor: Float64[np.ndarray, "4"]
    image: UInt8[np.ndarray, "h w 4"] | None = None
    channel: int = 0
    transform: Float64[np.ndarray, "3 3"] | None = None

    @property
    def color(self) -> UInt8[np.ndarray, "4"]:
        """The factor as 8-bit sRGB."""
        color: UInt8[np.ndarray, "4"] = srgb_from_linear(self.factor[None])[0]
        return color

    def texture_coordinates(self, stored: Float32[np.ndarray, "n 2"]) -> Float32[np.ndarray, "n 2"]:
        """From glTF's (upper left origin, before KHR_texture_transform) to ours (lower left)."""
        uv = stored
        if self.transform is not None:
            uv = (np.c_[stored, np.ones(len(stored))] @ self.transform.T)[:, :2]
        turned: Float32[np.ndarray, "n 2"] = np.c_[uv[:, 0], 1.0 - uv[:, 1]].astype(np.float32)
        return turned


class Materials:
    """Reads each material once."""

    def __init__(self, buffers: Buffers, notes: Notes) -> None:
        self.buffers, self.notes = buffers, notes
        self.images = Images(buffers.source, notes)
        self.known: dict[int, Material] = {}

    def get(self, index: object) -> Material | None:
        """The material of that index; None for a primitive without one."""
        if index is None:
            return None
        number = whole(index)
        if number not in self.known:
            self.known[number] = self._read(self.buffers.item("materials", number))
        return self.known[number]

    def _read(self, material: Mapping[str, Any]) -> Material:
        base = material.get("pbrMetallicRoughness", {})
        gloss = material.get("extensions", {}).get("KHR_materials_pbrSpecularGlossiness")
        if gloss is not None and not base:
            base = {"baseColorFactor": gloss.get("diffuseFactor"), "baseColorTexture": gloss.get("diffuseTexture")}
        factor = np.array(base.get("baseColorFactor") or [1.0, 1.0, 1.0, 1.0], dtype=np.float64).reshape(4)
        texture = base.get("baseColorTexture")
        image = None if texture is None else self._image(texture)
        if image is None:
            return Material(factor)
        if not np.allclose(factor, 1.0) and self.images.afford(image.shape[0] * image.shape[1], "a tinted texture"):
            image = tint(image, factor)
        move = texture.get("extensions", {}).get("KHR_texture_transform")
        channel = whole((move or {}).get("texCoord", texture.get("texCoord", 0)))
        return Material(factor, image, channel, None if move is None else _transform(move))

    def _image(self, texture: Mapping[str, Any]) -> UInt8[np.ndarray, "h w 4"] | None:
        """The decoded image of a texture; None, with a note, where it cannot be had."""
        entry = self.buffers.item("textures", texture["index"])
        source = entry.get("source")
        if source is None:
            source = entry.get("extensions", {}).get("EXT_texture_webp", {}).get("source")
        if source is None:
            self.notes.add("a texture is of a kind that is not read and was left out")
            return None
        image = self.buffers.item("images", source)
        uri = image.get("uri")
        if uri is not None and not str(uri).startswith("data:"):
            return self.images.beside(str(uri))
        name = str(image.get("name") or f"image {source}")
        try:
            data = self.buffers.uri(uri) if uri is not None else bytes(self.buffers.view(image["bufferView"])[0])
        except Missing as error:
            self.notes.add(f"texture {name[:80]!r}: {error.path} {error.reason}")
            return None
        return self.images.decode(name, data)


def _transform(move: Mapping[str, Any]) -> Float64[np.ndarray, "3 3"]:
    """KHR_texture_transform: translation @ rotation @ scale on homogeneous uv."""
    angle = float(move.get("rotation", 0.0))
    offset = np.array(move.get("offset", [0.0, 0.0]), dtype=np.float64).reshape(2)
    scale = np.array(move.get("scale", [1.0, 1.0]), dtype=np.float64).reshape(2)
    cosine, sine = np.cos(angle), np.sin(angle)
    rotation = np.array([[cosine, sine], [-sine, cosine]])
    matrix = np.eye(3)
    matrix[:2, :2] = rotation * scale
    matrix[:2, 2] = offset
    return matrix
