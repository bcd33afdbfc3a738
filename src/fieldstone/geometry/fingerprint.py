"""The fingerprint of a surface: 59 float64 numbers that any triangulation of it shares, and a key to look it up by.

The vector holds the moments of moments.py in the shape's own frame and unit. It is small enough to keep for every shape
and every body of a library, and holds enough to find the pose between two shapes and to say whether they are the same
(moment_match.py), without their meshes.

The key is what remains when pose and mirror are taken out: rotation invariants of the moments, each made free of scale
and bounded, and the logarithm of the size as its last entry. Near keys are a necessary condition for equal shapes, and
cheap to test against a million of them at once; `candidates` does that.
"""

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from jaxtyping import Bool, Float, Float64, Int64, Integer

from fieldstone.errors import GeometryError
from fieldstone.geometry.bodies import label_bodies
from fieldstone.geometry.moments import Moments, body_moments, point_moments, surface_moments
from fieldstone.types import Mesh, PointCloud

__all__ = [
    "KEY_LENGTH",
    "VECTOR_LENGTH",
    "BodyMark",
    "Fingerprint",
    "body_fingerprints",
    "candidates",
    "fingerprint",
    "fingerprint_cloud",
    "keys",
]

VECTOR_LENGTH = 59
KEY_LENGTH = 16
MAX_BODIES = 64
BODY_FACES = 20
"""A body of fewer faces is a plate, a box or a scrap of soup: it says nothing about the shape that holds it."""
FLAT = 1e-6
"""A body is flat when its thickness squared is below this share of its size squared."""
COPY = 2e-3
"""Keys of two copies of a body differ by less: files of 16 bits a coordinate move them by up to 1e-3 (measured)."""
NEAR = 0.02
"""Keys of two files of one shape differ by less, in every entry."""


def _symmetric(order: int) -> Integer[np.ndarray, "k"]:
    """Where the distinct entries of a symmetric tensor stand, flat: 6, 10 and 15 of them for order 2, 3 and 4."""
    places = np.array(list(combinations_with_replacement(range(3), order)))
    return np.asarray(np.ravel_multi_index(tuple(places.T), (3,) * order))


def _spread(order: int) -> Integer[np.ndarray, "..."]:
    """For each entry of a symmetric tensor, which of its distinct entries it is."""
    places = {place: i for i, place in enumerate(combinations_with_replacement(range(3), order))}
    index = np.zeros((3,) * order, dtype=np.intp)
    for place in np.ndindex(index.shape):
        index[place] = places[tuple(sorted(place))]
    return index


_DISTINCT = {order: _symmetric(order) for order in (2, 3, 4)}
_SPREAD = {order: _spread(order) for order in (2, 3, 4)}
_LEVI_CIVITA = np.cross(np.eye(3)[:, None], np.eye(3)[None])


def pack(moments: Moments) -> Float64[np.ndarray, "b 59"]:
    """The moments of b surfaces as vectors: area, centroid, then the distinct entries of each tensor."""
    count = len(moments.area)
    columns = [moments.area[:, None], moments.centroid]
    for order, tensor in ((2, moments.second), (3, moments.third), (4, moments.fourth), (2, moments.normal)):
        columns.append(tensor.reshape(count, -1)[:, _DISTINCT[order]])
    columns.append(moments.twist.reshape(count, 3, 9)[:, :, _DISTINCT[2]].reshape(count, 18))
    return np.concatenate(columns, axis=1)


