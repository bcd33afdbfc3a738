"""Neural fields to learn from: each shape as a field of every kind, and the truth at places of the cube."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float16, Float32, Int64

from fieldstone.encoders.inr import Kind
from fieldstone.encoders.networks.inr import Fields
from fieldstone.fields.field import Function

__all__ = ["FieldCollection", "Readings"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Readings:
    """What encoders see of fields of one kind, shape by shape (encoders/field_input.py)."""

    rows: Float32[np.ndarray, "shapes rows width"]
    grid: Float16[np.ndarray, "shapes channels z y x"] | None
    """May be a memory map; a step reads its batch alone."""

    def fields(self, shapes: Int64[np.ndarray, "batch"], device: str) -> Fields:
        """Those shapes as a batch in float32."""
        rows = torch.from_numpy(self.rows[shapes]).to(device)
        grid = None if self.grid is None else torch.from_numpy(self.grid[shapes]).to(device).float()
        return Fields(rows, grid)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FieldCollection:
    """Shapes, each with a field of every kind, fitted to the same places."""

    readings: Mapping[Kind, Readings]
    points: Float32[np.ndarray, "shapes places 3"]
    """Places of the cube at which the decoder is taught; INRet's mixture (fields/sampling.py)."""
    values: Mapping[Function, Float32[np.ndarray, "shapes places"]]
    """What a field of each function should say there."""

    def __post_init__(self) -> None:
        """ValueError where the parts are not of the same shapes."""
        counts = {len(self.points), *(len(r.rows) for r in self.readings.values()), *map(len, self.values.values())}
        if len(counts) != 1 or not self.readings:
            raise ValueError("a collection of fields has one kind or more, each with a field of every shape")

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """In their order."""
        return tuple(self.readings)

    def __len__(self) -> int:
        return len(self.points)

    def truth(
        self, shapes: Int64[np.ndarray, "batch"], count: int, numbers: np.random.Generator, device: str
    ) -> tuple[Float[torch.Tensor, "batch {count} 3"], dict[Function, Float[torch.Tensor, "batch {count}"]]]:
        """`count` places of each shape, drawn anew, and the values of every function there."""
        at = numbers.integers(self.points.shape[1], size=(len(shapes), count))
        points = torch.from_numpy(self.points[shapes[:, None], at]).to(device)
        values = {f: torch.from_numpy(v[shapes[:, None], at]).to(device) for f, v in self.values.items()}
        return points, values

    def fingerprint(self) -> str:
        """SHA-256 of all that is in it: the same collection, the same training."""
        named: dict[str, np.ndarray | None] = {"points": self.points, **dict(self.values.items())}
        for kind, read in self.readings.items():
            named |= {f"{kind} rows": read.rows, f"{kind} grid": read.grid}
        digest = hashlib.sha256()
        for name, array in named.items():
            if array is not None:
                digest.update(repr((name, array.shape, array.dtype.str)).encode())
                digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()
