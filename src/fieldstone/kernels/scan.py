"""Exact k best inner products by a scan of 8-bit codes: a quarter of the memory traffic, the answers of float32.

A row x is kept as s * c with int8 codes c, and the length r of what rounding lost: x = s c + e, |e| = r. For a query q,
q.x lies within |q| r of s (q.c) (Cauchy-Schwarz). One pass finds the k best *lower* bounds; every row whose *upper* bound
reaches the k-th of them is scored again from the float32 rows. No row that belongs to the answer can be left out.
"""

from collections.abc import Callable
from typing import no_type_check

import numpy as np
from jaxtyping import Bool, Float32, Int8, Int64
from numba import get_num_threads, njit, prange

__all__ = ["best", "quantise"]

QUERY_LEVELS = 32767  # 16-bit query; fewer where dim * 127 * levels would not fit in int32
BLOCKS_PER_THREAD = 4


@njit(cache=True)
@no_type_check
def _quantise(rows, codes, scale, lost):
    for i in range(rows.shape[0]):
        largest = np.float32(0.0)
        for j in range(rows.shape[1]):
            largest = max(largest, abs(rows[i, j]))
        step = largest / np.float32(127.0)
        inverse = np.float32(1.0) / step if step > 0 else np.float32(0.0)
        error = 0.0
        for j in range(rows.shape[1]):
            code = np.int8(np.rint(rows[i, j] * inverse))
            codes[i, j] = code
            error += (np.float64(rows[i, j]) - np.float64(step) * np.float64(code)) ** 2
        scale[i] = step
        lost[i] = np.sqrt(error)


@njit(cache=True, parallel=True)
@no_type_check
def _bounds(codes, scale, lost, query, step, norm, slack, keep, k, blocks, centre):
    """Fill `centre` with s (q.c) for kept rows (-inf elsewhere); return each block's k best lower bounds."""
    n, d = codes.shape
    lowest = np.full((blocks, k), -np.inf, dtype=np.float32)
    size = (n + blocks - 1) // blocks
    for block in prange(blocks):
        heap = lowest[block]
        for i in range(block * size, min(n, (block + 1) * size)):
            if not keep[i]:
                centre[i] = -np.inf
                continue
            dot = np.int32(0)
            for j in range(d):
                dot = np.int32(dot + np.int32(codes[i, j]) * np.int32(query[j]))
            value = np.float32(dot) * np.float32(step) * scale[i]
            centre[i] = value
            low = value - (norm * lost[i] + slack)
            if low > heap[0]:
                _replace_smallest(heap, low)
    return lowest


@njit(cache=True, inline="always")
@no_type_check
def _replace_smallest(heap, value):
    """Put `value` in the root's place of a binary min-heap and sift it down."""
    k, at = heap.shape[0], 0
    while True:
        child = 2 * at + 1
        if child >= k:
            break
        if child + 1 < k and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= value:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = value


@njit(cache=True)
@no_type_check
def _reaching(centre, lost, norm, slack, threshold):
    count = 0
    for i in range(centre.shape[0]):
        if centre[i] + (norm * lost[i] + slack) >= threshold:
            count += 1
    found = np.zeros(count, dtype=np.int64)
    count = 0
    for i in range(centre.shape[0]):
        if centre[i] + (norm * lost[i] + slack) >= threshold:
            found[count] = i
            count += 1
    return found


def quantise(
    rows: Float32[np.ndarray, "n dim"],
) -> tuple[Int8[np.ndarray, "n dim"], Float32[np.ndarray, "n"], Float32[np.ndarray, "n"]]:
    """Codes c, steps s and lost lengths r of rows: `rows = s * c + e` with `|e| = r`, row by row."""
    codes = np.zeros(rows.shape, dtype=np.int8)
    scale, lost = np.zeros(len(rows), dtype=np.float32), np.zeros(len(rows), dtype=np.float32)
    _quantise(rows, codes, scale, lost)
    return codes, scale, lost


def best(
    query: Float32[np.ndarray, "dim"],
    take: Callable[[Int64[np.ndarray, "r"]], Float32[np.ndarray, "r dim"]],
    codes: Int8[np.ndarray, "n dim"],
    scale: Float32[np.ndarray, "n"],
    lost: Float32[np.ndarray, "n"],
    k: int,
    keep: Bool[np.ndarray, "n"],
) -> tuple[Int64[np.ndarray, "k"], Float32[np.ndarray, "k"]]:
    """The k rows of largest inner product with the query among those kept: indices and products, best first.

    `take` fetches float32 rows by index: only the few that the bounds cannot decide. Rows are of length 1 or about. Equal
    products are ordered by index. Fewer than k come back where fewer are kept.
    """
    k = min(k, int(np.count_nonzero(keep)))
    if k == 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
    step = float(np.abs(query).max()) / min(QUERY_LEVELS, (2**31 - 1) // (128 * len(query)))
    coarse = np.rint(query / step).astype(np.int16) if step > 0 else np.zeros(len(query), dtype=np.int16)
    norm = float(np.linalg.norm(query.astype(np.float64)))
    missed = float(np.linalg.norm(query - step * coarse.astype(np.float64)))
    # what the rounded query misses (|x| <= 127 s sqrt(d)) and float32 rounding of the products themselves
    slack = missed * 127.0 * float(scale.max()) * len(query) ** 0.5 + 1e-6 * norm
    blocks = max(1, min(get_num_threads() * BLOCKS_PER_THREAD, len(codes) // 256))
    centre = np.zeros(len(codes), dtype=np.float32)
    lowest = _bounds(codes, scale, lost, coarse, step, norm, slack, keep, k, blocks, centre)
    threshold = float(np.partition(lowest.ravel(), -k)[-k])
    found = _reaching(centre, lost, norm, slack, threshold)
    products = take(found) @ query
    order = np.lexsort((found, -products))[:k]
    return found[order], products[order]
