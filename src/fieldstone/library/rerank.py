"""Ordering a shortlist by the exact symmetric Chamfer distance of surface points."""

import numpy as np
from jaxtyping import Float32, Float64, Int64

__all__ = ["rerank"]


def rerank(
    query: Float32[np.ndarray, "n 3"],
    candidates: Float32[np.ndarray, "m points 3"],
    k: int,
    workers: int | None = None,
) -> tuple[Int64[np.ndarray, "best"], Float64[np.ndarray, "best"]]:
    """The `k` candidates nearest to the query (all, where there are fewer) and their distances, nearest first.

    The distance is half the sum of the two mean nearest-neighbour distances (`geometry.metrics.chamfer_l2_mean`), not
    squared, in the clouds' common unit; each candidate stands in the query's frame already. Equal ones keep their
    order. The answer is exact (kernels/chamfer.py says why).

    Candidates that were moved for this query have no lattice that is stored, and one search does not repay making it:
    where fewer than all are asked for, the query's own bounds one direction.
    """
    from fieldstone.kernels.chamfer import Clouds, Cube, nearest

    if k <= 0 or not len(candidates):
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    clouds = Clouds.of(candidates, Cube.around(query[None]), lattice=False, workers=workers)
    return nearest(query, clouds, k, workers=workers)
