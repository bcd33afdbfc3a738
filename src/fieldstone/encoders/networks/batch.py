"""What a network sees of several shapes at once. Each network reads the fields that it needs."""

from dataclasses import dataclass
from typing import Protocol

from jaxtyping import Float
from torch import Tensor

__all__ = ["Backbone", "Batch"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Batch:
    """Shapes side by side. Points stand in `unit_sphere_centroid` unless their maker says otherwise, y up where the pose is known."""

    points: Float[Tensor, "batch n 3"]
    normals: Float[Tensor, "batch n 3"] | None = None
    """Unit normals of the points, their sign without meaning, for the network that reads them."""
    up: Float[Tensor, "batch"] | None = None
    """1 where y is known to point up, 0 where it is not known; None: nowhere."""
    descriptor: Float[Tensor, "batch values"] | None = None
    """Rows of `fieldstone-descriptor@1`, for the network that reads them."""
    views: Float[Tensor, "batch views channels size size"] | None = None
    """Pictures for networks that look at them: channels are the normal in the camera's frame and nearness, in [-1, 1];
    0 where nothing is seen."""


class Backbone(Protocol):
    """A network that turns a batch into one row a shape; heads come on top while it learns and go away afterwards."""

    dim: int
    """Length of a row."""

    def __call__(self, batch: Batch) -> Float[Tensor, "batch dim"]:
        """One row a shape, not normalised; a row does not depend on the other shapes, once in evaluation mode."""
