"""What a learnt unsigned distance says near its surface, where it neither reaches 0 nor has a gradient to trust.

A network rounds the sharp valley of an unsigned distance: it stays a little above 0 (the `floor`), and its gradient
fades and turns there. Differences over a step that spans the valley cancel the floor and average the noise; so places
and directions are taken from values on both sides of the surface, not from the gradient on it.
"""

import numpy as np
from jaxtyping import Float, Float32, Float64

from fieldstone.errors import GeometryError
from fieldstone.fields.blocks import BATCH
from fieldstone.fields.field import Field

__all__ = ["ask", "directions", "estimate_floor", "settle", "steady", "values"]

_CORNERS = (2.0 * np.indices((2, 2, 2)).reshape(3, -1).T - 1.0) / 3.0**0.5
FARTHEST = 4.0
"""No distance within the cube is larger."""
STEPS = 16
SAMPLE = 4096
SINGLE = 0.8
"""Share of the gradients' squares along their main axis above which there is one normal."""


def ask(
    field: Field, points: Float[np.ndarray, "n 3"], step: float
) -> tuple[Float32[np.ndarray, "n"], Float32[np.ndarray, "n 3"]]:
    """Values, and slopes as central differences over `step` on either side; any number of points.

    A learnt field's own gradient changes from cell to cell of its grid; differences see through that. They are
    symmetric, so the slope is 0 in the middle of a valley and not a little to one side.
    """
    slopes = np.zeros((len(points), 3), dtype=np.float32)
    for axis in range(3):
        offset = step * np.eye(3)[axis]
        slopes[:, axis] = (values(field, points + offset) - values(field, points - offset)) / (2.0 * step)
    return values(field, points), slopes


def values(field: Field, points: Float[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n"]:
    """Values, continued beyond the cube by the distance to it; any number of points.

    At most FARTHEST, whatever a damaged field says. GeometryError where it says what is no number.
    """
    out = np.zeros(len(points), dtype=np.float32)
    for start in range(0, len(points), BATCH):
        part = slice(start, start + BATCH)
        inner = np.clip(points[part], -1.0, 1.0)
        said = np.clip(field.values(inner), -FARTHEST, FARTHEST)
        out[part] = said + np.linalg.norm(points[part] - inner, axis=1)
    if np.isnan(out).any():
        raise GeometryError("the field gives values that are no numbers: it is damaged, so fit it again")
    return out


def directions(gradients: Float32[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n 3"]:
    """Gradients at length 1."""
    return gradients / np.maximum(np.linalg.norm(gradients, axis=1, keepdims=True), np.float32(1e-12))


def estimate_floor(
    field: Field,
    points: Float64[np.ndarray, "n 3"],
    near: Float32[np.ndarray, "n"],
    away: Float32[np.ndarray, "n 3"],
) -> float:
    """How far above 0 the field stays on its surface: the median of the least values on the way down from points.

    `near` and `away` are the values and directions at the points.
    """
    some = slice(None, None, max(1, len(points) // SAMPLE))
    shares = np.linspace(0.0, 1.5, STEPS)[:, None, None]
    down = points[some] - shares * (near[some, None] * away[some])
    return float(np.median(values(field, down.reshape(-1, 3)).reshape(STEPS, -1).min(axis=0)))


def steady(
    field: Field, points: Float64[np.ndarray, "n 3"], away: Float32[np.ndarray, "n 3"], step: float
) -> Float32[np.ndarray, "n 3"]:
    """Directions away from the surface at points so near to it that the gradient there cannot be trusted.

    The surface's normal is the main axis of the gradients `step` away at eight corners, whatever their signs, each
    counted by how far its value is above the lowest; its side is the one on which the value is larger. Where there is
    no main axis (at a crease) the direction stays as it is.
    """
    around = (points[:, None] + step * _CORNERS).reshape(-1, 3)
    height, slopes = ask(field, around, step / 2.0)
    height = height.reshape(-1, 8) - height.reshape(-1, 8).min(axis=1, keepdims=True)
    weighted = directions(slopes).reshape(-1, 8, 3) * height[:, :, None]
    tensor = np.einsum("nki,nkj->nij", weighted, weighted)
    normal = tensor[np.arange(len(points)), np.diagonal(tensor, axis1=1, axis2=2).argmax(axis=1)]
    for _ in range(8):  # power iteration
        normal = directions(np.einsum("nij,nj->ni", tensor, directions(normal)))
    rise = values(field, points + step * normal) - values(field, points - step * normal)
    single = np.einsum("ni,nij,nj->n", normal, tensor, normal) > SINGLE * np.trace(tensor, axis1=1, axis2=2)
    return np.where(single[:, None], np.where(rise[:, None] < 0.0, -normal, normal), away)


def settle(
    field: Field, points: Float64[np.ndarray, "n 3"], normals: Float32[np.ndarray, "n 3"], step: float
) -> Float64[np.ndarray, "n 3"]:
    """Points moved along their normals to where the field is alike on both sides, `step` away: the valley's middle."""
    for _ in range(2):
        rise = values(field, points + step * normals) - values(field, points - step * normals)
        points = points - np.clip(rise / 2.0, -step, step)[:, None] * normals
    return points
