"""The surface proper: vertices merged, folded and repeated faces left out. Health, sign and repair stand on it."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Integer

from fieldstone.geometry.bodies import select_faces
from fieldstone.geometry.weld import weld
from fieldstone.types import Mesh

__all__ = ["FLAT", "Cleaned", "clean"]

FLAT = 1e-10
"""A face is degenerate where twice its area is at most this share of its longest side squared."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Cleaned:
    """A mesh without what carries no surface, and what was left out."""

    mesh: Mesh
    """Welded; only faces with three different corners, each once; only vertices that they use."""
    kept: Bool[np.ndarray, "m"]
    """Which of the original faces it holds."""
    n_merged: int
    """Vertices that stood where another stood."""
    n_unreferenced: int
    """Vertices that no face used."""
    n_degenerate: int
    """Faces without area: folded ones (left out) and slivers (kept)."""
    n_repeated: int
    """Faces over the same three places as an earlier one, turned either way."""


def clean(mesh: Mesh) -> Cleaned:
    """Merge vertices at equal positions, then leave out folded and repeated faces and unused vertices.

    Of repeated faces the first stays. A sliver (three different corners on a line) is counted as degenerate and stays:
    without it the surface would have a crack.
    """
    from fieldstone.kernels.hashing import group_faces

    welded = weld(mesh)
    used = np.zeros(len(mesh.vertices), dtype=bool)
    used[mesh.faces] = True
    folded = _folded(welded.faces)
    kept = np.zeros(len(mesh.faces), dtype=bool)
    solid = np.flatnonzero(~folded)
    first, _ = group_faces(welded.faces[solid])
    kept[solid[first]] = True
    return Cleaned(
        mesh=welded if kept.all() and used.all() else select_faces(welded, kept),
        kept=kept,
        n_merged=len(mesh.vertices) - len(welded.vertices),
        n_unreferenced=int(np.count_nonzero(~used)),
        n_degenerate=int(np.count_nonzero(folded | _thin(welded))),
        n_repeated=len(solid) - len(first),
    )


def _folded(faces: Integer[np.ndarray, "m 3"]) -> Bool[np.ndarray, "m"]:
    """Faces that name a vertex twice."""
    a, b, c = faces.T
    folded: Bool[np.ndarray, "m"] = (a == b) | (b == c) | (c == a)
    return folded


def _thin(mesh: Mesh) -> Bool[np.ndarray, "m"]:
    """Faces without area, up to rounding."""
    from fieldstone.kernels.triangles import thinness

    thin: Bool[np.ndarray, "m"] = thinness(mesh.vertices, mesh.faces) <= FLAT
    return thin
