"""Points on a field's surface, with normals."""

import numpy as np
from jaxtyping import Float64

from fieldstone.errors import GeometryError
from fieldstone.fields.empty_space import EmptySpace
from fieldstone.fields.field import Field
from fieldstone.fields.trace import NORMAL_STEP, isosurface, normals_at, sphere_trace
from fieldstone.geometry.normalise import apply
from fieldstone.geometry.sample import sample_surface
from fieldstone.types import PointCloud

__all__ = ["points_on_surface", "sample_surface_points"]

ROUNDS = 200
"""A field that gives no points in so many rounds has no surface."""
LEAST, MORE = 1 << 14, 1.1
"""Rays of a round at least, and how many more are sent at last than seem needed."""
HOPELESS = 9
"""Where this round still gives no point, there is no surface."""
MOST_STEPS = 64
"""A ray that has not arrived by then is given up: one in thousands."""
LONGEST, PROJECTIONS = 0.1, 10
KEPT, RESPAWNED, SPREAD = 0.009, 0.03, 0.1 / 3.0
"""ndf: the longest step, how many, values below which points are kept or give new seeds, and how far those spread."""


def sample_surface_points(
    field: Field, n: int, generator: np.random.Generator, *, model_frame: bool = False
) -> PointCloud:
    """n points on the field's surface with unit normals, in its frame, or in the model's frame and unit.

    Signed distance: where rays from random places of the cube in random directions arrive (as INRet and NGLOD do; not
    uniform by area: places that see more are drawn more often). Unsigned: random seeds projected on to the surface
    (Chibane et al., 2020, algorithm 1); normals point to either side. Occupancy: uniform by area on its isosurface at
    256 cells. The same generator gives the same points. GeometryError where the field has no surface.
    """
    if n == 0:
        cloud = PointCloud(np.zeros((0, 3)), np.zeros((0, 3), dtype=np.float32))
    elif field.function == "occ":
        found = sample_surface(isosurface(field), n, generator)
        cloud = PointCloud(found.points, found.normals)
    else:
        points = points_on_surface(field, n, generator)
        cloud = PointCloud(points, normals_at(field, points))
    return apply(field.frame.to_model, cloud) if model_frame else cloud


def points_on_surface(field: Field, n: int, generator: np.random.Generator) -> Float64[np.ndarray, "n 3"]:
    """The points of `sample_surface_points` in the field's frame, without the cost of normals."""
    if n == 0:
        return np.zeros((0, 3))
    if field.function == "occ":
        return sample_surface(isosurface(field), n, generator).points.astype(np.float64)
    return _traced(field, n, generator) if field.function == "sdf" else _projected(field, n, generator)


def _traced(field: Field, n: int, generator: np.random.Generator) -> Float64[np.ndarray, "n 3"]:
    """Of more points than LEAST, rays skip empty space, which saves a small SIREN a third of the time
    and more (benchmarks/empty_space.py)."""
    space = EmptySpace(field) if n > LEAST else None
    found: list[np.ndarray] = []
    count, tried, sent = 0, 0, max(n, LEAST)
    for turn in range(ROUNDS):
        origins = generator.uniform(-1.0, 1.0, (sent, 3))
        directions = generator.standard_normal((sent, 3))
        if space is not None:
            origins, directions = space.passed(origins, directions)
        hits = sphere_trace(field, origins, directions, max_steps=MOST_STEPS)
        found.append(hits.points[hits.hit])
        count, tried = count + len(found[-1]), tried + sent
        if count >= n or (count == 0 and turn == HOPELESS):
            break
        sent = min(max(n, LEAST), int(MORE * (n - count) * tried / max(count, 1)) + 1)
    return _enough(found, n)


def _projected(field: Field, n: int, generator: np.random.Generator) -> Float64[np.ndarray, "n 3"]:
    """Seeds of the cube moved down the distance; the first round only tells where the surface is, and is not kept."""
    seeds = generator.uniform(-1.0, 1.0, (n, 3))
    found: list[np.ndarray] = []
    count = 0
    for turn in range(ROUNDS):
        points, values = _down(field, seeds)
        if turn:
            found.append(points[values < KEPT])
            count += len(found[-1])
        close = points[values < RESPAWNED]
        if count >= n or len(close) == 0:
            break
        seeds = close[generator.integers(len(close), size=n)] + SPREAD * generator.standard_normal((n, 3))
    return _enough(found, n)


def _down(
    field: Field, points: Float64[np.ndarray, "n 3"]
) -> tuple[Float64[np.ndarray, "n 3"], Float64[np.ndarray, "n"]]:
    from fieldstone.fields.unsigned import ask, directions

    for _ in range(PROJECTIONS):
        values, gradients = ask(field, points, NORMAL_STEP / 2.0)
        points = points - np.minimum(values, LONGEST)[:, None] * directions(gradients)
    points = np.clip(points, -1.0, 1.0)
    return points, field.values(points).astype(np.float64)


def _enough(found: list[np.ndarray], n: int) -> Float64[np.ndarray, "n 3"]:
    points = np.concatenate(found) if found else np.zeros((0, 3))
    if len(points) < n:
        raise GeometryError(
            f"only {len(points)} of {n} points were found on the field's surface: "
            "it has none worth the name, so fit the field for longer"
        )
    return points[:n]
