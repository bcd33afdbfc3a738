"""The shapes that INRet's tables are made of: `samples10` in ShapeNet10's role, and any other list of labelled meshes."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Int64

from fieldstone.evaluate.inret.paper import Dataset
from fieldstone.samples import make
from fieldstone.types import Axis, Mesh

__all__ = ["SAMPLES10", "Selection", "Shape", "numbers_of", "samples10"]

SAMPLES10 = ("bench", "boat", "cabinet", "car", "chair", "monitor", "plane", "sofa", "table", "table_lamp")
"""In the role of ShapeNet10 (INRet, section 5.1), whose categories the paper does not name: the ten of ShapeNet's usual 13
(Choy et al., 2016) that our generator makes; all watertight."""
TEST = 50
"""Seeds from here on make test shapes, those below it training shapes: at most 50 of each in a category."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Shape:
    """A mesh in its own frame and unit, and what it is."""

    name: str
    category: str
    mesh: Mesh
    up: Axis | None = None
    """The axis that points up, where it is known."""

    @cached_property
    def digest(self) -> str:
        """SHA-256 of vertices and faces, hexadecimal: fields of equal shapes are fitted once."""
        digest = hashlib.sha256(np.ascontiguousarray(self.mesh.vertices, dtype="<f8").tobytes())
        digest.update(np.ascontiguousarray(self.mesh.faces, dtype="<i8").tobytes())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Selection:
    """Shapes to learn from and shapes to ask; test shapes are both queries and gallery, as in the paper."""

    name: str
    train: tuple[Shape, ...]
    test: tuple[Shape, ...]
    role: Dataset = "Pix3D"
    """The paper's data in whose place they stand, and beside whose figures theirs are put."""

    @property
    def classes(self) -> tuple[str, ...]:
        """The categories, sorted."""
        return tuple(sorted({shape.category for shape in (*self.train, *self.test)}))

    def labels(self, shapes: Sequence[Shape]) -> Int64[np.ndarray, "n"]:
        """Indices into `classes`."""
        return np.array([self.classes.index(shape.category) for shape in shapes], dtype=np.int64)


def numbers_of(digest: str, seed: int, purpose: int) -> np.random.Generator:
    """The random numbers of one shape, by its digest (empty: of a shape that is not known), and one purpose: they do not
    depend on the shapes beside it."""
    return np.random.default_rng([seed, purpose, int(digest[:16] or "0", 16)])


def samples10(train: int = 50, test: int = 50) -> Selection:
    """The first `train` and `test` shapes of ten categories: seeds from 0 and from 50 on. ValueError beyond 50 of each."""
    if not (1 <= train <= TEST and 1 <= test <= TEST):
        raise ValueError(f"samples10 has 1 to {TEST} training and test shapes in each category")
    drawn = {
        part: tuple(
            Shape(name=f"{category}-{seed:04d}", category=category, mesh=make(category, seed), up="z")
            for category in SAMPLES10
            for seed in seeds
        )
        for part, seeds in (("train", range(train)), ("test", range(TEST, TEST + test)))
    }
    return Selection(name="samples10", train=drawn["train"], test=drawn["test"], role="ShapeNet10")
