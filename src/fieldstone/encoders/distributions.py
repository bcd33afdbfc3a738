"""Shape distributions: histograms of distances, areas, volumes and angles of random points on the surface.

Robert Osada, Thomas Funkhouser, Bernard Chazelle, David Dobkin, Shape distributions, 2002, section 3.2: D1 (centroid to
point; there, a fixed point), D2 (two points), D3 (square root of a triangle's area), D4 (cube root of a tetrahedron's
volume), A3 (angle of three points). Each is a histogram of 32 bins; square roots of the shares (Hellinger).
"""

import numpy as np
from jaxtyping import Float32

from fieldstone.encoders.descriptor import Descriptor
from fieldstone.encoders.pairs import paired
from fieldstone.encoders.protocol import Card

__all__ = ["DIM", "ENCODER", "shape_distributions"]

BINS = 32
TUPLES = 8
"""Tuples that start at each point."""
RANGES = (2.2, 3.5, 2.0, 1.4, np.pi)
"""Upper ends for D1, D2, D3, D4 (in root mean square radii) and A3; larger values count to the last bin."""
DIM = BINS * len(RANGES)


def shape_distributions(
    points: Float32[np.ndarray, "n 3"],
    normals: Float32[np.ndarray, "n 3"],  # noqa: ARG001
) -> Float32[np.ndarray, "160"]:
    """Square roots of the shares of D1, D2, D3, D4, A3 by bin; points in the shared frame, normals unused."""
    order, shifts = paired(len(points), TUPLES)
    first = np.tile(points[order], (len(shifts), 1))
    second, third, fourth = (
        np.concatenate([np.roll(points[order], -factor * int(shift), axis=0) for shift in shifts])
        for factor in (1, 11, 101)
    )
    to_second, to_third = second - first, third - first
    across = np.cross(to_second, to_third)
    area = _length(across)
    values = (
        _length(points[order]),
        _length(to_second),
        np.sqrt(0.5 * area),
        np.cbrt(np.abs(((fourth - first) * across).sum(axis=1)) / 6.0),
        np.arctan2(area, (to_second * to_third).sum(axis=1)),
    )
    shares = [_shares(value, float(end)) for value, end in zip(values, RANGES, strict=True)]
    roots: Float32[np.ndarray, "160"] = np.sqrt(np.concatenate(shares))
    return roots


def _length(vectors: Float32[np.ndarray, "k 3"]) -> Float32[np.ndarray, "k"]:
    lengths: Float32[np.ndarray, "k"] = np.sqrt(np.square(vectors).sum(axis=1))
    return lengths


def _shares(values: Float32[np.ndarray, "k"], end: float) -> Float32[np.ndarray, "bins"]:
    bins = np.minimum((values * (BINS / end)).astype(np.int64), BINS - 1)
    return (np.bincount(bins, minlength=BINS) / len(values)).astype(np.float32)


ENCODER = Descriptor(
    id="shape-distributions@1",
    dim=DIM,
    card=Card(
        title="Histograms of distances, areas, volumes and angles of surface points (D1, D2, D3, D4, A3)",
        source="Osada, Funkhouser, Chazelle, Dobkin, Shape distributions, 2002; square roots of the shares are ours",
        invariances=("translation", "scale", "rotation", "reflection", "orientation of faces"),
        normalisation="centroid at the origin, root mean square radius 1",
        up=None,
    ),
    formula=shape_distributions,
    needs_normals=False,
)