def unpack(vectors: Float64[np.ndarray, "b 59"]) -> Moments:
    """The moments that `pack` packed."""
    second, third, fourth, normal, twist = np.split(vectors[:, 4:], [6, 16, 31, 37], axis=1)
    return Moments(
        area=vectors[:, 0],
        centroid=vectors[:, 1:4],
        second=second[:, _SPREAD[2]],
        third=third[:, _SPREAD[3]],
        fourth=fourth[:, _SPREAD[4]],
        normal=normal[:, _SPREAD[2]],
        twist=twist.reshape(-1, 3, 6)[:, :, _SPREAD[2]],
    )


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """59 float64 numbers in the shape's own frame and unit: area, centroid and the moments of moments.py.

    Of a cloud, the entries that need a surface (area, normals, twist) are NaN.
    """

    vector: Float64[np.ndarray, "59"]

    @property
    def moments(self) -> Moments:
        """The vector's content as tensors (b = 1)."""
        return unpack(self.vector[None])

    @property
    def area(self) -> float:
        """Surface area, in the shape's unit squared; NaN for a cloud."""
        return float(self.vector[0])

    @property
    def centroid(self) -> Float64[np.ndarray, "3"]:
        """Centroid of the surface (of the points, for a cloud)."""
        return self.vector[1:4]

    @property
    def size(self) -> float:
        """Root mean square distance of the surface from its centroid, in the shape's unit."""
        return float(np.sqrt(self.vector[[4, 7, 9]].sum()))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class BodyMark:
    """One distinct body of a shape, in the frame of the shape, where the first of its copies stands."""

    fingerprint: Fingerprint
    count: int
    """How many copies the shape holds, whatever their pose; mirror images count apart."""
    n_faces: int


def keys(vectors: Float64[np.ndarray, "b 59"]) -> Float64[np.ndarray, "b 16"]:
    """What a look-up compares: 15 entries free of pose, mirror and scale, then the natural logarithm of the size.

    Shares of eigenvalues and contractions of the moments, in units of the fourth-root of the mean fourth power of the
    radius, so that each is of order one. NaN where a cloud has no such entry.
    """
    moments = unpack(vectors)
    square = np.trace(moments.second, axis1=1, axis2=2)
    inner = np.einsum("bijkk->bij", moments.fourth)
    quartic = np.trace(inner, axis1=1, axis2=2)
    with np.errstate(divide="ignore", invalid="ignore"):  # a body without area has NaN keys, which match nothing
        radius = quartic**0.25
        spread = np.linalg.eigvalsh(_finite(moments.second / square[:, None, None]))
        reach = np.linalg.eigvalsh(_finite(inner / quartic[:, None, None]))
        facing = np.linalg.eigvalsh(_finite(moments.normal))
        drift = np.einsum("bijj->bi", moments.third) / radius[:, None] ** 3
        wind = np.einsum("bkkl->bl", moments.twist) / radius[:, None]
        columns = [
            spread[:, 1:],
            reach[:, 1:],
            np.log(radius**2 / square)[:, None],
            _norm(moments.third, 1) / radius[:, None] ** 3,
            _norm(moments.fourth, 1) / quartic[:, None],
            _norm(drift, 1),
            np.einsum("bi,bij,bj->b", drift, moments.second, drift)[:, None] / radius[:, None] ** 2,
            np.where(np.isnan(moments.normal[:, 0, :1]), np.nan, facing[:, 1:]),
            np.einsum("bij,bij->b", moments.normal, moments.second)[:, None] / radius[:, None] ** 2,
            _norm(moments.twist, 1) / radius[:, None],
            _norm(wind, 1),
            0.1 * np.log(moments.area / square)[:, None],
            0.5 * np.log(square)[:, None],
        ]
    return np.concatenate(columns, axis=1)


def candidates(
    key: Float[np.ndarray, "16"],
    matrix: Float[np.ndarray, "n 16"],
    *,
    same_size: bool = False,
    tolerance: float = NEAR,
) -> Int64[np.ndarray, "k"]:
    """Rows of `matrix` whose keys are near `key` in every entry, nearest first; NaN entries are not compared.

    With `same_size` the size counts too (for bodies). Whoever compares known units adds the logarithm of the unit's
    length to the last entry of both.
    """
    columns = KEY_LENGTH if same_size else KEY_LENGTH - 1
    rows = np.arange(len(matrix))
    for column in range(columns):  # few rows are left after two or three
        rows = rows[~(np.abs(matrix[rows, column] - key[column]) > tolerance)]
    gap = np.nan_to_num(np.abs(matrix[rows, :columns] - key[:columns])).max(axis=1)
    return rows[np.argsort(gap, kind="stable")]


def fingerprint(mesh: Mesh) -> Fingerprint:
    """The fingerprint of a mesh, in its own frame and unit; GeometryError where it has no area.

    The same for any triangulation of one surface: vertex order, welding and coplanar subdivision leave no trace.
    """
    moments = surface_moments(mesh.vertices, mesh.faces)
    if not (np.isfinite(moments.area[0]) and moments.area[0] > 0):
        raise GeometryError("the mesh has no area to take a fingerprint of: repair it or give another")
    return Fingerprint(pack(moments)[0])


