"""What an encoder is: sampled shapes in, rows of unit length out, and a card that says what the rows mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32

from fieldstone.types import Axis, Sampled

__all__ = ["Card", "Encoder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What stands behind an encoder's numbers."""

    title: str
    """What it is, in one line."""
    source: str
    """Author, title, year of what it follows; our own choices named as such."""
    invariances: tuple[str, ...]
    """What leaves the embedding as it is, up to the noise of sampling: translation, scale, rotation, reflection."""
    normalisation: str
    """What is done to the points first, by its name."""
    up: Axis | None
    """The axis that must point up; None where the pose does not matter."""
    metric: str = "cosine"
    """How two embeddings compare. Rows have unit length, so the inner product is the cosine."""
    training: str = "none"
    """What constants were fitted on, with the licences; "none" for a descriptor by formula alone."""


@runtime_checkable
class Encoder(Protocol):
    """Turns shapes into vectors. Two embeddings compare only where they carry the same id."""

    @property
    def id(self) -> str:
        """Name and version, `name@version`; it changes whenever the numbers change."""

    @property
    def dim(self) -> int:
        """Length of an embedding."""

    @property
    def card(self) -> Card:
        """What it is, where it comes from, what it ignores."""

    def encode(self, batch: Sequence[Sampled]) -> Float32[np.ndarray, "batch dim"]:
        """One row of unit length a shape; a row does not depend on what else is in the batch.

        Raises GeometryError where a shape has no points or a coordinate is not finite.
        """
