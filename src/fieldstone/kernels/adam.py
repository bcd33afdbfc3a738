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

__all__ = ["BETAS", "EPSILON", "adam", "records_of", "scatter_adam"]

BETAS = (0.9, 0.999)
EPSILON = 1e-15
"""wisp's; it is below every moment that matters, so that rows with small gradients move as fast as others."""
_B1, _B2, _EPSILON = np.float32(BETAS[0]), np.float32(BETAS[1]), np.float32(EPSILON)
_ZERO, _ONE = np.float32(0.0), np.float32(1.0)
_IDLE = np.float32(3e38)  # stands in the first gradient of a row that the batch has not touched
LINE = 64


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
def adam(p, g, m, v, rate, step):
    """One step on flat arrays, in place."""
    up1, up2 = np.float32(1.0 / (1.0 - 0.9**step)), np.float32(1.0 / (1.0 - 0.999**step))
    for i in range(len(p)):
        m[i] = _B1 * m[i] + (_ONE - _B1) * g[i]
        v[i] = _B2 * v[i] + (_ONE - _B2) * g[i] * g[i]
        p[i] -= rate * (m[i] * up1) / (np.sqrt(v[i] * up2) + _EPSILON)


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
@no_type_check
def _collect(rows, weights, d_features, first, last, at, channels, records, touched):
    """Gradients of the rows in slots [first, last), which read features from `at` on; how many rows were touched.

    Without a branch on what was touched before: a guess that fails would make the next rows wait for this one.
    """
    n = 0
    for i in range(rows.shape[0]):
        row, weight, pull = rows[i], weights[i], d_features[i]
        for k in range(first, last):
            w, record = weight[k], records[np.uint64(row[k])]
            if w == _ZERO:  # outside an octree's voxels: nothing is read, nothing is touched
                continue
            fresh = record[channels] == _IDLE
            touched[n] = row[k]
            n += fresh
            if channels == 2:
                g0, g1 = record[2], record[3]
                record[2] = (_ZERO if fresh else g0) + w * pull[at]
                record[3] = (_ZERO if fresh else g1) + w * pull[at + 1]
            else:
                keep = _ZERO if fresh else _ONE
                for c in range(channels):
                    record[channels + c] = keep * record[channels + c] + w * pull[at + c]
    return n


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
@no_type_check
def _step_rows(touched, channels, records, rate, up1, up2):
    for j in range(len(touched)):
        record = records[np.uint64(touched[j])]
        if channels == 2:
            g0, g1 = record[2], record[3]
            m0, m1 = _B1 * record[4] + (_ONE - _B1) * g0, _B1 * record[5] + (_ONE - _B1) * g1
            v0, v1 = _B2 * record[6] + (_ONE - _B2) * g0 * g0, _B2 * record[7] + (_ONE - _B2) * g1 * g1
            record[4], record[5], record[6], record[7] = m0, m1, v0, v1
            record[0] -= rate * (m0 * up1) / (np.sqrt(v0 * up2) + _EPSILON)
            record[1] -= rate * (m1 * up1) / (np.sqrt(v1 * up2) + _EPSILON)
        else:
            for c in range(channels):
                g = record[channels + c]
                m = _B1 * record[2 * channels + c] + (_ONE - _B1) * g
                v = _B2 * record[3 * channels + c] + (_ONE - _B2) * g * g
                record[2 * channels + c], record[3 * channels + c] = m, v
                record[c] -= rate * (m * up1) / (np.sqrt(v * up2) + _EPSILON)
        record[channels] = _IDLE


@njit(cache=True, nogil=True, error_model="numpy")
@no_type_check
def scatter_adam(rows, weights, d_features, levels, corners, summed, channels, records, touched, rate, step):
    """Sum the gradients of some levels' rows in the order of the points, then one step on each row that was touched.

    Levels share no rows, so threads that take different levels never meet: no race, and the same sums always.
    """
    up1, up2 = np.float32(1.0 / (1.0 - 0.9**step)), np.float32(1.0 / (1.0 - 0.999**step))
    for level in levels:
        first, at = level * corners, (0 if summed else level * channels)
        n = _collect(rows, weights, d_features, first, first + corners, at, channels, records, touched)
        _step_rows(touched[:n], channels, records, rate, up1, up2)
