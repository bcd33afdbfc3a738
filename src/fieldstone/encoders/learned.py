"""A learned encoder: a weight file, and what stands between a sampled shape and its network.

    points -> every k-th of them -> posed -+-> shape tower -> unit length
    points, normals -> descriptor ---------+

Its id, dim and card are there without torch; encoding needs it.
"""

import dataclasses
from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float32, UInt8

from fieldstone.encoders.protocol import Card
from fieldstone.encoders.weights import Header, open_weights, read_header
from fieldstone.errors import EncoderError
from fieldstone.types import Sampled

if TYPE_CHECKING:
    from fieldstone.encoders.networks.run import Towers
    from fieldstone.encoders.pose import Pose

__all__ = ["DESCRIPTOR", "Learned", "card_of", "has_torch"]

DESCRIPTOR = "fieldstone-descriptor@1"
"""The descriptor that networks read beside the points; what search falls back to where they cannot run."""
UNIT = 1.01
"""No coordinate of a unit normal is as large."""
POINTS = 2048
"""Points that a network sees where its configuration does not say."""


def has_torch() -> bool:
    """Whether networks can run here."""
    return find_spec("torch") is not None


class Learned:
    """An Encoder over a weight file, which also reads words and pictures where it was trained with them."""

    def __init__(self, path: str | Path, *, upright: bool = False) -> None:
        """The encoder of that file; `upright` gives `name-upright@version`, which trusts the up axis of each shape.

        Raises EncoderError for a file that holds none. Tensors load when they are first needed.
        """
        self.path = Path(path)
        self.header: Header = read_header(path)
        self.pose: Pose = "upright" if upright else self.header.pose
        suffix = "-upright" if upright and self.header.pose == "any" else ""
        self.id = f"{self.header.name}{suffix}@{self.header.version}"
        self.dim = self.header.latent
        self.card = _posed(card_of(self.header, str(path)), self.pose)

    @cached_property
    def _towers(self) -> "Towers":
        from fieldstone.fields.torch_fit import require_torch

        require_torch(self.id)
        from fieldstone.encoders.networks.run import Towers

        return Towers(*open_weights(self.path))

    @property
    def reads_words(self) -> bool:
        """Whether `encode_text` has a tower."""
        return "text" in self.header.config

    @property
    def reads_pictures(self) -> bool:
        """Whether `encode_images` has a tower."""
        return "image" in self.header.config

    def encode(
        self, batch: Sequence[Sampled], descriptors: Float32[np.ndarray, "batch values"] | None = None
    ) -> Float32[np.ndarray, "batch dim"]:
        """One row of unit length a shape; see `Encoder.encode`.

        `descriptors` are the shapes' rows of DESCRIPTOR, where they are known already. Raises MissingExtra without torch.
        """
        from fieldstone.encoders.pose import posed_with_normals

        towers = self._towers
        reads = self.header.config.get("normals", False)
        batch = [with_normals(sampled) for sampled in batch] if reads else batch
        if self.header.config.get("descriptor") and descriptors is None:
            from fieldstone.encoders.fused import ENCODER

            descriptors = ENCODER.encode(batch)
        n = max(1, int(self.header.config["backbone"].get("points", POINTS)))
        points, normals = [], []
        for sampled in batch:
            turns = None if sampled.normals is None or not reads else thinned(sampled.normals, n)
            stood, turns = posed_with_normals(thinned(sampled.points, n), turns, self.pose, sampled.up)
            points.append(stood)
            normals += [] if turns is None else [turns]
        return towers.shapes(
            points, descriptors if self.header.config.get("descriptor") else None, normals if reads else None,
            upright=self.pose == "upright",
        )  # fmt: skip

    def encode_text(self, texts: Sequence[str]) -> Float32[np.ndarray, "n dim"]:
        """One row of unit length a text, to be compared with those of shapes.

        Raises EncoderError where the file holds no tower for words, MissingExtra without torch.
        """
        return self._towers.texts(texts)

    def encode_images(self, images: UInt8[np.ndarray, "n h w 4"]) -> Float32[np.ndarray, "n dim"]:
        """One row of unit length a picture (8-bit RGBA), to be compared with those of shapes.

        Raises EncoderError where the file holds no tower for pictures, GeometryError where one shows nothing,
        MissingExtra without torch.
        """
        from fieldstone.encoders.picture import picture

        towers = self._towers
        size = int(self.header.config.get("image", {}).get("size", 64))
        return towers.pictures([picture(image, size) for image in images])


def with_normals(sampled: Sampled) -> Sampled:
    """The shape with normals of its points, estimated where it came without, or with longer ones than unit vectors.
    GeometryError where it has no points."""
    if sampled.normals is not None and (np.abs(sampled.normals) < UNIT).all():
        return sampled
    from fieldstone.encoders.frame import centred
    from fieldstone.encoders.normals import estimate_normals

    return dataclasses.replace(sampled, normals=estimate_normals(centred(sampled.points)))


def thinned(points: Float32[np.ndarray, "n 3"], count: int) -> Float32[np.ndarray, "m 3"]:
    """So many of the points at even steps; from fewer, some come again. None where there are none."""
    return points[np.arange(count if len(points) else 0) * len(points) // count]


def card_of(header: Header, path: str) -> Card:
    """The card of a weight file as a Card. EncoderError where it lacks what a card must say."""
    names = {item.name for item in dataclasses.fields(Card)}
    said: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in header.card.items()
    }
    try:
        card = Card(**{name: value for name, value in said.items() if name in names})
        words = (card.title, card.source, card.normalisation, card.metric, card.training, *card.invariances)
        if not all(isinstance(one, str) for one in words) or card.up not in (None, "x", "y", "z"):
            raise TypeError("its words are no words")
    except TypeError as error:
        raise EncoderError(f"{path}: its card lacks what a card must say ({error}); take another version") from error
    return card


def _posed(card: Card, pose: "Pose") -> Card:
    """The card in a pose: upright, the pose counts."""
    if pose == "any":
        return card
    same = tuple(one for one in card.invariances if one not in ("rotation", "reflection"))
    return dataclasses.replace(card, up="y", invariances=same)
