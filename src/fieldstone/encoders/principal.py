"""Principal octant: where the surface lies and which way it faces, along its own principal axes, mirror images folded.

After Dejan Vranić, 3D model retrieval, 2003 (the frame of principal axes). The signs of the axes are ambiguous, so
coordinates and normals enter by absolute value: all eight octants fall onto one. The order of the axes is that of their
variances, so a shape with two equal ones (a cube, a disc) has no stable frame: that is this descriptor's weakness.
"""

import numpy as np
from jaxtyping import Float32

from fieldstone.encoders.aligned import share_nodes
from fieldstone.encoders.descriptor import Descriptor
from fieldstone.encoders.protocol import Card

__all__ = ["DIM", "ENCODER", "principal_octant"]

NODES = 7
REACH = (2.4, 1.6, 1.2)
"""Extent of the octant along the first, second, third axis, in root mean square radii; points beyond count to its wall."""
SLICES = 12
DIM = NODES**3 + 3 * SLICES * 3


def principal_octant(
    points: Float32[np.ndarray, "n 3"], normals: Float32[np.ndarray, "n 3"]
) -> Float32[np.ndarray, "451"]:
    """Square roots of the shares of points by cell of the octant, and by axis, slice and nearest axis of the normal."""
    wide = points.astype(np.float64)
    _, axes = np.linalg.eigh(wide.T @ wide / len(wide))
    axes = axes[:, ::-1]
    places = np.minimum(np.abs(wide @ axes) / REACH, 1.0)
    cells = share_nodes(places * (NODES - 1), NODES)
    facing = np.abs(normals @ axes).argmax(axis=1)
    slices = np.minimum((places * SLICES).astype(np.int64), SLICES - 1)
    flat = (np.arange(3) * SLICES + slices) * 3 + facing[:, None]
    marginals = np.bincount(flat.reshape(-1), minlength=3 * SLICES * 3)
    return np.sqrt(np.concatenate([cells, marginals]) / len(points)).astype(np.float32)


ENCODER = Descriptor(
    id="principal-octant@1",
    dim=DIM,
    card=Card(
        title="Surface and normals in the folded frame of principal axes",
        source="after Vranić, 3D model retrieval, 2003; folding by absolute values and the bins are ours",
        invariances=("translation", "scale", "rotation", "reflection", "orientation of faces"),
        normalisation="centroid at the origin, root mean square radius 1, principal axes",
        up=None,
    ),
    formula=principal_octant,
    needs_normals=True,
)
