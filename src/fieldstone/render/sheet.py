"""Many small pictures on one, each with its name."""

import unicodedata
from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import UInt8

__all__ = ["contact_sheet"]

GAP = 0.06
"""Space around each picture, in sides of a picture."""
TEXT = 0.062
"""Height of the letters, in sides of a picture; never under SMALLEST_TEXT pixels."""
SMALLEST_TEXT = 11


def contact_sheet(
    images: Sequence[UInt8[np.ndarray, "size size 4"]],
    labels: Sequence[str],
    *,
    columns: int = 6,
    background: tuple[int, int, int, int] = (255, 255, 255, 255),
) -> UInt8[np.ndarray, "height width 4"]:
    """Square pictures of one size in rows of `columns`, a line of text under each, on `background` (sRGB and alpha).

    Labels that are too long lose their middle, accents are left out (the font has none); as many labels as pictures, at
    least one. The text is dark on light
    backgrounds and light on dark ones.
    """
    from PIL import Image, ImageDraw, ImageFont

    assert len(images) == len(labels) > 0, "one label a picture"
    size = images[0].shape[0]
    gap, letters = round(GAP * size), max(SMALLEST_TEXT, round(TEXT * size))
    font = ImageFont.load_default(letters)
    columns = min(columns, len(images))
    wide, high = size + 2 * gap, size + 2 * gap + round(1.6 * letters)
    sheet = Image.new("RGBA", (wide * columns, high * -(-len(images) // columns)), background)
    pen = ImageDraw.Draw(sheet)
    dark = sum(background[:3]) < 384 and background[3] > 127
    tint = (214, 219, 227, 255) if dark else (58, 65, 77, 255)
    for i, (image, label) in enumerate(zip(images, labels, strict=True)):
        x, y = i % columns * wide, i // columns * high
        sheet.alpha_composite(Image.fromarray(image, "RGBA"), (x + gap, y + gap))
        text = _short(_plain(label), float(size + gap), font.getlength)
        pen.text((x + wide / 2, y + size + 1.5 * gap), text, fill=tint, font=font, anchor="ma")
    return np.array(sheet)


def _plain(label: str) -> str:
    """The label in the letters that Pillow's own font has: without accents, ? for other scripts."""
    letters = unicodedata.normalize("NFKD", " ".join(label.split()))
    return "".join(c if c.isascii() else "?" for c in letters if not unicodedata.combining(c))


def _short(text: str, room: float, measure: Callable[[str], float]) -> str:
    """The text, or its two ends with dots between, as wide as fits."""
    if measure(text) <= room:
        return text
    fits, too_much = 0, len(text)
    while too_much - fits > 1:
        keep = (fits + too_much) // 2
        fits, too_much = (keep, too_much) if measure(_ends(text, keep)) <= room else (fits, keep)
    return _ends(text, fits)


def _ends(text: str, keep: int) -> str:
    return text[: keep - keep // 2] + "…" + (text[-(keep // 2) :] if keep > 1 else "")
