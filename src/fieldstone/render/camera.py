"""Where the eye stands and how a shape is fitted into the picture: the same for every shape.

The default eye stands in front, to the right and a little above (a three-quarter view), at a fixed number of the
shape's radii, so that the perspective is mild and the same for a screw and for a house. The picture's window is then
laid tightly around the projected shape: every shape fills the same share of its picture, whatever its size or unit.

Camera frame: x right, y up, z towards the viewer; the shape's bounding box is centred at 0 and its half diagonal is 1.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Float64, Integer

from fieldstone.errors import GeometryError
from fieldstone.types import Axis, Mesh, PointCloud

__all__ = [
    "Camera",
    "Framing",
    "axes",
    "compact",
    "drawn_points",
    "fit",
    "shared_windows",
    "three_quarter",
    "to_camera",
    "window",
]

DISTANCE = 5.0
"""Eye to centre, in half diagonals of the bounding box: 23 degrees of view."""
AZIMUTH, ELEVATION = 35.0, 24.0
"""Degrees: to the right of the front, and above the ground."""
MARGIN = 0.045
"""Empty share of the picture's side that stays on each side of the shape."""

_RIGHT_FRONT_UP: dict[Axis, tuple[tuple[int, int, int], tuple[int, int, int], tuple[int, int, int]]] = {
    "x": ((0, 1, 0), (0, 0, -1), (1, 0, 0)),
    "y": ((1, 0, 0), (0, 0, 1), (0, 1, 0)),
    "z": ((1, 0, 0), (0, -1, 0), (0, 0, 1)),
}


