"""A training-free descriptor as an encoder: a formula on centred points and normals, rows scaled to unit length."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from jaxtyping import Float32

from fieldstone.encoders.frame import centred
from fieldstone.encoders.protocol import Card
from fieldstone.types import Sampled

__all__ = ["Descriptor", "Formula"]

Formula: TypeAlias = Callable[[Float32[np.ndarray, "n 3"], Float32[np.ndarray, "n 3"]], Float32[np.ndarray, "dim"]]
"""From points in the shared frame and their unit normals (sign without meaning) to a vector."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """An Encoder that computes each row by a formula, one shape at a time, in one thread."""

    id: str
    dim: int
    card: Card
    formula: Formula
    needs_normals: bool

    def encode(self, batch: Sequence[Sampled]) -> Float32[np.ndarray, "batch dim"]:
        """One row of unit length a shape; see `Encoder.encode`."""
        rows = np.zeros((len(batch), self.dim), dtype=np.float32)
        for row, sampled in zip(rows, batch, strict=True):
            row[:] = _unit(self.formula(*self._oriented(sampled)))
        return rows

    def _oriented(self, sampled: Sampled) -> tuple[Float32[np.ndarray, "n 3"], Float32[np.ndarray, "n 3"]]:
        points = centred(sampled.points)
        if not self.needs_normals:
            return points, np.zeros_like(points)
        if sampled.normals is not None and np.isfinite(sampled.normals).all():
            return points, np.ascontiguousarray(sampled.normals)
        from fieldstone.encoders.normals import estimate_normals  # scipy's tree loads only for clouds

        return points, estimate_normals(points)


def _unit(vector: Float32[np.ndarray, "dim"]) -> Float32[np.ndarray, "dim"]:
    length = float(np.sqrt(np.square(vector, dtype=np.float64).sum()))
    assert length > 0.0, "a formula gave the zero vector"
    return vector / np.float32(length)
