"""Near surflets: the same pair histogram for points that are close together: flat, round, edged, layered, how much of each.

The features of `surflets.py` (Wahl, Hillenbrand, Hirzinger, 2003), over pairs of at most a fifth of the root mean square
radius, with distances on a logarithmic scale; there such pairs are too few among all to be told apart. Restricting
pairs to a neighbourhood: Radu Rusu, Nico Blodow, Michael Beetz, Fast point feature histograms (FPFH) for 3D
registration, 2009; unlike there, one histogram for the whole shape.
"""

import math
from typing import no_type_check

import numpy as np
from jaxtyping import Float32
from numba import njit

from fieldstone.encoders.bins import LEVELS, ORDERED, add_surflets
from fieldstone.encoders.descriptor import Descriptor
from fieldstone.encoders.pairs import paired
from fieldstone.encoders.protocol import Card

__all__ = ["DIM", "ENCODER", "near_histogram"]

CENTRES = 384
"""Points whose neighbours are looked at; the neighbours come from all."""
REACH = 0.2
"""How far a neighbour may be, in root mean square radii."""
DISTANCES = 5
"""Nodes of the distance, evenly spaced in its logarithm, up to REACH."""
OCTAVES = 3.2
"""The first node lies this many halvings below REACH; nearer pairs count to it."""
LONGEST = 64
"""Cells along each axis, at most; where a shape reaches farther, its last cell holds the rest."""
DIM = DISTANCES * LEVELS * ORDERED


@njit(cache=True)
@no_type_check
def _cells(points):
    """The lattice cell of each point, in cells of side REACH from the low corner, and the lattice's size."""
    n = points.shape[0]
    cells, size = np.zeros((n, 3), dtype=np.int32), np.zeros(3, dtype=np.int32)
    for axis in range(3):
        low = points[:, axis].min()
        for i in range(n):
            cells[i, axis] = min(int((points[i, axis] - low) / np.float32(REACH)), LONGEST - 1)
            size[axis] = max(size[axis], cells[i, axis] + 1)
    return cells, size


@njit(cache=True)
@no_type_check
def _sorted_by_cell(cells, size):
    """Points in the order of their cells, and where each cell starts."""
    starts = np.zeros(size[0] * size[1] * size[2] + 1, dtype=np.int32)
    for i in range(cells.shape[0]):
        starts[(cells[i, 0] * size[1] + cells[i, 1]) * size[2] + cells[i, 2] + 1] += 1
    starts = np.cumsum(starts).astype(np.int32)
    free, members = starts.copy(), np.zeros(cells.shape[0], dtype=np.int32)
    for i in range(cells.shape[0]):
        flat = (cells[i, 0] * size[1] + cells[i, 1]) * size[2] + cells[i, 2]
        members[free[flat]] = i
        free[flat] += 1
    return members, starts


@njit(cache=True, error_model="numpy")
@no_type_check
def _count(points, normals, centres):
    counts = np.zeros((DISTANCES, LEVELS, ORDERED), dtype=np.float32)
    cells, size = _cells(points)
    members, starts = _sorted_by_cell(cells, size)
    last, pairs = np.float32(DISTANCES - 1), 0
    for c in range(centres.shape[0]):
        a = centres[c]
        i, j, k = cells[a]
        for x in range(max(i - 1, 0), min(i + 2, size[0])):
            for y in range(max(j - 1, 0), min(j + 2, size[1])):
                row = (x * size[1] + y) * size[2]
                for m in range(starts[row + max(k - 1, 0)], starts[row + min(k + 2, size[2])]):
                    b = members[m]
                    dx, dy, dz = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]
                    share = math.sqrt(dx * dx + dy * dy + dz * dz) / np.float32(REACH)
                    if share > 1.0:
                        continue
                    octaves = math.log2(max(share, np.float32(1e-6)))
                    place = max(np.float32(1.0 + octaves / OCTAVES), np.float32(0.0)) * last
                    add_surflets(counts, place, points, normals, a, b)
                    pairs += 1
    return counts, pairs


def near_histogram(
    points: Float32[np.ndarray, "n 3"], normals: Float32[np.ndarray, "n 3"]
) -> Float32[np.ndarray, "630"]:
    """Square roots of the shares of near pairs by logarithm of the distance and the three angles of `surflets.py`.

    Points in the shared frame (`frame.centred`), unit normals of any sign. Each centre is its own neighbour too, so
    that a sparse cloud has a histogram.
    """
    order, _ = paired(len(points), 1)
    counts, pairs = _count(points, normals, order[:CENTRES])
    roots: Float32[np.ndarray, "630"] = np.sqrt(counts.reshape(-1) / np.float32(pairs))
    return roots


ENCODER = Descriptor(
    id="near-surflets@1",
    dim=DIM,
    card=Card(
        title="Histogram of surflet pairs within a fifth of the root mean square radius",
        source=(
            "Wahl, Hillenbrand, Hirzinger, Surflet-pair-relation histograms, 2003, and Rusu, Blodow, Beetz, Fast point "
            "feature histograms, 2009; one histogram for the whole shape, unsigned angles and square roots are ours"
        ),
        invariances=("translation", "scale", "rotation", "reflection", "orientation of faces"),
        normalisation="centroid at the origin, root mean square radius 1",
        up=None,
    ),
    formula=near_histogram,
    needs_normals=True,
)
