"""What the camera sees of a point cloud: each point a small ball, wide enough to close the gaps to its neighbours.

Without normals, a plane is fitted to the depths around each sample (1/depth of a plane is linear in the picture), so a
dense cloud is lit like the surface that it was taken from and a sparse one like beads.
"""

from typing import no_type_check

import numpy as np
from jaxtyping import Float32, Float64, Int32
from numba import njit

from fieldstone.render.camera import Camera
from fieldstone.render.paint import TO_LINEAR
from fieldstone.render.raster import splat
from fieldstone.render.surface import Surface
from fieldstone.types import PointCloud

__all__ = ["ball_radius", "see_cloud"]

GAPS = 1.5
"""Radius of a ball, in mean distances between neighbours."""
SMALLEST, LARGEST = 1.2, 0.03
"""Least radius in samples, and greatest as a share of the picture."""
BEADS = 0.016
"""Balls wider than this share of the picture are lit as beads."""
SAME = 0.02
"""Depths nearer than this to each other belong to one surface (share of 1/depth)."""


def ball_radius(screen: Float64[np.ndarray, "n 3"], size: int) -> float:
    """Radius in samples at which the balls of neighbouring points meet, as far as the limits allow.

    Half of the points are taken to be in front; the area that they share out is counted in cells of the picture, coarse
    enough to hold four points each.
    """
    n = len(screen)
    for cells in (256, 128, 64, 32, 16, 8, 4):
        x, y = (np.clip(screen[:, k] / size * cells, 0, cells - 1).astype(np.int64) for k in (0, 1))
        occupied = int(np.count_nonzero(np.bincount(y * cells + x)))
        if n >= 4 * occupied:
            break
    spacing = size / cells * np.sqrt(2 * occupied / n)
    return float(np.clip(GAPS * spacing, SMALLEST, LARGEST * size))


def see_cloud(cloud: PointCloud, camera: Camera) -> Surface:
    """The balls that the camera sees."""
    screen = camera.project(cloud.points)
    radius = ball_radius(screen, camera.size)
    thickness = 0.6 * radius / camera.scale * float(screen[:, 2].mean())
    item, near = splat(screen, radius, camera.size, thickness)
    if cloud.normals is not None:
        normal = _given(cloud.normals, camera, item)
    else:
        reach = 1.5 if radius > BEADS * camera.size else max(3.0, 2.0 * radius)
        normal = np.zeros((*item.shape, 3), dtype=np.float32)
        _fitted(item, near, camera.scale, camera.shift, reach, SAME, normal)
    color = None if cloud.colors is None else TO_LINEAR[cloud.colors[:, :3]][np.maximum(item, 0)]
    return Surface(item=item, near=near, normal=normal, color=color)


def _given(
    normals: Float64[np.ndarray, "n 3"] | Float32[np.ndarray, "n 3"],
    camera: Camera,
    item: Int32[np.ndarray, "size size"],
) -> Float32[np.ndarray, "size size 3"]:
    """The points' own normals in the camera frame, turned to the viewer."""
    turned = normals.astype(np.float64) @ camera.rotation.T
    turned[~np.isfinite(turned).all(axis=1)] = 0.0
    turned *= np.where(turned[:, 2:] < 0, -1.0, 1.0)
    seen = np.asarray(turned.astype(np.float32)[np.maximum(item, 0)])
    seen[item < 0] = 0.0
    return seen


@njit(cache=True, error_model="numpy")
@no_type_check
def _fitted(item, near, scale, shift, reach, same, normal):
    """The normal of the plane that fits best, by least squares, to 1/depth over 5 x 5 places within `reach` samples."""
    size = item.shape[0]
    for y in range(size):
        for x in range(size):
            if item[y, x] < 0:
                continue
            here = near[y, x]
            n = su = sv = suu = suv = svv = sz = suz = svz = 0.0
            for j in range(-2, 3):
                for i in range(-2, 3):
                    u, v = int(np.rint(i * reach / 2.0)), int(np.rint(j * reach / 2.0))
                    qx, qy = x + u, y + v
                    if qx < 0 or qy < 0 or qx >= size or qy >= size or item[qy, qx] < 0:
                        continue
                    z = near[qy, qx]
                    if abs(z - here) > same * here:
                        continue
                    n, su, sv, sz = n + 1, su + u, sv + v, sz + z
                    suu, suv, svv, suz, svz = suu + u * u, suv + u * v, svv + v * v, suz + u * z, svz + v * z
            cuu, cuv, cvv = suu - su * su / n, suv - su * sv / n, svv - sv * sv / n
            cuz, cvz = suz - su * sz / n, svz - sv * sz / n
            determinant = cuu * cvv - cuv * cuv
            nx, ny, nz = 0.0, 0.0, 1.0
            if determinant > 1e-9:
                b, c = (cuz * cvv - cvz * cuv) / determinant, (cvz * cuu - cuz * cuv) / determinant
                a = (sz - b * su - c * sv) / n - b * (x + 0.5 - shift[0]) - c * (y + 0.5 - shift[1])
                nx, ny, nz = -b * scale, c * scale, a
            length = np.sqrt(nx * nx + ny * ny + nz * nz)
            normal[y, x, 0], normal[y, x, 1], normal[y, x, 2] = nx / length, ny / length, nz / length
