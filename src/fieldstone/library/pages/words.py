"""Numbers and sizes as a person reads them."""

import math

from fieldstone.library.shape import Shape

__all__ = ["count", "length", "measures", "number", "percent", "size_of", "storage"]


def number(value: float) -> str:
    """Three significant digits, thousands set apart, no exponent between 0.001 and 10 million."""
    magnitude = abs(value)
    if magnitude == 0:
        return "0"
    if magnitude >= 1e7 or magnitude < 1e-3:
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
    if magnitude >= 100:
        return f"{value:,.0f}"
    text = f"{value:.2f}" if magnitude >= 1 else f"{value:.3g}"
    if magnitude >= 10:
        text = f"{value:.1f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def count(n: int, one: str, many: str | None = None) -> str:
    """`1 shape`, `2 shapes`, `1,234 shapes`."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def length(value: float, unit: str | None) -> str:
    """A length with its unit; without one where it is unknown."""
    return f"{number(value)} {unit}" if unit else number(value)


def size_of(shape: Shape) -> str:
    """`120 × 45 × 8 mm`, or without a unit."""
    sides = " × ".join(number(side) for side in shape.extents)  # noqa: RUF001
    return f"{sides} {shape.unit}" if shape.unit else sides


def percent(share: float) -> str:
    """A share in 0..1, rounded down: `99.2 %`; only all of it is 100 %."""
    return f"{math.floor(1000 * share + 1e-9) / 10:.1f} %".replace(".0 %", " %")


def storage(n_bytes: int) -> str:
    """`5.2 kB`, `312 MB`."""
    value = float(n_bytes)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000:
            return f"{number(value)} {unit}"
        value /= 1000
    return f"{number(value)} TB"


def measures(shape: Shape) -> list[tuple[str, str]]:
    """Name and value of what is known of a shape's size and mesh."""
    unit = shape.unit or ""
    rows = [("size", size_of(shape)), ("diagonal", length(shape.diagonal, shape.unit))]
    if shape.area is not None:
        rows.append(("area", f"{number(shape.area)} {unit + '²' if unit else ''}".strip()))
    if shape.volume is not None:
        rows.append(("volume", f"{number(shape.volume)} {unit + '³' if unit else ''}".strip()))
    if shape.kind == "mesh":
        rows.append(("faces", f"{shape.n_faces:,}"))
        rows.append(("bodies", f"{shape.n_bodies:,}"))
    else:
        rows.append(("points", f"{shape.n_vertices:,}"))
    return rows
