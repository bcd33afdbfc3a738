"""A cut through a field as a picture: colours for the values, fine lines of equal value, the surface drawn strongly."""

import numpy as np
from jaxtyping import Float32, Float64, UInt8

from fieldstone.errors import GeometryError
from fieldstone.fields.blocks import BATCH
from fieldstone.fields.field import Field
from fieldstone.types import Axis

__all__ = ["slice_picture", "slice_values"]

SAMPLES = 2
"""Samples along each side of a pixel."""
_INSIDE = ((252, 246, 236), (250, 206, 148), (232, 138, 70), (160, 64, 40))
_OUTSIDE = ((240, 246, 250), (170, 208, 232), (84, 148, 200), (28, 72, 128))
_UNSIGNED = ((255, 252, 240), (196, 224, 190), (92, 170, 168), (38, 92, 132), (24, 36, 84))
"""sRGB from 0 outward: warm inside, cool outside; from light to dark where there is no sign."""
INK = np.array([24, 28, 38], dtype=np.float32)
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
LINES = 10
"""About so many lines of equal value between 0 and the largest."""
ASIDE, DEEPEST = 3, 0.02
"""Samples on both sides of a valley's bottom whose slopes are compared, and the value below which it is a surface."""
BAR = 256
"""Colours along the scale."""
FINE, STRONG = 1.0, 2.6
"""Widths of lines in pixels of a picture of 512; smaller pictures have thinner ones."""
SMALLEST = 256
"""Pictures smaller than this have the lines of this one."""


def slice_values(
    field: Field, axis: Axis = "z", at: float = 0.0, size: int = 512
) -> Float32[np.ndarray, "{size} {size}"]:
    """The field's values in the middle of each of size x size pixels of the plane `axis` = `at` of its frame.

    Rows from top to bottom, columns from left to right: across z, x runs to the right and y up; across y, x and z;
    across x, y and z. GeometryError where the plane misses the cube, or there are no pixels.
    """
    if not -1.0 <= at <= 1.0:
        raise GeometryError(f"a slice at {axis} = {at:g} misses the cube in which the field lives: take -1 to 1")
    if size < 1:
        raise GeometryError(f"a slice of {size} pixels shows nothing: take 64 or more")
    right, above = {"x": (1, 2), "y": (0, 2), "z": (0, 1)}[axis]
    across = (np.arange(size) + 0.5) * (2.0 / size) - 1.0
    points = np.full((size, size, 3), at)
    points[..., right], points[..., above] = across[None, :], -across[:, None]
    rows = points.reshape(-1, 3)
    parts = [field.values(rows[start : start + BATCH]) for start in range(0, len(rows), BATCH)]
    return np.concatenate(parts).reshape(size, size)


def slice_picture(
    field: Field, axis: Axis = "z", at: float = 0.0, size: int = 512
) -> UInt8[np.ndarray, "{size} {size} 4"]:
    """The plane `axis` = `at` of the field's frame as a picture, laid out as `slice_values`, with a scale of colours.

    Warm inside, cool outside; unsigned values from light to dark. Fine lines stand at equal steps of the value, the
    strong one on the surface: where signed values pass 0, and in the low valleys of unsigned ones. GeometryError where the
    plane misses the cube, or there are no pixels.
    """
    unsigned = field.function == "udf"
    fine = slice_values(field, axis, at, size * SAMPLES).astype(np.float64)
    if field.function == "occ":
        fine, low, high = -fine, -1.0, 1.0
    else:
        low, high = 0.0 if unsigned else min(float(fine.min()), 0.0), max(float(fine.max()), 1e-6)
    step = next((s for s in STEPS if max(high, -low) / s <= LINES), 1.0)
    colors = _colored(fine, low, high, unsigned)
    width = max(size, SMALLEST) * SAMPLES / 512
    if field.function != "occ":
        colors = _inked(colors, _line(fine / step, FINE * width), 0.28)
    colors = _inked(colors, _valley(fine, STRONG * width) if unsigned else _border(fine, STRONG * width), 1.0)
    small = colors.reshape(size, SAMPLES, size, SAMPLES, 3).mean(axis=(1, 3))
    picture = np.full((size, size, 4), 255, dtype=np.uint8)
    picture[..., :3] = np.rint(np.clip(small, 0, 255))
    ends = ("inside", "outside") if field.function == "occ" else (f"{low:.2g}", f"{high:.2g}")
    return _with_scale(picture, _bar(low, high, unsigned), ends, f"{field.function}   {axis} = {at:g}")


def _colored(
    values: Float64[np.ndarray, "*many"], low: float, high: float, unsigned: bool
) -> Float32[np.ndarray, "*many 3"]:
    """Each side of 0 from its lightest to its darkest colour."""
    outside = _ramp(_UNSIGNED if unsigned else _OUTSIDE, np.clip(values / high, 0.0, 1.0))
    if unsigned or low >= 0.0:
        return outside
    return np.where((values < 0)[..., None], _ramp(_INSIDE, np.clip(values / low, 0.0, 1.0)), outside)


