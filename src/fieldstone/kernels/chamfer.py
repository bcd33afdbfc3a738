"""The clouds nearest to a cloud by the symmetric Chamfer distance: exact, by bounds that leave out most of the work.

Points are stored in blocks (blocks.py), and with them a distance lattice (cloud_bounds.py). A search keeps the clouds in
a heap by a lower bound of their distance and refines the least: a cheap bound for all, then a tighter one, then the
distance itself by passes over the points, in which those not yet measured count with their bounds. It ends when no bound
in the heap is below the k-th best distance.

Why the answer is that of measuring every cloud in full. A cloud is left out only where a lower bound of its distance, as
this module would compute it, is *greater* than the distances of k others by more than a share of `ROUNDING`, which is
more than sums in float64 can be off (the bounds of single points are on the safe side themselves: cloud_bounds.py). It is
then not among the k best, and it ties with none of them. The distances do not depend on the course of the search: a
cloud's passes are always added up in the same order, so the number of threads changes nothing either.

`reference_means` says what is computed, by brute force.
"""

from bisect import insort
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from threading import Lock
from typing import TypeAlias, no_type_check

import numpy as np
from jaxtyping import Float32, Float64, Int64, UInt8
from numba import get_num_threads, njit

from fieldstone.kernels.blocks import block_size, boxes_of, in_order
from fieldstone.kernels.cloud_bounds import PASSES, bounds_by_pass, distance_sum, fill_lattice, mean_bounds
from fieldstone.kernels.threads import share

__all__ = ["CELLS", "Clouds", "Cube", "nearest", "reference_means"]

CELLS = 32
"""Cells along an axis of a lattice; a multiple of 4."""
LEVELS = 255
REACH = 0.25
"""Share of the cube's side up to which a lattice tells distances; what is farther counts as that far."""
ROUNDING = 1e-9
LOOSE = -1
"""In the place of the passes measured: only the cheap bound is known."""
STEP = 2
"""Passes measured at a time."""

