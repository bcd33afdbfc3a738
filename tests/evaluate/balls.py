"""A library of two kinds that nobody confuses, made in a moment: balls and sticks, no two alike."""

from pathlib import Path

import numpy as np

from fieldstone import Library
from fieldstone.files import write
from fieldstone.types import Mesh
from tests.geometry.solids import sphere

EACH = 8


def fill(place: Path, each: int = EACH, **options: str) -> Library:
    """`each` of either kind under `place`/models, in `place`/a.fieldstone, each in the category of its folder."""
    generator = np.random.default_rng(0)
    for kind, sides in {"ball": (1.0, 1.0, 1.0), "stick": (0.2, 0.2, 1.0)}.items():
        (place / "models" / kind).mkdir(parents=True)
        for number in range(each):
            mesh = sphere(levels=2)
            stretch = np.array(sides) * generator.uniform(0.6, 1.6, 3)
            write(Mesh(10.0 * mesh.vertices * stretch, mesh.faces), place / "models" / kind / f"{kind}-{number}.stl")
    library = Library(place / "a.fieldstone", **options)
    library.add(place / "models", category="folder", workers=1)
    return library
