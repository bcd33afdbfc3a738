"""One run of INRet's protocol: fields, trainings and rows, each made when a table first asks and kept in a folder.

A run that was stopped goes on where it was, and another table takes what is there. Everything is kept by what decides it.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

import numpy as np
from jaxtyping import Float32, Int64

from fieldstone.encoders.field_input import Levels, RowOf
from fieldstone.encoders.inr import Kind
from fieldstone.evaluate.inret.across import FUNCTIONS
from fieldstone.evaluate.inret.converted import PIXELS, Form, Rival, converted, rival_recipe, rival_sizes
from fieldstone.evaluate.inret.converted import VERSION as CONVERTED
from fieldstone.evaluate.inret.fitted import FieldStore
from fieldstone.evaluate.inret.kept import kept
from fieldstone.evaluate.inret.learned import Added, embedded, keep, learnt, own_latents
from fieldstone.evaluate.inret.shapes import Selection, Shape
from fieldstone.fields.field import Function
from fieldstone.fields.network import Architecture
from fieldstone.fields.recipe import Settings
from fieldstone.fields.sampling import Sampling
from fieldstone.fields.schedule import Schedule, fast
from fieldstone.fields.siren import small_siren
from fieldstone.progress import Progress, Silent
from fieldstone.training.collection import Collection
from fieldstone.training.common_latent import Recipe

__all__ = ["RIVALS", "SCALES", "Embedded", "Part", "Rows", "Scale", "Study", "default_fits"]

Rows: TypeAlias = Mapping[Function, Float32[np.ndarray, "shapes dim"]]
"""Rows of shapes for each function, in the shapes' order, not normalised."""
Part: TypeAlias = Literal["train", "test"]
PARTS: tuple[Part, ...] = ("train", "test")
VERSION = 1
"""Of what trainings do: it grows when the same settings give other rows."""
ADDED: Mapping[Added, int | Literal[False]] = {"none": False, "norm": 2, "straight": 3}
"""The same, by what was added to the papers' encoders: names of folders hang on it, as on VERSION."""
RIVALS: Mapping[str, Form] = {"pointnext": "points", "viewgcn": "views"}


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
    architectures: tuple[Architecture, ...] = ("octree", "hashgrid")
    """Grids on which INRet is compared with its rivals."""


