"""Where points stand in a feature grid: the table rows around each point, and their weights.

Every grid of ours, hashed, sparse or planar, is one table of feature rows; a point reads `slots` = levels x corners of
them. Corner k of a cell takes the upper node along axis a where bit a of k is set. Weights are (multi)linear; `slopes`
are their derivatives along x, y, z. Cells are computed in double precision: at 512 cells float32 would cost the weight
its fifth digit.
"""

from dataclasses import dataclass
from typing import Protocol, no_type_check, runtime_checkable

import numpy as np
from jaxtyping import Float32, Int32, Int64
from numba import njit

__all__ = ["PRIMES", "HashLookup", "Lookup", "OctreeLookup", "PlaneLookup"]

PRIMES = (1, 2654435761, 805459861)
"""Teschner et al., Optimized spatial hashing for collision detection of deformable objects, 2003, as iNGP uses them."""
NO_SLOPES: Float32[np.ndarray, "0 0 3"] = np.zeros((0, 0, 3), dtype=np.float32)
_P1, _P2 = np.uint32(PRIMES[1]), np.uint32(PRIMES[2])


@njit(cache=True, inline="always", error_model="numpy")
@no_type_check
def _cell(x, nodes, whole):
    """Lower node, share of the upper one, and cells per unit (0 where clamped) along one axis."""
    if whole:  # nodes at both ends of [-1, 1]
        at = (np.float64(x) * 0.5 + 0.5) * (nodes - 1)
        rate = (nodes - 1) * 0.5
    else:  # wisp's convention: `nodes` cells a side on `nodes` nodes, the last cell is squeezed
        at = (np.float64(x) * 0.5 + 0.5) * nodes
        rate = nodes * 0.5
    if not at > 0.0:  # no number stands at the border too
        return 0, np.float32(0.0), np.float32(rate if at == 0.0 else 0.0)
    if at >= nodes - 1:
        return nodes - 2, np.float32(1.0), np.float32(rate if at == nodes - 1 else 0.0)
    low = int(at)
    return low, np.float32(at - low), np.float32(rate)


@njit(cache=True, inline="always", error_model="numpy")
@no_type_check
def _corner_weights(fx, fy, fz, weights, at):
    ex, ey, ez = np.float32(1.0) - fx, np.float32(1.0) - fy, np.float32(1.0) - fz
    a, b, c, d = ey * ez, fy * ez, ey * fz, fy * fz
    weights[at], weights[at + 1], weights[at + 2], weights[at + 3] = ex * a, fx * a, ex * b, fx * b
    weights[at + 4], weights[at + 5], weights[at + 6], weights[at + 7] = ex * c, fx * c, ex * d, fx * d


@njit(cache=True, inline="always", error_model="numpy")
@no_type_check
def _corner_slopes(fx, fy, fz, rx, ry, rz, slopes, at):
    one = np.float32(1.0)
    for k in range(8):
        wx, sx = (fx, rx) if k & 1 else (one - fx, -rx)
        wy, sy = (fy, ry) if k & 2 else (one - fy, -ry)
        wz, sz = (fz, rz) if k & 4 else (one - fz, -rz)
        slopes[at + k, 0], slopes[at + k, 1], slopes[at + k, 2] = sx * wy * wz, wx * sy * wz, wx * wy * sz


@njit(cache=True, inline="always", error_model="numpy")
@no_type_check
def _within(key, length):
    """key mod length, 32 bits, without a division where length is a power of two."""
    size = np.uint32(length)
    return np.int64(key & (size - np.uint32(1))) if length & (length - 1) == 0 else np.int64(key % size)


