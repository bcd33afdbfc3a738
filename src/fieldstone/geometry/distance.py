"""Distance to a surface, its sign, and how far the sign can be trusted.

The sign is composed from three steps, because files are seldom clean: merge and drop what is no surface (`clean`), turn
faces where neighbours disagree (`faces_to_turn`), then ask the generalised winding number w. Inside is |w| > 1/2: the
absolute value makes a surface that is inside out as a whole as good as any. Where |w| lies between 0.2 and 0.8 the
answer is a guess; the share of points outside that band is the confidence.
"""

import functools
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float, Float64, Int64

from fieldstone.errors import GeometryError
from fieldstone.geometry.clean import clean
from fieldstone.geometry.measure import bounds
from fieldstone.geometry.orient import faces_to_turn, turn
from fieldstone.geometry.sample import sample_volume
from fieldstone.types import Mesh

if TYPE_CHECKING:
    from fieldstone.kernels.triangle_tree import TriangleTree
    from fieldstone.kernels.winding import WindingTree

__all__ = [
    "LEAST_CONFIDENCE",
    "Surface",
    "inside",
    "sign_confidence",
    "signed_distance",
    "unsigned_distance",
    "winding_number",
]

LEAST_CONFIDENCE = 0.8
"""Below this share of plain points, `signed_distance` gives no sign."""
PLAIN = 0.3
"""A point is plainly inside or outside where |w| is at least this far from 1/2."""
BLOCK = 1 << 16
MARGIN = 0.05


class Surface:
    """A mesh prepared for many questions about distance and side; what a question needs is built when first asked."""

    def __init__(self, mesh: Mesh) -> None:
        """GeometryError where the mesh has no face."""
        if len(mesh.faces) == 0:
            raise GeometryError("the mesh has no faces to measure distances to: give one that has")
        self.mesh = mesh

    def distance(self, points: Float[np.ndarray, "q 3"]) -> Float64[np.ndarray, "q"]:
        """Exact distance to the nearest point of any face, in the mesh's unit; all cores share the points."""
        return self._triangles.nearest(points, workers=None)[0]

    def nearest(
        self, points: Float[np.ndarray, "q 3"]
    ) -> tuple[Float64[np.ndarray, "q"], Int64[np.ndarray, "q"], Float64[np.ndarray, "q 3"]]:
        """Exact distance in the mesh's unit, the nearest face, and the weights of its corners at the nearest place.

        Of faces equally near to the last bit the first is given. The weights are none below 0 and together 1.
        """
        distance, face = self._triangles.nearest(points, workers=None)
        weights = np.zeros((len(points), 3))
        for start in range(0, len(points), BLOCK):
            block = slice(start, start + BLOCK)
            weights[block] = self._triangles.weights(points[block], face[block])
        return distance, face, weights

    def distance_and_winding(
        self, points: Float[np.ndarray, "q 3"]
    ) -> tuple[Float64[np.ndarray, "q"], Float64[np.ndarray, "q"]]:
        """What `distance` and `winding` say, faster together: the points are put in order once."""
        from fieldstone.kernels.morton import morton_order

        order = morton_order(points.astype(np.float32))
        winding = self._winding.at(points, workers=None, order=order)
        return self._triangles.nearest(points, workers=None, order=order)[0], winding

    def winding(self, points: Float[np.ndarray, "q 3"]) -> Float64[np.ndarray, "q"]:
        """How often the cleaned and oriented surface goes around each point, to about 0.05."""
        return self._winding.at(points, workers=None)

    def inside(self, points: Float[np.ndarray, "q 3"]) -> Bool[np.ndarray, "q"]:
        """Which points are inside, by the winding number."""
        return inside(self.winding(points))

    @functools.cached_property
    def sound(self) -> Mesh:
        """The cleaned and oriented surface; GeometryError where nothing is left of it."""
        surface = clean(self.mesh).mesh
        if len(surface.faces) == 0:
            raise GeometryError("the mesh has no area, so nothing is inside it: repair it or give another")
        return turn(surface, faces_to_turn(surface))

    @functools.cached_property
    def closed(self) -> bool:
        """Whether the sound surface has no border and its faces agree: then the winding number is whole everywhere."""
        from fieldstone.kernels.edges import count_edges, edges_of

        counts = count_edges(edges_of(self.sound.faces))
        return counts.odd == 0 and counts.inconsistent == 0

    @functools.cached_property
    def _winding(self) -> "WindingTree":
        from fieldstone.kernels.winding import WindingTree

        return WindingTree(self.sound.vertices, self.sound.faces)

    @functools.cached_property
    def _triangles(self) -> "TriangleTree":
        from fieldstone.kernels.triangle_tree import TriangleTree

        return TriangleTree(self.mesh.vertices, self.mesh.faces)


def inside(winding: Float64[np.ndarray, "q"]) -> Bool[np.ndarray, "q"]:
    """Which points are inside, from their winding numbers: |w| above 1/2."""
    return np.abs(winding) > 0.5


def unsigned_distance(mesh: Mesh, points: Float[np.ndarray, "q 3"]) -> Float64[np.ndarray, "q"]:
    """Exact distance from each point to the surface, in the mesh's unit; GeometryError without faces."""
    return Surface(mesh).distance(points)


def winding_number(mesh: Mesh, points: Float[np.ndarray, "q 3"]) -> Float64[np.ndarray, "q"]:
    """How often the cleaned and oriented surface goes around each point; GeometryError without area."""
    return Surface(mesh).winding(points)


def signed_distance(
    mesh: Mesh, points: Float[np.ndarray, "q 3"], least_confidence: float = LEAST_CONFIDENCE
) -> tuple[Float64[np.ndarray, "q"], float]:
    """Exact distance, negative inside, in the mesh's unit, and the confidence of the sign at these points.

    Where the confidence is below `least_confidence` the distances come back unsigned (an open sheet has no inside).
    Known weakness: a surface torn into scattered patches, flipped at random: each patch goes with the larger part of its
    area, and a patch of one face may stay wrong. GeometryError without faces or area.
    """
    surface = Surface(mesh)
    distance, winding = surface.distance_and_winding(points)
    confidence = _plain_share(winding)
    if confidence >= least_confidence:
        np.negative(distance, where=inside(winding), out=distance)
    return distance, confidence


def sign_confidence(mesh: Mesh, generator: np.random.Generator, n: int = 500) -> float:
    """Share of n points of the bounding box (and 5 % of its diagonal around) that are plainly inside or outside.

    1 without sampling where the surface is closed and can be oriented, for w is whole there. The standard error is at
    most 0.5 / sqrt(n). One thread, about 2 ms at 1,500 faces and 500 points. GeometryError without area.
    """
    surface = Surface(mesh)
    if surface.closed:
        return 1.0
    box = bounds(surface.sound.vertices)
    pad = MARGIN * float(np.linalg.norm(box[1] - box[0]))
    return _plain_share(surface.winding(sample_volume(np.array([box[0] - pad, box[1] + pad]), n, generator)))


def _plain_share(winding: Float64[np.ndarray, "q"]) -> float:
    return float(np.mean(np.abs(np.abs(winding) - 0.5) >= PLAIN)) if len(winding) else 1.0
