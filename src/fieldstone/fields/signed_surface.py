"""Marching cubes on the blocks of a lattice that may hold the surface: what a dense run finds, in its share of the time."""

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from fieldstone.errors import GeometryError
from fieldstone.fields.blocks import BATCH, block_centres, find_blocks, node_points
from fieldstone.fields.cases import EDGE_AXIS, EDGE_CORNER, triangles_of_cases
from fieldstone.fields.field import Field
from fieldstone.fields.nodes import Nodes
from fieldstone.progress import Progress, Silent
from fieldstone.types import Mesh

__all__ = ["signed_surface"]

SIDE = 2
"""Cells along a block: the smaller, the fewer values are asked for in vain."""
FINEST_OCCUPANCY = 128
"""Occupancy is asked for on a lattice at least this fine throughout."""
PART = 1 << 20
"""Cells looked at at a time."""
FOLLOWINGS = 64
"""How many blocks far a surface is followed that leaves the blocks which the search found."""
GOES_ON = 0.03
"""By how much values beyond the field's structure may differ from those within, at the median, to be believed; or by
as much as a distance changes over one cell and a half, where that is more."""
EXTENSIONS = 3
"""Nodes beyond the field's structure that still get a value."""
CLEAR = 1e-3
"""A vertex keeps this share of its edge's length from the ends, so that no face loses its area."""


