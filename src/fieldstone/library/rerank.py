"""Ordering a shortlist by the exact symmetric Chamfer distance of surface points."""

import numpy as np
from jaxtyping import Float32, Float64, Int64

__all__ = ["rerank"]

BATCH = 4


def rerank(
    query: Float32[np.ndarray, "n 3"],
    candidates: Float32[np.ndarray, "m points 3"],
    k: int,
    workers: int | None = None,
) -> tuple[Int64[np.ndarray, "best"], Float64[np.ndarray, "best"]]:
    """The `k` candidates nearest to the query (all, where there are fewer) and their distances, nearest first.

    The distance is half the sum of the two mean nearest-neighbour distances (`geometry.metrics.chamfer_l2_mean`), not
    squared, in the clouds' common unit; each candidate stands in the query's frame already. Equal ones keep their
    order.

    The answer is exact. Candidates come in the order of a cheap estimate; from the `k`-th on, one is left as soon as
    the part of its sum that is known exceeds the `k`-th best so far, and what is still to come cannot be negative.
    """
    from fieldstone.kernels.chamfer import ChamferQuery

    k = min(k, len(candidates))
    if k <= 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    prepared = ChamferQuery(query, workers)
    order = np.argsort(prepared.estimates(candidates), kind="stable")
    values = np.full(len(candidates), np.inf)
    limit, done = np.inf, 0
    while done < len(order):
        batch = order[done : done + max(BATCH, k - done)]
        values[batch] = prepared.means(candidates[batch], 2.0 * limit).sum(axis=1) / 2.0
        limit = float(np.partition(values, k - 1)[k - 1])
        done += len(batch)
    best = np.argsort(values, kind="stable")[:k]
    return best, values[best]
