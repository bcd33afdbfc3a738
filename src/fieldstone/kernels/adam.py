"""Adam, for the decoder and for the touched rows of a feature table.

    m <- b1 m + (1 - b1) g,   v <- b2 v + (1 - b2) g^2,   p <- p - lr m' / (sqrt(v') + eps)

with m' = m / (1 - b1^t), v' = v / (1 - b2^t) (Kingma, Ba, Adam, 2015, algorithm 1). Rows of a table that no point of a
batch reads are left alone, moments too; t counts all steps (torch.optim.SparseAdam's reading).

A row in training is a record [p, g, m, v] that begins on a multiple of its size, so that all that a step needs of it
comes with one cache line: apart, the same arrays took half as long again.
"""

from typing import no_type_check

import numpy as np
from jaxtyping import Float32
from numba import njit

from fieldstone.kernels.prefetch import prefetch

__all__ = ["BETAS", "EPSILON", "adam", "records_of", "scatter_adam"]

BETAS = (0.9, 0.999)
EPSILON = 1e-15
"""wisp's; it is below every moment that matters, so that rows with small gradients move as fast as others."""
_B1, _B2, _EPSILON = np.float32(BETAS[0]), np.float32(BETAS[1]), np.float32(EPSILON)
_ZERO, _ONE = np.float32(0.0), np.float32(1.0)
_IDLE = np.float32(3e38)  # stands in the first gradient of a row that the batch has not touched
LINE = 64
AHEAD = 4  # points, or a quarter of the rows, that the memory is asked for in advance
STAGE = 64  # rows that are stepped together


def records_of(table: Float32[np.ndarray, "rows channels"]) -> Float32[np.ndarray, "rows width"]:
    """A table as records for training, width = 4 x channels, aligned to cache lines."""
    rows, channels = table.shape
    size = rows * 4 * channels
    raw = np.zeros(size + LINE // 4, dtype=np.float32)
    start = -raw.ctypes.data % LINE // 4
    records: Float32[np.ndarray, "rows width"] = raw[start : start + size].reshape(rows, 4 * channels)
    records[:, :channels] = table
    records[:, channels] = _IDLE
    return records


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
@no_type_check
def _moved(g, m, v, rate, step):
    """Both moments brought up to date, in place, and the gradients g turned into what the parameters lose."""
    up1, up2 = np.float32(1.0 / (1.0 - 0.9**step)), np.float32(1.0 / (1.0 - 0.999**step))
    for i in range(len(g)):
        m[i] = _B1 * m[i] + (_ONE - _B1) * g[i]
        v[i] = _B2 * v[i] + (_ONE - _B2) * g[i] * g[i]
        g[i] = rate * (m[i] * up1) / (np.sqrt(v[i] * up2) + _EPSILON)


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
@no_type_check
def adam(p, g, m, v, rate, step):
    """One step on flat arrays, in place; g is used up."""
    _moved(g, m, v, rate, step)
    for i in range(len(p)):
        p[i] -= g[i]


@njit(cache=True, inline="always", fastmath=True, error_model="numpy")
@no_type_check
def _add(records, r, keep, w, pull, channels):
    for c in range(channels):
        records[r, channels + c] = keep * records[r, channels + c] + w * pull[c]


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
@no_type_check
def _collect(rows, weights, pull, first, last, at, channels, records, touched):
    """Gradients of the rows in slots [first, last), which read features from `at` on; how many rows were touched.

    Without a branch on what was touched before: a guess that fails would make the next rows wait for this one.
    """
    n, here = 0, np.zeros(channels, dtype=np.float32)
    for i in range(rows.shape[0]):
        row, weight = rows[i], weights[i]
        for c in range(channels):
            here[c] = pull[at + c, i]
        a, b = here[0], here[channels - 1]
        if channels == 2:  # a hash grid's rows lie anywhere
            ahead = rows[min(i + AHEAD, rows.shape[0] - 1)]
            for k in range(first, last):
                prefetch(records, np.int64(ahead[k]))
        for k in range(first, last):
            r, w = np.uint64(row[k]), weight[k]
            if w == _ZERO:  # outside an octree's voxels: nothing is read, nothing is touched
                continue
            fresh = records[r, channels] == _IDLE
            keep = _ZERO if fresh else _ONE
            touched[n] = row[k]
            n += fresh
            if channels == 2:  # numbers that the compiler knows make straight code
                records[r, 2] = keep * records[r, 2] + w * a
                records[r, 3] = keep * records[r, 3] + w * b
            elif channels == 4:
                _add(records, r, keep, w, here, 4)
            elif channels == 8:
                _add(records, r, keep, w, here, 8)
            else:
                _add(records, r, keep, w, here, channels)
    return n


@njit(cache=True, inline="always", fastmath=True, error_model="numpy")
@no_type_check
def _step_part(touched, start, count, channels, records, rate, step, g, m, v):
    """Some rows are brought together, so that their arithmetic is vector instructions, and taken back."""
    for j in range(count):
        record = records[np.uint64(touched[start + j])]
        if start + j + 4 * AHEAD < len(touched):
            prefetch(records, np.int64(touched[start + j + 4 * AHEAD]))
        for c in range(channels):
            i = j * channels + c
            g[i], m[i], v[i] = record[channels + c], record[2 * channels + c], record[3 * channels + c]
    _moved(g[: count * channels], m, v, rate, step)
    for j in range(count):
        record = records[np.uint64(touched[start + j])]
        for c in range(channels):
            i = j * channels + c
            record[c] -= g[i]
            record[2 * channels + c], record[3 * channels + c] = m[i], v[i]
        record[channels] = _IDLE


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
@no_type_check
def _step_rows(touched, channels, records, rate, step):
    stage = np.zeros((3, STAGE * channels), dtype=np.float32)
    g, m, v = stage[0], stage[1], stage[2]
    for start in range(0, len(touched), STAGE):
        count = min(STAGE, len(touched) - start)
        if channels == 2:  # numbers that the compiler knows make straight code
            _step_part(touched, start, count, 2, records, rate, step, g, m, v)
        elif channels == 4:
            _step_part(touched, start, count, 4, records, rate, step, g, m, v)
        elif channels == 8:
            _step_part(touched, start, count, 8, records, rate, step, g, m, v)
        else:
            _step_part(touched, start, count, channels, records, rate, step, g, m, v)


@njit(cache=True, nogil=True, error_model="numpy")
@no_type_check
def scatter_adam(rows, weights, pull, levels, corners, summed, channels, records, touched, rate, step):
    """Sum the gradients of some levels' rows in the order of the points, then one step on each row that was touched.

    `pull` [features, points] are the derivatives by the features. Levels share no rows, so threads that take different
    levels never meet: no race, and the same sums always.
    """
    for level in levels:
        first, at = level * corners, (0 if summed else level * channels)
        n = _collect(rows, weights, pull, first, first + corners, at, channels, records, touched)
        _step_rows(touched[:n], channels, records, rate, step)
