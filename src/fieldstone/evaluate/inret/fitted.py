"""Fields of many shapes, each fitted once and kept by the hash of its content and settings; a killed run goes on."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import TypeVar

import numpy as np
from jaxtyping import Float32

from fieldstone.encoders.field_input import HALF, Levels, RowOf, field_input
from fieldstone.encoders.inr import Kind, kind_name
from fieldstone.errors import GeometryError
from fieldstone.evaluate.inret.kept import kept
from fieldstone.evaluate.inret.shapes import Shape
from fieldstone.fields.file import SUFFIX, open_field, save
from fieldstone.fields.fit import Prepared, fit, prepare, truth_of
from fieldstone.fields.machine import side_by_side
from fieldstone.fields.network import Architecture, Card, NeuralField
from fieldstone.fields.quantise import Precision
from fieldstone.fields.recipe import Settings, recipe
from fieldstone.fields.sampling import Sampling, draw
from fieldstone.fields.together import in_stacks
from fieldstone.files.whole import make_folder
from fieldstone.progress import Progress, Silent
from fieldstone.training.fields import FieldCollection, Readings
from fieldstone.types import Mesh

__all__ = ["FieldStore", "readings_of"]

Item = TypeVar("Item")
VERSION = 1
"""Of what fits do: it grows when the same settings give other fields."""
DISTILLED = 2
"""The same, of fits to fields."""
PLACES = 0.1
"""Share of the fits' half million places at which the decoder is taught: 50,000 a shape, of which a step draws some."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FieldStore:
    """A folder of fields, `<key>.field`. What another run has fitted with the same settings is there already."""

    folder: Path
    settings: Mapping[Architecture, Settings]
    """Of `fields.fit`, for each architecture."""
    precision: Precision = "fp16"
    """In which fields are kept: hash grids are 4.7 MB so, and their values the same to 6e-6."""
    half: int = HALF
    """N of the lattice at which encoders see grids."""
    levels: Levels = "own"
    """How encoders see a grid's levels."""
    row_of: RowOf = "input"
    """And its decoder's weights."""
    source: Kind | None = None
    """What fields are fitted to: None, the meshes; otherwise each shape's field of that kind, which is distilled
    (INRet, section A.3)."""
    device: str = "cpu"
    """Where fields are fitted: on any but the cpu many at a time as one stack, which gives other bytes and has other names."""

    def path(self, shape: Shape, kind: Kind) -> Path:
        """Where the shape's field of that kind stands or will stand."""
        asked = recipe(*kind, **self.settings[kind[0]])
        about = [VERSION, shape.digest, shape.up, kind_name(kind), asked.settings, self.precision]
        if self.source is not None:
            about += [DISTILLED, self._sources.path(shape, self.source).name]
        if self.device != "cpu":
            about.append("stack")
        said = json.dumps(about, sort_keys=True)
        return self.folder / (hashlib.sha256(said.encode()).hexdigest()[:32] + SUFFIX)

    def field(self, shape: Shape, kind: Kind) -> NeuralField:
        """The field, fitted now where it is missing. Raises GeometryError, with the shape's name, and FileError as `fit`."""
        path = self.path(shape, kind)
        if not path.exists():
            self._fit(shape, kind)
        return open_field(path)

    @property
    def _sources(self) -> "FieldStore":
        return replace(self, source=None)

    def _fit(self, shape: Shape, kind: Kind) -> float:
        """Fit and keep a field on one thread; its error."""
        make_folder(self.folder, "fields")
        settings, about = self.settings[kind[0]], {"name": shape.name, "source_hash": shape.digest, "up": shape.up}
        with _named(shape, kind):
            found = fit(self._source(shape), *kind, device=self.device, workers=1, **about, **settings)  # type: ignore[arg-type]
        return self._keep(found, shape, kind)

    def _source(self, shape: Shape) -> Mesh | NeuralField:
        return shape.mesh if self.source is None else self._sources.field(shape, self.source)

    def _keep(self, found: NeuralField, shape: Shape, kind: Kind) -> float:
        """Write a field; its error."""
        save(found, self.path(shape, kind), self.precision)
        return found.card.error or 0.0

    def _each(
        self, pool: ThreadPoolExecutor, asked: Sequence[tuple[Shape, Kind]]
    ) -> Iterator[tuple[Shape, Kind, float]]:
        """Fit and keep fields, one a thread."""
        waiting = {pool.submit(self._fit, *each): each for each in asked}
        try:
            for future in as_completed(waiting):
                yield *waiting[future], future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise

    def _stacked(
        self, pool: ThreadPoolExecutor, asked: Sequence[tuple[Shape, Kind]]
    ) -> Iterator[tuple[Shape, Kind, float]]:
        """Fit and keep fields of one kind at a time in stacks on the device, their truth on the CPU's threads."""
        make_folder(self.folder, "fields")
        for kind in dict.fromkeys(kind for _, kind in asked):
            shapes = [shape for shape, own in asked if own == kind]
            stacks = in_stacks(pool, partial(self._begin, kind), shapes, attrgetter("lesson"), self.device)
            for shape, (begun, trained) in zip(shapes, stacks, strict=True):
                assert trained is not None, "a shape that gives no lesson is an error"
                found = begun.field(*trained, Card(source=shape.name, source_hash=shape.digest))
                yield shape, kind, self._keep(found, shape, kind)

    def _begin(self, kind: Kind, shape: Shape) -> Prepared:
        with _named(shape, kind):
            return prepare(self._source(shape), recipe(*kind, **self.settings[kind[0]]), up=shape.up)

    def fit_all(
        self, shapes: Sequence[Shape], kinds: Sequence[Kind], *, workers: int | None = None, progress: Progress | None = None
    ) -> None:  # fmt: skip
        """Fit what is missing, `workers` fields side by side (None: one a core), or stack by stack on another device, each
        kept as it is done. The first that cannot be fitted ends it, with the shape's name; what was kept stays."""
        told = progress or Silent()
        for architecture in dict.fromkeys(kind[0] for kind in kinds):
            own = [kind for kind in kinds if kind[0] == architecture]
            asked = {self.path(shape, kind): (shape, kind) for shape in shapes for kind in own}
            missing = [each for path, each in asked.items() if not path.exists()]
            told.start(f"fitting {architecture}", len(asked))
            told.advance(len(asked) - len(missing))
            with side_by_side(workers, architecture, self.device) as pool:
                fitted = self._each if self.device == "cpu" else self._stacked
                for shape, kind, error in fitted(pool, missing):
                    told.advance(1, f"{shape.name} {kind_name(kind)}, error {error:.1e}")
            told.finish()

    def fields(self, shapes: Sequence[Shape], kind: Kind) -> Iterator[NeuralField]:
        """The shapes' fields of one kind, one after the other."""
        return (self.field(shape, kind) for shape in shapes)

    def readings(self, shapes: Sequence[Shape], kind: Kind, progress: Progress | None = None) -> Readings:
        """What encoders see of the shapes' fields of one kind."""
        seen = _told(self.fields(shapes, kind), f"reading {kind_name(kind)}", len(shapes), progress)
        return readings_of(seen, self.half, self.levels, self.row_of)

    def collection(
        self, shapes: Sequence[Shape], kinds: Sequence[Kind], seed: int, progress: Progress | None = None
    ) -> FieldCollection:
        """Fields to learn one latent from, with the truth at places drawn as the fits draw theirs (INRet, A.2), which is
        kept beside the fields."""
        truths = list(_told((self._truth(shape, seed) for shape in shapes), "truth of shapes", len(shapes), progress))
        points, signed = (np.stack([truth[name] for truth in truths]) for name in ("points", "signed"))
        on = signed == 0.0
        occupied = np.where(on, 0.0, np.where(signed < 0.0, 1.0, -1.0)).astype(np.float32)
        return FieldCollection(
            readings={kind: self.readings(shapes, kind, progress) for kind in kinds},
            points=points,
            values={"sdf": signed, "udf": np.abs(signed), "occ": occupied},
        )

    def _truth(self, shape: Shape, seed: int) -> Mapping[str, np.ndarray]:
        """`_signed`, from its file where there is one."""
        sampling = Sampling().part(PLACES)
        said = json.dumps([VERSION, shape.digest, seed, asdict(sampling)], sort_keys=True)
        path = self.folder / "truth" / f"{hashlib.sha256(said.encode()).hexdigest()[:32]}.safetensors"
        return kept(path, partial(_signed, shape, sampling, seed))


