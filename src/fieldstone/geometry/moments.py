"""Exact surface integrals of a shape: what its surface says about itself, whatever triangles carry it.

A surface integral of a polynomial does not depend on how the surface is cut into triangles, in which order they are
listed or how the file encodes them, and it follows a rotation, a shift or a scale by a known rule. So these numbers, in
float64, tell two files of one surface (equal to about 1e-7) from two surfaces that merely look alike.

All means are over the surface (over the points, for a cloud), with x measured from the centroid and n the unit normal:

    second   <x x>       third   <x x x>      fourth   <x x x x>
    normal   <n n>       twist   <x n n>

`normal` and `twist` are even in n, so flipped faces do not change them; `twist` sees the hand of a screw thread, to
which the moments of position are nearly blind.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Integer

__all__ = ["Moments", "body_moments", "point_moments", "surface_moments"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Moments:
    """Central moments of b surfaces or clouds: means of products of position x and unit normal n, in the shape's unit.

    A cloud has no area and no normals: NaN there.
    """

    area: Float[np.ndarray, "b"]
    centroid: Float[np.ndarray, "b 3"]
    second: Float[np.ndarray, "b 3 3"]
    third: Float[np.ndarray, "b 3 3 3"]
    fourth: Float[np.ndarray, "b 3 3 3 3"]
    normal: Float[np.ndarray, "b 3 3"]
    twist: Float[np.ndarray, "b 3 3 3"]
    """First index: x; the other two: n."""


# The quadratic monomials that a row of `_monomials` holds after the linear ones, and where x_i x_j stands among them.
_PAIRS = np.array([(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)])
_PAIR_AT = np.array([[3, 4, 5], [4, 6, 7], [5, 7, 8]])


def _quadrature() -> tuple[Float[np.ndarray, "6 3"], Float[np.ndarray, "6"]]:
    """Barycentric nodes and weights that integrate quartics over a triangle exactly.

    The rule of Cowper, "Gaussian quadrature formulas for triangles", 1973, table I, degree 4, in closed form.
    """
    root = np.sqrt(38 - 44 * np.sqrt(0.4))
    corners = [(8 - np.sqrt(10) + sign * root) / 18 for sign in (1, -1)]
    spread = np.sqrt(213125 - 53320 * np.sqrt(10))
    weights = [(620 + sign * spread) / 3720 for sign in (1, -1)]
    nodes = [np.roll([a, a, 1 - 2 * a], shift) for a in corners for shift in range(3)]
    return np.array(nodes), np.repeat(weights, 3)


_NODES, _WEIGHTS = _quadrature()


def _monomials(points: Float[np.ndarray, "3 *n"]) -> Float[np.ndarray, "9 *n"]:
    """x, y, z and their six products: any moment of order 2 to 4 is a mean of a product of two of these rows."""
    return np.concatenate([points, points[_PAIRS[:, 0]] * points[_PAIRS[:, 1]]])


def _unfold(
    gram: Float[np.ndarray, "b 9 9"],
) -> tuple[Float[np.ndarray, "b 3 3"], Float[np.ndarray, "b 3 3 3"], Float[np.ndarray, "b 3 3 3 3"]]:
    """The tensors of order 2, 3 and 4 from the mean products of the monomials."""
    second = gram[:, :3, :3]
    third = gram[:, np.arange(3)[:, None, None], _PAIR_AT[None]]
    fourth = gram[:, _PAIR_AT[:, :, None, None], _PAIR_AT[None, None]]
    return second, third, fourth


def _triangles(
    vertices: Float[np.ndarray, "n 3"], faces: Integer[np.ndarray, "m 3"]
) -> tuple[Float[np.ndarray, "3 3 k"], Float[np.ndarray, "k"], Float[np.ndarray, "3 k"], Integer[np.ndarray, "k"]]:
    """Corners (corner, axis, face), areas and unit normals of the faces that have an area, and their indices."""
    corners = np.ascontiguousarray(vertices.T.astype(np.float64))[:, faces.T].transpose(1, 0, 2)
    u, v = corners[1] - corners[0], corners[2] - corners[0]
    cross = np.stack([u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]])
    length = np.sqrt((cross * cross).sum(axis=0))
    kept = np.flatnonzero(length > 0)
    if len(kept) < len(length):
        corners, cross, length = corners[:, :, kept], cross[:, kept], length[kept]
    return corners, 0.5 * length, cross / length, kept


def surface_moments(vertices: Float[np.ndarray, "n 3"], faces: Integer[np.ndarray, "m 3"]) -> Moments:
    """Exact moments of one mesh (b = 1), in the mesh's own frame and unit; faces without area count for nothing.

    A mesh without any area gives area 0 and NaN moments. Cost: about 1 ms per 5,000 faces.
    """
    corners, area, normals, _ = _triangles(vertices, faces)
    moments = _unknown(1)
    moments.area[:] = total = area.sum()
    if total == 0:
        return moments
    middle = corners.mean(axis=0)
    centroid = middle @ area / total
    corners = corners - centroid[:, None]
    middle = middle - centroid[:, None]
    weights = area / total
    gram = np.zeros((9, 9))
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        table = _monomials(np.tensordot(node, corners, axes=1))
        gram += (table * (weight * weights)) @ table.T
    moments.centroid[:] = centroid
    moments.second[:], moments.third[:], moments.fourth[:] = _unfold(gram[None])
    weighted = normals * weights
    moments.normal[:] = weighted @ normals.T
    moments.twist[:] = ((middle[:, None] * weighted[None]).reshape(9, -1) @ normals.T).reshape(3, 3, 3)
    return moments


def body_moments(
    vertices: Float[np.ndarray, "n 3"],
    faces: Integer[np.ndarray, "m 3"],
    labels: Integer[np.ndarray, "m"],
    n_bodies: int,
) -> Moments:
    """Exact moments of each of `n_bodies` bodies of a mesh; `labels` says which body a face belongs to.

    As `surface_moments` of each body alone, in one pass over the faces. A body without area has area 0 and NaN moments.
    """
    order = np.argsort(labels, kind="stable")
    corners, area, normals, kept = _triangles(vertices, faces[order])
    label = labels[order][kept]
    first = np.diff(label, prepend=-1) != 0
    starts, row = np.flatnonzero(first), np.cumsum(first) - 1  # `row`: of a face's body, among those with an area
    moments = _unknown(n_bodies)
    moments.area[:] = 0.0
    if not len(starts):
        return moments
    total = np.add.reduceat(area, starts)
    middle = corners.mean(axis=0)
    centroid = np.add.reduceat(middle * area, starts, axis=1) / total
    corners = corners - centroid[:, row]
    middle = middle - centroid[:, row]
    weights = area / total[row]

    gram = np.zeros((9, 9, len(starts)))
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        table = _monomials(np.tensordot(node, corners, axes=1))
        gram += np.add.reduceat((table * (weight * weights))[:, None] * table[None], starts, axis=2)
    bodies = label[starts]
    moments.area[bodies] = total
    moments.centroid[bodies] = centroid.T
    moments.second[bodies], moments.third[bodies], moments.fourth[bodies] = _unfold(gram.transpose(2, 0, 1))
    pairs = (normals * weights)[:, None] * normals[None]
    moments.normal[bodies] = np.add.reduceat(pairs, starts, axis=2).transpose(2, 0, 1)
    twist = np.add.reduceat(middle[:, None, None] * pairs[None], starts, axis=3)
    moments.twist[bodies] = twist.transpose(3, 0, 1, 2)
    return moments


def point_moments(points: Float[np.ndarray, "n 3"]) -> Moments:
    """Moments of one point cloud (b = 1): means over its points; no area, no normals (NaN)."""
    moments = _unknown(1)
    moments.centroid[:] = centroid = points.mean(axis=0, dtype=np.float64)
    table = _monomials((points - centroid).T)
    moments.second[:], moments.third[:], moments.fourth[:] = _unfold((table @ table.T / len(points))[None])
    return moments


def _unknown(count: int) -> Moments:
    return Moments(
        area=np.full(count, np.nan),
        centroid=np.full((count, 3), np.nan),
        second=np.full((count, 3, 3), np.nan),
        third=np.full((count, 3, 3, 3), np.nan),
        fourth=np.full((count, 3, 3, 3, 3), np.nan),
        normal=np.full((count, 3, 3), np.nan),
        twist=np.full((count, 3, 3, 3), np.nan),
    )
