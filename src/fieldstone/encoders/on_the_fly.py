"""Shapes as fields of a kind that an encoder reads, made when they are asked for.

points of a surface, normals -> turned upright -> fitted
a field of another kind      -> turned upright -> distilled (INRet, appendix A.3)

Both learn for as long, and at as many places, as `fit` lets a field learn by default: they become networks like those that
encoders learn from.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias, get_args

import numpy as np
from jaxtyping import Float64

from fieldstone.errors import GeometryError
from fieldstone.fields.field import Field, Function
from fieldstone.fields.fit import fit
from fieldstone.fields.machine import side_by_side
from fieldstone.fields.network import Architecture, NeuralField
from fieldstone.fields.turned import TurnedField
from fieldstone.geometry.normalise import apply, turn_up
from fieldstone.types import Axis, PointCloud, Sampled

__all__ = ["Wanted", "functions_of", "made"]

BALL = np.concatenate([np.eye(3), -np.eye(3)])
"""What is fitted where all points are one, with normals: a thing without extent looks the same from everywhere."""

Wanted: TypeAlias = tuple[Sampled | NeuralField, Architecture, Function, Any]
"""A shape, and architecture, function and configuration of the field that is to be made of it."""


def made(wanted: Sequence[Wanted], up: Axis | None) -> list[NeuralField]:
    """A field of each shape, upright: where a shape says which axis points up, that becomes `up` (None: all stay as they
    stand). Several are made side by side, a thread each; the bytes are the same on any number of threads.

    Raises GeometryError where a shape has no points, a coordinate is not finite, or a field holds no surface.
    """
    if len(wanted) < 2:
        return [_made(one, up, None) for one in wanted]
    siren = any(architecture == "siren" for _, architecture, _, _ in wanted)
    with side_by_side(None, "siren" if siren else "hashgrid", "cpu") as pool:
        return list(pool.map(lambda one: _made(one, up, 1), wanted))


def functions_of(shape: Sampled | NeuralField) -> tuple[Function, ...]:
    """What a shape can be a field of, the best first: a field keeps its own function; points tell a side by their normals,
    where each of them leads somewhere, and else distances alone."""
    if isinstance(shape, NeuralField):
        return (shape.function,)
    if shape.normals is None:
        return ("udf",)
    length = np.linalg.norm(shape.normals.astype(np.float64), axis=1)
    return get_args(Function) if (np.isfinite(length) & (length > 0.0)).all() else ("udf",)


def _made(wanted: Wanted, up: Axis | None, workers: int | None) -> NeuralField:
    shape, architecture, function, config = wanted
    source = _upright(shape, up) if isinstance(shape, NeuralField) else _cloud(shape, up)
    return fit(source, architecture, function, config=config, up=up, workers=workers)


def _upright(field: NeuralField, up: Axis | None) -> Field:
    return field if up is None or field.frame.up in (None, up) else TurnedField(field=field, up=up)


def _cloud(sampled: Sampled, up: Axis | None) -> PointCloud:
    """The shape's points and normals in double precision, upright."""
    points: Float64[np.ndarray, "n 3"] = sampled.points.astype(np.float64)
    if not len(points) or not np.isfinite(points).all():
        raise GeometryError("there are no points, or a coordinate is not finite: repair the shape, or give another")
    if not np.ptp(points, axis=0).any():
        return PointCloud(BALL, BALL)
    cloud = PointCloud(points, sampled.normals)
    return cloud if up is None or sampled.up is None else apply(turn_up(sampled.up, up), cloud)
