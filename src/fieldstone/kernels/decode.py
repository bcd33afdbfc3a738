"""Feature rows to values and back: gather and interpolate, then one hidden layer of ReLU neurons, fused.

    f_l = sum_k w_k T[r_k]              features of level l: interpolated rows of the table T
    x = [p, f_1, ..., f_L]              concatenated, or [p, f_1 + ... + f_L] where `summed`
    h = max(0, x W1 + b1),  y = h W2 + b2

Points go through in tiles that stay in the first cache. The products with W1 are the BLAS's (its vector code is twice
as fast as what our loops compile to); a tile is small enough that the BLAS stays on the calling thread. W1 is
[inputs, neurons], W2 is kept as [outputs, neurons].
`table` may be wider than `channels`: in training its rows are records (kernels/adam.py).
"""

from typing import no_type_check

import numpy as np
from numba import njit

__all__ = ["CHUNK", "backward", "forward", "forward_and_slopes", "tile_of"]

ALONE = 1 << 18
"""Multiplications up to which OpenBLAS computes a product on one thread."""
CHUNK = 256
"""Points whose gradients are summed on their own."""


def tile_of(inputs: int, neurons: int) -> int:
    """Points that go through the layers together."""
    return max(8, min(128, ALONE // (inputs * neurons) // 8 * 8))


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
@no_type_check
def _gather(points, rows, weights, table, channels, corners, summed, first, count, x):
    """x[t] = [point, interpolated features] of `count` points from `first` on."""
    levels = rows.shape[1] // corners
    for t in range(count):
        i = first + t
        xt, row, weight = x[t], rows[i], weights[i]
        for k in range(3):
            xt[k] = points[i, k]
        if channels == 2 and not summed:
            for level in range(levels):
                a, b = np.float32(0.0), np.float32(0.0)
                for k in range(level * corners, (level + 1) * corners):
                    r, w = np.uint64(row[k]), weight[k]
                    a += w * table[r, 0]
                    b += w * table[r, 1]
                at = 3 + 2 * level
                xt[at], xt[at + 1] = a, b
            continue
        xt[3:] = 0.0
        for level in range(levels):
            at = 3 if summed else 3 + channels * level
            for k in range(level * corners, (level + 1) * corners):
                r, w = np.uint64(row[k]), weight[k]
                for c in range(channels):
                    xt[at + c] += w * table[r, c]


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
@no_type_check
def _activate(h, b1, w2, b2, y):
    """h = max(0, h + b1) in place, y = h W2 + b2."""
    for t in range(h.shape[0]):
        ht = h[t]
        for j in range(len(b1)):
            ht[j] = max(ht[j] + b1[j], np.float32(0.0))
        for o in range(len(b2)):
            w, total = w2[o], np.float32(0.0)
            for j in range(len(b1)):
                total += ht[j] * w[j]
            y[t, o] = total + b2[o]


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
@no_type_check
def forward(points, rows, weights, table, channels, corners, summed, w1, b1, w2, b2, tile, first, last, y):
    """y of points [first, last)."""
    x = np.zeros((tile, w1.shape[0]), dtype=np.float32)
    h = np.zeros((tile, len(b1)), dtype=np.float32)
    for start in range(first, last, tile):
        count = min(tile, last - start)
        _gather(points, rows, weights, table, channels, corners, summed, start, count, x)
        np.dot(x[:count], w1, h[:count])
        _activate(h[:count], b1, w2, b2, y[start : start + count])


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
@no_type_check
def forward_and_slopes(
    points, rows, weights, slopes, table, channels, corners, summed, w1, b1, w2, b2, tile, first, last, y, gradient
):  # fmt: skip
    """y of points [first, last), and the derivatives of the first output along x, y, z."""
    slots = rows.shape[1]
    x = np.zeros((tile, w1.shape[0]), dtype=np.float32)
    h = np.zeros((tile, len(b1)), dtype=np.float32)
    back = np.ascontiguousarray(w1.T)
    for start in range(first, last, tile):
        count = min(tile, last - start)
        _gather(points, rows, weights, table, channels, corners, summed, start, count, x)
        np.dot(x[:count], w1, h[:count])
        _activate(h[:count], b1, w2, b2, y[start : start + count])
        for t in range(count):
            for j in range(len(b1)):
                h[t, j] = w2[0, j] if h[t, j] > 0 else np.float32(0.0)
        np.dot(h[:count], back, x[:count])
        for t in range(count):
            i = start + t
            gx, gy, gz = x[t, 0], x[t, 1], x[t, 2]
            for k in range(slots):
                at, pull = (3 if summed else 3 + channels * (k // corners)), np.float32(0.0)
                for c in range(channels):
                    pull += x[t, at + c] * table[np.uint64(rows[i, k]), c]
                gx, gy, gz = gx + pull * slopes[i, k, 0], gy + pull * slopes[i, k, 1], gz + pull * slopes[i, k, 2]
            gradient[i, 0], gradient[i, 1], gradient[i, 2] = gx, gy, gz


@njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "nsz"}, error_model="numpy")
@no_type_check
def _loss(y, target, squared, share, pull):
    """Sum of the losses, and pull = its derivative by y times `share`; a target that is no number pulls nothing."""
    total = np.float64(0.0)
    for t in range(y.shape[0]):
        for o in range(y.shape[1]):
            off = y[t, o] - target[t, o]
            if np.isnan(off):
                pull[t, o] = np.float32(0.0)
            elif squared:
                total += off * off
                pull[t, o] = np.float32(2.0) * off * share
            else:
                total += abs(off)
                pull[t, o] = share if off > 0 else (-share if off < 0 else np.float32(0.0))
    return total


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
@no_type_check
def _through(h, w2, pull, d_b1, d_w2, d_b2):
    """h becomes the derivative by the neurons' inputs; the layer's own derivatives are added up."""
    for t in range(h.shape[0]):
        ht = h[t]
        for o in range(w2.shape[0]):
            g, d = pull[t, o], d_w2[o]
            d_b2[o] += g
            for j in range(len(d_b1)):
                d[j] += g * ht[j]
        g, w = pull[t, 0], w2[0]
        if w2.shape[0] == 1:
            for j in range(len(d_b1)):
                ht[j] = g * w[j] if ht[j] > 0 else np.float32(0.0)
                d_b1[j] += ht[j]
        else:
            for j in range(len(d_b1)):
                total = np.float32(0.0)
                for o in range(w2.shape[0]):
                    total += pull[t, o] * w2[o, j]
                ht[j] = total if ht[j] > 0 else np.float32(0.0)
                d_b1[j] += ht[j]


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
@no_type_check
def backward(
    points, target, rows, weights, table, channels, corners, summed, w1, b1, w2, b2, tile, squared, share, first, last,
    d_features, d_w1, d_b1, d_w2, d_b2, losses,
):  # fmt: skip
    """Derivatives of the losses of chunks [first, last) of CHUNK points: by the features, and summed by the decoder.

    Each chunk has its own sums, so that they are the same whichever thread has computed them.
    """
    x = np.zeros((tile, w1.shape[0]), dtype=np.float32)
    h = np.zeros((tile, len(b1)), dtype=np.float32)
    y = np.zeros((tile, len(b2)), dtype=np.float32)
    pull = np.zeros((tile, len(b2)), dtype=np.float32)
    flat = np.zeros(w1.shape[0] * tile, dtype=np.float32)
    product = np.zeros_like(w1)
    back = np.ascontiguousarray(w1[3:].T)
    for chunk in range(first, last):
        d_w1[chunk], d_b1[chunk], d_w2[chunk], d_b2[chunk], total = 0.0, 0.0, 0.0, 0.0, 0.0
        end = min((chunk + 1) * CHUNK, points.shape[0])
        for start in range(chunk * CHUNK, end, tile):
            count = min(tile, end - start)
            _gather(points, rows, weights, table, channels, corners, summed, start, count, x)
            np.dot(x[:count], w1, h[:count])
            _activate(h[:count], b1, w2, b2, y[:count])
            total += _loss(y[:count], target[start : start + count], squared, share, pull)
            _through(h[:count], w2, pull, d_b1[chunk], d_w2[chunk], d_b2[chunk])
            across = flat[: w1.shape[0] * count].reshape(w1.shape[0], count)
            for t in range(count):
                for k in range(w1.shape[0]):
                    across[k, t] = x[t, k]
            np.dot(across, h[:count], product)
            d_w1[chunk] += product
            np.dot(h[:count], back, d_features[start : start + count])
        losses[chunk] = total
