"""The surface of an unsigned distance, open where it is open: surface nets whose crossings come from directions.

No value is negative, so nothing tells inside from outside. But at two neighbouring nodes on different sides of the
surface the directions away from it oppose each other, and between them the value falls to about 0. Each edge of the
lattice that is crossed so gives a square between the four cells around it, and each cell one vertex, the mean of its
edges' crossings, moved on to the surface.

The idea of reading crossings from gradients is MeshUDF's (Guillard, Stella, Fua, 2022); the vertices are those of
Gibson, Constrained elastic surface nets, 1998; moving a point by its distance is Chibane et al., Neural unsigned
distance fields, 2020, section 3. Everything is measured in cells, so a finer lattice asks more of the field.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from fieldstone.errors import GeometryError
from fieldstone.fields.blocks import find_blocks, node_points
from fieldstone.fields.field import Field
from fieldstone.fields.nodes import Nodes
from fieldstone.fields.open_faces import close_pinholes, squares
from fieldstone.fields.parity import contradicted
from fieldstone.fields.unsigned import ask, directions, estimate_floor, settle, steady
from fieldstone.fields.unsigned import values as values_of
from fieldstone.geometry.orient import faces_to_turn, turn
from fieldstone.progress import Progress
from fieldstone.types import Mesh

__all__ = ["udf_surface"]

SIDE = 2
"""Cells along a block."""
SHIFT = 0.382
"""Cells by which the lattice is moved, so that the symmetry planes and flat sides of things fall between its nodes."""
NEAR = 0.35
"""Nodes nearer than this many cells take their direction from their surroundings."""
FLAT = 0.6
"""So do nodes where the gradient is shorter than this."""
BOTH = 1.3
"""The values at the ends of a crossed edge add up to at most this many cells."""
OPPOSED, AGREED = -0.2, 0.8
"""Cosines between directions below which they oppose, and above which they agree; between, the edge is sampled."""
TURNED = -0.3
"""The same for samples on both sides of the lowest one of an edge."""
SAMPLES = 8
LOW = 0.35
"""At a crossing the value is at most this many cells."""
LEAST_SPAN = 8e-3
"""But at least this much, two cells of the finest grid that fields have: the width of a learnt valley."""
LEAST_STEP = 3e-3
"""Slopes are taken over at least this much, half a cell of the finest grid that fields have, or half a cell of ours."""
MENDINGS = 5
"""How often crossings that contradict their surroundings are changed."""
LOOKS, LOWEST = 17, 0.05
"""A field that nowhere on a lattice of so many nodes along the cube is above this tells no surface."""
SPAN = 0.6
"""Cells on both sides of the surface from which a vertex is placed."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Crossings:
    """Edges of the lattice that the surface crosses: lower node, axis, place, and the direction up at the upper end."""

    low: Int64[np.ndarray, "n 3"]
    axis: Int64[np.ndarray, "n"]
    points: Float64[np.ndarray, "n 3"]
    normals: Float32[np.ndarray, "n 3"]


def udf_surface(field: Field, resolution: int, progress: Progress) -> Mesh:
    """The surface of an unsigned field, in the field's frame; neighbouring faces agree wherever they can.

    Sheets closer together than a cell become one. Holes less than two cells across are closed, for the lattice cannot
    tell them from noise. GeometryError where nothing is crossed, or the field is low everywhere.
    """
    spacing = 2.0 / resolution
    if values_of(field, node_points(1 + np.argwhere(np.ones((LOOKS,) * 3)), LOOKS - 1)).max() < LOWEST:
        raise GeometryError(
            f"the field (udf) is below {LOWEST:g} in the whole cube, so its surface is nowhere: fit the field for longer"
        )
    blocks = find_blocks(field, resolution, SIDE, 0.0, SHIFT)
    progress.start("values", None)
    crossings = _crossings(field, blocks, resolution) if len(blocks) else None
    progress.finish()
    if crossings is None or len(crossings.low) == 0:
        raise GeometryError(
            f"the field (udf) comes nowhere near 0 on a lattice of {resolution} cells: "
            "take another resolution, or fit the field for longer"
        )
    points, normals, faces = squares(crossings.low, crossings.axis, crossings.points, crossings.normals, resolution + 3)
    points = settle(field, points, normals, max(SPAN * spacing, LEAST_SPAN))
    mesh = Mesh(_pulled_in(field, points, spacing), faces)
    return close_pinholes(turn(mesh, faces_to_turn(mesh)))


def _crossings(field: Field, blocks: Int64[np.ndarray, "blocks 3"], resolution: int) -> Crossings:
    spacing = 2.0 / resolution
    nodes = Nodes(blocks, SIDE)
    positions = nodes.positions()
    values, gradients = ask(field, node_points(positions, resolution, SHIFT), _step(spacing))
    away = directions(gradients)
    close = np.flatnonzero(values < spacing)
    if len(close) == 0:
        close = np.argsort(values)[:1]
    floor = estimate_floor(field, node_points(positions[close], resolution, SHIFT), values[close], away[close])
    values = np.maximum(values - np.float32(floor), np.float32(0.0))
    short = np.linalg.norm(gradients, axis=1) < FLAT
    unsure = np.flatnonzero((values < NEAR * spacing) | ((values < spacing) & short))
    away[unsure] = steady(
        field, node_points(positions[unsure], resolution, SHIFT), away[unsure], max(0.75 * spacing, LEAST_SPAN)
    )
    kept, kept_away = nodes.store(values), nodes.store(away)
    low = positions[values < BOTH * spacing]
    found = _joined([_along(field, nodes, kept, kept_away, low, axis, resolution, floor) for axis in range(3)])
    for _ in range(MENDINGS):
        found = _mended(found, nodes, kept, kept_away, resolution)
    return found