@contextmanager
def _named(shape: Shape, kind: Kind) -> Iterator[None]:
    """A GeometryError that is raised within names the shape."""
    try:
        yield
    except GeometryError as error:
        raise GeometryError(f"{shape.name} as {kind_name(kind)}: {error}") from error


def readings_of(
    fields: Iterable[NeuralField], half: int = HALF, levels: Levels = "own", row_of: RowOf = "input"
) -> Readings:
    """What encoders see of fields of one kind, which are open one at a time."""
    rows, grids = [], []
    for field in fields:
        seen = field_input(field.network, half, levels, row_of)
        rows.append(seen.rows)
        if seen.grid is not None:
            grids.append(seen.grid.astype(np.float16))
    return Readings(rows=np.stack(rows), grid=np.stack(grids) if grids else None)


def _signed(shape: Shape, sampling: Sampling, seed: int) -> dict[str, Float32[np.ndarray, "places ..."]]:
    """Places of the shape's frame ("points"), and its signed distance there ("signed")."""
    truth, _, _ = truth_of(shape.mesh, "sdf")
    samples = draw(truth, sampling, np.random.default_rng([seed, 0]))
    return {"points": samples.points, "signed": samples.values[:, 0]}


def _told(items: Iterable[Item], title: str, total: int, progress: Progress | None) -> Iterator[Item]:
    """The items, each of which is said when the next is asked for."""
    told = progress or Silent()
    told.start(title, total)
    for item in items:
        yield item
        told.advance()
    told.finish()
