"""What a network is: the trainable part of a neural field, as numpy arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float, Float32

from fieldstone.fields.field import Function
from fieldstone.fields.frame import Frame

__all__ = ["Architecture", "Card", "Network", "NeuralField"]

Architecture: TypeAlias = Literal["siren", "octree", "hashgrid", "triplane"]


@runtime_checkable
class Network(Protocol):
    """Points of the cube to one value, or to a value and a colour."""

    @property
    def architecture(self) -> Architecture:
        """Which of the four."""
        ...

    @property
    def config(self) -> Any:
        """The frozen dataclass that, with `tensors`, makes the network again."""
        ...

    @property
    def outputs(self) -> int:
        """1, or 4 with colour."""
        ...

    def tensors(self) -> Mapping[str, np.ndarray]:
        """Every array by name: trainable ones float32, an octree's structure as integers."""
        ...

    def forward(self, points: Float32[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n outputs"]:
        """The outputs at points of the cube."""
        ...

    def forward_and_slopes(
        self, points: Float32[np.ndarray, "n 3"]
    ) -> tuple[Float32[np.ndarray, "n outputs"], Float32[np.ndarray, "n 3"]]:
        """The outputs, and the derivatives of the first along x, y, z."""
        ...

    def may_hold(self, points: Float32[np.ndarray, "n 3"], reach: float) -> Bool[np.ndarray, "n"]:
        """See `Field.may_hold`."""
        ...


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Card:
    """What is known of how a field came to be; None and "" where unknown."""

    source: str = ""
    """Name of what it was fitted to."""
    source_hash: str = ""
    """SHA-256 of that content, hexadecimal."""
    settings: Mapping[str, Any] | None = None
    """Everything that `fit` was given, as JSON values."""
    error: float | None = None
    """Mean absolute error at held-out points near the surface, in the frame's unit."""
    sign_confidence: float | None = None
    """Share of points at which the source is plainly inside or outside (geometry.distance); None for udf."""
    licence: str = ""
    """Licence of the source, where it is known."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class NeuralField:
    """A network with its meaning: function, frame, and card. It is a `Field`."""

    network: Network
    function: Function
    frame: Frame
    card: Card

    def values(self, points: Float[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n"]:
        """The function at each point, in the frame's unit; any number of points, in blocks."""
        return self.network.forward(_within(points))[:, 0]

    def values_and_gradients(
        self, points: Float[np.ndarray, "n 3"]
    ) -> tuple[Float32[np.ndarray, "n"], Float32[np.ndarray, "n 3"]]:
        """The function and its exact derivatives along x, y, z."""
        outputs, slopes = self.network.forward_and_slopes(_within(points))
        return outputs[:, 0], slopes

    def colors(self, points: Float[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n 3"] | None:
        """sRGB from 0 to 1, None without a colour head."""
        if self.network.outputs == 1:
            return None
        colors: Float32[np.ndarray, "n 3"] = np.clip(self.network.forward(_within(points))[:, 1:], 0.0, 1.0)
        return colors

    def may_hold(self, points: Float[np.ndarray, "n 3"], reach: float) -> Bool[np.ndarray, "n"]:
        """False where the network's structure rules out a surface within `reach`."""
        return self.network.may_hold(points.astype(np.float32), reach)


def _within(points: Float[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n 3"]:
    return np.ascontiguousarray(np.clip(points, -1.0, 1.0), dtype=np.float32)
