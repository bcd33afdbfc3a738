"""What a field is: points in, values out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float, Float32

from fieldstone.fields.frame import Frame

__all__ = ["CallableField", "Field", "Function"]

Function: TypeAlias = Literal["sdf", "udf", "occ"]
"""Signed distance (negative inside), unsigned distance, occupancy (+1 inside, -1 outside): INRet, section 3.1."""


@runtime_checkable
class Field(Protocol):
    """A shape as a function on the cube [-1, 1]^3 of its frame; distances are in the frame's unit."""

    @property
    def function(self) -> Function:
        """What the values mean."""
        ...

    @property
    def frame(self) -> Frame:
        """Where the points stand, and the way back to the model."""
        ...

    def values(self, points: Float[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n"]:
        """The function at each point; points outside the cube take the value of the nearest point of the cube."""
        ...

    def values_and_gradients(
        self, points: Float[np.ndarray, "n 3"]
    ) -> tuple[Float32[np.ndarray, "n"], Float32[np.ndarray, "n 3"]]:
        """The function and its derivatives along x, y, z at each point of the cube."""
        ...

    def colors(self, points: Float[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n 3"] | None:
        """sRGB from 0 to 1 at each point, None where the field has no colour."""
        ...

    def may_hold(self, points: Float[np.ndarray, "n 3"], reach: float) -> Bool[np.ndarray, "n"]:
        """False where the field's structure rules out a surface within `reach` of a point along any axis.

        An octree knows where it has voxels; other fields say True everywhere.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CallableField:
    """Any Python function of points as a field; gradients by central differences of `step`."""

    call: Callable[[Float32[np.ndarray, "n 3"]], Float[np.ndarray, "n"]]
    function: Function
    frame: Frame = field(default_factory=Frame.identity)
    step: float = 1e-3

    def values(self, points: Float[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n"]:
        """The function's values."""
        return np.asarray(self.call(np.clip(points, -1.0, 1.0).astype(np.float32)), dtype=np.float32)

    def values_and_gradients(
        self, points: Float[np.ndarray, "n 3"]
    ) -> tuple[Float32[np.ndarray, "n"], Float32[np.ndarray, "n 3"]]:
        """The function's values, and central differences."""
        offsets = self.step * np.concatenate([np.eye(3), -np.eye(3)])
        around = self.values((points[None] + offsets[:, None]).reshape(-1, 3)).reshape(6, len(points))
        return self.values(points), ((around[:3] - around[3:]) / np.float32(2 * self.step)).T

    def colors(self, points: Float[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n 3"] | None:  # noqa: ARG002
        """None: a function of points has no colour."""
        return None

    def may_hold(self, points: Float[np.ndarray, "n 3"], reach: float) -> Bool[np.ndarray, "n"]:  # noqa: ARG002
        """True everywhere: nothing is known of the function."""
        return np.ones(len(points), dtype=np.bool_)
