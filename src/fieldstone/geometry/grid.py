"""Distances on a regular lattice, block by block: memory and time follow the surface, not the volume."""

import numpy as np
from jaxtyping import Float, Float32, Float64, Int64

from fieldstone.errors import GeometryError
from fieldstone.geometry.distance import Surface, inside
from fieldstone.geometry.measure import bounds
from fieldstone.types import Grid, Mesh

__all__ = ["distance_grid", "grid_points", "lattice", "truncated_grid"]

BLOCK = 16
"""Nodes along a block's side."""
CHUNK = 64
"""Blocks whose nodes are in memory at a time."""


def lattice(
    box: Float[np.ndarray, "2 3"], spacing: float, margin: float = 0.0
) -> tuple[Float64[np.ndarray, "3"], tuple[int, int, int]]:
    """Origin and size of the smallest lattice that covers the box and `margin` around it, centred on the box."""
    if spacing <= 0.0:
        raise GeometryError(f"a grid's spacing is {spacing} and must be above 0")
    cells = np.ceil((box[1] - box[0] + 2.0 * margin) / spacing - 1e-9).astype(int)
    origin = (box[0] + box[1]) / 2.0 - cells * spacing / 2.0
    return origin.astype(np.float64), (int(cells[0]) + 1, int(cells[1]) + 1, int(cells[2]) + 1)


def grid_points(grid: Grid) -> Float64[np.ndarray, "x y z 3"]:
    """Where the grid's nodes stand."""
    return grid.origin + grid.spacing * np.stack(
        np.meshgrid(*[np.arange(n, dtype=np.float64) for n in grid.values.shape], indexing="ij"), axis=-1
    )


def distance_grid(mesh: Mesh, spacing: float, margin: float = 0.0, *, signed: bool = True) -> Grid:
    """Exact distances (negative inside where `signed`) at every node of a lattice over the mesh and `margin` around it.

    float32, in the mesh's frame and unit. Ask `sign_confidence` whether a sign means anything. GeometryError without
    faces, and where `signed`, without area.
    """
    return truncated_grid(mesh, spacing, np.inf, margin, signed=signed)


def truncated_grid(
    mesh: Mesh, spacing: float, truncation: float, margin: float | None = None, *, signed: bool = True
) -> Grid:
    """The same, clipped to [-truncation, truncation]; `margin` is `truncation` where None.

    Exact distances are computed only in blocks of 16 nodes a side that the truncation reaches: a block whose centre is
    farther than that and half its diagonal has one value (Curless, Levoy, A volumetric method for building complex
    models from range images, 1996).
    """
    surface = Surface(mesh)
    origin, size = lattice(
        bounds(mesh.vertices[np.unique(mesh.faces)]), spacing, truncation if margin is None else margin
    )
    values: Float32[np.ndarray, "x y z"] = np.zeros(size, dtype=np.float32)
    starts = _block_starts(size)
    centres = origin + spacing * (starts + (BLOCK - 1) / 2.0)
    reach = spacing * (BLOCK - 1) / 2.0 * 3.0**0.5
    far = (
        surface.distance(centres) > truncation + reach if np.isfinite(truncation) else np.zeros(len(starts), dtype=bool)
    )
    sides = np.where(surface.inside(centres[far]), -1.0, 1.0) if signed and far.any() else np.ones(int(far.sum()))
    for start, side in zip(starts[far], sides, strict=True):
        values[_here(start)] = side * truncation
    near = starts[~far]
    for i in range(0, len(near), CHUNK):
        _fill(values, near[i : i + CHUNK], surface, origin, spacing, signed)
    if np.isfinite(truncation):
        np.clip(values, -truncation, truncation, out=values)
    return Grid(values=values, origin=origin, spacing=spacing)


def _block_starts(size: tuple[int, int, int]) -> Int64[np.ndarray, "blocks 3"]:
    corners = np.meshgrid(*[np.arange(0, n, BLOCK) for n in size], indexing="ij")
    return np.stack(corners, axis=-1).reshape(-1, 3).astype(np.int64)


def _here(start: Int64[np.ndarray, "3"]) -> tuple[slice, ...]:
    return tuple(slice(int(at), int(at) + BLOCK) for at in start)


def _fill(
    values: Float32[np.ndarray, "x y z"],
    starts: Int64[np.ndarray, "blocks 3"],
    surface: Surface,
    origin: Float64[np.ndarray, "3"],
    spacing: float,
    signed: bool,
) -> None:
    """Exact values in some blocks."""
    steps = np.stack(np.meshgrid(*[np.arange(BLOCK)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    nodes = starts[:, None] + steps
    within = (nodes < values.shape).all(axis=2)
    chosen = nodes[within]
    points = origin + spacing * chosen
    if signed:
        distance, winding = surface.distance_and_winding(points)
        np.negative(distance, where=inside(winding), out=distance)
    else:
        distance = surface.distance(points)
    values[chosen[:, 0], chosen[:, 1], chosen[:, 2]] = distance
