"""Where a field's points stand, and the way back to the model it was made from."""

from dataclasses import dataclass

import numpy as np

from fieldstone.errors import GeometryError
from fieldstone.geometry.normalise import AnyShape, Normalisation, Similarity, apply, normalise
from fieldstone.types import Axis, Mesh, PointCloud, Unit

__all__ = ["BOUNDS", "Frame"]

BOUNDS: tuple[float, float] = (-1.0, 1.0)
"""Every field is defined on the cube [-1, 1]^3 of its frame (INRet, section 3.1: the domain Omega)."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Frame:
    """The frame of a field: a named normalisation of a model, the similarity back to it, its unit and up axis.

    `to_model` carries points of the field's frame to the model's own frame and unit; a distance of the field times
    `to_model.scale` is a distance in the model's unit.
    """

    name: Normalisation
    to_model: Similarity
    unit: Unit | None = None
    up: Axis | None = None

    @classmethod
    def identity(cls) -> "Frame":
        """The frame of a field that belongs to no model: nothing moves."""
        same = Similarity(rotation=np.eye(3), translation=np.zeros(3), scale=1.0)
        return cls(name="unit_sphere_bbox", to_model=same)

    @classmethod
    def of(
        cls,
        shape: AnyShape,
        name: Normalisation = "unit_sphere_bbox",
        unit: Unit | None = None,
        up: Axis | None = None,
    ) -> tuple[AnyShape, "Frame"]:
        """The shape in the named normalisation, and the frame that leads back.

        GeometryError where the shape has no extent, or leaves the cube [-1, 1]^3 (as `metric` may).
        """
        moved, similarity = normalise(shape, name, unit)
        points = moved.points if isinstance(moved, PointCloud) else moved.vertices[np.unique(moved.faces)]
        if np.abs(points).max() > BOUNDS[1] + 1e-6:
            raise GeometryError(
                f"the shape in the frame {name} leaves the cube from -1 to 1 in which a field is defined: "
                "use unit_sphere_bbox"
            )
        return moved, cls(name=name, to_model=similarity.inverse(), unit=unit, up=up)

    def back(self, shape: Mesh) -> Mesh:
        """A mesh of the field's frame in the model's own frame and unit."""
        return apply(self.to_model, shape)
