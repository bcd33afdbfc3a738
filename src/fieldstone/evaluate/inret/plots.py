"""Where embeddings lie, in two dimensions by t-SNE: INRet's Figures 5 and 6, as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib.util import find_spec

import numpy as np
from jaxtyping import Float, Float64, Int64

from fieldstone.errors import MissingExtra
from fieldstone.evaluate.inret.across import FUNCTIONS
from fieldstone.evaluate.inret.study import Rows, Study
from fieldstone.training.common_latent import Recipe

__all__ = ["Panel", "decoders", "functions", "scatter", "tsne"]

PERPLEXITY = 30.0
"""scikit-learn's, with fewer points a third of them; the paper does not say."""
CATEGORIES = (
    "#332288", "#88ccee", "#117733", "#ddcc77", "#cc6677", "#aa4499", "#44aa99", "#999933", "#882255", "#222222",
)  # fmt: skip
"""Paul Tol's "muted" and black, which the colour-blind tell apart. The second ten categories have them hollow."""
TINTS = ("#0072b2", "#e69f00", "#009e73")
"""Of the functions, from Okabe and Ito's palette."""
MARKS = ("M-3.4,0a3.4,3.4 0 1,0 6.8,0a3.4,3.4 0 1,0 -6.8,0Z", "M0,-4.3L4,3.1H-4Z", "M-3,-3H3V3H-3Z")
"""Disc, triangle and square: a function has its shape whatever the colours say."""
SIDE, EDGE, HEAD, LEGEND, LINE, LONGEST = 460, 14, 34, 150, 19, 20
STYLE = (
    "text{font:13px sans-serif;fill:#444}.t{font-weight:600}path{stroke-width:.5;stroke:#fff;opacity:.8}"
    ".h{stroke-width:1.5}"
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Panel:
    """Points with a colour and a mark each."""

    title: str
    places: Float[np.ndarray, "n 2"]
    colours: Int64[np.ndarray, "n"]
    """Index of each point's colour, and of its name in the legend."""
    marks: Int64[np.ndarray, "n"]
    """0 to 2, as FUNCTIONS."""


def decoders(study: Study) -> str:
    """Figure 5: hash grids of all functions, learnt with L2 alone and with the common decoder too, by category."""
    panels = [
        _by_category(study, "L2, each function its own decoder", study.inret("hashgrid", Recipe(decoder="own"))),
        _by_category(study, "L2 and common decoder", study.inret("hashgrid")),
    ]
    return scatter(panels, study.selection.classes, CATEGORIES)


def functions(study: Study) -> str:
    """Figure 6: hash grids of all functions, learnt with both regularisations, by function."""
    seen = _by_category(study, "L2 and common decoder, by function", study.inret("hashgrid"))
    panel = Panel(title=seen.title, places=seen.places, colours=seen.marks, marks=seen.marks)
    return scatter([panel], [], TINTS)


def _by_category(study: Study, title: str, rows: Rows) -> Panel:
    every = np.concatenate([rows[function] for function in FUNCTIONS])
    return Panel(
        title=title,
        places=tsne(every, study.seed),
        colours=np.tile(study.labels, len(FUNCTIONS)),
        marks=np.repeat(np.arange(len(FUNCTIONS)), len(study.labels)),
    )


def tsne(rows: Float[np.ndarray, "n dim"], seed: int) -> Float64[np.ndarray, "n 2"]:
    """Places in the plane at which rows of alike direction lie together (van der Maaten and Hinton, 2008), from their first
    principal components on. MissingExtra without scikit-learn."""
    if find_spec("sklearn") is None:
        raise MissingExtra("a t-SNE plot", 'needs the extra "study"; run: pip install "fieldstone[study]"')
    from sklearn.manifold import TSNE

    length = np.linalg.norm(rows, axis=1, keepdims=True)
    even = rows / np.maximum(length, np.finfo(np.float32).tiny)
    perplexity = min(PERPLEXITY, (len(rows) - 1) / 3)
    places = TSNE(perplexity=perplexity, init="pca", random_state=seed % 2**32).fit_transform(even)
    return np.asarray(places, dtype=np.float64)


def scatter(panels: Sequence[Panel], names: Sequence[str], colours: Sequence[str]) -> str:
    """An SVG of panels side by side, with a legend: names of colours (none: colours and marks are one), and functions.

    Each panel is stretched to its own points, both axes alike; t-SNE's axes have no unit, so none is drawn.
    """
    wide = len(panels) * (SIDE + EDGE) + EDGE + LEGEND
    tall = max(HEAD + SIDE + EDGE, HEAD + LINE * (len(names) + len(FUNCTIONS) + 3))
    drawn = "".join(_panel(panel, names, colours, EDGE + i * (SIDE + EDGE), HEAD) for i, panel in enumerate(panels))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {tall}" role="img" '
        f'aria-label="t-SNE: {escape("; ".join(panel.title for panel in panels))}"><style>{STYLE}</style>'
        f'<rect width="{wide}" height="{tall}" fill="#fff"/>{drawn}'
        f"{_legend(names, colours, wide - LEGEND + EDGE)}</svg>\n"
    )


def _panel(panel: Panel, names: Sequence[str], colours: Sequence[str], left: int, top: int) -> str:
    """One plot with its title; a point says what it is under the pointer."""
    low, high = panel.places.min(axis=0), panel.places.max(axis=0)
    scale = (SIDE - 24) / max(float((high - low).max()), 1e-12)
    at = (panel.places - (low + high) / 2) * [scale, -scale] + [left + SIDE / 2, top + SIDE / 2]
    parts = [
        f'<text class="t" x="{left}" y="{top - 12}">{escape(panel.title)}</text>',
        f'<rect x="{left}" y="{top}" width="{SIDE}" height="{SIDE}" fill="#fbfbfb" stroke="#d8d8d8"/>',
    ]
    for i in np.random.default_rng(0).permutation(len(at)):  # or one function would hide another
        (x, y), colour, mark = at[i].tolist(), int(panel.colours[i]), int(panel.marks[i])
        says = f"{names[colour]}, {FUNCTIONS[mark]}" if names else FUNCTIONS[mark]
        parts.append(f"<g><title>{escape(says)}</title>{_mark(x, y, mark, colours, colour)}</g>")
    return "".join(parts)


def _legend(names: Sequence[str], colours: Sequence[str], left: int) -> str:
    """Colours by name, then the marks of the functions."""
    parts, y = [], HEAD + LINE
    for i, name in enumerate(names):
        short = name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
        parts.append(_mark(left + 6, y - 4.5, 0, colours, i) + f'<text x="{left + 18}" y="{y}">{escape(short)}</text>')
        y += LINE
    y += LINE // 2 if names else 0
    for i, function in enumerate(FUNCTIONS):
        tints, colour = (("#777",), 0) if names else (colours, i)
        parts.append(_mark(left + 6, y - 4.5, i, tints, colour) + f'<text x="{left + 18}" y="{y}">{function}</text>')
        y += LINE
    return "".join(parts)


def _mark(x: float, y: float, mark: int, colours: Sequence[str], colour: int) -> str:
    """A mark in its colour, hollow from the second round of colours on."""
    tint = colours[colour % len(colours)]
    look = f'class="h" fill="#fff" style="stroke:{tint}"' if colour >= len(colours) else f'fill="{tint}"'
    return f'<path d="{MARKS[mark]}" transform="translate({x:.1f},{y:.1f})" {look}/>'