def _step(spacing: float) -> float:
    """How far around a place its slope is taken."""
    return max(spacing / 2.0, LEAST_STEP)


def _joined(parts: list[Crossings]) -> Crossings:
    return Crossings(
        low=np.concatenate([part.low for part in parts]),
        axis=np.concatenate([part.axis for part in parts]),
        points=np.concatenate([part.points for part in parts]),
        normals=np.concatenate([part.normals for part in parts]),
    )


def _mended(
    found: Crossings,
    nodes: Nodes,
    values: Float32[np.ndarray, "owners s s s"],
    away: Float32[np.ndarray, "owners s s s 3"],
    resolution: int,
) -> Crossings:
    """The crossings with those changed that their surroundings contradict."""
    width = resolution + 3
    wrong = contradicted(found.low, found.axis, width)
    keys = 3 * (found.low @ np.array([width * width, width, 1])) + found.axis
    stays = ~np.isin(keys, wrong)
    kept = Crossings(
        low=found.low[stays], axis=found.axis[stays], points=found.points[stays], normals=found.normals[stays]
    )
    node, axis = np.divmod(np.setdiff1d(wrong, keys), 3)
    low = np.stack(np.unravel_index(node, (width,) * 3), axis=1).astype(np.int64)
    step = np.eye(3, dtype=np.int64)[axis]
    held = nodes.holds(low) & nodes.holds(low + step)
    low, axis, step = low[held], axis[held], step[held]
    a, b = nodes.at(values, low).astype(np.float64), nodes.at(values, low + step).astype(np.float64)
    share = a / np.maximum(a + b, 1e-12)
    points = node_points(low, resolution, SHIFT) + share[:, None] * step * (2.0 / resolution)
    normals = directions(nodes.at(away, low + step) - nodes.at(away, low))
    return _joined([kept, Crossings(low=low, axis=axis, points=points, normals=normals)])


def _along(
    field: Field,
    nodes: Nodes,
    values: Float32[np.ndarray, "owners s s s"],
    away: Float32[np.ndarray, "owners s s s 3"],
    low: Int64[np.ndarray, "n 3"],
    axis: int,
    resolution: int,
    floor: float,
) -> Crossings:
    """The crossed edges from nodes `low` along one axis."""
    spacing = 2.0 / resolution
    step = np.eye(3, dtype=np.int64)[axis]
    low = low[nodes.holds(low + step)]
    a, b = nodes.at(values, low), nodes.at(values, low + step)
    up, down = nodes.at(away, low + step), nodes.at(away, low)
    cosine = (up * down).sum(axis=1)
    some = (a + b < BOTH * spacing) & (cosine < AGREED)
    low, a, b, up, down, cosine = low[some], a[some], b[some], up[some], down[some], cosine[some]
    share = (a / np.maximum(a + b, np.float32(1e-12))).astype(np.float64)
    start = node_points(low, resolution, SHIFT)
    crossed = cosine < OPPOSED
    doubtful = np.flatnonzero(~crossed)
    crossed[doubtful], share[doubtful] = _looked_at(field, start[doubtful], spacing * step, LOW * spacing + floor)
    points = start + share[:, None] * (spacing * step)
    sure = np.flatnonzero(crossed)
    crossed[sure] = values_of(field, points[sure]) < LOW * spacing + 2.0 * floor
    return Crossings(
        low=low[crossed],
        axis=np.full(int(crossed.sum()), axis, dtype=np.int64),
        points=points[crossed],
        normals=directions(up[crossed] - down[crossed]),
    )


def _looked_at(
    field: Field, start: Float64[np.ndarray, "n 3"], along: Float64[np.ndarray, "3"], low: float
) -> tuple[Bool[np.ndarray, "n"], Float64[np.ndarray, "n"]]:
    """Whether and where edges are crossed whose ends neither agree nor oppose (at creases, mostly).

    The directions on both sides of the lowest of some samples must oppose, and it must be low.
    """
    n, shares = len(start), np.arange(-2, SAMPLES + 3) / SAMPLES
    step = _step(float(np.linalg.norm(along)))
    values, gradients = ask(field, (start[:, None] + shares[:, None] * along).reshape(-1, 3), step / 2.0)
    values, away = values.reshape(n, len(shares)), directions(gradients).reshape(n, len(shares), 3)
    row, lowest = np.arange(n), 2 + values[:, 2:-2].argmin(axis=1)
    cosine = np.minimum(*((away[row, lowest - k] * away[row, lowest + k]).sum(axis=1) for k in (1, 2)))
    return (cosine < TURNED) & (values[row, lowest] < low), shares[lowest]


def _pulled_in(field: Field, points: Float64[np.ndarray, "n 3"], spacing: float) -> Float64[np.ndarray, "n 3"]:
    """Vertices that stand beyond the surface's border go back to it, by their distance against the gradient."""
    values, gradients = ask(field, points, _step(spacing))
    floor = float(np.median(values))
    beyond = values - floor > 0.15 * spacing
    move = np.minimum(values - floor, 0.5 * spacing)[:, None] * directions(gradients)
    return np.where(beyond[:, None], points - move, points)
