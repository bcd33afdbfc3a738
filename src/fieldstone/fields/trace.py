"""Rays against fields: sphere tracing for signed distances, damped for unsigned ones, the mesh for occupancies."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, Int64

from fieldstone.errors import GeometryError
from fieldstone.fields.blocks import BATCH
from fieldstone.fields.field import Field
from fieldstone.types import Mesh

__all__ = ["ISOSURFACE_RESOLUTION", "Hits", "Tracer", "isosurface", "normals_at", "sphere_trace", "tracer"]

HIT = 3e-4
"""A ray has arrived where the distance is below this (NGLOD)."""
TURNS = 3
"""How often the place is sought again where a step has led through the surface."""
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
ISOSURFACE_RESOLUTION = 256
"""Cells along the cube of the mesh that stands for a field that cannot be traced, or that a coarser one misses."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Hits:
    """Where n rays meet a field's surface, in the field's frame: `distance` along the unit direction (inf: nowhere),
    whether they meet it, and the points (where they do not: the last place looked at)."""

    distance: Float64[np.ndarray, "n"]
    hit: Bool[np.ndarray, "n"]
    points: Float64[np.ndarray, "n 3"]


Tracer: TypeAlias = Callable[[Float[np.ndarray, "n 3"], Float[np.ndarray, "n 3"]], Hits]
"""From origins and directions of rays to where they meet one field's surface."""


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

    Signed distance: steps of `step_scale` times the distance (Hart, Sphere tracing, 1996; NGLOD takes 1, wisp 0.8), and
    back where one led through the surface; a ray that starts inside finds the way out. A solid that the cube's border
    cuts is closed there, as in its mesh. Unsigned: damped steps (Chibane et al., 2020), and a hit also where the
    gradient turns around in a low valley, for learnt distances stay above 0. Occupancy: the faces of its isosurface at
    256 cells. All rays advance together, and only those still on their way are evaluated. GeometryError where a
    direction has no length.
    """
    return tracer(field, max_steps=max_steps, step_scale=step_scale)(origins, directions)


def tracer(field: Field, *, max_steps: int = 256, step_scale: float = 1.0) -> Tracer:
    """`sphere_trace` of a field for rays that come in several parts: the isosurface of an occupancy is made once."""
    follow = _onto_mesh(field) if field.function == "occ" else partial(_walk, field, max_steps, step_scale)

    def trace(origins: Float[np.ndarray, "n 3"], directions: Float[np.ndarray, "n 3"]) -> Hits:
        lengths = np.linalg.norm(directions.astype(np.float64), axis=1)
        if len(lengths) and lengths.min() <= 0.0:
            raise GeometryError("a ray's direction has no length: give one that has")
        return follow(origins.astype(np.float64), directions / np.maximum(lengths, 1e-300)[:, None])

    return trace


def _walk(
    field: Field, max_steps: int, step_scale: float,
    start: Float64[np.ndarray, "n 3"], unit: Float64[np.ndarray, "n 3"],
) -> Hits:  # fmt: skip
    near, far = _in_cube(start, unit)
    walk = _signed if field.function == "sdf" else _unsigned
    distance, hit = near.copy(), np.zeros(len(start), dtype=np.bool_)
    alive = np.flatnonzero(near <= far)
    for first in range(0, len(alive), BATCH):
        part = alive[first : first + BATCH]
        rays = _Rays(start[part], unit[part], far[part], near[part])
        walk(field, rays, max_steps, step_scale)
        distance[part], hit[part] = rays.distance, rays.hit
    points = start + np.where(np.isfinite(distance), distance, 0.0)[:, None] * unit
    return Hits(distance=np.where(hit, distance, np.inf), hit=hit, points=points)


def normals_at(field: Field, points: Float[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n 3"]:
    """Unit normals at points of the surface, from differences of values NORMAL_STEP around (NGLOD does so too).

    Outward for signed fields, those of the cube where its border cuts a solid; an unsigned one's may point to either side.
    """
    from fieldstone.fields.unsigned import ask, directions, steady

    values, slopes = ask(field, points, NORMAL_STEP)
    normals = directions(slopes if field.function != "occ" else -slopes)
    if field.function == "udf":
        return steady(field, points.astype(np.float64), normals, 2.0 * NORMAL_STEP)
    if field.function == "occ":
        return normals
    side = np.abs(points).argmax(axis=1)
    along = points[np.arange(len(points)), side]
    cap = (np.abs(along) > 1.0 - 1e-6) & (values < -STALLED * HIT)
    normals[cap] = np.sign(along[cap])[:, None] * np.eye(3)[side[cap]]
    return normals


def _in_cube(
    start: Float64[np.ndarray, "n 3"], unit: Float64[np.ndarray, "n 3"]
) -> tuple[Float64[np.ndarray, "n"], Float64[np.ndarray, "n"]]:
    """Distances at which rays enter (0 inside) and leave the cube; those that miss it leave before they enter."""
    safe = np.where(np.abs(unit) < 1e-12, 1e-12, unit)
    one, two = (-1.0 - start) / safe, (1.0 - start) / safe
    (x, y, z), (a, b, c) = np.minimum(one, two).T, np.maximum(one, two).T
    return np.maximum(np.maximum(np.maximum(x, y), z), 0.0), np.minimum(np.minimum(a, b), c)


class _Rays:
    """Rays on their way through the cube: how far each has come, whether it has arrived, and which still go on."""

    def __init__(
        self,
        start: Float64[np.ndarray, "n 3"],
        unit: Float64[np.ndarray, "n 3"],
        far: Float64[np.ndarray, "n"],
        distance: Float64[np.ndarray, "n"],
    ) -> None:
        self.start, self.unit, self.far, self.distance = start, unit, far, distance
        self.hit: Bool[np.ndarray, "n"] = np.zeros(len(start), dtype=np.bool_)
        self.alive: Int64[np.ndarray, "alive"] = np.arange(len(start))

    def points(self) -> Float64[np.ndarray, "alive 3"]:
        """Where those stand that still go on."""
        points: Float64[np.ndarray, "alive 3"] = self.unit[self.alive]
        points *= self.distance[self.alive, None]
        points += self.start[self.alive]
        return points

    def go_on(self, arrived: Bool[np.ndarray, "alive"], step: Float64[np.ndarray, "alive"]) -> None:
        """Those that have arrived stay; the others take a step, and are gone where it leads out of the cube."""
        self.hit[self.alive[arrived]] = True
        self.alive = self.alive[~arrived]
        self.distance[self.alive] += step[~arrived]
        self.alive = self.alive[self.distance[self.alive] <= self.far[self.alive]]


def _signed(field: Field, rays: _Rays, max_steps: int, step_scale: float) -> None:
    """A change of sign is a hit too: a learnt distance is now and then larger than the way to the surface."""
    before = np.where(rays.distance > 0.0, np.inf, np.nan)  # outside the cube is outside; within, any side may be
    behind, beyond = np.full(len(before), np.nan), np.full(len(before), np.nan)
    for _ in range(max_steps):
        alive = rays.alive
        if len(alive) == 0:
            break
        value = field.values(rays.points()).astype(np.float64)
        step = step_scale * np.abs(value)
        crossed = before[alive] * value < 0.0
        near = (np.abs(value) < HIT) | ((np.abs(value) + np.abs(before[alive])) / 2.0 < STALLED * HIT)
        leaves = (value < 0.0) & (rays.distance[alive] + step > rays.far[alive]) & ~crossed & ~near
        rays.distance[alive[leaves]] = rays.far[alive[leaves]]
        beyond[alive[crossed]] = value[crossed]
        others = alive[~crossed]
        before[others], behind[others] = value[~crossed], rays.distance[others]
        rays.go_on(crossed | near | leaves, step)
    some = np.flatnonzero(np.isfinite(beyond) & np.isfinite(before))
    _turn_back(field, rays, some, behind[some], before[some], beyond[some])


def _turn_back(
    field: Field,
    rays: _Rays,
    some: Int64[np.ndarray, "n"],
    behind: Float64[np.ndarray, "n"],
    before: Float64[np.ndarray, "n"],
    value: Float64[np.ndarray, "n"],
) -> None:
    """Bring rays back to where the sign changes, by false position between their last two places."""
    one, two = behind, rays.distance[some]
    for _ in range(TURNS):
        middle = one + (two - one) * np.abs(before) / (np.abs(before) + np.abs(value))
        now = field.values(rays.start[some] + middle[:, None] * rays.unit[some]).astype(np.float64)
        beyond = now * value > 0.0
        one, before = np.where(beyond, one, middle), np.where(beyond, before, now)
        two, value = np.where(beyond, middle, two), np.where(beyond, now, value)
        rays.distance[some] = middle


def _unsigned(field: Field, rays: _Rays, max_steps: int, step_scale: float) -> None:
    n = len(rays.distance)
    before, behind = np.full(n, np.inf), rays.distance.copy()
    slope_before = np.zeros((n, 3), dtype=np.float32)
    for _ in range(max_steps):
        alive = rays.alive
        if len(alive) == 0:
            break
        value, slope = _near_slopes(field, rays.points())
        passed = ((slope * slope_before[alive]).sum(axis=1) < 0.0) & (np.minimum(value, before[alive]) < VALLEY)
        sure = (slope * slope).sum(axis=1) > STEEP**2
        passed &= sure & ((slope * rays.unit[alive]).sum(axis=1) > 0.0)
        back = alive[passed]
        share = before[back] / np.maximum(before[back] + value[passed], 1e-12)
        rays.distance[back] = behind[back] + share * (rays.distance[back] - behind[back])
        last = alive[sure]
        before[last], behind[last], slope_before[last] = value[sure], rays.distance[last], slope[sure]
        step = np.maximum(DAMPING * step_scale * value.astype(np.float64), SHORTEST)
        rays.go_on(passed | (value < HIT), step)


def _near_slopes(
    field: Field, points: Float64[np.ndarray, "n 3"]
) -> tuple[Float32[np.ndarray, "n"], Float32[np.ndarray, "n 3"]]:
    """Values, and gradients where they may matter: near the surface; 0 elsewhere."""
    from fieldstone.fields.unsigned import ask

    value, slope = field.values(points), np.zeros((len(points), 3), dtype=np.float32)
    near = value < 2.0 * VALLEY
    slope[near] = ask(field, points[near], SHORTEST)[1]
    return value, slope


def _onto_mesh(field: Field) -> Tracer:
    from fieldstone.render.rays import Scene

    scene = Scene(isosurface(field))

    def follow(start: Float64[np.ndarray, "n 3"], unit: Float64[np.ndarray, "n 3"]) -> Hits:
        found = scene.closest(start, unit)
        hit = found.face >= 0
        return Hits(distance=found.t, hit=hit, points=start + np.where(hit, found.t, 0.0)[:, None] * unit)

    return follow


def isosurface(field: Field) -> Mesh:
    """The mesh at 256 cells, in the field's frame; it stands for an occupancy. GeometryError where there is no surface."""
    from fieldstone.fields.extract import mesh

    return mesh(field, ISOSURFACE_RESOLUTION, colors=False, model_frame=False)