@njit(cache=True, nogil=True, error_model="numpy")
@no_type_check
def _hash_lookup(points, nodes, starts, first, last, rows, weights, slopes):
    levels = len(nodes)
    for i in range(first, last):
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        row, weight = rows[i], weights[i]
        for level in range(levels):
            n = nodes[level]
            cx, fx, rx = _cell(x, n, False)
            cy, fy, ry = _cell(y, n, False)
            cz, fz, rz = _cell(z, n, False)
            at, start, length = 8 * level, starts[level], starts[level + 1] - starts[level]
            _corner_weights(fx, fy, fz, weight, at)
            if n * n * n == length:
                a = start + cx + n * (cy + n * cz)
                b, c, d = a + n, a + n * n, a + n * n + n
                row[at], row[at + 1], row[at + 2], row[at + 3] = a, a + 1, b, b + 1
                row[at + 4], row[at + 5], row[at + 6], row[at + 7] = c, c + 1, d, d + 1
            else:
                hx0, hy0, hz0 = np.uint32(cx), np.uint32(cy) * _P1, np.uint32(cz) * _P2
                hx1, hy1, hz1 = hx0 + np.uint32(1), hy0 + _P1, hz0 + _P2
                p, q, r, s = hy0 ^ hz0, hy1 ^ hz0, hy0 ^ hz1, hy1 ^ hz1
                row[at], row[at + 1] = start + _within(hx0 ^ p, length), start + _within(hx1 ^ p, length)
                row[at + 2], row[at + 3] = start + _within(hx0 ^ q, length), start + _within(hx1 ^ q, length)
                row[at + 4], row[at + 5] = start + _within(hx0 ^ r, length), start + _within(hx1 ^ r, length)
                row[at + 6], row[at + 7] = start + _within(hx0 ^ s, length), start + _within(hx1 ^ s, length)
            if len(slopes) > 0:
                _corner_slopes(fx, fy, fz, rx, ry, rz, slopes[i], at)


@njit(cache=True, nogil=True, error_model="numpy")
@no_type_check
def _octree_lookup(points, nodes, index, starts, corners, first, last, rows, weights, slopes):
    levels = len(nodes)
    for i in range(first, last):
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        row, weight = rows[i], weights[i]
        for level in range(levels):
            n = nodes[level]
            cx, fx, rx = _cell(x, n, True)
            cy, fy, ry = _cell(y, n, True)
            cz, fz, rz = _cell(z, n, True)
            at, m = 8 * level, n - 1
            voxel = index[starts[level] + cx + m * (cy + m * cz)]
            if voxel >= 0:
                _corner_weights(fx, fy, fz, weight, at)
                for k in range(8):
                    row[at + k] = corners[voxel, k]
                if len(slopes) > 0:
                    _corner_slopes(fx, fy, fz, rx, ry, rz, slopes[i], at)
            else:
                row[at : at + 8] = 0
                weight[at : at + 8] = 0.0
                if len(slopes) > 0:
                    slopes[i, at : at + 8] = 0.0


@njit(cache=True, nogil=True, error_model="numpy")
@no_type_check
def _plane_lookup(points, n, first, last, rows, weights, slopes):
    one = np.float32(1.0)
    for i in range(first, last):
        row, weight = rows[i], weights[i]
        for plane in range(3):  # yz, xz, xy
            u, v = (1 if plane == 0 else 0), (1 if plane == 2 else 2)
            cu, fu, ru = _cell(points[i, u], n, True)
            cv, fv, rv = _cell(points[i, v], n, True)
            low, at = plane * n * n + cv * n + cu, 4 * plane
            row[at], row[at + 1], row[at + 2], row[at + 3] = low, low + 1, low + n, low + n + 1
            weight[at], weight[at + 1] = (one - fu) * (one - fv), fu * (one - fv)
            weight[at + 2], weight[at + 3] = (one - fu) * fv, fu * fv
            if len(slopes) > 0:
                slopes[i, at : at + 4] = 0.0
                slopes[i, at, u], slopes[i, at + 1, u] = -ru * (one - fv), ru * (one - fv)
                slopes[i, at + 2, u], slopes[i, at + 3, u] = -ru * fv, ru * fv
                slopes[i, at, v], slopes[i, at + 2, v] = -rv * (one - fu), rv * (one - fu)
                slopes[i, at + 1, v], slopes[i, at + 3, v] = -rv * fu, rv * fu


