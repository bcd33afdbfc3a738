"""Rows of unequal length, one after the other: where each starts can only be found by walking."""

from typing import no_type_check

import numpy as np
from numba import njit

__all__ = ["walk_bytes", "walk_numbers"]


@njit(cache=True)
@no_type_check
def walk_bytes(data, begin, rows, fixed, at, counts, sizes, widths, little):
    """Byte offset and length of every list of every row; returns the end, or -1 where the data does not suffice.

    A row is, for each list l, `fixed[l]` bytes, a length of `widths[l]` bytes, then as many items of `sizes[l]` bytes;
    `fixed` has one more entry for the bytes behind the last list.
    """
    position = begin
    for row in range(rows):
        for item in range(len(sizes)):
            position += fixed[item]
            if position + widths[item] > len(data):
                return -1
            length = np.int64(0)
            for byte in range(widths[item]):
                place = byte if little else widths[item] - 1 - byte
                length += np.int64(data[position + byte]) << (8 * place)
            position += widths[item]
            at[row, item] = position
            counts[row, item] = length
            if length < 0 or length > len(data):
                return -1
            position += length * sizes[item]
        position += fixed[len(sizes)]
        if position > len(data):
            return -1
    return position


@njit(cache=True)
@no_type_check
def walk_numbers(values, begin, rows, fixed, at, counts):
    """The same among numbers of a text, where every entry takes one place."""
    position = begin
    lists = len(fixed) - 1
    for row in range(rows):
        for item in range(lists):
            position += fixed[item]
            if position >= len(values):
                return -1
            length = np.int64(values[position])
            if length < 0 or length > len(values) or length != values[position]:
                return -1
            position += 1
            at[row, item] = position
            counts[row, item] = length
            position += length
        position += fixed[lists]
        if position > len(values):
            return -1
    return position
