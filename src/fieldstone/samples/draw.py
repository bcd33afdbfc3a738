"""Draws from a random generator: one of several, yes or no, a colour from a palette."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from fieldstone.samples.solid import Color

__all__ = [
    "BRIGHT",
    "CERAMIC",
    "DARK",
    "FABRIC",
    "GLASS",
    "LEAF",
    "METAL",
    "PASTEL",
    "STEEL",
    "STONE",
    "WOOD",
    "color",
    "maybe",
    "one_of",
]

T = TypeVar("T")
Palette = tuple[Color, ...]

WOOD: Palette = ((176, 124, 74), (139, 90, 52), (205, 160, 106), (112, 70, 44), (222, 188, 140), (158, 104, 70))
METAL: Palette = ((186, 190, 196), (160, 166, 174), (205, 206, 208), (140, 146, 156), (196, 178, 132), (178, 120, 82))
STEEL: Palette = ((186, 190, 196), (168, 173, 180), (202, 204, 208), (148, 154, 164))
DARK: Palette = ((58, 60, 66), (74, 78, 86), (48, 54, 62), (84, 76, 72))
CERAMIC: Palette = (
    (238, 234, 226), (214, 226, 234), (92, 132, 166), (190, 92, 72), (120, 152, 122), (226, 190, 116), (70, 84, 110), (204, 150, 150),
)  # fmt: skip
FABRIC: Palette = (
    (94, 118, 142),
    (150, 82, 78),
    (112, 134, 104),
    (190, 170, 140),
    (92, 86, 108),
    (196, 140, 82),
    (120, 128, 138),
)
BRIGHT: Palette = (
    (208, 62, 54),
    (44, 110, 186),
    (238, 176, 44),
    (58, 148, 92),
    (226, 116, 48),
    (124, 84, 164),
    (40, 152, 164),
)
PASTEL: Palette = ((236, 196, 184), (190, 214, 226), (206, 222, 186), (240, 222, 176), (214, 198, 226), (238, 232, 222))
GLASS: Palette = ((176, 208, 216), (120, 164, 130), (150, 110, 66), (196, 216, 222), (110, 146, 176), (206, 190, 150))
STONE: Palette = ((190, 184, 172), (166, 160, 152), (206, 196, 176), (150, 148, 148), (196, 160, 130))
LEAF: Palette = ((86, 134, 72), (62, 112, 66), (116, 152, 72), (74, 124, 92), (176, 148, 58), (188, 104, 54))


def one_of(g: np.random.Generator, options: Sequence[T]) -> T:
    """One of the options, each as likely."""
    return options[int(g.integers(len(options)))]


def maybe(g: np.random.Generator, chance: float = 0.5) -> bool:
    """True with this chance."""
    return bool(g.random() < chance)


def color(g: np.random.Generator, palette: Palette) -> Color:
    """A colour of the palette, a shade lighter or darker."""
    shade = np.array(one_of(g, palette)) + g.integers(-9, 10) + g.integers(-3, 4, 3)
    red, green, blue = np.clip(shade, 0, 255).tolist()
    return red, green, blue