Kernel: TypeAlias = tuple[Float32[np.ndarray, "3"], np.float32, np.float32, np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Cube:
    """Where lattices stand: the same for all clouds that are compared, in their frame and unit.

    It should hold most points; those outside it only weaken the bounds.
    """

    low: Float32[np.ndarray, "3"]
    """Lowest corner."""
    side: float
    """Length of an edge, above 0."""

    @classmethod
    def around(cls, points: Float32[np.ndarray, "*m 3"]) -> "Cube":
        """The smallest cube about all points, in their frame and unit."""
        flat = points.reshape(-1, 3)
        low, high = flat.min(axis=0).astype(np.float64), flat.max(axis=0).astype(np.float64)
        side = max(float((high - low).max()), 1e-6 * float(np.abs(flat).max()), 1e-12)
        return cls(((low + high - side) / 2.0).astype(np.float32), side)

    def kernel(self) -> Kernel:
        """What the kernels need: the lowest corner, a cell's edge, a level's size, and how far centres may be rounded."""
        edge, step = np.float32(self.side / CELLS), np.float32(self.side * REACH / LEVELS)
        error = 8.0 * float(np.finfo(np.float32).eps) * (float(np.abs(self.low).max()) + self.side)
        return self.low, edge, step, np.float32(error)


@dataclass(frozen=True, slots=True, eq=False)
class Clouds:
    """Clouds of one size prepared for search, in one frame and unit, all finite.

    Plain arrays, to be stored as they are; a row belongs to one cloud, so clouds of one cube may be joined row by row.
    """

    size: int
    """Points of each cloud, 1 to 2**24."""
    points: Float32[np.ndarray, "m 3 padded"]
    """Coordinates in Morton order, axis by axis, the last point repeated up to whole blocks."""
    boxes: Float32[np.ndarray, "m 6 blocks"]
    """Lowest and highest corner of each block."""
    lattice: UInt8[np.ndarray, "m cells cells cells"]
    """Distances from the cells' centres in levels, rounded down; 0 cells where a search shall do without."""
    cube: Cube
    """Where the lattices stand."""

    @classmethod
    def of(
        cls,
        points: Float32[np.ndarray, "m n 3"],
        cube: Cube | None = None,
        *,
        lattice: bool = True,
        workers: int | None = None,
    ) -> "Clouds":
        """Prepare clouds (without lattices: in no time, for a search that is made once).

        Clouds that are compared need one `cube` (None: the one about these points). `workers` threads (None: as many
        as numba may use) share the clouds; they do not change the result.
        """
        assert points.size, "there are clouds, and each has points"
        assert np.isfinite(points).all(), "points are finite"
        cube = cube or Cube.around(points)
        block, cells = block_size(points.shape[1]), CELLS if lattice else 0
        blocks = -(-points.shape[1] // block)
        cloud = np.zeros((len(points), 3, blocks * block), dtype=np.float32)
        boxes = np.zeros((len(points), 6, blocks), dtype=np.float32)
        values = np.zeros((len(points), cells, cells, cells), dtype=np.uint8)
        points, kernel = np.ascontiguousarray(points), cube.kernel()

        def part(rows: slice) -> None:
            _prepare(points[rows], block, kernel, cloud[rows], boxes[rows], values[rows])

        share(len(points), part, workers)
        return cls(points.shape[1], cloud, boxes, values, cube)

    def __len__(self) -> int:
        return len(self.points)

    def row(self, i: int) -> "Clouds":
        """One of the clouds, a view: what `nearest` takes as a query."""
        here = slice(i, i + 1)
        return Clouds(self.size, self.points[here], self.boxes[here], self.lattice[here], self.cube)

    @property
    def bytes_each(self) -> int:
        """Bytes stored for each cloud."""
        return sum(a.nbytes // max(1, len(a)) for a in (self.points, self.boxes, self.lattice))


@njit(cache=True, nogil=True)
@no_type_check
def _prepare(points, block, cube, clouds, boxes, lattice):
    for i in range(points.shape[0]):
        cloud, _ = in_order(points[i], block)
        clouds[i], boxes[i] = cloud, boxes_of(cloud, block)
        if lattice.shape[1]:
            fill_lattice(clouds[i], boxes[i], block, cube, lattice[i])


@njit(cache=True, nogil=True)
@no_type_check
def _tighten(query, n, query_lattice, cloud, size, lattice, cube, sums):
    """Fill in lower bounds of what each pass adds, both ways."""
    bounds_by_pass(query, n, lattice, cube, sums[0])
    bounds_by_pass(cloud, size, query_lattice, cube, sums[1])
    return (sums[0].sum() / n + sums[1].sum() / size) / 2.0


@njit(cache=True, nogil=True)
@no_type_check
def _measure(query, n, query_boxes, cloud, size, boxes, first, end, sums):
    """Put what the passes from `first` to `end` add in the place of its bounds."""
    block, query_block = cloud.shape[1] // boxes.shape[1], query.shape[1] // query_boxes.shape[1]
    for turn in range(first, end):
        sums[0, turn] = distance_sum(query, n, cloud, boxes, block, turn)
        sums[1, turn] = distance_sum(cloud, size, query, query_boxes, query_block, turn)
    return (sums[0].sum() / n + sums[1].sum() / size) / 2.0


class _Search:
    """One search: a heap of (lower bound, passes measured or `LOOSE`, place among the rows) that threads work off."""

    def __init__(self, query: Clouds, clouds: Clouds, rows: Int64[np.ndarray, "r"], k: int) -> None:
        self.query, self.clouds, self.rows, self.k = query, clouds, rows, k
        self.all, self.cube = k == len(rows), clouds.cube.kernel()
        self.best, self.limit = list[tuple[float, int]](), float("inf")
        self.heap, self.lock = list[tuple[float, int, int]](), Lock()
        self.sums = dict[int, Float64[np.ndarray, "2 passes"]]()

    def run(self, workers: int) -> None:
        """Fill `best` with the k nearest as (distance, place), nearest first, ties in the order of the rows."""
        bounds = np.zeros(len(self.rows))
        if not self.all:
            share(len(self.rows), lambda part: self._bound(self.rows[part], bounds[part]), workers, least=32)
        self.heap = [(bound, LOOSE, place) for place, bound in enumerate(bounds.tolist())]
        heapify(self.heap)
        share(workers, lambda _: self._work(), workers)

    def _bound(self, rows: Int64[np.ndarray, "r"], bounds: Float64[np.ndarray, "r"]) -> None:
        q, c = self.query, self.clouds
        mean_bounds(q.points[0], q.size, q.lattice[0], c.points, c.size, c.lattice, rows, self.cube, bounds)

    def _work(self) -> None:
        while True:
            with self.lock:
                if not self.heap or self.heap[0][0] > self.limit * (1.0 + ROUNDING):
                    return
                bound, done, place = heappop(self.heap)
            refined, done = self._refine(done, place)
            with self.lock:
                if done == PASSES:
                    self._keep(refined, place)
                else:
                    heappush(self.heap, (max(bound, refined), done, place))

    def _refine(self, done: int, place: int) -> tuple[float, int]:
        """A better bound of a cloud's distance, the distance itself once all passes are done; and the passes done."""
        q, c, row = self.query, self.clouds, self.rows[place]
        if done == LOOSE:
            sums = self.sums[place] = np.zeros((2, PASSES))
            if not self.all:
                points, lattice = c.points[row], c.lattice[row]
                return _tighten(q.points[0], q.size, q.lattice[0], points, c.size, lattice, self.cube, sums), 0
        first, end = max(done, 0), PASSES if self.all else done + STEP
        cloud, boxes = c.points[row], c.boxes[row]
        return _measure(q.points[0], q.size, q.boxes[0], cloud, c.size, boxes, first, end, self.sums[place]), end

    def _keep(self, distance: float, place: int) -> None:
        del self.sums[place]
        insort(self.best, (distance, place))
        del self.best[self.k :]
        if len(self.best) == self.k:
            self.limit = self.best[-1][0]


def nearest(
    query: Clouds | Float32[np.ndarray, "n 3"],
    clouds: Clouds,
    k: int,
    rows: Int64[np.ndarray, "r"] | None = None,
    workers: int | None = None,
) -> tuple[Int64[np.ndarray, "best"], Float64[np.ndarray, "best"]]:
    """The `k` clouds nearest to the query (all, where there are fewer): indices and distances, nearest first.

    The distance is half the sum of the two mean nearest-neighbour distances (`geometry.metrics.chamfer_l2_mean`), not
    squared, in the clouds' common frame and unit. Equal ones keep their order. The answer is exact: no bound changes it.

    `query` is one cloud, of any size; one prepared with the clouds' own cube saves making its lattice. `rows` are the
    clouds that may answer (None: all). The number of `workers` (None: as many as numba may use) changes nothing.
    """
    rows = np.arange(len(clouds)) if rows is None else rows
    assert not len(rows) or (rows.min() >= 0 and rows.max() < len(clouds)), "rows are those of the clouds"
    k, workers = min(k, len(rows)), workers or get_num_threads()
    if k <= 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    if not isinstance(query, Clouds):
        query = Clouds.of(query[None], clouds.cube, lattice=k < len(rows), workers=1)
    assert len(query) == 1, "one query at a time"
    assert query.cube.side == clouds.cube.side, "lattices of one search stand in one cube"
    assert np.array_equal(query.cube.low, clouds.cube.low), "lattices of one search stand in one cube"
    search = _Search(query, clouds, rows, k)
    search.run(workers)
    return rows[[place for _, place in search.best]], np.array([value for value, _ in search.best])


def reference_means(
    query: Float32[np.ndarray, "n 3"], candidates: Float32[np.ndarray, "m k 3"]
) -> Float64[np.ndarray, "m 2"]:
    """Mean distances that `nearest` halves the sum of, from the query to each candidate and back, for tests.

    All n x k distances in float64, in the clouds' frame and unit.
    """
    means = np.zeros((len(candidates), 2))
    for i, candidate in enumerate(candidates.astype(np.float64)):
        distance = np.sqrt(np.square(query[:, None] - candidate).sum(axis=2))
        means[i] = distance.min(axis=1).mean(), distance.min(axis=0).mean()
    return means
