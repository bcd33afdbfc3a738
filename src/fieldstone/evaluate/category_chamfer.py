"""INRet's Category-Chamfer metric, and the paper's own search for the nearest cloud (Guan et al., 2025, 3.4, appendix E)."""

import numpy as np
from jaxtyping import Float32, Float64, Int64, Integer

from fieldstone.kernels.chamfer import Clouds, nearest

__all__ = ["FACTOR", "category_accuracy", "category_chamfer_accuracy", "hierarchical", "rough_squares"]

FACTOR = 3.0
"""A cloud is looked at again where its rough distance is within this many times the least."""


def category_accuracy(query: Integer[np.ndarray, "q"], retrieved: Integer[np.ndarray, "q"]) -> float:
    """A_C, equation 5: the share of queries whose retrieved shape is of their category; both as category numbers."""
    return float((query == retrieved).mean())


def category_chamfer_accuracy(
    query: Integer[np.ndarray, "q"],
    retrieved: Integer[np.ndarray, "q"],
    shape: Integer[np.ndarray, "q"],
    nearest_shape: Integer[np.ndarray, "q"],
) -> float:
    """A_CC, equation 6: the share of queries whose retrieved shape is of their category and the nearest by Chamfer.

    `query` and `retrieved` are category numbers; `shape` is what was retrieved and `nearest_shape` the argmin of the
    Chamfer distance, as indices into one gallery. Equation 6 takes the argmin over all candidates and compares it with a
    category; the text of section 3.4 says the nearest "for all shapes in the category", which is what its tables fit: give
    that one.
    """
    return float(((query == retrieved) & (shape == nearest_shape)).mean())


def hierarchical(
    query: Clouds,
    clouds: Clouds,
    rough_query: Clouds,
    rough_clouds: Clouds,
    k: int = 1,
    *,
    rows: Int64[np.ndarray, "r"] | None = None,
    factor: float = FACTOR,
    workers: int | None = None,
) -> tuple[Int64[np.ndarray, "best"], Float64[np.ndarray, "best"], int]:
    """The paper's hierarchical sampling (E.2): the `k` clouds taken for nearest, their distances, and how many were left.

    All clouds are measured with few points (the paper: 128); those within `factor` times the least are measured with
    all (the paper: 4,096); fewer than `k` come back where the rule leaves fewer. Distances are not squared, which the
    paper leaves open: squared, the same factor keeps fewer clouds. Nothing guarantees that the nearest is among them;
    `kernels.chamfer.nearest` is exact. Distances as there, in the clouds' common frame and unit.
    """
    rows = np.arange(len(clouds)) if rows is None else rows
    if not len(rows):
        return np.zeros(0, dtype=np.int64), np.zeros(0), 0
    order, rough = nearest(rough_query, rough_clouds, len(rows), rows, workers)
    kept = np.sort(order[rough <= factor * rough[0]])
    index, distance = nearest(query, clouds, len(kept), kept, workers)
    return index[:k], distance[:k], len(kept)


def rough_squares(query: Float32[np.ndarray, "n 3"], clouds: Float32[np.ndarray, "m k 3"]) -> Float64[np.ndarray, "m"]:
    """The sum of both mean squared nearest-neighbour distances from the query to each cloud, all n x k of them: for clouds of
    few points, where the rule of `hierarchical` is asked of squares. In the clouds' common frame and unit, squared."""
    squares = np.square(query[:, None] - clouds[:, None]).sum(axis=3, dtype=np.float64)
    means: Float64[np.ndarray, "m"] = squares.min(axis=2).mean(axis=1) + squares.min(axis=1).mean(axis=1)
    return means
