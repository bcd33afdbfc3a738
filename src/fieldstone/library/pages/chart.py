"""A histogram as inline SVG."""

from collections.abc import Sequence
from html import escape

import numpy as np

from fieldstone.library.pages.words import count, number

__all__ = ["size_histogram"]

WIDTH, HEIGHT, FOOT, HEAD = 720, 200, 26, 14


def size_histogram(known: Sequence[float], unknown: Sequence[float]) -> str:
    """How many shapes are how large, on a logarithmic axis: those of known unit (in mm) and those of none, stacked.

    Sizes that are not above 0 are left out; an empty string where none is left.
    """
    sizes = [np.log10([s for s in group if s > 0]) for group in (known, unknown)]
    every = np.concatenate(sizes)
    if len(every) == 0:
        return ""
    low, high = np.floor(every.min() * 2) / 2, np.floor(every.max() * 2) / 2 + 0.5
    bins = np.linspace(low, high, max(2, round((high - low) * 6)) + 1)
    known_count, unknown_count = (np.histogram(group, bins)[0] for group in sizes)
    tallest = int((known_count + unknown_count).max())
    room = HEIGHT - FOOT - HEAD
    step = WIDTH / (len(bins) - 1)
    bars = []
    for i, (first, second) in enumerate(zip(known_count.tolist(), unknown_count.tolist(), strict=True)):
        says = f"{number(10 ** float(bins[i]))} to {number(10 ** float(bins[i + 1]))}: {count(first + second, 'shape')}"
        tall, taller = room * first / tallest, room * second / tallest
        base = HEAD + room
        rectangles = "".join(
            f'<rect class="{kind}" x="{i * step + 1:.1f}" y="{top:.1f}" width="{step - 2:.1f}" height="{height:.1f}"/>'
            for kind, top, height in (("known", base - tall, tall), ("unknown", base - tall - taller, taller))
            if height > 0
        )
        bars.append(f"<g><title>{escape(says)}</title>{rectangles}</g>")
    marks = "".join(
        f'<text x="{(power - low) / (high - low) * WIDTH:.1f}" y="{HEIGHT - 6}">{number(10.0**power)}</text>'
        for power in range(int(np.ceil(low)), int(np.floor(high)) + 1)
    )
    return (
        f'<svg class="histogram" viewBox="-14 0 {WIDTH + 28} {HEIGHT}" role="img" aria-label="Sizes of the shapes">'
        f'<line x1="0" x2="{WIDTH}" y1="{HEIGHT - FOOT}" y2="{HEIGHT - FOOT}"/>{"".join(bars)}{marks}'
        f'<text class="top" x="0" y="10">{count(tallest, "shape")} in the tallest bar</text></svg>'
    )
