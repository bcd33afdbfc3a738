"""SIREN as a field's network: points through sine layers (Sitzmann et al., 2020), as INRet and inr2vec set it up.

Asking needs numpy alone; training it is `torch_fit`'s.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from jaxtyping import Bool, Float32

from fieldstone.fields.field import Function
from fieldstone.fields.initial import Uniform, initial_weights

__all__ = ["Siren", "SirenConfig", "first_layers", "inret_siren", "small_siren"]

BLOCK = 4096
"""Points that go through the layers together: 8 MB a layer of 512."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SirenConfig:
    """The size of a SIREN."""

    hidden: int = 512
    """Neurons of a hidden layer."""
    layers: int = 4
    """Hidden layers."""
    omega: float = 30.0
    """Frequency, the factor within every sine."""

    def __post_init__(self) -> None:
        """ValueError where the numbers make no SIREN."""
        if not (1 <= self.layers <= 32 and 1 <= self.hidden <= 8192 and 0.0 < self.omega < math.inf):
            raise ValueError("a SIREN has 1 to 32 layers of 1 to 8,192 neurons, and a frequency above 0")

    def widths(self, outputs: int) -> tuple[int, ...]:
        """Inputs, neurons of each layer, outputs."""
        return (3, *(self.hidden,) * self.layers, outputs)


def inret_siren() -> SirenConfig:
    """The network of INRet and inr2vec: 4 x 512, 790,529 weights."""
    return SirenConfig()


def small_siren() -> SirenConfig:
    """3 x 128, 33,665 weights: for two cores, on which the papers' takes minutes a shape (benchmarks/field_quality.py)."""
    return SirenConfig(hidden=128, layers=3)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Siren:
    """A SIREN with its weights; it is a `Network`. Weights are [inputs, outputs]."""

    config: SirenConfig
    weights: tuple[Float32[np.ndarray, "_ _"], ...]
    biases: tuple[Float32[np.ndarray, "_"], ...]

    @classmethod
    def of(cls, config: SirenConfig, tensors: Mapping[str, np.ndarray]) -> "Siren":
        """The network of arrays named weights.0, biases.0, ... from the first layer to the linear last one."""
        count = config.layers + 1
        return cls(
            config=config,
            weights=tuple(np.ascontiguousarray(tensors[f"weights.{i}"], dtype=np.float32) for i in range(count)),
            biases=tuple(np.ascontiguousarray(tensors[f"biases.{i}"], dtype=np.float32) for i in range(count)),
        )

    def __post_init__(self) -> None:
        widths = self.config.widths(self.outputs)
        shapes = tuple((w.shape, b.shape) for w, b in zip(self.weights, self.biases, strict=True))
        expected = tuple(((n, m), (m,)) for n, m in pairwise(widths))
        assert shapes == expected, f"a SIREN of {self.config} has layers of {expected}, not {shapes}"

    @property
    def architecture(self) -> Literal["siren"]:
        """Siren."""
        return "siren"

    @property
    def outputs(self) -> int:
        """1, or 4 with colour."""
        return len(self.biases[-1])

    def tensors(self) -> Mapping[str, np.ndarray]:
        """weights.0, biases.0, ..."""
        named: dict[str, np.ndarray[Any, Any]] = {}
        for i, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            named |= {f"weights.{i}": weight, f"biases.{i}": bias}
        return named

    def forward(self, points: Float32[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n outputs"]:
        """The outputs at points of the cube, block by block."""
        values = np.zeros((len(points), self.outputs), dtype=np.float32)
        for start in range(0, len(points), BLOCK):
            h = points[start : start + BLOCK]
            for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
                h = self._angles(h, weight, bias)
                np.sin(h, out=h)
            values[start : start + BLOCK] = h @ self.weights[-1] + self.biases[-1]
        return values

    def forward_and_slopes(
        self, points: Float32[np.ndarray, "n 3"]
    ) -> tuple[Float32[np.ndarray, "n outputs"], Float32[np.ndarray, "n 3"]]:
        """The outputs, and the derivatives of the first along x, y, z: the chain rule from the last layer back."""
        values = np.zeros((len(points), self.outputs), dtype=np.float32)
        slopes = np.zeros((len(points), 3), dtype=np.float32)
        for start in range(0, len(points), BLOCK):
            here = slice(start, start + BLOCK)
            h, rates = points[here], []
            for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
                h = self._angles(h, weight, bias)
                rates.append(np.cos(h))
                np.sin(h, out=h)
            values[here] = h @ self.weights[-1] + self.biases[-1]
            slope = np.broadcast_to(self.weights[-1][:, 0], h.shape)
            for weight, rate in zip(self.weights[-2::-1], rates[::-1], strict=True):
                rate *= np.float32(self.config.omega)
                rate *= slope
                slope = rate @ weight.T
            slopes[here] = slope
        return values, slopes

    def _angles(
        self,
        h: Float32[np.ndarray, "n inputs"],
        weight: Float32[np.ndarray, "inputs _"],
        bias: Float32[np.ndarray, "_"],
    ) -> Float32[np.ndarray, "n _"]:
        z: Float32[np.ndarray, "n _"] = h @ weight
        z += bias
        z *= np.float32(self.config.omega)
        return z

    def may_hold(self, points: Float32[np.ndarray, "n 3"], reach: float) -> Bool[np.ndarray, "n"]:  # noqa: ARG002
        """True everywhere: sines know of no empty space."""
        return np.ones(len(points), dtype=np.bool_)


def first_layers(config: SirenConfig, function: Function, outputs: int) -> dict[str, Float32[np.ndarray, "..."]]:
    """The shared first weights: U(+-1/3) in the first layer, U(+-sqrt(6 / hidden) / omega) after it (Sitzmann et al., 2020,
    section 3.2), biases as PyTorch's Linear has them (inr2vec).

    The colour's outputs, where asked for, stand after the first and leave its weights as they are.
    """
    shapes: dict[str, Uniform] = {}
    last = config.layers
    for i, (n, m) in enumerate(pairwise(config.widths(1))):
        shapes[f"weights.{i}"] = Uniform((n, m), 1 / n if i == 0 else (6 / n) ** 0.5 / config.omega)
        shapes[f"biases.{i}"] = Uniform((m,), n**-0.5)
    shapes["colour.weights"] = Uniform((config.hidden, 3), (6 / config.hidden) ** 0.5 / config.omega)
    shapes["colour.biases"] = Uniform((3,), config.hidden**-0.5)
    drawn = initial_weights("siren", function, shapes)
    colour_weights, colour_biases = drawn.pop("colour.weights"), drawn.pop("colour.biases")
    drawn[f"weights.{last}"] = np.concatenate([drawn[f"weights.{last}"], colour_weights], axis=1)[:, :outputs]
    drawn[f"biases.{last}"] = np.concatenate([drawn[f"biases.{last}"], colour_biases])[:outputs]
    return {name: np.ascontiguousarray(array) for name, array in drawn.items()}
