"""The figures of a training as a picture: losses above, accuracy below, one column an epoch. SVG, without anything else."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from fieldstone.training.history import Epoch

__all__ = ["curve"]

WIDTH, HEIGHT, LEFT, RIGHT, GAP = 640, 200, 56, 16, 34
Line: TypeAlias = tuple[str, str, Sequence[float | None]]
"""A name, a colour and a value an epoch."""
TRAIN, VAL, MARK = "#1f6f8b", "#d1603d", "#8a8a8a"
STYLE = "text{font:12px sans-serif;fill:#555}path{fill:none;stroke-width:2}line{stroke:#ddd}"


def curve(history: Sequence[Epoch], best: int) -> str:
    """An SVG of the losses and, where it was measured, the accuracy; the best epoch is marked."""
    losses: list[Line] = [
        ("train", TRAIN, [epoch.loss for epoch in history]),
        ("val", VAL, [epoch.val_loss for epoch in history]),
    ]
    accuracy: list[Line] = [("val", VAL, [epoch.val_accuracy for epoch in history])]
    panels = [
        (title, lines)
        for title, lines in (("loss", losses), ("nearest-neighbour accuracy", accuracy))
        if any(value is not None for _, _, values in lines for value in values)
    ]
    drawn = "".join(_panel(title, lines, best, i * (HEIGHT + GAP)) for i, (title, lines) in enumerate(panels))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {max(1, len(panels)) * (HEIGHT + GAP)}" role="img" '
        f'aria-label="Losses and accuracy of a training"><style>{STYLE}</style>{drawn}</svg>\n'
    )


def _panel(title: str, lines: Sequence[Line], best: int, top: int) -> str:
    """One plot with its axis, its lines and their names."""
    known = [value for _, _, values in lines for value in values if value is not None]
    count = max(len(values) for _, _, values in lines)
    low, high = min(known), max(known)
    low, high = (low, high) if high > low else (low - 0.5, high + 0.5)

    def at(epoch: int, value: float) -> tuple[float, float]:
        across = (epoch - 1) / max(count - 1, 1)
        return LEFT + (WIDTH - LEFT - RIGHT) * across, top + HEIGHT - (HEIGHT - 30) * (value - low) / (high - low)

    marked = at(best, low)[0] if best else LEFT
    parts = [
        f'<text x="{LEFT}" y="{top + 16}">{title}</text>',
        f'<line x1="{marked:.1f}" x2="{marked:.1f}" y1="{top + 24}" y2="{top + HEIGHT}" style="stroke:{MARK}"/>',
    ]
    for value in (low, 0.5 * (low + high), high):
        y = at(1, value)[1]
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.3g}</text>')
    for i, (name, colour, values) in enumerate(lines):
        if all(value is None for value in values):
            continue
        parts.append(f'<path stroke="{colour}" d="{_path(values, at)}"/>')
        parts.append(
            f'<text x="{WIDTH - RIGHT - 50 * i}" y="{top + 16}" text-anchor="end" style="fill:{colour}">{name}</text>'
        )
    parts.append(f'<text x="{LEFT}" y="{top + HEIGHT + 18}">epoch 1</text>')
    parts.append(f'<text x="{WIDTH - RIGHT}" y="{top + HEIGHT + 18}" text-anchor="end">{count}</text>')
    return "".join(parts)


def _path(values: Sequence[float | None], at: Callable[[int, float], tuple[float, float]]) -> str:
    """Straight pieces between the known values."""
    places = [at(i + 1, value) for i, value in enumerate(values) if value is not None]
    return " ".join(f"{'L' if i else 'M'}{x:.1f} {y:.1f}" for i, (x, y) in enumerate(places))
