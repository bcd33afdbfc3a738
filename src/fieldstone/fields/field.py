"""What a field is: points in, values out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float, Float32

from fieldstone.errors import GeometryError
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
    """Any Python function of points as a field; gradients by central differences of `step`.

    GeometryError where the function does not give one finite number for each point.
    """

    call: Callable[[Float32[np.ndarray, "n 3"]], Float[np.ndarray, "n"]]
    function: Function
    frame: Frame = field(default_factory=Frame.identity)
    step: float = 1e-3

    def values(self, points: Float[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n"]:
        """The function's values."""
        given = self.call(np.clip(points, -1.0, 1.0).astype(np.float32))
        try:
            with np.errstate(over="ignore"):
                values: Float32[np.ndarray, "..."] = np.asarray(given, dtype=np.float32)
        except (TypeError, ValueError):
            raise GeometryError(
                f"the function gave {type(given).__name__}, no numbers: give one for each point"
            ) from None
        if values.shape != (len(points),):
            raise GeometryError(
                f"the function gave values of shape {list(values.shape)} for {len(points)} points: "
                f"give one number for each, [{len(points)}]"
            )
        if not np.isfinite(values).all():
            raise GeometryError("the function gave values that are no finite numbers: define it on the whole cube")
        return values

    def values_and_gradients(
        self, points: Float[np.ndarray, "n 3"]
    ) -> tuple[Float32[np.ndarray, "n"], Float32[np.ndarray, "n 3"]]:
        """The function's values, and central differences, one-sided at the cube's border."""
        steps = self.step * np.eye(3)[:, None]
        ahead, back = np.clip(points + steps, -1.0, 1.0), np.clip(points - steps, -1.0, 1.0)
        rise = self.values(ahead.reshape(-1, 3)) - self.values(back.reshape(-1, 3))
        run = np.maximum((ahead - back).sum(axis=2), self.step / 2)
        return self.values(points), (rise.reshape(3, -1) / run).T.astype(np.float32)

    def colors(self, points: Float[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n 3"] | None:  # noqa: ARG002
        """None: a function of points has no colour."""
        return None

    def may_hold(self, points: Float[np.ndarray, "n 3"], reach: float) -> Bool[np.ndarray, "n"]:  # noqa: ARG002
        """True everywhere: nothing is known of the function."""
        return np.ones(len(points), dtype=np.bool_)
