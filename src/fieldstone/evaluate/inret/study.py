"""One run of INRet's protocol: fields, trainings and rows, each made when a table first asks and kept for the others.

Fields and trainings lie in a folder, so a run that was stopped goes on where it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Float32, Int64

from fieldstone.encoders.inr import Kind
from fieldstone.evaluate.inret.across import FUNCTIONS
from fieldstone.evaluate.inret.converted import Form, Rival, converted
from fieldstone.evaluate.inret.fitted import FieldStore
from fieldstone.evaluate.inret.learned import learnt, own_latents, rows_of
from fieldstone.evaluate.inret.shapes import Selection
from fieldstone.fields.field import Function
from fieldstone.fields.network import Architecture
from fieldstone.fields.recipe import Settings
from fieldstone.fields.sampling import Sampling
from fieldstone.fields.schedule import Schedule, fast
from fieldstone.fields.siren import small_siren
from fieldstone.progress import Progress, Silent
from fieldstone.training.collection import Collection
from fieldstone.training.common_latent import Recipe
from fieldstone.training.fields import FieldCollection

__all__ = ["SCALES", "Rows", "Scale", "Study", "default_fits"]

Rows: TypeAlias = Mapping[Function, Float32[np.ndarray, "shapes dim"]]
"""Rows of the test shapes for each function, in their order, not normalised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much is done."""

    name: Literal["tiny", "small", "full"]
    train: int
    """Training shapes of a category."""
    test: int
    """Test shapes of a category."""
    points: int
    """Places of a shape at which the decoder is taught in a step."""
    epochs: int
    """Of encoders and rivals."""
    compact: bool = True
    """Whether rivals have sizes for two cores."""


SCALES = {
    "tiny": Scale(name="tiny", train=3, test=2, points=64, epochs=1),
    "small": Scale(name="small", train=15, test=10, points=512, epochs=30),
    "full": Scale(name="full", train=50, test=50, points=2048, epochs=300, compact=False),
}
"""tiny: that it runs; small: under two hours on two cores; full: for a GPU or patience."""


def default_fits() -> dict[Architecture, Settings]:
    """Fields as users fit them; SIRENs small and with fewer points, for the paper's takes minutes a shape on two cores."""
    short = Schedule(epochs=10, batch=1024, rate=1e-3)
    return {
        "hashgrid": {"schedule": fast()},
        "octree": {"schedule": fast()},
        "triplane": {"schedule": fast()},
        "siren": {"config": small_siren(), "schedule": short, "sampling": Sampling().part(0.2)},
    }


@dataclass(frozen=True, eq=False, kw_only=True)
class Study:
    """A selection at a scale; rows of every method on its test shapes."""

    selection: Selection
    scale: Scale
    folder: Path
    fits: Mapping[Architecture, Settings]
    """Settings of `fields.fit`, for each architecture."""
    seed: int = 0
    device: str = "cpu"
    progress: Progress | None = None

    @cached_property
    def store(self) -> FieldStore:
        """The fields."""
        return FieldStore(folder=self.folder / "fields", settings=self.fits)

    @cached_property
    def labels(self) -> Int64[np.ndarray, "shapes"]:
        """Categories of the test shapes."""
        return self.selection.labels(self.selection.test)

    def inret(self, architecture: Architecture, recipe: Recipe | None = None) -> Rows:
        """INRet's rows for fields of one architecture; `recipe` None: both regularisations."""
        asked = replace(recipe or Recipe(), points=self.scale.points, epochs=self.scale.epochs)
        return self._learnt(architecture, asked)

    def inr2vec(self) -> Rows:
        """inr2vec's rows, of SIRENs."""
        return self._learnt("siren", own_latents(self.scale.points, self.scale.epochs))

    def rival(self, form: Form, architecture: Architecture = "hashgrid") -> Rows:
        """Rows of the network that reads what fields are converted to."""
        kinds = _kinds(architecture)
        network = Rival(form, compact=self.scale.compact, epochs=self.scale.epochs)
        network.learn(
            self._converted("train", kinds, form), seed=self.seed, folder=self._place(f"{form}-{architecture}"),
            device=self.device, progress=self.progress,
        )  # fmt: skip
        rows = network.rows(self._converted("test", kinds, form), self.device)
        parts = np.split(rows, len(kinds))
        return {function: part for (_, function), part in zip(kinds, parts, strict=True)}

    def collection(self, kinds: Sequence[Kind]) -> FieldCollection:
        """The training fields of these kinds."""
        self.store.fit_all(self.selection.train, kinds, progress=self.progress or Silent())
        return self.store.collection(self.selection.train, kinds, self.seed)

    def _learnt(self, architecture: Architecture, recipe: Recipe) -> Rows:
        kinds = _kinds(architecture)
        name = f"{architecture}-{recipe.decoder}-{recipe.pull:g}-{recipe.error}-{_pairs(recipe)}"
        encoders = learnt(
            self.collection(kinds), recipe, seed=self.seed, folder=self._place(name), device=self.device,
            progress=self.progress,
        )  # fmt: skip
        self.store.fit_all(self.selection.test, kinds, progress=self.progress or Silent())
        found = rows_of(encoders, self.store, self.selection.test, self.device)
        return {function: rows for (_, function), rows in found.items()}

    def _converted(self, part: Literal["train", "test"], kinds: Sequence[Kind], form: Form) -> Collection:
        shapes = self.selection.train if part == "train" else self.selection.test
        self.store.fit_all(shapes, kinds, progress=self.progress or Silent())
        labels = self.selection.labels(shapes)
        return converted(self.store, shapes, kinds, labels, self.selection.classes, form, seed=self.seed)

    def _place(self, name: str) -> Path:
        return self.folder / f"{self.selection.name}-{self.scale.name}" / name


def _kinds(architecture: Architecture) -> tuple[Kind, ...]:
    return tuple((architecture, function) for function in FUNCTIONS)


def _pairs(recipe: Recipe) -> str:
    return "-".join(f"{one}{other}{weight:g}" for one, other, weight in recipe.pairs) or "111"
