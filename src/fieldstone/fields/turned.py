"""A field seen with another axis up: the same shape, its axes exchanged, nothing fitted anew."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64

from fieldstone.fields.field import Field, Function
from fieldstone.fields.frame import Frame
from fieldstone.geometry.normalise import turn_up
from fieldstone.types import Axis

__all__ = ["TurnedField"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class TurnedField:
    """A `Field` on the cube turned so that the axis which points up in `field` is `up`: x, y, z exchange in a circle, so
    the cube stays the cube and values and gradients are exact."""

    field: Field
    """Its frame names the axis that points up."""
    up: Axis

    def __post_init__(self) -> None:
        """ValueError where the field does not say which axis points up."""
        if self.field.frame.up is None:
            raise ValueError("a field is turned from the axis that points up in it, and this one names none")

    @property
    def function(self) -> Function:
        """What the values mean."""
        return self.field.function

    @property
    def frame(self) -> Frame:
        """Where the points stand: the way back to the model turns them back first."""
        frame = self.field.frame
        back = turn_up(frame.up or self.up, self.up).inverse()
        return replace(frame, to_model=back.then(frame.to_model), up=self.up)

    def values(self, points: Float[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n"]:
        """See Field."""
        return self.field.values(points @ self._turn)

    def values_and_gradients(
        self, points: Float[np.ndarray, "n 3"]
    ) -> tuple[Float32[np.ndarray, "n"], Float32[np.ndarray, "n 3"]]:
        """See Field; gradients along the turned axes."""
        values, gradients = self.field.values_and_gradients(points @ self._turn)
        return values, (gradients @ self._turn.T).astype(np.float32)

    def colors(self, points: Float[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n 3"] | None:
        """See Field."""
        return self.field.colors(points @ self._turn)

    def may_hold(self, points: Float[np.ndarray, "n 3"], reach: float) -> Bool[np.ndarray, "n"]:
        """See Field."""
        return self.field.may_hold(points @ self._turn, reach)

    @property
    def _turn(self) -> Float64[np.ndarray, "3 3"]:
        """Carries points, as columns, from the field's cube to this one; rows times it go back."""
        return turn_up(self.field.frame.up or self.up, self.up).rotation
