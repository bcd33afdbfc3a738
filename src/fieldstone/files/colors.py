"""Colours as files write them, into 8-bit sRGB with alpha."""

import re
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Num, UInt8

__all__ = ["as_rgba", "encode_srgb", "from_hex", "from_unit", "srgb_from_linear", "tint"]


def encode_srgb(linear: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """Linear light in [0, 1] to sRGB in [0, 1] (IEC 61966-2-1, 1999)."""
    linear = np.clip(np.nan_to_num(linear), 0.0, 1.0)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


def _decode_srgb(encoded: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """The inverse of `encode_srgb`."""
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def srgb_from_linear(linear: Float[np.ndarray, "n c"]) -> UInt8[np.ndarray, "n 4"]:
    """Linear RGB or RGBA in [0, 1], alpha as it is, to 8-bit sRGB."""
    opaque = np.ones((len(linear), 1))
    alpha = linear[:, 3:4] if linear.shape[1] > 3 else opaque
    return as_rgba(np.concatenate([encode_srgb(linear[:, :3].astype(np.float64)), alpha], axis=1))


def as_rgba(values: Num[np.ndarray, "n c"]) -> UInt8[np.ndarray, "n 4"]:
    """RGB or RGBA to 8 bits: floats run to 1, 8-bit integers to 255, 16-bit ones to 65535."""
    top = {"u1": 255.0, "i1": 127.0, "u2": 65535.0, "i2": 32767.0}.get(values.dtype.str[1:], 1.0)
    if values.dtype.kind in "iu" and top == 1.0:
        top = 255.0
    scaled = np.clip(np.nan_to_num(values[:, :4].astype(np.float64)) / top, 0.0, 1.0)
    rgba = np.full((len(values), 4), 255, dtype=np.uint8)
    rgba[:, : scaled.shape[1]] = np.rint(scaled * 255.0)
    return rgba


def from_hex(text: str) -> tuple[int, int, int, int] | None:
    """`#RRGGBB` or `#RRGGBBAA`; None for anything else."""
    digits = text.strip().removeprefix("#")
    if not re.fullmatch(r"(?:[0-9a-fA-F]{2}){3,4}", digits):
        return None
    red, green, blue, alpha = (int((digits + "FF")[at : at + 2], 16) for at in (0, 2, 4, 6))
    return red, green, blue, alpha


def from_unit(values: Sequence[float]) -> tuple[int, int, int, int]:
    """RGB or RGBA in [0, 1], as sRGB, to 8 bits."""
    red, green, blue, alpha = as_rgba(np.array([values], dtype=np.float64))[0].tolist()
    return red, green, blue, alpha


def tint(image: UInt8[np.ndarray, "h w 4"], factor: Float[np.ndarray, "4"]) -> UInt8[np.ndarray, "h w 4"]:
    """An sRGB image multiplied, in linear light, by an RGBA factor."""
    ramp = np.arange(256) / 255.0
    tinted = np.zeros_like(image)
    for channel in range(4):
        linear = ramp if channel == 3 else _decode_srgb(ramp)
        scaled = np.clip(linear * factor[channel], 0.0, 1.0)
        curve = scaled if channel == 3 else encode_srgb(scaled)
        tinted[..., channel] = np.rint(curve * 255.0).astype(np.uint8)[image[..., channel]]
    return tinted
