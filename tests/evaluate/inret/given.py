"""A study of four shapes whose fields and rows are given: nothing is fitted or learnt."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from fieldstone.encoders.inr import Kind, kind_name
from fieldstone.evaluate.inret.across import FUNCTIONS
from fieldstone.evaluate.inret.shapes import Selection, Shape
from fieldstone.evaluate.inret.study import SCALES, Embedded, Study
from fieldstone.fields.field import CallableField, Field
from fieldstone.types import Mesh
from tests.fields.fits import ball

RADIUS = 0.9
"""Of every field's ball; the meshes' balls have 1."""


def shapes(
    balls: Sequence[float] = (1.0, 0.95), rods: Sequence[float] = (0.3, 0.33)
) -> tuple[Shape, ...]:  # fmt: skip
    """Two balls, of which one is a little flat, and two rods, one behind the other; or others, by their widths."""
    mesh, found = ball(16, radius=1.0, centre=(0.0, 0.0, 0.0)), []
    for category, widths in (("ball", balls), ("rod", rods)):
        for i, width in enumerate(widths):
            flat = Mesh(mesh.vertices * [1.0, width, width], mesh.faces)
            found.append(Shape(name=f"{category}-{i}", category=category, mesh=flat))
    return tuple(found)


def round_field(kind: Kind, width: float) -> CallableField:
    """The ellipsoid of that width, RADIUS long: nearly a distance, exactly one for a ball."""

    def signed(points: np.ndarray) -> np.ndarray:
        return (np.linalg.norm(points / [1.0, width, width], axis=1) - RADIUS) * width

    calls: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "sdf": signed, "udf": lambda p: np.abs(signed(p)), "occ": lambda p: -np.sign(signed(p)),
    }  # fmt: skip
    return CallableField(call=calls[kind[1]], function=kind[1])


@dataclass
class GivenStore:
    """In the place of a FieldStore. `empty` names a shape whose fields have no surface."""

    empty: str = ""
    asked: int = 0

    def path(self, shape: Shape, kind: Kind) -> Path:
        """Nothing stands there."""
        return Path(f"{shape.name}-{kind_name(kind)}-{self.empty == shape.name}")

    def fit_all(self, shapes: Sequence[Shape], kinds: Sequence[Kind], *, progress: object) -> None:
        """They are there."""

    def field(self, shape: Shape, kind: Kind) -> Field:
        """As wide as the shape's mesh."""
        self.asked += 1
        if shape.name == self.empty:
            return CallableField(call=lambda p: np.full(len(p), 1.0 - 2.0 * (kind[1] == "occ")), function=kind[1])
        extent = np.ptp(shape.mesh.vertices, axis=0)
        return round_field(kind, float(extent[1] / extent[0]))

    def fields(self, shapes: Sequence[Shape], kind: Kind) -> Iterator[Field]:
        """One after the other."""
        return (self.field(shape, kind) for shape in shapes)


@dataclass(frozen=True, eq=False, kw_only=True)
class GivenStudy(Study):
    """Rows tell the class, and a little of the shape; those of hash grids of two epochs lead to the other class."""

    given: GivenStore

    @cached_property
    def store(self) -> GivenStore:  # type: ignore[override]
        """The given one."""
        return self.given

    def embedded(self, method: str) -> Embedded:
        """The same for all methods that read what is fitted in full."""
        g, labels = np.random.default_rng(0), self.selection.labels(self.selection.test)
        if method == "hashgrid" and "schedule" in self.fits["hashgrid"]:
            assert self.fits["hashgrid"]["schedule"].epochs == 2
            labels = np.array([0, 1, 0, 1])
        rows = (4.0 * np.eye(2, 16)[labels] + 0.1 * g.standard_normal((4, 16))).astype(np.float32)
        train = np.tile(rows, (3, 1))
        return Embedded(
            folder=self.folder / method, train=dict.fromkeys(FUNCTIONS, train), test=dict.fromkeys(FUNCTIONS, rows)
        )


def given_study(folder: Path, empty: str = "") -> GivenStudy:
    """The test shapes three times over are what is learnt from."""
    scale = replace(SCALES["tiny"], architectures=("hashgrid",))
    selection = Selection(name="two", train=shapes() * 3, test=shapes(), role="ShapeNet10")
    return GivenStudy(selection=selection, scale=scale, folder=folder, fits={"hashgrid": {}}, given=GivenStore(empty))


def cells(text: str) -> list[list[str]]:
    """The cells of Markdown tables, line by line, heads among them."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
