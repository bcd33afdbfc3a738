"""Aligned grid: the share of surface in each cell of a grid in the shape's own pose. For collections with a common pose.

The volumetric baseline of Kazhdan, Funkhouser, Rusinkiewicz, Rotation invariant spherical harmonic representation of 3D
shape descriptors, 2003 (there: the Gaussian Euclidean distance transform). It changes with every rotation.
"""

import numpy as np
from jaxtyping import Float32, Float64

from fieldstone.encoders.descriptor import Descriptor
from fieldstone.encoders.protocol import Card

__all__ = ["DIM", "ENCODER", "aligned_grid", "share_nodes"]

NODES = 10
REACH = 2.0
"""Half the side of the grid, in root mean square radii; points beyond count to its wall."""
DIM = NODES**3


def share_nodes(places: Float64[np.ndarray, "n 3"], nodes: int) -> Float64[np.ndarray, "cells"]:
    """How much falls to each node of a lattice of `nodes`^3, each point shared linearly by the eight around it.

    `places` run from 0 to nodes - 1 along each axis.
    """
    low = np.minimum(places.astype(np.int64), nodes - 2)
    share = places - low
    total = np.zeros(nodes**3)
    for corner in np.ndindex(2, 2, 2):
        weight = np.where(corner, share, 1.0 - share).prod(axis=1)
        flat = (low + corner) @ np.array([nodes * nodes, nodes, 1])
        total += np.bincount(flat, weights=weight, minlength=nodes**3)
    return total


def aligned_grid(
    points: Float32[np.ndarray, "n 3"],
    normals: Float32[np.ndarray, "n 3"],  # noqa: ARG001
) -> Float32[np.ndarray, "1000"]:
    """Square roots of the shares of points by node of a 10^3 grid; points in the shared frame, normals unused."""
    places = np.clip(points.astype(np.float64) / REACH, -1.0, 1.0) * 0.5 + 0.5
    return np.sqrt(share_nodes(places * (NODES - 1), NODES) / len(points)).astype(np.float32)


ENCODER = Descriptor(
    id="aligned-grid@1",
    dim=DIM,
    card=Card(
        title="Share of surface by cell of a grid, in the pose of the file",
        source=(
            "baseline of Kazhdan, Funkhouser, Rusinkiewicz, Rotation invariant spherical harmonic representation of 3D "
            "shape descriptors, 2003; linear sharing and square roots are ours"
        ),
        invariances=("translation", "scale", "orientation of faces"),
        normalisation="centroid at the origin, root mean square radius 1",
        up="y",
    ),
    formula=aligned_grid,
    needs_normals=False,
)
