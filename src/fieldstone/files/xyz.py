"""XYZ and its kin: one point a line, three coordinates, then perhaps intensity, normals, colours."""

import re
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from fieldstone.files.checks import unit_normals
from fieldstone.files.colors import as_rgba
from fieldstone.files.notes import Notes, small
from fieldstone.files.source import Source
from fieldstone.files.text import table
from fieldstone.types import Model, PointCloud

__all__ = ["read"]


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a row holds what: first column of normals and colours, -1 where it has none."""

    normals: int = -1
    colors: int = -1


def read(source: Source, notes: Notes) -> Model:
    """A cloud; what the columns behind x, y, z mean is told by the header line, or by their values."""
    header, body = _split_header(source.data)
    rows = table(source, re.sub(rb"[,;]", b" ", re.sub(rb"(?:#|//)[^\n]*", b"", body.replace(b"\r", b"\n"))), "points")
    widths = rows.widths
    if len(widths) and widths[0] == 1 and (widths[1:] > 1).all():
        first, values, starts = rows.values[0], rows.values[1:], rows.starts[1:] - 1
        if first != len(starts) - 1:
            raise source.broken(
                f"promises {first:,.0f} points and holds {len(starts) - 1:,}: it was cut short; copy it again"
            )
    else:
        values, starts = rows.values, rows.starts
    if len(starts) < 2:
        raise source.empty("holds no points; check that the export was not empty")
    source.check("vertices", len(starts) - 1, "points")
    width = int(starts[1] - starts[0])
    if width < 3 or not (np.diff(starts) == width).all():
        raise source.broken(
            "has lines with different, or fewer than three, numbers; check that this is a list of points"
        )
    grid = values.reshape(-1, width)
    columns = _by_name(header, width) or _by_value(grid)
    used = 3 + 3 * (columns.normals >= 0) + 3 * (columns.colors >= 0)
    notes.count(
        width - used, "column has no known meaning and was left out", "columns have no known meaning and were left out"
    )
    normals = unit_normals(grid[:, columns.normals : columns.normals + 3], notes) if columns.normals >= 0 else None
    colors = None
    if columns.colors >= 0:
        rgb = grid[:, columns.colors : columns.colors + 3]
        colors = as_rgba(rgb / 255.0 if (rgb > 1.0).any() else rgb)
    cloud = PointCloud(np.ascontiguousarray(grid[:, :3]), normals, colors)
    return Model(name=source.stem, shape=cloud, metadata=small([("columns", header)]))


def _split_header(data: bytes) -> tuple[str, bytes]:
    """A first line that names columns (`//X Y Z R G B`), as words, and the rest."""
    line, _, rest = data.partition(b"\n")
    words = line[:1000].decode("latin-1").lower().strip().lstrip("/#").strip()
    return (words, rest) if re.match(r"\"?x\b", words) else ("", data)


def _by_name(header: str, width: int) -> Columns | None:
    """Columns from a header such as `X Y Z R G B Nx Ny Nz`; None where it names none or too few."""
    names = re.split(r"[\s,;]+", header.replace('"', "")) if header else []
    if len(names) != width or names[:3] != ["x", "y", "z"]:
        return None
    found = {}
    for kind, spellings in {
        "normals": (["nx", "ny", "nz"],),
        "colors": (["r", "g", "b"], ["red", "green", "blue"]),
    }.items():
        for spelling in spellings:
            for at in range(3, width - 2):
                if names[at : at + 3] == spelling:
                    found[kind] = at
    return Columns(**found)


def _by_value(grid: Float64[np.ndarray, "n w"]) -> Columns:
    """Columns from their values: three of length 1 are a normal, whole numbers to 255 are a colour."""
    found: dict[str, int] = {}
    at = 3
    while at + 3 <= grid.shape[1] and len(found) < 2:
        three = grid[:, at : at + 3]
        if "normals" not in found and np.allclose(np.linalg.norm(three, axis=1), 1.0, atol=1e-2):
            found["normals"] = at
        elif "colors" not in found and ((three >= 0) & (three <= 255) & (three == np.floor(three))).all():
            found["colors"] = at
        else:
            at += 1
            continue
        at += 3
    return Columns(**found)