def fingerprint_cloud(cloud: PointCloud) -> Fingerprint:
    """The fingerprint of a cloud's points, in its own frame and unit; GeometryError where they all coincide."""
    moments = point_moments(cloud.points) if len(cloud.points) else None
    if moments is None or not np.trace(moments.second[0]) > 0:
        raise GeometryError("the cloud has no extent to take a fingerprint of: give one with more points")
    return Fingerprint(pack(moments)[0])


def body_fingerprints(mesh: Mesh) -> tuple[BodyMark, ...]:
    """The distinct bodies of a welded mesh with how often each occurs, largest first, 64 at most.

    Empty where the mesh is a single body. Bodies that carry no form of their own are left out: see `_distinct_form`.
    """
    labels = label_bodies(mesh.faces, len(mesh.vertices))
    n_bodies = int(labels.max(initial=-1)) + 1
    if n_bodies < 2:
        return ()
    n_faces = np.bincount(labels, minlength=n_bodies)
    large = np.flatnonzero(n_faces >= BODY_FACES)
    if not len(large):
        return ()
    rank = np.full(n_bodies, -1)
    rank[large] = np.arange(len(large))
    mine = rank[labels] >= 0
    moments = body_moments(mesh.vertices, mesh.faces[mine], rank[labels[mine]], len(large))
    vectors, n_faces = pack(moments), n_faces[large]
    kept = np.flatnonzero(_distinct_form(moments))
    kept = kept[np.argsort(-moments.area[kept], kind="stable")]
    vectors, n_faces = vectors[kept], n_faces[kept]
    first, count = _groups(np.column_stack([keys(vectors), _hands(unpack(vectors))]))
    return tuple(
        BodyMark(fingerprint=Fingerprint(vectors[i]), count=int(n), n_faces=int(n_faces[i]))
        for i, n in zip(first[:MAX_BODIES], count[:MAX_BODIES], strict=True)
    )


def _finite(tensors: Float64[np.ndarray, "b 3 3"]) -> Float64[np.ndarray, "b 3 3"]:
    """Zeros where LAPACK would refuse."""
    return np.where(np.isfinite(tensors), tensors, 0.0)


def _norm(tensors: Float64[np.ndarray, "b *order"], first: int) -> Float64[np.ndarray, "b 1"]:
    return np.asarray(np.sqrt((tensors**2).sum(axis=tuple(range(first, tensors.ndim))))[:, None])


def _hands(moments: Moments) -> Float64[np.ndarray, "b 3"]:
    """Three numbers that a mirror turns into their negatives: contractions of the pseudo-tensor <(x × n) n>."""
    radius = np.einsum("biijj->b", moments.fourth)[:, None, None] ** 0.25
    screw = np.einsum("ikl,bklj->bij", _LEVI_CIVITA, moments.twist) / radius
    inner = np.einsum("bijkk->bij", moments.fourth) / radius**4
    symmetric = (moments.second / radius**2, inner, moments.normal)
    return np.stack([np.einsum("bij,bij->b", screw, tensor) for tensor in symmetric], axis=1)


def _distinct_form(moments: Moments) -> Bool[np.ndarray, "b"]:
    """Which bodies are worth looking up: those with an area that are not flat."""
    spread = np.linalg.eigvalsh(_finite(moments.second))
    return np.asarray((moments.area > 0) & (spread[:, 0] > FLAT * spread.sum(axis=1)))


def _groups(marks: Float64[np.ndarray, "b k"]) -> tuple[Int64[np.ndarray, "g"], Int64[np.ndarray, "g"]]:
    """The first member and the number of members of each group of equal rows; at most `MAX_BODIES` groups."""
    left = np.arange(len(marks))
    first: list[int] = []
    count: list[int] = []
    while len(left) and len(first) < MAX_BODIES:
        same = np.abs(marks[left] - marks[left[0]]).max(axis=1) < COPY
        first.append(int(left[0]))
        count.append(int(np.count_nonzero(same)))
        left = left[~same]
    return np.array(first, dtype=np.int64), np.array(count, dtype=np.int64)
