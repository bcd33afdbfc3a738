"""Rays against fields: sphere tracing for signed distances, damped for unsigned ones, the mesh for occupancies."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64

from fieldstone.errors import GeometryError
from fieldstone.fields.blocks import BATCH
from fieldstone.fields.field import Field

__all__ = ["Hits", "normals_at", "sphere_trace"]

HIT = 3e-4
"""A ray has arrived where the distance is below this (NGLOD)."""
STALLED = 3.0
"""It has arrived too where the mean of its last two distances is below this many times HIT (NGLOD)."""
SHORTEST, DAMPING = 4e-3, 0.7
"""Unsigned fields: the shortest step, which jumps over the rounded valley, and the share of the distance taken."""
VALLEY = 0.01
"""A ray passes an unsigned surface where gradients oppose each other and the value is below this."""
NORMAL_STEP = 6e-3
"""Learnt gradients change from one cell of the finest grid (0.004) to the next; differences over more see through it."""
STEEP = 0.5
"""Shorter gradients, as there are on the floor of the valley, do not tell a side."""
MESH_RESOLUTION = 256


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Hits:
    """Where n rays meet a field's surface, in the field's frame: `distance` along the unit direction (inf: nowhere),
    whether they meet it, and the points (where they do not: the last place looked at)."""

    distance: Float64[np.ndarray, "n"]
    hit: Bool[np.ndarray, "n"]
    points: Float64[np.ndarray, "n 3"]


def sphere_trace(
    field: Field,
    origins: Float[np.ndarray, "n 3"],
    directions: Float[np.ndarray, "n 3"],
    *,
    max_steps: int = 256,
    step_scale: float = 1.0,
) -> Hits:
    """The first place on each ray where the field's surface is, in the field's frame; rays start where they enter the
    cube [-1, 1]^3 and end where they leave it.

    Signed distance: steps of `step_scale` times the distance (Hart, Sphere tracing, 1996; NGLOD takes 1, wisp 0.8); a
    ray that starts inside finds the way out. Unsigned: damped steps (Chibane et al., 2020), and a hit also where the
    gradient turns around in a low valley, for learnt distances stay above 0. Occupancy: the faces of its isosurface at
    256 cells. All rays advance together, and only those still on their way are evaluated. GeometryError where a
    direction has no length.
    """
    lengths = np.linalg.norm(directions.astype(np.float64), axis=1)
    if len(lengths) and lengths.min() <= 0.0:
        raise GeometryError("a ray's direction has no length: give one that has")
    start, unit = origins.astype(np.float64), directions / np.maximum(lengths, 1e-300)[:, None]
    if field.function == "occ":
        return _against_mesh(field, start, unit)
    near, far = _in_cube(start, unit)
    walk = _signed if field.function == "sdf" else _unsigned
    distance, hit = near.copy(), np.zeros(len(start), dtype=np.bool_)
    alive = np.flatnonzero(near <= far)
    for first in range(0, len(alive), BATCH):
        rays = alive[first : first + BATCH]
        distance[rays], hit[rays] = walk(field, start[rays], unit[rays], near[rays], far[rays], max_steps, step_scale)
    points = start + np.where(np.isfinite(distance), distance, 0.0)[:, None] * unit
    return Hits(distance=np.where(hit, distance, np.inf), hit=hit, points=points)


def normals_at(field: Field, points: Float[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n 3"]:
    """Unit normals at points of the surface, from differences of values NORMAL_STEP around (NGLOD does so too).

    Outward for signed fields; an unsigned one's may point to either side.
    """
    from fieldstone.fields.unsigned import ask, directions, steady

    slopes = directions(ask(field, points, NORMAL_STEP)[1])
    if field.function == "udf":
        return steady(field, points.astype(np.float64), slopes, 2.0 * NORMAL_STEP)
    return slopes if field.function == "sdf" else -slopes


def _in_cube(
    start: Float64[np.ndarray, "n 3"], unit: Float64[np.ndarray, "n 3"]
) -> tuple[Float64[np.ndarray, "n"], Float64[np.ndarray, "n"]]:
    """Distances at which rays enter (0 inside) and leave the cube; those that miss it leave before they enter."""
    safe = np.where(np.abs(unit) < 1e-12, 1e-12, unit)
    one, two = (-1.0 - start) / safe, (1.0 - start) / safe
    return np.maximum(np.minimum(one, two).max(axis=1), 0.0), np.maximum(one, two).min(axis=1)


def _signed(
    field: Field,
    start: Float64[np.ndarray, "n 3"],
    unit: Float64[np.ndarray, "n 3"],
    near: Float64[np.ndarray, "n"],
    far: Float64[np.ndarray, "n"],
    max_steps: int,
    step_scale: float,
) -> tuple[Float64[np.ndarray, "n"], Bool[np.ndarray, "n"]]:
    distance, hit = near.copy(), np.zeros(len(near), dtype=np.bool_)
    before = np.full(len(near), np.inf)
    alive = np.arange(len(near))
    for _ in range(max_steps):
        value = np.abs(field.values(start[alive] + distance[alive, None] * unit[alive])).astype(np.float64)
        arrived = (value < HIT) | ((value + before[alive]) / 2.0 < STALLED * HIT)
        hit[alive[arrived]] = True
        before[alive] = value
        alive, value = alive[~arrived], value[~arrived]
        distance[alive] += step_scale * value
        alive = alive[distance[alive] <= far[alive]]
        if len(alive) == 0:
            break
    return distance, hit


def _unsigned(
    field: Field,
    start: Float64[np.ndarray, "n 3"],
    unit: Float64[np.ndarray, "n 3"],
    near: Float64[np.ndarray, "n"],
    far: Float64[np.ndarray, "n"],
    max_steps: int,
    step_scale: float,
) -> tuple[Float64[np.ndarray, "n"], Bool[np.ndarray, "n"]]:
    distance, hit = near.copy(), np.zeros(len(near), dtype=np.bool_)
    before, behind = np.full(len(near), np.inf), near.copy()
    slope_before = np.zeros((len(near), 3), dtype=np.float32)
    alive = np.arange(len(near))
    for _ in range(max_steps):
        points = start[alive] + distance[alive, None] * unit[alive]
        value, slope = _near_slopes(field, points)
        passed = ((slope * slope_before[alive]).sum(axis=1) < 0.0) & (np.minimum(value, before[alive]) < VALLEY)
        sure = (slope * slope).sum(axis=1) > STEEP**2
        passed &= sure & ((slope * unit[alive]).sum(axis=1) > 0.0)
        rays = alive[passed]
        share = before[rays] / np.maximum(before[rays] + value[passed], 1e-12)
        distance[rays] = behind[rays] + share * (distance[rays] - behind[rays])
        arrived = passed | (value < HIT)
        hit[alive[arrived]] = True
        last = alive[sure]
        before[last], behind[last], slope_before[last] = value[sure], distance[last], slope[sure]
        alive, value = alive[~arrived], value[~arrived]
        distance[alive] += np.maximum(DAMPING * step_scale * value, SHORTEST)
        alive = alive[distance[alive] <= far[alive]]
        if len(alive) == 0:
            break
    return distance, hit


def _near_slopes(
    field: Field, points: Float64[np.ndarray, "n 3"]
) -> tuple[Float32[np.ndarray, "n"], Float32[np.ndarray, "n 3"]]:
    """Values, and gradients where they may matter: near the surface; 0 elsewhere."""
    from fieldstone.fields.unsigned import ask

    value, slope = field.values(points), np.zeros((len(points), 3), dtype=np.float32)
    near = value < 2.0 * VALLEY
    slope[near] = ask(field, points[near], SHORTEST)[1]
    return value, slope


def _against_mesh(field: Field, start: Float64[np.ndarray, "n 3"], unit: Float64[np.ndarray, "n 3"]) -> Hits:
    from fieldstone.fields.extract import mesh
    from fieldstone.render.rays import Scene

    found = Scene(mesh(field, MESH_RESOLUTION, colors=False, model_frame=False)).closest(start, unit)
    hit = found.face >= 0
    return Hits(distance=found.t, hit=hit, points=start + np.where(hit, found.t, 0.0)[:, None] * unit)
