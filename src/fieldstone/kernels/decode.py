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

from fieldstone.kernels.prefetch import prefetch

__all__ = ["CHUNK", "COLOR_WEIGHT", "backward", "forward", "gather", "tile_of"]

ALONE = 1 << 18
"""Multiplications up to which OpenBLAS computes a product on one thread."""
COLOR_WEIGHT = np.float32(0.01)
"""Of a colour's loss beside the distance's: colours are off by a tenth where distances are off by a thousandth, and
with equal weight they take the features for themselves (sdf of three textured models: the shape's error 1.4 to 2.3 times)."""
AHEAD = 4  # points that the memory is asked for in advance
CHUNK = 256
"""Points whose gradients are summed on their own."""


def tile_of(inputs: int, neurons: int) -> int:
    """Points that go through the layers together."""
    return max(8, min(128, ALONE // (inputs * neurons) // 8 * 8))


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
@no_type_check
def _pairs(rows, weights, table, first, x):
    """A hash grid of two channels: rows lie anywhere, so they are asked for in advance."""
    levels, last = rows.shape[1] // 8, rows.shape[0] - 1
    for t in range(x.shape[1]):
        row, weight, ahead = rows[first + t], weights[first + t], rows[min(first + t + AHEAD, last)]
        for k in range(rows.shape[1]):
            prefetch(table, np.int64(ahead[k]))
        for level in range(levels):
            a, b = np.float32(0.0), np.float32(0.0)
            for k in range(8 * level, 8 * level + 8):
                r, w = np.uint64(row[k]), weight[k]
                a += w * table[r, 0]
                b += w * table[r, 1]
            x[3 + 2 * level, t], x[4 + 2 * level, t] = a, b


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
@no_type_check
def _eights(rows, weights, table, first, x):
    """An octree of eight channels: levels are summed, so corners of all levels are alike."""
    z = np.zeros(8, dtype=np.float32)
    for t in range(x.shape[1]):
        row, weight = rows[first + t], weights[first + t]
        z[:] = 0.0
        for k in range(0, rows.shape[1], 8):
            a, b, c, d = np.uint64(row[k]), np.uint64(row[k + 1]), np.uint64(row[k + 2]), np.uint64(row[k + 3])
            e, f, g, h = np.uint64(row[k + 4]), np.uint64(row[k + 5]), np.uint64(row[k + 6]), np.uint64(row[k + 7])
            p, q, r, s = weight[k], weight[k + 1], weight[k + 2], weight[k + 3]
            u, v, w, y = weight[k + 4], weight[k + 5], weight[k + 6], weight[k + 7]
            for i in range(8):
                near = p * table[a, i] + q * table[b, i] + r * table[c, i] + s * table[d, i]
                z[i] += near + u * table[e, i] + v * table[f, i] + w * table[g, i] + y * table[h, i]
        for i in range(8):
            x[3 + i, t] = z[i]


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
@no_type_check
def _fours(rows, weights, table, first, x):
    """Three planes of four channels."""
    for t in range(x.shape[1]):
        row, weight = rows[first + t], weights[first + t]
        for plane in range(3):
            for c in range(4):
                total = np.float32(0.0)
                for k in range(4 * plane, 4 * plane + 4):
                    total += weight[k] * table[np.uint64(row[k]), c]
                x[3 + 4 * plane + c, t] = total


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
@no_type_check
def _any(rows, weights, table, channels, corners, summed, first, x):
    """Any grid."""
    for t in range(x.shape[1]):
        row, weight = rows[first + t], weights[first + t]
        for c in range(channels):
            total = np.float32(0.0)
            for k in range(rows.shape[1]):
                if not summed and k % corners == 0:
                    total = np.float32(0.0)
                total += weight[k] * table[np.uint64(row[k]), c]
                if (k + 1) % corners == 0:
                    x[3 + c + (0 if summed else channels * (k // corners)), t] = total


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
@no_type_check
def gather(points, rows, weights, table, channels, corners, summed, first, x):
    """x[:, t] = [point, interpolated features] of the points from `first` on; INRet's three grids have their own loops,
    because numbers that the compiler knows make straight code."""
    for t in range(x.shape[1]):
        for k in range(3):
            x[k, t] = points[first + t, k]
    if channels == 2 and corners == 8 and not summed:
        _pairs(rows, weights, table, first, x)
    elif channels == 8 and corners == 8 and summed:
        _eights(rows, weights, table, first, x)
    elif channels == 4 and corners == 4 and rows.shape[1] == 12:
        _fours(rows, weights, table, first, x)
    else:
        _any(rows, weights, table, channels, corners, summed, first, x)


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
@no_type_check
def _activate(h, b1, w2, b2, y):
    """h [neurons, n] = max(0, h + b1) in place; y [outputs, n] = W2 h + b2."""
    n = h.shape[1]
    for o in range(len(b2)):
        for t in range(n):
            y[o, t] = b2[o]
    for j in range(len(b1)):
        hj, bias = h[j], b1[j]
        for t in range(n):
            hj[t] = max(hj[t] + bias, np.float32(0.0))
        for o in range(len(b2)):
            w, yo = w2[o, j], y[o]
            for t in range(n):
                yo[t] += w * hj[t]


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
@no_type_check
def _gradients(rows, slopes, table, channels, corners, summed, w1, w2, h, x, first, gradient):
    """Derivatives of the first output along x, y, z: through the layers, and through the corners' weights.

    h are the active neurons, and is used up, as is x.
    """
    for j in range(h.shape[0]):
        for t in range(h.shape[1]):
            h[j, t] = w2[0, j] if h[j, t] > 0 else np.float32(0.0)
    np.dot(w1, h, x)
    for t in range(h.shape[1]):
        i = first + t
        gx, gy, gz = x[0, t], x[1, t], x[2, t]
        for k in range(rows.shape[1]):
            at, pull = (3 if summed else 3 + channels * (k // corners)), np.float32(0.0)
            for c in range(channels):
                pull += x[at + c, t] * table[np.uint64(rows[i, k]), c]
            gx, gy, gz = gx + pull * slopes[i, k, 0], gy + pull * slopes[i, k, 1], gz + pull * slopes[i, k, 2]
        gradient[i, 0], gradient[i, 1], gradient[i, 2] = gx, gy, gz


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
@no_type_check
def forward(
    points, rows, weights, slopes, table, channels, corners, summed, w1, b1, w2, b2, tile, result, gradient
):  # fmt: skip
    """result [points, outputs]; and, where there are slopes, the first output's gradient [points, 3]."""
    inputs, neurons, outputs = w1.shape[0], len(b1), len(b2)
    flat_x, flat_h = np.zeros(inputs * tile, dtype=np.float32), np.zeros(neurons * tile, dtype=np.float32)
    back, y = np.ascontiguousarray(w1.T), np.zeros((outputs, tile), dtype=np.float32)
    for start in range(0, len(points), tile):
        n = min(tile, len(points) - start)
        x, h = flat_x[: inputs * n].reshape(inputs, n), flat_h[: neurons * n].reshape(neurons, n)
        gather(points, rows, weights, table, channels, corners, summed, start, x)
        np.dot(back, x, h)
        _activate(h, b1, w2, b2, y)
        for t in range(n):
            for o in range(outputs):
                result[start + t, o] = y[o, t]
        if len(slopes) > 0:
            _gradients(rows, slopes, table, channels, corners, summed, w1, w2, h, x, start, gradient)


@njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "nsz"}, error_model="numpy")
@no_type_check
def _loss(y, target, squared, share, pull):
    """Sum of the losses, and pull = its derivative by y times `share`; a target that is no number pulls nothing."""
    total = np.float64(0.0)
    for o in range(pull.shape[0]):
        weight = np.float32(1.0) if o == 0 else COLOR_WEIGHT
        for t in range(pull.shape[1]):
            off = y[o, t] - target[t, o]
            if np.isnan(off):
                pull[o, t] = np.float32(0.0)
            elif squared:
                total += weight * off * off
                pull[o, t] = np.float32(2.0) * weight * off * share
            else:
                total += weight * abs(off)
                pull[o, t] = weight * (share if off > 0 else (-share if off < 0 else np.float32(0.0)))
    return total


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
@no_type_check
def _through(h, w2, pull, d_b1, d_w2, d_b2):
    """h [neurons, n] becomes the derivative by the neurons' inputs; the layers' own derivatives are added up."""
    n, outputs = h.shape[1], w2.shape[0]
    for o in range(outputs):
        total = np.float32(0.0)
        for t in range(n):
            total += pull[o, t]
        d_b2[o] += total
    for j in range(h.shape[0]):
        hj = h[j]
        for o in range(outputs):
            total, p = np.float32(0.0), pull[o]
            for t in range(n):
                total += p[t] * hj[t]
            d_w2[o, j] += total
        total, p, w = np.float32(0.0), pull[0], w2[0, j]
        if outputs == 1:
            for t in range(n):
                hj[t] = w * p[t] if hj[t] > 0 else np.float32(0.0)
                total += hj[t]
        else:
            for t in range(n):
                d = np.float32(0.0)
                for o in range(outputs):
                    d += w2[o, j] * pull[o, t]
                hj[t] = d if hj[t] > 0 else np.float32(0.0)
                total += hj[t]
        d_b1[j] += total


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
@no_type_check
def backward(
    points, target, rows, weights, table, channels, corners, summed, w1, b1, w2, b2, tile, squared, share, first, last,
    d_features, d_w1, d_b1, d_w2, d_b2, losses,
):  # fmt: skip
    """Derivatives of the losses of chunks [first, last) of CHUNK points: by the features [features, points], and summed
    by the decoder.

    Each chunk has its own sums, so that they are the same whichever thread has computed them.
    """
    inputs, neurons, outputs = w1.shape[0], len(b1), len(b2)
    flat_x, flat_h = np.zeros(inputs * tile, dtype=np.float32), np.zeros(neurons * tile, dtype=np.float32)
    flat_d, flat_p = np.zeros((inputs - 3) * tile, dtype=np.float32), np.zeros(outputs * tile, dtype=np.float32)
    back, y = np.ascontiguousarray(w1.T), np.zeros((outputs, tile), dtype=np.float32)
    grid, product = np.ascontiguousarray(w1[3:]), np.zeros_like(back)
    flat_a = np.zeros(inputs * tile, dtype=np.float32)
    for chunk in range(first, last):
        d_w1[chunk], d_b1[chunk], d_w2[chunk], d_b2[chunk], total = 0.0, 0.0, 0.0, 0.0, 0.0
        end = min((chunk + 1) * CHUNK, points.shape[0])
        for start in range(chunk * CHUNK, end, tile):
            n = min(tile, end - start)
            x, h = flat_x[: inputs * n].reshape(inputs, n), flat_h[: neurons * n].reshape(neurons, n)
            d, pull = flat_d[: (inputs - 3) * n].reshape(inputs - 3, n), flat_p[: outputs * n].reshape(outputs, n)
            gather(points, rows, weights, table, channels, corners, summed, start, x)
            np.dot(back, x, h)
            _activate(h, b1, w2, b2, y)
            total += _loss(y, target[start : start + n], squared, share, pull)
            _through(h, w2, pull, d_b1[chunk], d_w2[chunk], d_b2[chunk])
            across = flat_a[: inputs * n].reshape(n, inputs)
            for t in range(n):
                for k in range(inputs):
                    across[t, k] = x[k, t]
            np.dot(h, across, product)
            d_w1[chunk] += product.T
            np.dot(grid, h, d)
            d_features[:, start : start + n] = d
        losses[chunk] = total
