"""The map of a library: similar shapes stand near each other; as one HTML file to wander in, and as a picture."""

import base64
import io
import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float, Float64, Int64, UInt8

from fieldstone.library.pages.frame import asset, page
from fieldstone.library.pages.words import count, size_of
from fieldstone.library.shape import Shape

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["render_map_html", "render_map_png"]

CELL = 88
"""Side in pixels of a picture on the map page."""
ACROSS = 40
"""Pictures in a row of the page's atlas."""
MOST_PICTURES = 1600
"""Shapes that get a picture on the page, spread over the map; the others are dots."""
SEARCH = 3
"""How many cells away a picture may move to find a free one, in the PNG."""


def render_map_html(
    points: Float[np.ndarray, "n 2"], shapes: Sequence[Shape], thumbnails: Mapping[str, bytes], *, title: str = "Map"
) -> str:
    """A map to pan and zoom: one self-contained HTML page. `points` are places, one a shape; WebP by shape id.

    More pictures appear the closer one looks, never over each other; hovering names a shape. It loads nothing.
    """
    place = _unit(points)
    pictured = _spread(place, [shape.id in thumbnails for shape in shapes], MOST_PICTURES)
    where = {int(i): k for k, i in enumerate(pictured)}
    names = sorted({shape.category or "" for shape in shapes})
    rows = [
        [round(x, 5), round(y, 5), where.get(i, -1), names.index(shape.category or ""), shape.name, size_of(shape)]
        for i, ((x, y), shape) in enumerate(zip(place.tolist(), shapes, strict=True))
    ]
    data = {"rows": rows, "names": names, "cell": CELL, "across": ACROSS, "atlas": _atlas(pictured, shapes, thumbnails)}
    safe = json.dumps(data, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
    body = (
        f'<div id="bar"><h1>{escape(title)}</h1><span class="soft small">{count(len(shapes), "shape")}</span>'
        '<input id="find" type="search" placeholder="Find by name" aria-label="Find by name">'
        '<button id="home" type="button">Fit</button></div><canvas id="map" tabindex="0" role="img" '
        'aria-label="Map of the shapes: drag to move, wheel to zoom"></canvas><div id="tip" hidden></div>'
        "<noscript>This page draws its map with a script.</noscript>"
    )
    return page(title, body, style=asset("map.css"), script=f"const DATA = {safe};\n{asset('map.js')}")


def _unit(points: Float[np.ndarray, "n 2"]) -> Float64[np.ndarray, "n 2"]:
    """The points in the unit square, centred, proportions kept; places that are not finite in the middle."""
    places = np.where(np.isfinite(points), points, np.nan).astype(np.float64)
    if len(places) == 0 or np.isnan(places).all():
        return np.full((len(points), 2), 0.5)
    low, high = np.nanmin(places, axis=0), np.nanmax(places, axis=0)
    scaled = (places - (low + high) / 2) / max(float((high - low).max()), 1e-300) + 0.5
    return np.asarray(np.nan_to_num(scaled, nan=0.5), dtype=np.float64)


def _spread(place: Float64[np.ndarray, "n 2"], able: Sequence[bool], most: int) -> Int64[np.ndarray, "k"]:
    """At most `most` of the able ones, the first of every cell of a coarse grid before the second of any."""
    chosen = np.flatnonzero(np.asarray(able, dtype=np.bool_))
    cell = np.minimum((place[chosen] * 48).astype(np.int64), 47)
    key = cell[:, 1] * 48 + cell[:, 0]
    order = np.argsort(key, kind="stable")
    first = np.searchsorted(key[order], key[order], side="left")
    turn = np.zeros(len(chosen), dtype=np.int64)
    turn[order] = np.arange(len(chosen)) - first
    return np.asarray(chosen[np.argsort(turn, kind="stable")][:most], dtype=np.int64)


def _atlas(pictured: Int64[np.ndarray, "k"], shapes: Sequence[Shape], thumbnails: Mapping[str, bytes]) -> str:
    """All pictures of the page on one, as a data URI; empty where there is none."""
    from PIL import Image

    if len(pictured) == 0:
        return ""
    atlas = Image.new("RGBA", (CELL * min(ACROSS, len(pictured)), CELL * -(-len(pictured) // ACROSS)))
    for k, i in enumerate(pictured.tolist()):
        atlas.paste(_small(thumbnails[shapes[i].id], CELL), (k % ACROSS * CELL, k // ACROSS * CELL))
    out = io.BytesIO()
    atlas.save(out, "WEBP", quality=76, method=2)
    return f"data:image/webp;base64,{base64.b64encode(out.getvalue()).decode('ascii')}"


def _small(webp: bytes, side: int) -> "Image.Image":
    from PIL import Image

    with Image.open(io.BytesIO(webp)) as picture:
        return picture.convert("RGBA").resize((side, side), Image.Resampling.BOX, reducing_gap=2.0)


def render_map_png(
    points: Float[np.ndarray, "n 2"],
    shapes: Sequence[Shape],
    thumbnails: Mapping[str, bytes],
    *,
    size: int = 2400,
    cell: int = 96,
    background: tuple[int, int, int, int] = (255, 255, 255, 255),
) -> UInt8[np.ndarray, "{size} {size} 4"]:
    """The map as a picture: thumbnails of `cell` pixels at their places, moved a little, never overlapping.

    Where many shapes stand at one place the first of them show.
    """
    from PIL import Image

    canvas = Image.new("RGBA", (size, size), background)
    across = size // cell
    place = np.minimum((_unit(points) * across).astype(np.int64), across - 1)
    taken = np.zeros((across, across), dtype=np.bool_)
    edge = (size - across * cell) // 2
    for (column, row), shape in zip(place.tolist(), shapes, strict=True):
        free = _free_cell(taken, column, across - 1 - row)
        if free is not None and shape.id in thumbnails:
            taken[free] = True
            picture = _small(thumbnails[shape.id], cell)
            canvas.alpha_composite(picture, (edge + free[0] * cell, edge + free[1] * cell))
    return np.array(canvas)


def _free_cell(taken: Bool[np.ndarray, "across across"], column: int, row: int) -> tuple[int, int] | None:
    """The free cell nearest to one, at most SEARCH cells away."""
    x0, y0 = max(0, column - SEARCH), max(0, row - SEARCH)
    near = ~taken[x0 : column + SEARCH + 1, y0 : row + SEARCH + 1]
    xs, ys = np.nonzero(near)
    if len(xs) == 0:
        return None
    best = int(np.argmin((xs + x0 - column) ** 2 + (ys + y0 - row) ** 2))
    return int(xs[best]) + x0, int(ys[best]) + y0