def _ramp(
    stops: tuple[tuple[int, int, int], ...], share: Float64[np.ndarray, "*many"]
) -> Float32[np.ndarray, "*many 3"]:
    at = np.linspace(0.0, 1.0, len(stops))
    return np.stack([np.interp(share, at, [stop[k] for stop in stops]) for k in range(3)], -1).astype(np.float32)


def _line(levels: Float64[np.ndarray, "h w"], width: float) -> Float32[np.ndarray, "h w"]:
    """How much of a line runs through each sample where `levels` is whole and not 0, whatever the slope as wide."""
    nearest = np.rint(levels)
    slope = np.maximum(np.hypot(*np.gradient(levels)), 1e-9)
    dark = np.clip(width / 2 + 0.5 - np.abs(levels - nearest) / slope, 0.0, 1.0)
    fade = np.clip((0.25 - slope) / 0.15, 0.0, 1.0)  # where lines would crowd
    return (dark * fade * (nearest != 0)).astype(np.float32)


def _border(values: Float64[np.ndarray, "h w"], width: float) -> Float32[np.ndarray, "h w"]:
    """The line where values change their sign."""
    from scipy.ndimage import distance_transform_edt

    inside = values < 0.0
    if inside.all() or not inside.any():
        return np.zeros(values.shape, dtype=np.float32)
    away = np.where(inside, distance_transform_edt(inside), distance_transform_edt(~inside)) - 0.5
    return np.clip(width / 2 + 0.5 - away, 0.0, 1.0).astype(np.float32)


def _valley(values: Float64[np.ndarray, "h w"], width: float) -> Float32[np.ndarray, "h w"]:
    """The line at the bottom of low valleys: where slopes a few samples away on both sides oppose each other."""
    from scipy.ndimage import distance_transform_edt

    slope = np.stack(np.gradient(values), axis=-1)
    slope = slope / np.maximum(np.linalg.norm(slope, axis=-1, keepdims=True), 1e-12)
    bottom = np.zeros(values.shape, dtype=np.bool_)
    for one, two, middle in (
        (np.s_[: -2 * ASIDE], np.s_[2 * ASIDE :], np.s_[ASIDE:-ASIDE]),
        (np.s_[:, : -2 * ASIDE], np.s_[:, 2 * ASIDE :], np.s_[:, ASIDE:-ASIDE]),
    ):
        lower = (values[middle] < values[one]) & (values[middle] < values[two])
        bottom[middle] |= lower & ((slope[one] * slope[two]).sum(axis=-1) < -0.5)
    bottom &= values < DEEPEST
    if not bottom.any():
        return np.zeros(values.shape, dtype=np.float32)
    return np.clip(width / 2 - distance_transform_edt(~bottom), 0.0, 1.0).astype(np.float32)


def _inked(
    colors: Float32[np.ndarray, "h w 3"], dark: Float32[np.ndarray, "h w"], strength: float
) -> Float32[np.ndarray, "h w 3"]:
    share = strength * dark[..., None]
    return colors * (1.0 - share) + INK * share


def _bar(low: float, high: float, unsigned: bool) -> UInt8[np.ndarray, "1 w 3"]:
    """All colours from left to right, 0 in the middle where there is a sign."""
    if unsigned:
        values = np.linspace(0.0, high, BAR)
    else:
        values = np.concatenate([np.linspace(low, 0.0, BAR // 2, endpoint=False), np.linspace(0.0, high, BAR // 2)])
    return np.rint(_colored(values, low, high, unsigned)).astype(np.uint8)[None]


def _with_scale(
    picture: UInt8[np.ndarray, "size size 4"], bar: UInt8[np.ndarray, "1 w 3"], ends: tuple[str, str], title: str
) -> UInt8[np.ndarray, "size size 4"]:
    """The picture with a bar of its colours, its ends named, in the lower left corner."""
    from PIL import Image, ImageDraw, ImageFont

    size = len(picture)
    em = max(8, round(size / 42))
    font = ImageFont.load_default(em)
    left, upper, length = em, round(size - 3.2 * em), 12 * em
    panel = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    box = (left - em // 2, round(upper - 1.9 * em), left + length + em // 2, size - em // 2)
    ImageDraw.Draw(panel).rounded_rectangle(box, em // 2, fill=(255, 255, 255, 222))
    image = Image.alpha_composite(Image.fromarray(picture, "RGBA"), panel)
    image.paste(Image.fromarray(bar, "RGB").resize((length, em)), (left, upper))
    draw, ink = ImageDraw.Draw(image), (*(int(k) for k in INK), 255)
    draw.text((left, upper - 1.5 * em), title, fill=ink, font=font)
    middle = () if ends[0] == "0" else (("0", 0.5, "mt"),)
    for text, share, anchor in ((ends[0], 0.0, "lt"), *middle, (ends[1], 1.0, "rt")):
        draw.text((left + share * length, upper + 1.35 * em), text, fill=ink, font=font, anchor=anchor)
    return np.asarray(image)
