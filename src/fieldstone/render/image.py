"""From linear light to an 8-bit picture with straight alpha and a hairline around it."""

from typing import no_type_check

import numpy as np
from jaxtyping import Float32, UInt8
from numba import njit

__all__ = ["develop", "to_srgb"]

HALO = (128, 136, 148)
"""sRGB of the hairline outside the silhouette: mid-grey, so that it parts dark shapes from dark pages."""
HALO_STRENGTH = 0.42


def _srgb_table() -> UInt8[np.ndarray, "4096"]:
    value = np.arange(4096) / 4095.0
    curve = np.where(value <= 0.0031308, value * 12.92, 1.055 * value ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(curve * 255), dtype=np.uint8)


_TO_SRGB = _srgb_table()


def to_srgb(light: Float32[np.ndarray, "*many 3"]) -> UInt8[np.ndarray, "*many 3"]:
    """Linear light in 0..1 as 8-bit sRGB."""
    return np.asarray(_TO_SRGB[np.clip(np.rint(light * 4095), 0, 4095).astype(np.int32)])


def develop(
    light: Float32[np.ndarray, "size size 3"], cover: Float32[np.ndarray, "size size"]
) -> UInt8[np.ndarray, "size size 4"]:
    """sRGB with straight alpha; 0 0 0 0 where nothing is."""
    out = np.zeros((*cover.shape, 4), dtype=np.uint8)
    _develop(light, cover, _TO_SRGB, np.array(HALO, dtype=np.float64), out)
    return out


@njit(cache=True, error_model="numpy")
@no_type_check
def _develop(light, cover, srgb, tint, out):
    size = cover.shape[0]
    for y in range(size):
        for x in range(size):
            above = cover[y, x]
            if above > 0.0:
                for k in range(3):
                    out[y, x, k] = srgb[min(4095, int(light[y, x, k] * 4095.0 + 0.5))]
                out[y, x, 3] = int(above * 255.0 + 0.5)
            if above < 1.0:
                below = HALO_STRENGTH * _neighbours(cover, y, x) * (1.0 - above)
                total = above + below
                if total > 0.0:
                    for k in range(3):
                        out[y, x, k] = int((out[y, x, k] * above + tint[k] * below) / total + 0.5)
                    out[y, x, 3] = int(total * 255.0 + 0.5)


@njit(cache=True, error_model="numpy", inline="always")
@no_type_check
def _neighbours(cover, y, x):
    """The largest cover of the eight neighbours, of the diagonal ones 70 %."""
    most = 0.0
    for j in range(max(0, y - 1), min(cover.shape[0], y + 2)):
        for i in range(max(0, x - 1), min(cover.shape[1], x + 2)):
            most = max(most, cover[j, i] * (0.7 if j != y and i != x else 1.0))
    return most
