"""Harmonic energies of radial shells: how much of each frequency the surface has at each distance from its centre.

Michael Kazhdan, Thomas Funkhouser, Szymon Rusinkiewicz, Rotation invariant spherical harmonic representation of 3D shape
descriptors, 2003. There a voxel grid is cut by 32 spheres; here the surface points themselves are shared linearly by 12
shells, which needs no grid. A rotation mixes the coefficients of one degree among themselves and leaves their norm.
"""

import numpy as np
from jaxtyping import Float32

from fieldstone.encoders.descriptor import Descriptor
from fieldstone.encoders.harmonics import spherical_harmonics
from fieldstone.encoders.protocol import Card

__all__ = ["DIM", "ENCODER", "shell_energies"]

SHELLS = 12
REACH = 2.2
"""Radius of the outermost shell, in root mean square radii; points beyond count to it."""
DEGREE = 12
DIM = SHELLS * (DEGREE + 1)


def shell_energies(
    points: Float32[np.ndarray, "n 3"],
    normals: Float32[np.ndarray, "n 3"],  # noqa: ARG001
) -> Float32[np.ndarray, "156"]:
    """Norms of the harmonic coefficients by shell and degree; points in the shared frame, normals unused."""
    radii = np.sqrt(np.square(points).sum(axis=1))
    places = np.linspace(0.0, REACH, SHELLS, dtype=np.float32)
    step = places[1]
    shares = np.maximum(0.0, 1.0 - np.abs(np.minimum(radii, REACH)[:, None] - places) / step).astype(np.float32)
    directions = points / np.maximum(radii, np.float32(1e-12))[:, None]
    coefficients = shares.T @ spherical_harmonics(directions, DEGREE) / np.float32(len(points))
    starts = np.arange(DEGREE + 1) ** 2
    return np.sqrt(np.add.reduceat(np.square(coefficients), starts, axis=1)).astype(np.float32).reshape(-1)


ENCODER = Descriptor(
    id="shell-harmonics@1",
    dim=DIM,
    card=Card(
        title="Spherical-harmonic energies of radial shells",
        source=(
            "Kazhdan, Funkhouser, Rusinkiewicz, Rotation invariant spherical harmonic representation of 3D shape "
            "descriptors, 2003; from points instead of voxels"
        ),
        invariances=("translation", "scale", "rotation", "reflection", "orientation of faces"),
        normalisation="centroid at the origin, root mean square radius 1",
        up=None,
    ),
    formula=shell_energies,
    needs_normals=False,
)
