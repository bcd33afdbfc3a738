"""The first thing that a ray meets: embree behind numpy arrays.

Embree computes in float32, so the scene is centred and scaled to the unit box before it is built; answers come back in
the mesh's own frame and unit. One call uses one thread.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64, Int64

from fieldstone.render.camera import drawn_points, fit
from fieldstone.types import Mesh

__all__ = ["RayHits", "Scene"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RayHits:
    """What each of n rays meets first: `t` in lengths of its direction (inf: nothing), the face (-1: nothing), and the
    weights of the face's three corners (0 where nothing)."""

    t: Float64[np.ndarray, "n"]
    face: Int64[np.ndarray, "n"]
    barycentric: Float64[np.ndarray, "n 3"]


class Scene:
    """A mesh made ready for rays; GeometryError where it has no faces or no extent."""

    def __init__(self, mesh: Mesh) -> None:
        from embreex.mesh_construction import TriangleMesh
        from embreex.rtcore_scene import EmbreeScene

        self._framing = fit(drawn_points(mesh))
        vertices = ((mesh.vertices.astype(np.float64) - self._framing.centre) / self._framing.radius).astype(np.float32)
        self._scene = EmbreeScene(robust=True)
        self._mesh = TriangleMesh(self._scene, vertices, np.ascontiguousarray(mesh.faces, dtype=np.int32))

    def closest(self, origins: Float[np.ndarray, "n 3"], directions: Float[np.ndarray, "n 3"]) -> RayHits:
        """The first hit of each ray `origin + t * direction`, t >= 0, in the mesh's frame."""
        lengths = np.linalg.norm(directions.astype(np.float64), axis=1)
        start = ((origins.astype(np.float64) - self._framing.centre) / self._framing.radius).astype(np.float32)
        unit = (directions / np.where(lengths > 0, lengths, 1.0)[:, None]).astype(np.float32)
        found = self._scene.run(start, unit, query="INTERSECT", output=1)
        face = found["primID"].astype(np.int64)
        hit = (face >= 0) & (lengths > 0)
        t = np.where(hit, found["tfar"].astype(np.float64) * self._framing.radius / np.where(hit, lengths, 1.0), np.inf)
        u, v = found["u"].astype(np.float64), found["v"].astype(np.float64)
        weights = np.where(hit[:, None], np.stack([1 - u - v, u, v], axis=1), 0.0)
        return RayHits(t=t, face=np.where(hit, face, -1), barycentric=weights)
