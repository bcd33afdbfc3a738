"""The `f` lines of an OBJ: corners as vertex[/texture[/normal]], counted from 1, or backwards from -1."""

import re
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int64

from fieldstone.files.source import Source
from fieldstone.files.text import Lines, table

__all__ = ["Corners", "read_corners"]


@dataclass(frozen=True, slots=True, eq=False)
class Corners:
    """All corners, polygon after polygon, with indices from 0; a texture index of -1 is none."""

    counts: Int64[np.ndarray, "p"]
    vertex: Int64[np.ndarray, "c"]
    texture: Int64[np.ndarray, "c"] | None


def read_corners(
    source: Source, lines: Lines, is_vertex: Bool[np.ndarray, "lines"], is_face: Bool[np.ndarray, "lines"]
) -> Corners:
    """Parse every face line; raises BrokenFile where a corner is no index."""
    text, fields = _spread(lines.pick(is_face, 1))
    rows = table(source, text, "faces")
    widths = rows.widths
    values = rows.values
    if not (np.isfinite(values) & (values == np.floor(values)) & (np.abs(values) < 2**53)).all():
        raise source.broken("has face corners that are not whole numbers; export it again")
    if (widths % fields).any():
        raise source.broken("has face corners that are written in different ways within one face; export it again")
    indices = values.astype(np.int64).reshape(-1, fields)
    filled = np.flatnonzero(_has_numbers(text))
    counts = np.zeros(int(is_face.sum()), dtype=np.int64)
    counts[filled] = widths // fields
    vertex = indices[:, 0].copy()
    if (vertex == 0).any():
        raise source.broken(
            f"{int((vertex == 0).sum()):,} of its face corners name vertex 0 and the format counts from 1; "
            "export it again"
        )
    vertex = _from_zero(vertex, counts, np.cumsum(is_vertex)[is_face])
    texture = None
    if fields > 1 and indices[:, 1].any():
        texture = _from_zero(indices[:, 1], counts, np.cumsum(lines.starting(b"vt"))[is_face])
    return Corners(counts, vertex, texture)


def _spread(text: bytes) -> tuple[bytes, int]:
    """The corners as plain numbers, the same number of them for each corner; a missing index becomes 0."""
    if b"/" not in text:
        return text, 1
    text = text.replace(b"//", b"/0/")
    text = re.sub(rb"/(?=\s|$)", b"/0", text)
    slashes = _slashes(text)
    if len(slashes) and (slashes == slashes[0]).all():
        return text.replace(b"/", b" "), int(slashes[0]) + 1
    text = re.sub(rb"(?<![^\s])(-?\d+)(?![^\s])", rb"\1/0/0", text)
    text = re.sub(rb"(?<![^\s])(-?\d+/-?\d+)(?![^\s])", rb"\1/0", text)
    return text.replace(b"/", b" "), 3


def _slashes(text: bytes) -> Int64[np.ndarray, "words"]:
    """How many slashes each word holds."""
    characters = np.frombuffer(text, dtype=np.uint8)
    space = characters <= ord(" ")
    begins = np.flatnonzero(~space & np.concatenate([[True], space[:-1]]))
    places = np.searchsorted(np.flatnonzero(characters == ord("/")), np.append(begins, len(text)))
    return np.diff(places)


def _has_numbers(text: bytes) -> Bool[np.ndarray, "p"]:
    """Which lines are not blank."""
    characters = np.frombuffer(text, dtype=np.uint8)
    ends = np.flatnonzero(characters == ord("\n"))
    ink = np.cumsum(characters > ord(" "))[ends]
    return np.diff(ink, prepend=0) > 0


def _from_zero(
    indices: Int64[np.ndarray, "c"], counts: Int64[np.ndarray, "p"], seen: Int64[np.ndarray, "p"]
) -> Int64[np.ndarray, "c"]:
    """Indices from 0; a negative one counts back from what the file had listed before the face."""
    if (indices >= 0).all():
        return indices - 1
    return np.where(indices < 0, indices + np.repeat(seen, counts), indices - 1)