SCALES = {
    "tiny": Scale(name="tiny", train=3, test=2, points=64, epochs=1),
    "small": Scale(name="small", train=15, test=10, points=512, epochs=30, architectures=("hashgrid",)),
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


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Embedded:
    """What a method made of a selection's fields."""

    folder: Path
    """Of its training, whose last state is there."""
    train: Mapping[Function, Float32[np.ndarray, "training dim"]]
    test: Rows


@dataclass(frozen=True, eq=False, kw_only=True)
class Study:
    """A selection at a scale; rows of every method on its shapes."""

    selection: Selection
    scale: Scale
    folder: Path
    fits: Mapping[Architecture, Settings]
    """Settings of `fields.fit`, for each architecture."""
    seed: int = 0
    device: str = "cpu"
    """Where fields are fitted and networks learn."""
    progress: Progress | None = None

    @cached_property
    def store(self) -> FieldStore:
        """The fields."""
        return FieldStore(folder=self.folder / "fields", settings=self.fits, device=self.device)

    @cached_property
    def labels(self) -> Int64[np.ndarray, "shapes"]:
        """Categories of the test shapes."""
        return self.selection.labels(self.selection.test)

    @property
    def methods(self) -> tuple[str, ...]:
        """As the paper compares them: INRet on the scale's grids, inr2vec on SIRENs, and hash grids converted."""
        return (*self.scale.architectures, "inr2vec", *RIVALS)

    def rows(self, method: str) -> Rows:
        """Rows of the test shapes by one of `methods`."""
        return self.embedded(method).test

    def embedded(self, method: str) -> Embedded:
        """What one of `methods` made of all shapes. KeyError where it is none of them."""
        if method in RIVALS:
            return self._rival(RIVALS[method])
        if method == "inr2vec":
            return self._learnt("siren", own_latents(self.scale.points, self.scale.epochs), added="none")
        if method not in self.fits:
            raise KeyError(f"no method {method}: give one of {', '.join(self.methods)}")
        return self.made(cast("Architecture", method))

    def inret(self, architecture: Architecture, recipe: Recipe | None = None, levels: Levels = "own") -> Rows:
        """INRet's rows of the test shapes' fields of one architecture, three functions in one latent; `recipe` None: both
        regularisations. `levels`: how encoders see the levels of a grid."""
        return self.made(architecture, recipe, levels).test

    def made(
        self,
        architecture: Architecture,
        recipe: Recipe | None = None,
        levels: Levels = "own",
        *,
        row_of: RowOf = "input",
        added: Added = "straight",
    ) -> Embedded:
        """The same with the rows of the training shapes, by encoders with what is `added` to the papers'. `row_of`: how they
        see the weights of a grid's decoder."""
        asked = replace(recipe or Recipe(), points=self.scale.points, epochs=self.scale.epochs)
        return self._learnt(architecture, asked, levels, row_of, added=added)

    def shapes(self, part: Part) -> tuple[Shape, ...]:
        """Training or test shapes."""
        return self.selection.train if part == "train" else self.selection.test

    def converted(self, part: Part, kinds: tuple[Kind, ...], form: Form) -> Collection:
        """The shapes' fields of those kinds, one kind after the other, as points or views."""
        shapes = self.shapes(part)
        self.store.fit_all(shapes, kinds, progress=self.told)
        return converted(
            self.store, shapes, kinds, self.selection.labels(shapes), self.selection.classes, form,
            size=PIXELS[self.scale.compact], seed=self.seed, folder=self.folder / "converted", progress=self.told,
        )  # fmt: skip

    @property
    def told(self) -> Progress:
        """To whom it is said how far things are."""
        return self.progress or Silent()

    def _learnt(
        self,
        architecture: Architecture,
        recipe: Recipe,
        levels: Levels = "own",
        row_of: RowOf = "input",
        *,
        added: Added,
    ) -> Embedded:
        kinds, store = _kinds(architecture), replace(self.store, levels=levels, row_of=row_of)

        def make(place: Path) -> dict[Part, Rows]:
            for part in PARTS:
                store.fit_all(self.shapes(part), kinds, progress=self.told)
            collection = store.collection(self.selection.train, kinds, self.seed, self.told)
            encoders = learnt(
                collection, recipe, added=added, seed=self.seed, folder=place, device=self.device, progress=self.told
            )
            keep(encoders, place)
            return {
                part: {kind[1]: embedded(encoders[kind], store, self.shapes(part), kind, self.device) for kind in kinds}
                for part in PARTS
            }

        name = f"{architecture}-{recipe.decoder}-{recipe.pull:g}"
        about = [recipe.settings, levels, store.half, ADDED[added], *([] if row_of == "input" else [row_of])]
        return self._kept(name, kinds, about, make)

    def _rival(self, form: Form) -> Embedded:
        kinds = _kinds("hashgrid")

        def make(place: Path) -> dict[Part, Rows]:
            network = Rival(form, compact=self.scale.compact, epochs=self.scale.epochs, seed=self.seed)
            train = self.converted("train", kinds, form)
            network.learn(train, folder=place, device=self.device, progress=self.told)
            rows = {
                "train": network.rows(train, self.device),
                "test": network.rows(self.converted("test", kinds, form), self.device),
            }
            return {part: dict(zip(FUNCTIONS, np.split(rows[part], len(kinds)), strict=True)) for part in PARTS}

        sizes = asdict(rival_sizes(form, compact=self.scale.compact))
        about = [CONVERTED, PIXELS[self.scale.compact], sizes, rival_recipe(form, self.scale.epochs).settings]
        return self._kept(form, kinds, about, make)

    def _kept(
        self, name: str, kinds: tuple[Kind, ...], about: Any, make: Callable[[Path], dict[Part, Rows]]
    ) -> Embedded:
        """The rows in the folder of what decides them, made where they are missing; trainings keep their state there."""
        both = [shape for part in PARTS for shape in self.shapes(part)]
        fields = [self.store.path(shape, kind).name for kind in kinds for shape in both]
        of = [[shape.category for shape in both], len(self.selection.train), fields]
        said = json.dumps([VERSION, about, self.seed, of], sort_keys=True)
        place = self.folder / f"{self.selection.name}-{name}-{hashlib.sha256(said.encode()).hexdigest()[:12]}"

        def flat() -> dict[str, np.ndarray]:
            made = make(place)
            return {f"{part}.{function}": made[part][function] for part in PARTS for function in FUNCTIONS}

        rows = kept(place / "rows.safetensors", flat)
        train, test = ({function: rows[f"{part}.{function}"] for function in FUNCTIONS} for part in PARTS)
        return Embedded(folder=place, train=train, test=test)


def _kinds(architecture: Architecture) -> tuple[Kind, ...]:
    return tuple((architecture, function) for function in FUNCTIONS)
