"""Units that look wrong: shapes whose numbers say another unit than their file, or than their twin."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from fieldstone.library.catalog import MILLIMETRES
from fieldstone.library.duplicates import Group
from fieldstone.library.pages import UnitDoubt
from fieldstone.library.shape import Shape
from fieldstone.types import Unit

__all__ = ["unit_doubts"]

AGREES = 0.005
"""Twins' sizes may differ by this share from what a change of unit explains."""
OUTLIER = 300.0
"""Times larger or smaller than the median of its category that a shape may be."""
FEWEST = 5
"""Shapes that a category needs for a median to mean something."""


def unit_doubts(shapes: Sequence[Shape], groups: Sequence[Group]) -> list[UnitDoubt]:
    """Shapes whose unit looks wrong, each with the reason: a twin of known unit says another one, or the size is far
    from its category's."""
    found: dict[str, UnitDoubt] = {}
    for doubt in [*_by_twins(groups), *_by_category(shapes)]:
        found.setdefault(doubt.shape.id, doubt)
    return list(found.values())


def _by_twins(groups: Sequence[Group]) -> Iterator[UnitDoubt]:
    """A shape of unknown unit that is a rescaled twin of one of known unit, by the factor of a known unit."""
    for group in groups:
        sizes = [(member.shape, _scale(member.evidence.factor)) for member in group.members]
        known = next(((shape, scale) for shape, scale in sizes if shape.unit is not None), None)
        if known is None:
            continue
        twin, scale = known
        assert twin.unit is not None
        for shape, own in sizes:
            unit = _unit_of(scale / own * MILLIMETRES[twin.unit]) if shape.unit is None else None
            if unit is not None:
                yield UnitDoubt(shape=shape, text=f"in {unit}, if it is as large as {twin.name} ({twin.unit})")


def _scale(factor: float) -> float:
    """Size of the group's first over the member's, in bare numbers where one of the units is unknown."""
    return 1.0 / factor


def _unit_of(millimetres: float) -> Unit | None:
    """The unit that is so many millimetres long."""
    return next((unit for unit, length in MILLIMETRES.items() if abs(millimetres / length - 1) < AGREES), None)


def _by_category(shapes: Sequence[Shape]) -> Iterator[UnitDoubt]:
    of: dict[str, list[Shape]] = defaultdict(list)
    for shape in shapes:
        if shape.category is not None and shape.diagonal > 0:
            of[shape.category].append(shape)
    for category, members in of.items():
        if len(members) < FEWEST:
            continue
        sizes = np.array([s.diagonal * (MILLIMETRES[s.unit] if s.unit else 1.0) for s in members])
        ratio = sizes / np.median(sizes)
        for shape, times in zip(members, ratio, strict=True):
            if not 1 / OUTLIER < times < OUTLIER:
                how = f"{times:,.0f} times larger" if times > 1 else f"{1 / times:,.0f} times smaller"
                yield UnitDoubt(shape=shape, text=f"{how} than the median {category}")