def signed_surface(field: Field, resolution: int, level: float, progress: Progress) -> Mesh:
    """The surface where the field passes `level`, in the field's frame, faces outward.

    Closed, and every edge of two faces. A field that is nonsense outside its structure (`may_hold`) is continued a few
    nodes beyond it from within, and may be open where its surface leaves the structure altogether. GeometryError where
    no value within the cube passes the level.
    """
    side = SIDE if field.function != "occ" else max(1, resolution // FINEST_OCCUPANCY)
    blocks = find_blocks(field, resolution, side, level)
    if len(blocks) == 0:
        raise _nothing(field, level, resolution)
    nodes = Nodes(blocks, side)
    values, known = _ask(field, nodes, resolution, level, progress)
    everywhere = bool(known.all()) or _goes_on(nodes, values, known, 2.0 / resolution)
    more = _followed(field, nodes, values, resolution, level, everywhere)
    if len(more):
        nodes, values, known = _grown(field, nodes, more, values, known, resolution, level)
    kept = nodes.store(values)
    kept_known = None if everywhere else nodes.store(known)
    if kept_known is not None:
        _extend(nodes, kept, kept_known, nodes.positions()[~known])
    cells, case = _crossed(nodes, kept, kept_known, resolution)
    if not ((cells >= 1) & (cells <= resolution)).all(axis=1).any():  # nothing, or the cube itself
        raise _nothing(field, level, resolution)
    vertices, faces = _triangles(nodes, kept, cells, case, resolution)
    return Mesh(vertices, faces)


def _followed(
    field: Field, nodes: Nodes, values: Float32[np.ndarray, "k"], resolution: int, level: float, everywhere: bool
) -> Int64[np.ndarray, "n 3"]:
    """Blocks that the search left out and that the surface enters from those it found, and so on."""
    side, count = nodes.side, -(-(resolution + 2) // nodes.side)
    looked_at = np.zeros((count,) * 3, dtype=np.bool_)
    looked_at[tuple(nodes.blocks.T)] = True
    found = [nodes.blocks[:0]]
    for _ in range(FOLLOWINGS):
        entered = _entered(nodes, nodes.store(values))
        entered = entered[((entered >= 0) & (entered < count)).all(axis=1)]
        entered = np.unique(entered[~looked_at[tuple(entered.T)]], axis=0)
        if not everywhere:
            entered = entered[field.may_hold(block_centres(entered, resolution, side), side / resolution)]
        if len(entered) == 0:
            break
        looked_at[tuple(entered.T)] = True
        found.append(entered)
        nodes = Nodes(entered, side)
        values = _ask(field, nodes, resolution, level, Silent())[0]
    return np.concatenate(found)


def _entered(nodes: Nodes, kept: Float32[np.ndarray, "owners s s s"]) -> Int64[np.ndarray, "n 3"]:
    """Neighbours of blocks on the other side of faces that the surface crosses."""
    found = []
    for part in _parts(nodes):
        inside = nodes.around(kept, part) < np.float32(0.0)
        for axis in range(3):
            for end, step in ((0, -1), (-1, 1)):
                face = inside.take(end, axis=axis + 1).reshape(len(inside), -1)
                crossed = face.any(axis=1) & ~face.all(axis=1)
                found.append(nodes.blocks[part][crossed] + step * np.eye(3, dtype=np.int64)[axis])
    return np.concatenate(found)


def _grown(
    field: Field,
    nodes: Nodes,
    more: Int64[np.ndarray, "n 3"],
    values: Float32[np.ndarray, "k"],
    known: Bool[np.ndarray, "k"],
    resolution: int,
    level: float,
) -> tuple[Nodes, Float32[np.ndarray, "j"], Bool[np.ndarray, "j"]]:
    """The nodes of more blocks; only new ones are asked for."""
    grown = Nodes(np.concatenate([nodes.blocks, more]), nodes.side)
    kept, kept_known = nodes.store(values), nodes.store(known)
    new_values, new_known = np.zeros(grown.count, dtype=np.float32), np.zeros(grown.count, dtype=np.bool_)
    for start in range(0, grown.count, BATCH):
        part = slice(start, start + BATCH)
        positions = grown.positions(part)
        old = nodes.holds(positions)
        new_values[part][old], new_known[part][old] = (
            nodes.at(kept, positions[old]),
            nodes.at(kept_known, positions[old]),
        )
        new_values[part][~old], new_known[part][~old] = _said(field, positions[~old], resolution, level)
    return grown, new_values, new_known


def _nothing(field: Field, level: float, resolution: int) -> GeometryError:
    return GeometryError(
        f"the field ({field.function}) does not pass {level:g} anywhere on a lattice of {resolution} cells: "
        "take a finer resolution or another level, or fit the field for longer"
    )


def _ask(
    field: Field, nodes: Nodes, resolution: int, level: float, progress: Progress
) -> tuple[Float32[np.ndarray, "n"], Bool[np.ndarray, "n"]]:
    """Values less `level`, negative inside, and where the field is defined, at every node."""
    values, known = np.zeros(nodes.count, dtype=np.float32), np.zeros(nodes.count, dtype=np.bool_)
    progress.start("values", nodes.count)
    for start in range(0, nodes.count, BATCH):
        part = slice(start, start + BATCH)
        values[part], known[part] = _said(field, nodes.positions(part), resolution, level)
        progress.advance(len(values[part]))
    progress.finish()
    return values, known


def _said(
    field: Field, nodes: Int64[np.ndarray, "n 3"], resolution: int, level: float
) -> tuple[Float32[np.ndarray, "n"], Bool[np.ndarray, "n"]]:
    points = node_points(nodes, resolution)
    values = field.values(points) - np.float32(level)
    if field.function == "occ":
        np.negative(values, out=values)
    outside = (np.abs(points) > 1.0 + 1e-9).any(axis=1)
    values[outside] = np.maximum(values[outside], np.float32(2.0 / resolution))
    return values, field.may_hold(points, 0.0) | outside


def _extend(
    nodes: Nodes,
    kept: Float32[np.ndarray, "owners s s s"],
    known: Bool[np.ndarray, "owners s s s"],
    gaps: Int64[np.ndarray, "n 3"],
) -> None:
    """Give nodes where the field is not defined the mean of their defined neighbours, nearest first.

    So no surface arises where a structure ends, and one that passes through a small gap of it is not torn. Nodes
    farther away than EXTENSIONS stay undefined.
    """
    for _ in range(EXTENSIONS):
        mean, some = _means(nodes, kept, known, gaps)
        nodes.put(kept, gaps[some], mean[some])
        nodes.put(known, gaps[some], np.ones(int(some.sum()), dtype=np.bool_))
        gaps = gaps[~some]


def _means(
    nodes: Nodes,
    kept: Float32[np.ndarray, "owners s s s"],
    known: Bool[np.ndarray, "owners s s s"],
    places: Int64[np.ndarray, "n 3"],
) -> tuple[Float32[np.ndarray, "n"], Bool[np.ndarray, "n"]]:
    """The mean of the defined ones of the 26 nodes around each, and where there is any."""
    total, count = np.zeros(len(places), dtype=np.float32), np.zeros(len(places), dtype=np.float32)
    for step in np.indices((3, 3, 3)).reshape(3, -1).T - 1:
        near = places + step
        sure = nodes.holds(near)
        sure[sure] = nodes.at(known, near[sure])
        total[sure] += nodes.at(kept, near[sure])
        count[sure] += 1.0
    return total / np.maximum(count, np.float32(1.0)), count > 0


def _goes_on(nodes: Nodes, values: Float32[np.ndarray, "k"], known: Bool[np.ndarray, "k"], spacing: float) -> bool:
    """Whether a field says something sensible where it is not defined: beside its border it differs little from within.

    An octree that was also shown points far from the surface does; one that was fitted inside its voxels alone does not.
    """
    mean, some = _means(nodes, nodes.store(values), nodes.store(known), nodes.positions()[~known])
    if not some.any():
        return False
    return float(np.median(np.abs(values[~known] - mean)[some])) < max(GOES_ON, 1.5 * spacing)


def _parts(nodes: Nodes) -> list[slice]:
    step = max(1, PART // nodes.side**3)
    return [slice(start, start + step) for start in range(0, len(nodes.blocks), step)]


def _crossed(
    nodes: Nodes,
    kept: Float32[np.ndarray, "owners s s s"],
    known: Bool[np.ndarray, "owners s s s"] | None,
    resolution: int,
) -> tuple[Int64[np.ndarray, "cells 3"], Int64[np.ndarray, "cells"]]:
    """Cells that the surface passes through and their cases; every corner of each is known."""
    s = nodes.side
    cells, cases = [], []
    for part in _parts(nodes):
        inside = nodes.around(kept, part) < 0.0
        case = np.zeros((len(inside), s, s, s), dtype=np.uint8)
        defined = np.ones(case.shape, dtype=np.bool_)
        for k in range(8):
            here = (slice(None), *(slice(k >> axis & 1, (k >> axis & 1) + s) for axis in range(3)))
            case |= inside[here].astype(np.uint8) << np.uint8(k)
            if known is not None:
                defined &= nodes.around(known, part)[here]
        block, *inner = np.nonzero((case != 0) & (case != 255) & defined)
        cell = nodes.blocks[part][block] * s + np.stack(inner, axis=1)
        within = (cell < resolution + 2).all(axis=1)
        cells.append(cell[within])
        cases.append(case[(block, *inner)][within])
    return np.concatenate(cells), np.concatenate(cases).astype(np.int64)


def _triangles(
    nodes: Nodes,
    kept: Float32[np.ndarray, "owners s s s"],
    cells: Int64[np.ndarray, "cells 3"],
    case: Int64[np.ndarray, "cells"],
    resolution: int,
) -> tuple[Float64[np.ndarray, "n 3"], Int64[np.ndarray, "m 3"]]:
    """Vertices, one for each edge of the lattice that is crossed, and the faces between them."""
    starts, triangles = triangles_of_cases()
    count = np.diff(starts)[case]
    cell = np.repeat(np.arange(len(cells)), count)
    nth = np.arange(len(cell)) - np.repeat(np.cumsum(count) - count, count)
    edges = triangles[starts[case[cell]] + nth]
    width = resolution + 3
    place = cells @ np.array([width * width, width, 1])
    shift = EDGE_CORNER @ np.array([width * width, width, 1]) * 3 + EDGE_AXIS
    keys, faces = np.unique(place[cell, None] * 3 + shift[edges], return_inverse=True)
    low = np.stack(np.unravel_index(keys // 3, (width,) * 3), axis=1).astype(np.int64)
    step = np.eye(3, dtype=np.int64)[keys % 3]
    a, b = nodes.at(kept, low).astype(np.float64), nodes.at(kept, low + step).astype(np.float64)
    share = np.clip(a / (a - b), CLEAR, 1.0 - CLEAR)
    spacing = 2.0 / resolution
    vertices = node_points(low, resolution) + share[:, None] * step * spacing
    border = 1.0 + CLEAR * spacing  # a solid that goes on beyond the cube ends there
    return np.clip(vertices, -border, border), faces.reshape(-1, 3)
