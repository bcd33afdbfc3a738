"""Factors between two sizes, and the units that a factor betrays."""

from typing import Final

from fieldstone.types import Unit

__all__ = ["METRES", "describe_factor", "named_factor"]

METRES: Final[dict[Unit, float]] = {"um": 1e-6, "mm": 1e-3, "cm": 1e-2, "inch": 0.0254, "ft": 0.3048, "m": 1.0}
"""The length of each unit in metres."""

_WORDS: Final[tuple[tuple[float, str], ...]] = (
    (25.4, "inch / mm"),
    (39.3700787, "metre / inch"),
    (10.0, "cm / mm"),
    (100.0, "metre / cm"),
    (1000.0, "metre / mm"),
    (2.54, "inch / cm"),
    (12.0, "foot / inch"),
    (304.8, "foot / mm"),
    (30.48, "foot / cm"),
    (3.2808399, "metre / foot"),
    (1e6, "metre / µm"),
)


def named_factor(factor: float, tolerance: float) -> str | None:
    """Two units whose ratio the factor or its inverse is within the relative `tolerance`: "25.4 (inch / mm)"."""
    for value, words in _WORDS:
        for exact, number in ((value, f"{value:.4g}"), (1 / value, f"1/{value:.4g}")):
            if abs(factor / exact - 1) <= tolerance:
                return f"{number} ({words})"
    return None


def describe_factor(factor: float, tolerance: float) -> str:
    """The factor for a person: as `named_factor` where it has a name, else its number."""
    return named_factor(factor, tolerance) or f"{factor:.4g}"
