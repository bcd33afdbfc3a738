"""One run of INRet's protocol: fields, trainings and rows, each made when a table first asks and kept in a folder.

A run that was stopped goes on where it was, and another table takes what is there. Everything is kept by what decides it.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import safetensors.numpy
from jaxtyping import Float32, Int64

from fieldstone.encoders.inr import Kind
from fieldstone.evaluate.inret.across import FUNCTIONS
from fieldstone.evaluate.inret.converted import PIXELS, Form, Rival, converted
from fieldstone.evaluate.inret.fitted import FieldStore
from fieldstone.evaluate.inret.learned import embedded, learnt, own_latents
from fieldstone.evaluate.inret.shapes import Selection, samples10
from fieldstone.fields.field import Function
from fieldstone.fields.network import Architecture
from fieldstone.fields.recipe import Settings
from fieldstone.fields.sampling import Sampling
from fieldstone.fields.schedule import Schedule, fast
from fieldstone.fields.siren import small_siren
from fieldstone.files.whole import write_whole
from fieldstone.progress import Progress, Silent
from fieldstone.training.collection import Collection
from fieldstone.training.common_latent import Recipe

__all__ = ["SCALES", "Rows", "Scale", "Study", "default_fits", "of_samples10"]

Rows: TypeAlias = Mapping[Function, Float32[np.ndarray, "shapes dim"]]
"""Rows of the test shapes for each function, in their order, not normalised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much is done."""

    name: Literal["tiny", "small", "full"]
    train: int
    """Training shapes of a category of samples10."""
    test: int
    """Test shapes of a category of samples10."""
    points: int
    """Places of a shape at which the decoder is taught in a step."""
    epochs: int
    """Of encoders and rivals."""
    compact: bool = True
    """Whether rivals and SIRENs have sizes for two cores, and not the papers'."""


SCALES = {
    "tiny": Scale(name="tiny", train=3, test=2, points=64, epochs=1),
    "small": Scale(name="small", train=15, test=10, points=512, epochs=30),
    "full": Scale(name="full", train=50, test=50, points=2048, epochs=300, compact=False),
}
"""tiny: that it runs; small: meant for two cores; full: for a GPU or patience."""


def default_fits(scale: Scale) -> dict[Architecture, Settings]:
    """Grids as users fit them. The papers' SIREN takes minutes a shape on two cores: compact scales have a small one."""
    grids: dict[Architecture, Settings] = {
        "hashgrid": {"schedule": fast()},
        "octree": {"schedule": fast()},
        "triplane": {"schedule": fast()},
    }
    short = Schedule(epochs=10, batch=1024, rate=1e-3)
    sirens: Settings = {"config": small_siren(), "schedule": short, "sampling": Sampling().part(0.2)}
    return {**grids, "siren": sirens if scale.compact else {}}


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
        """INRet's rows for fields of one architecture, three functions in one latent; `recipe` None: both regularisations."""
        asked = replace(recipe or Recipe(), points=self.scale.points, epochs=self.scale.epochs)
        return self._learnt(architecture, asked)

    def inr2vec(self) -> Rows:
        """inr2vec's rows, of SIRENs, each function in a latent of its own."""
        return self._learnt("siren", own_latents(self.scale.points, self.scale.epochs))

    def rival(self, form: Form) -> Rows:
        """Rows of the network that reads what hash grids are converted to."""
        kinds = _kinds("hashgrid")

        def make(place: Path) -> Rows:
            network = Rival(form, compact=self.scale.compact, epochs=self.scale.epochs, seed=self.seed)
            network.learn(
                self._converted("train", kinds, form), folder=place, device=self.device, progress=self.progress
            )
            rows = network.rows(self._converted("test", kinds, form), self.device)
            return {function: part for (_, function), part in zip(kinds, np.split(rows, len(kinds)), strict=True)}

        return self._kept(form, kinds, [self.scale.compact, self.scale.epochs], make)

    def _learnt(self, architecture: Architecture, recipe: Recipe) -> Rows:
        kinds = _kinds(architecture)

        def make(place: Path) -> Rows:
            for shapes in (self.selection.train, self.selection.test):
                self.store.fit_all(shapes, kinds, progress=self.progress or Silent())
            collection = self.store.collection(self.selection.train, kinds, self.seed)
            encoders = learnt(
                collection, recipe, seed=self.seed, folder=place, device=self.device, progress=self.progress
            )
            test = self.selection.test
            return {kind[1]: embedded(encoders[kind], self.store, test, kind, self.device) for kind in kinds}

        return self._kept(f"{architecture}-{recipe.decoder}-{recipe.pull:g}", kinds, recipe.settings, make)

    def _converted(self, part: Literal["train", "test"], kinds: tuple[Kind, ...], form: Form) -> Collection:
        shapes = self.selection.train if part == "train" else self.selection.test
        self.store.fit_all(shapes, kinds, progress=self.progress or Silent())
        labels, classes = self.selection.labels(shapes), self.selection.classes
        size = PIXELS[self.scale.compact]
        return converted(self.store, shapes, kinds, labels, classes, form, size=size, seed=self.seed)

    def _kept(self, name: str, kinds: tuple[Kind, ...], about: Any, make: Callable[[Path], Rows]) -> Rows:
        """The rows in the folder of what decides them, made where they are missing; trainings keep their state there."""
        both = (*self.selection.train, *self.selection.test)
        fields = [self.store.path(shape, kind).name for kind in kinds for shape in both]
        said = json.dumps([asdict(self.scale), about, self.seed, len(self.selection.train), fields], sort_keys=True)
        place = self.folder / f"{self.selection.name}-{name}-{hashlib.sha256(said.encode()).hexdigest()[:12]}"
        path = place / "rows.safetensors"
        if not path.exists():
            rows = {str(function): np.ascontiguousarray(found) for function, found in make(place).items()}
            write_whole(path, safetensors.numpy.save(rows))
        kept = safetensors.numpy.load_file(path)
        return {function: kept[function] for _, function in kinds}


def of_samples10(
    scale: Scale, folder: Path, *, seed: int = 0, device: str = "cpu", progress: Progress | None = None
) -> Study:
    """A study of samples10 at a scale, kept in `folder`."""
    return Study(
        selection=samples10(scale.train, scale.test), scale=scale, folder=folder, fits=default_fits(scale), seed=seed,
        device=device, progress=progress,
    )  # fmt: skip


def _kinds(architecture: Architecture) -> tuple[Kind, ...]:
    return tuple((architecture, function) for function in FUNCTIONS)