@dataclass(frozen=True, slots=True, eq=False)
class Framing:
    """The centre of a shape's bounding box and half its diagonal, in the shape's own frame and unit."""

    centre: Float64[np.ndarray, "3"]
    radius: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Camera:
    """An eye and a square window: `project` maps a shape's points to pixels.

    `rotation` turns the shape's frame into the camera's; `scale` and `shift` (pixels) place the window.
    """

    framing: Framing
    rotation: Float64[np.ndarray, "3 3"]
    size: int
    scale: float
    shift: Float64[np.ndarray, "2"]

    def project(self, points: Float[np.ndarray, "n 3"]) -> Float64[np.ndarray, "n 3"]:
        """Pixel x (right) and y (down, from the upper left corner) and 1/depth of points of the shape's frame.

        Depth is the distance to the eye along the viewing direction, in half diagonals.
        """
        local = to_camera(points, self.framing, self.rotation)
        nearness = 1.0 / (DISTANCE - local[:, 2])
        out = np.zeros_like(local)
        out[:, 0] = local[:, 0] * nearness * self.scale + self.shift[0]
        out[:, 1] = -local[:, 1] * nearness * self.scale + self.shift[1]
        out[:, 2] = nearness
        return out

    def coarser(self, factor: int) -> "Camera":
        """The same view on pixels `factor` times as large."""
        return replace(self, size=self.size // factor, scale=self.scale / factor, shift=self.shift / factor)


def axes(up: Axis | None) -> Float64[np.ndarray, "3 3"]:
    """Rows right, up and front of a shape; an unknown up axis is taken as z, the habit of CAD and printing."""
    right, front, above = _RIGHT_FRONT_UP[up or "z"]
    return np.array([right, above, front], dtype=np.float64)


def three_quarter(
    up: Axis | None = None, azimuth: float = AZIMUTH, elevation: float = ELEVATION
) -> Float64[np.ndarray, "3 3"]:
    """The rotation from a shape's frame to the camera's, for an eye at `azimuth` and `elevation` (degrees)."""
    a, e = np.radians([azimuth, elevation])
    turn = np.array([[np.cos(a), 0, -np.sin(a)], [0, 1, 0], [np.sin(a), 0, np.cos(a)]])
    tilt = np.array([[1, 0, 0], [0, np.cos(e), -np.sin(e)], [0, np.sin(e), np.cos(e)]])
    return np.asarray(tilt @ turn @ axes(up), dtype=np.float64)


def to_camera(
    points: Float[np.ndarray, "n 3"], framing: Framing, rotation: Float64[np.ndarray, "3 3"]
) -> Float64[np.ndarray, "n 3"]:
    """Points of the shape's frame in the camera's: centred, half diagonal 1, turned."""
    centred = (points.astype(np.float64) - framing.centre) / framing.radius
    return np.asarray(centred @ rotation.T, dtype=np.float64)


def drawn_points(shape: Mesh | PointCloud) -> Float[np.ndarray, "n 3"]:
    """The points that show: a cloud's, or the vertices that some face uses. GeometryError where there are none."""
    if isinstance(shape, PointCloud):
        points = shape.points
        if len(points) == 0:
            raise GeometryError("this point cloud has no points, so there is nothing to draw")
    else:
        points = shape.vertices[_used(shape.faces, len(shape.vertices))]
        if len(points) == 0:
            raise GeometryError("this mesh has no faces, so there is nothing to draw")
    if not np.isfinite(points).all():
        raise GeometryError("this shape has coordinates that are not finite numbers; remove them before drawing it")
    return points


def compact(mesh: Mesh) -> Mesh:
    """The mesh without vertices that no face uses: they may be anywhere, or not even be numbers."""
    used = _used(mesh.faces, len(mesh.vertices))
    if used.all():
        return mesh
    paint = mesh.paint
    if paint is not None and paint.vertex is not None:
        paint = replace(paint, vertex=paint.vertex[used])
    return Mesh(mesh.vertices[used], (np.cumsum(used) - 1)[mesh.faces], paint)


def _used(faces: Integer[np.ndarray, "m 3"], n: int) -> Bool[np.ndarray, "n"]:
    used = np.zeros(n, dtype=np.bool_)
    if len(faces):
        if faces.min() < 0 or faces.max() >= n:
            raise GeometryError("a face of this mesh names a vertex that does not exist; read the file again")
        used[faces.ravel()] = True
    return used


def fit(points: Float[np.ndarray, "n 3"]) -> Framing:
    """The framing of points; GeometryError where they are all at one place."""
    low, high = points.min(axis=0).astype(np.float64), points.max(axis=0).astype(np.float64)
    half = high / 2 - low / 2
    largest = float(half.max())
    radius = largest * float(np.linalg.norm(half / largest)) if largest > 0 else 0.0
    if not 1e-290 < radius < 1e290:
        raise GeometryError("this shape has no extent that can be drawn: all its points are at one place")
    return Framing(low / 2 + high / 2, radius)


def window(
    points: Float[np.ndarray, "n 3"],
    rotation: Float64[np.ndarray, "3 3"],
    size: int,
    framing: Framing | None = None,
    pad: float = 0.0,
) -> Camera:
    """The camera whose square window of `size` pixels lies tightly around `points`; MARGIN and `pad` stay free."""
    framing = framing or fit(points)
    local = to_camera(points, framing, rotation)
    plane = local[:, :2] / (DISTANCE - local[:, 2:])
    low, high = plane.min(axis=0), plane.max(axis=0)
    reach = max(float((high - low).max()), 1e-6)
    scale = max(size * (1 - 2 * MARGIN) - 2 * pad, 1.0) / reach
    middle = (low + high) / 2
    shift = np.array([size / 2 - middle[0] * scale, size / 2 + middle[1] * scale])
    return Camera(framing=framing, rotation=rotation, size=size, scale=scale, shift=shift)


def shared_windows(
    points: Float[np.ndarray, "n 3"], rotations: Float64[np.ndarray, "views 3 3"], size: int, pad: float = 0.0
) -> list[Camera]:
    """One camera a rotation, of one scale and centred on the shape: it neither jumps nor grows when it turns."""
    framing = fit(points)
    reach = 1e-6
    for rotation in rotations:
        local = to_camera(points, framing, rotation)
        reach = max(reach, float(np.abs(local[:, :2] / (DISTANCE - local[:, 2:])).max()))
    scale = max(size * (0.5 - MARGIN) - pad, 1.0) / reach
    middle = np.full(2, size / 2)
    return [Camera(framing=framing, rotation=turn, size=size, scale=scale, shift=middle) for turn in rotations]
