"""Units of length as files spell them."""

import math
import re

from fieldstone.types import Unit

__all__ = ["METRES", "stated_unit", "unit_of_metres", "unit_of_word"]

METRES: dict[Unit, float] = {"um": 1e-6, "mm": 1e-3, "cm": 1e-2, "m": 1.0, "inch": 0.0254, "ft": 0.3048}
WORDS: dict[str, Unit] = {
    "um": "um", "micron": "um", "microns": "um", "micrometer": "um", "micrometers": "um",
    "mm": "mm", "millimeter": "mm", "millimeters": "mm", "millimetre": "mm", "millimetres": "mm",
    "cm": "cm", "centimeter": "cm", "centimeters": "cm", "centimetre": "cm", "centimetres": "cm",
    "m": "m", "meter": "m", "meters": "m", "metre": "m", "metres": "m",
    "in": "inch", "inch": "inch", "inches": "inch",
    "ft": "ft", "foot": "ft", "feet": "ft",
}  # fmt: skip
STATED = re.compile(r"\bunits?\s*[=:]\s*([a-z]+)\b", re.IGNORECASE)


def unit_of_word(word: str) -> Unit | None:
    """`millimeter`, `inches`, `ft` ... as a unit; None for a word that is none."""
    return WORDS.get(word.strip().lower())


def unit_of_metres(metres: float) -> Unit | None:
    """The unit that is so many metres long; None where it has no name here."""
    return next((unit for unit, length in METRES.items() if math.isclose(length, metres, rel_tol=1e-4)), None)


def stated_unit(text: str) -> Unit | None:
    """The unit that a header or comment states in so many words (`units = mm`); None where it states none, or two."""
    found = {unit_of_word(word) for word in STATED.findall(text)}
    return found.pop() if len(found) == 1 else None
