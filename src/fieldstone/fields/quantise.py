"""Tables of features in one byte a number: each block of rows shares a scale, its largest absolute value over 127."""

from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Float32, Int8

__all__ = ["BLOCK", "Precision", "quantise", "restore"]

Precision: TypeAlias = Literal["fp32", "fp16", "int8"]
"""Of the numbers in a file."""
BLOCK = 64
"""Rows that share a scale: 4 bytes of scale for 64 rows."""
LARGEST = 127


def quantise(
    table: Float32[np.ndarray, "rows channels"],
) -> tuple[Int8[np.ndarray, "rows channels"], Float32[np.ndarray, "blocks"]]:
    """Codes from -127 to 127 and the scale of each block of 64 rows; off by half a scale at most."""
    peaks = np.abs(table).max(axis=1)
    scales = np.maximum.reduceat(peaks, np.arange(0, len(table), BLOCK)) / np.float32(LARGEST)
    steps = np.where(scales > 0, scales, np.float32(1.0))
    codes = np.rint(table / _of_rows(steps, len(table)))
    return np.clip(codes, -LARGEST, LARGEST).astype(np.int8), scales


def restore(
    codes: Int8[np.ndarray, "rows channels"], scales: Float32[np.ndarray, "blocks"]
) -> Float32[np.ndarray, "rows channels"]:
    """The table that the codes stand for: code times scale of the row's block."""
    table: Float32[np.ndarray, "rows channels"] = codes * _of_rows(scales, len(codes))
    return table


def _of_rows(scales: Float32[np.ndarray, "blocks"], rows: int) -> Float32[np.ndarray, "{rows} 1"]:
    return np.repeat(scales, BLOCK)[:rows, None]
