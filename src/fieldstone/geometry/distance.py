"""Distance to a surface, its sign, and how far the sign can be trusted.

The sign is composed from three steps, because files are seldom clean: merge and drop what is no surface (`clean`), turn
faces where neighbours disagree (`faces_to_turn`), then ask the generalised winding number w. Inside is |w| > 1/2: the
absolute value makes a surface that is inside out as a whole as good as any. Between 0.2 and 0.8 the answer is a guess;
the share of points outside that band is the confidence.
"""

import numpy as np
from jaxtyping import Float, Float64

from fieldstone.errors import GeometryError
from fieldstone.geometry.clean import clean
from fieldstone.geometry.measure import bounds
from fieldstone.geometry.orient import faces_to_turn, turn_faces
from fieldstone.geometry.sample import sample_volume
from fieldstone.types import Mesh

__all__ = ["LEAST_CONFIDENCE", "sign_confidence", "signed_distance", "unsigned_distance", "winding_number"]

LEAST_CONFIDENCE = 0.8
"""Below this share of plain points, `signed_distance` gives no sign."""
PLAIN = 0.3
"""A point is plainly inside or outside where |w| is at least this far from 1/2."""
BLOCK = 1 << 18
MARGIN = 0.05


def unsigned_distance(mesh: Mesh, points: Float[np.ndarray, "q 3"]) -> Float64[np.ndarray, "q"]:
    """Exact distance from each point to the nearest point of any face, in the mesh's unit; GeometryError without faces.

    libigl's tree of boxes (Jacobson, Panozzo et al., libigl, 2018), all cores, about 80,000 points a second on 100,000
    faces and 2 cores.
    """
    import igl

    if len(mesh.faces) == 0:
        raise GeometryError("the mesh has no faces to measure distances to: give one that has")
    vertices, faces = _as_igl_wants(mesh)
    distance = np.zeros(len(points))
    for start in range(0, len(points), BLOCK):
        block = points[start : start + BLOCK].astype(np.float64)
        distance[start : start + BLOCK] = igl.point_mesh_squared_distance(block, vertices, faces)[0]
    return np.sqrt(distance)


def winding_number(mesh: Mesh, points: Float[np.ndarray, "q 3"]) -> Float64[np.ndarray, "q"]:
    """How often the cleaned and oriented surface goes around each point, to about 0.01; GeometryError without area."""
    from fieldstone.kernels.winding import WindingTree

    surface = _surface(mesh)
    return WindingTree(surface.vertices, surface.faces).at(points)


def signed_distance(
    mesh: Mesh, points: Float[np.ndarray, "q 3"], least_confidence: float = LEAST_CONFIDENCE
) -> tuple[Float64[np.ndarray, "q"], float]:
    """Exact distance, negative inside, in the mesh's unit, and the confidence of the sign at these points.

    Where the confidence is below `least_confidence` the distances come back unsigned (an open sheet has no inside).
    Known weakness: a surface torn into scattered patches of which a third is flipped cannot be oriented patch by patch;
    the confidence says so. GeometryError without faces or area.
    """
    winding = winding_number(mesh, points)
    confidence = _plain_share(winding)
    distance = unsigned_distance(mesh, points)
    if confidence >= least_confidence:
        np.negative(distance, where=np.abs(winding) > 0.5, out=distance)
    return distance, confidence


def sign_confidence(mesh: Mesh, generator: np.random.Generator, n: int = 500) -> float:
    """Share of n points of the bounding box (and 5 % of its diagonal around) that are plainly inside or outside.

    1 without sampling where the surface is closed and can be oriented, for w is whole there. The standard error is at
    most 0.5 / sqrt(n). GeometryError without area.
    """
    from fieldstone.kernels.edges import count_edges, edges_of
    from fieldstone.kernels.winding import WindingTree

    surface = _surface(mesh)
    counts = count_edges(edges_of(surface.faces))
    if counts.odd == 0 and counts.inconsistent == 0:
        return 1.0
    box = bounds(surface.vertices)
    pad = MARGIN * float(np.linalg.norm(box[1] - box[0]))
    points = sample_volume(np.array([box[0] - pad, box[1] + pad]), n, generator)
    return _plain_share(WindingTree(surface.vertices, surface.faces).at(points))


def _plain_share(winding: Float64[np.ndarray, "q"]) -> float:
    return float(np.mean(np.abs(np.abs(winding) - 0.5) >= PLAIN)) if len(winding) else 1.0


def _surface(mesh: Mesh) -> Mesh:
    """The cleaned and oriented surface that the sign is asked of."""
    surface = clean(mesh).mesh
    if len(surface.faces) == 0:
        raise GeometryError("the mesh has no area, so nothing is inside it: repair it or give another")
    return Mesh(surface.vertices, turn_faces(surface.faces, faces_to_turn(surface)))


def _as_igl_wants(mesh: Mesh) -> tuple[np.ndarray, np.ndarray]:
    return np.ascontiguousarray(mesh.vertices, dtype=np.float64), np.ascontiguousarray(mesh.faces, dtype=np.int64)
