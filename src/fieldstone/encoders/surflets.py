"""Surflet pairs: the distance of two surface points, and the angles of their normals and the line between them.

Eric Wahl, Ulrich Hillenbrand, Gerd Hirzinger, Surflet-pair-relation histograms: a statistical 3D-shape representation
for rapid classification, 2003; the features of a pair as in Bertram Drost, Markus Ulrich, Nassir Navab, Slobodan Ilic,
Model globally, match locally, 2010, equation 1. Ours: absolute cosines, so that neither a normal's sign nor the order
of the two points matters (real files rarely agree on which side is out); bins shared linearly by neighbours in all four
dimensions, so that the histogram is continuous in the shape; square roots of the shares (Hellinger).
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

__all__ = ["DIM", "ENCODER", "surflet_histogram"]

PARTNERS = 16
"""Pairs that start at each point."""
DISTANCES = 12
REACH = 3.0
"""The last distance bin ends here, in root mean square radii."""
DIM = DISTANCES * LEVELS * ORDERED


@njit(cache=True, error_model="numpy")
@no_type_check
def _count(points, normals, order, shifts):
    counts = np.zeros((DISTANCES, LEVELS, ORDERED), dtype=np.float32)
    scale, last = np.float32(DISTANCES / REACH), np.float32(DISTANCES - 1)
    for i in range(order.shape[0]):
        a = order[i]
        for s in range(shifts.shape[0]):
            b = order[(i + shifts[s]) % order.shape[0]]
            dx, dy, dz = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]
            distance = math.sqrt(dx * dx + dy * dy + dz * dz)
            place = min(max(distance * scale - np.float32(0.5), np.float32(0.0)), last)
            add_surflets(counts, place, points, normals, a, b)
    return counts


def surflet_histogram(
    points: Float32[np.ndarray, "n 3"], normals: Float32[np.ndarray, "n 3"]
) -> Float32[np.ndarray, "1512"]:
    """Square roots of the shares of pairs by distance, angle between normals, and angles to the connecting line.

    Points in the shared frame (`frame.centred`), unit normals of any sign.
    """
    order, shifts = paired(len(points), PARTNERS)
    counts = _count(points, normals, order, shifts).reshape(-1)
    roots: Float32[np.ndarray, "1512"] = np.sqrt(counts / np.float32(len(order) * len(shifts)))
    return roots


ENCODER = Descriptor(
    id="surflet-pairs@1",
    dim=DIM,
    card=Card(
        title="Histogram of surflet pairs: distance and three angles of two oriented surface points",
        source=(
            "Wahl, Hillenbrand, Hirzinger, Surflet-pair-relation histograms, 2003; Drost, Ulrich, Navab, Ilic, Model "
            "globally, match locally, 2010; unsigned angles, linear binning and square roots are ours"
        ),
        invariances=("translation", "scale", "rotation", "reflection", "orientation of faces"),
        normalisation="centroid at the origin, root mean square radius 1",
        up=None,
    ),
    formula=surflet_histogram,
    needs_normals=True,
)
