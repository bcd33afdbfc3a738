"""One category and one seed to one mesh."""

from difflib import get_close_matches
from zlib import crc32

import numpy as np

from fieldstone.errors import QueryError
from fieldstone.samples.catalogue import MAKERS
from fieldstone.samples.surface import is_sound, to_mesh
from fieldstone.types import Mesh

__all__ = ["CATEGORIES", "make"]

CATEGORIES: tuple[str, ...] = tuple(sorted(MAKERS))
"""Every category, sorted; `make` knows these names."""

DRAWS = 8
"""How often a category is drawn anew for a seed before we call it broken; nearly always the first is sound."""


def make(category: str, seed: int) -> Mesh:
    """The shape of this category and seed: millimetres, z up, standing on z = 0 and centred in x and y.

    Watertight (every edge has exactly two faces, which agree which side is out), of positive volume, without degenerate
    faces, a colour on each face. Coordinates are exact in single precision: every file format holds the same points.
    The same category and seed give the same bytes in every process. QueryError for an unknown category or a negative seed.
    """
    if category not in MAKERS:
        near = get_close_matches(category, CATEGORIES, 1)
        hint = f"did you mean '{near[0]}'" if near else f"choose one of {', '.join(CATEGORIES)}"
        raise QueryError(f"there is no sample category '{category}'; {hint}")
    if seed < 0:
        raise QueryError(f"a sample's seed is {seed}; give a whole number from 0")
    name = crc32(category.encode())
    for draw in range(DRAWS):
        generator = np.random.default_rng(np.random.SeedSequence([name, seed, draw]))
        mesh = to_mesh(MAKERS[category](generator))
        if is_sound(mesh):
            return mesh
    raise AssertionError(f"sample {category} {seed}: no sound mesh in {DRAWS} draws")
