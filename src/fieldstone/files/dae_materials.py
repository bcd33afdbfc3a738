"""COLLADA's materials, as far as they colour a surface: the diffuse colour or image of an effect."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import UInt8

from fieldstone.files.colors import from_unit
from fieldstone.files.images import Images
from fieldstone.files.notes import Notes
from fieldstone.files.source import Source

__all__ = ["Material", "Materials"]


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """A colour (sRGB, 8 bits) and an image; None where the material does not say."""

    color: tuple[int, int, int, int] | None = None
    image: UInt8[np.ndarray, "h w 4"] | None = None


class Materials:
    """Reads each material once."""

    def __init__(self, source: Source, root: Any, ids: dict[str, Any], notes: Notes) -> None:
        self.root, self.ids, self.notes = root, ids, notes
        self.images = Images(source, notes)
        self.known: dict[str, Material] = {}

    def get(self, target: str | None) -> Material | None:
        """The material of that id; None where there is none."""
        if target is None or target not in self.ids:
            return None
        if target not in self.known:
            self.known[target] = self._read(self.ids[target])
        return self.known[target]

    def _read(self, material: Any) -> Material:
        instance = material.find("instance_effect")
        effect = None if instance is None else self.ids.get((instance.get("url") or "").removeprefix("#"))
        diffuse = None if effect is None else effect.find("profile_COMMON/technique/*/diffuse")
        if effect is None or diffuse is None:
            return Material()
        color, texture = diffuse.findtext("color"), diffuse.find("texture")
        if texture is not None:
            return Material(image=self._image(effect, texture.get("texture") or ""))
        values = [] if color is None else [float(word) for word in color.split()]
        return Material(color=from_unit(values[:4]) if len(values) >= 3 else None)

    def _image(self, effect: Any, name: str) -> UInt8[np.ndarray, "h w 4"] | None:
        """Follow sampler and surface to the image's file."""
        for _ in range(3):
            parameter = next((item for item in effect.iter("newparam") if item.get("sid") == name), None)
            if parameter is None:
                break
            instance = parameter.find("sampler2D/instance_image")
            inner = parameter.findtext("sampler2D/source") or parameter.findtext("surface/init_from")
            name = (instance.get("url") or "").removeprefix("#") if instance is not None else (inner or "").strip()
        image = self.ids.get(name)
        path = None if image is None else image.findtext("init_from/ref") or image.findtext("init_from")
        if path is None or not path.strip():
            self.notes.add(f"texture {name[:80]!r} names no file and was left out")
            return None
        return self.images.beside(path.strip().removeprefix("file://"))