@runtime_checkable
class Lookup(Protocol):
    """Table rows and weights of points in one kind of grid."""

    @property
    def levels(self) -> int:
        """Parts of the table that share no row; each gives its own features."""
        ...

    @property
    def corners(self) -> int:
        """Rows that a point reads in each level."""
        ...

    @property
    def size(self) -> int:
        """Rows of the table."""
        ...

    def __call__(
        self,
        points: Float32[np.ndarray, "n 3"],
        part: slice,
        rows: Int32[np.ndarray, "n slots"],
        weights: Float32[np.ndarray, "n slots"],
        slopes: Float32[np.ndarray, "n_or_0 slots_or_0 3"] = NO_SLOPES,
    ) -> None:
        """Fill rows, weights, and where given slopes (weights' derivatives along x, y, z), of the points of `part`."""
        ...


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class HashLookup:
    """A multiresolution hash grid: level l is a lattice of nodes[l]^3 in rows [starts[l], starts[l + 1]).

    A lattice that fits is stored as it is, x fastest; a larger one through the hash of its corners, and collisions are
    left to the training (Müller et al., Instant neural graphics primitives, 2022, section 3).
    """

    nodes: Int64[np.ndarray, "levels"]
    starts: Int64[np.ndarray, "levels+1"]
    corners: int = 8

    @property
    def levels(self) -> int:
        """See Lookup."""
        return len(self.nodes)

    @property
    def size(self) -> int:
        """See Lookup."""
        return int(self.starts[-1])

    def __call__(
        self,
        points: Float32[np.ndarray, "n 3"],
        part: slice,
        rows: Int32[np.ndarray, "n slots"],
        weights: Float32[np.ndarray, "n slots"],
        slopes: Float32[np.ndarray, "n_or_0 slots_or_0 3"] = NO_SLOPES,
    ) -> None:
        """See Lookup."""
        _hash_lookup(points, self.nodes, self.starts, part.start, part.stop, rows, weights, slopes)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class OctreeLookup:
    """Sparse voxels: level l has (nodes[l] - 1)^3 cells, `index` says which voxel each one is, level after level, x
    fastest, -1 where there is none; voxel v reads rows corners_of[v]. Where there is no voxel all weights are 0.
    """

    nodes: Int64[np.ndarray, "levels"]
    index: Int32[np.ndarray, "cells"]
    starts: Int64[np.ndarray, "levels+1"]
    corners_of: Int32[np.ndarray, "voxels 8"]
    size: int
    corners: int = 8

    @property
    def levels(self) -> int:
        """See Lookup."""
        return len(self.nodes)

    def __call__(
        self,
        points: Float32[np.ndarray, "n 3"],
        part: slice,
        rows: Int32[np.ndarray, "n slots"],
        weights: Float32[np.ndarray, "n slots"],
        slopes: Float32[np.ndarray, "n_or_0 slots_or_0 3"] = NO_SLOPES,
    ) -> None:
        """See Lookup."""
        _octree_lookup(
            points, self.nodes, self.index, self.starts, self.corners_of, part.start, part.stop, rows, weights, slopes
        )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PlaneLookup:
    """Three planes of nodes x nodes rows, yz, xz and xy, the first axis of each name fastest."""

    nodes: int
    levels: int = 3
    corners: int = 4

    @property
    def size(self) -> int:
        """See Lookup."""
        return 3 * self.nodes**2

    def __call__(
        self,
        points: Float32[np.ndarray, "n 3"],
        part: slice,
        rows: Int32[np.ndarray, "n slots"],
        weights: Float32[np.ndarray, "n slots"],
        slopes: Float32[np.ndarray, "n_or_0 slots_or_0 3"] = NO_SLOPES,
    ) -> None:
        """See Lookup."""
        _plane_lookup(points, self.nodes, part.start, part.stop, rows, weights, slopes)
