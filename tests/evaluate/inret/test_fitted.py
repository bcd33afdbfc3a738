"""Fields are fitted once, kept by content and settings, and read as the encoders see them."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fieldstone.encoders.inr import Kind  # noqa: E402
from fieldstone.errors import BrokenFile, FileError, GeometryError  # noqa: E402
from fieldstone.evaluate.inret import fitted  # noqa: E402
from fieldstone.evaluate.inret.fitted import FieldStore  # noqa: E402
from fieldstone.evaluate.inret.kept import kept  # noqa: E402
from fieldstone.evaluate.inret.shapes import SAMPLES10, Selection, Shape, samples10  # noqa: E402
from fieldstone.fields.sampling import Sampling  # noqa: E402
from fieldstone.fields.schedule import Schedule  # noqa: E402
from fieldstone.geometry.distance import Surface  # noqa: E402
from fieldstone.geometry.normalise import normalise  # noqa: E402
from fieldstone.progress import Silent  # noqa: E402
from fieldstone.types import Mesh  # noqa: E402
from tests.fields.fits import CONFIGS, ball  # noqa: E402

KINDS: tuple[Kind, ...] = (("hashgrid", "sdf"), ("octree", "udf"))
FEW = Sampling(uniform=300, surface=300, near=300)


def store(folder: Path, rate: float = 1e-2, epochs: int = 1) -> FieldStore:
    schedule = Schedule(epochs=epochs, batch=512, rate=rate)
    settings = {name: {"config": CONFIGS[name], "sampling": FEW, "schedule": schedule} for name in CONFIGS}
    return FieldStore(folder=folder, settings=settings, half=4)


def shapes() -> list[Shape]:
    return [Shape(name=f"ball-{i}", category="ball", mesh=ball(8, radius=1.0 + i)) for i in range(2)]


def test_fields_are_fitted_once(tmp_path: Path) -> None:
    fields, given = store(tmp_path / "fields"), shapes()
    fields.fit_all(given, KINDS, workers=2)
    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "fields").iterdir()}
    assert len(files) == 4
    assert set(files) == {fields.path(shape, kind) for shape in given for kind in KINDS}
    fields.fit_all([*given, replace(given[0], name="again")], KINDS)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "fields").iterdir()} == files
    assert fields.field(given[0], KINDS[1]).function == "udf"
    assert fields.field(given[0], KINDS[0]).card.source_hash == given[0].digest


def test_equal_shapes_are_fitted_once_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[str]()
    real = fitted.fit

    def counted(*given: object, **said: object) -> object:
        asked.append(str(said["source_hash"]))
        return real(*given, **said)

    monkeypatch.setattr(fitted, "fit", counted)
    one, other = shapes()
    store(tmp_path).fit_all([one, replace(one, name="again"), other], KINDS[:1], workers=2)
    assert sorted(asked) == sorted([one.digest, other.digest])


def test_stacks_give_what_single_fits_give(tmp_path: Path) -> None:
    given = shapes()
    alone, stacked = store(tmp_path / "alone"), replace(store(tmp_path / "stacked"), device="cpu:0")  # as a GPU does it
    stacked.fit_all([*given, given[0]], KINDS)
    assert len(list((tmp_path / "stacked").iterdir())) == 4
    for shape, kind in [(shape, kind) for shape in given for kind in KINDS]:
        one, other = alone.field(shape, kind), stacked.field(shape, kind)
        assert stacked.path(shape, kind).name != alone.path(shape, kind).name
        assert other.card.settings == one.card.settings
        assert (other.card.source, other.card.source_hash) == (shape.name, shape.digest)
        assert other.card.error == pytest.approx(one.card.error, rel=0.2)


def test_a_shape_of_a_stack_that_cannot_be_fitted_is_named(tmp_path: Path) -> None:
    flat = Shape(name="nothing", category="ball", mesh=Mesh(np.zeros((3, 3)), np.array([[0, 1, 2]])))
    with pytest.raises(GeometryError, match="nothing as hashgrid-sdf: "):
        replace(store(tmp_path), device="cpu:0").fit_all([*shapes(), flat], KINDS[:1])


def test_fields_are_distilled_in_stacks(tmp_path: Path) -> None:
    stacked = replace(store(tmp_path, epochs=40), device="cpu:0", source=KINDS[0])
    stacked.fit_all(shapes(), (("octree", "sdf"),))
    assert stacked.field(shapes()[0], ("octree", "sdf")).card.source == "ball-0"
    assert len(list(tmp_path.iterdir())) == 4


def test_what_cannot_be_kept_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(FileError, match="is no folder for fields"):
        store(tmp_path / "file").fit_all(shapes(), KINDS[:1])
    with pytest.raises(FileError, match="is no folder for what a study keeps"):
        kept(tmp_path / "file" / "rows.safetensors", lambda: {"a": np.zeros(3)})
    (tmp_path / "cut.safetensors").write_bytes(b"cut")
    with pytest.raises(BrokenFile, match="delete it"):
        kept(tmp_path / "cut.safetensors", dict)


def test_the_shape_that_cannot_be_fitted_is_named(tmp_path: Path) -> None:
    flat = Mesh(np.zeros((3, 3)), np.array([[0, 1, 2]]))
    given = [*shapes(), Shape(name="nothing", category="ball", mesh=flat)]
    with pytest.raises(GeometryError, match="nothing as hashgrid-sdf: "):
        store(tmp_path).fit_all(given, KINDS[:1], workers=1)
    assert store(tmp_path).path(given[0], KINDS[0]).exists()


def test_other_settings_are_other_fields(tmp_path: Path) -> None:
    shape = shapes()[0]
    paths = {store(tmp_path, rate).path(shape, kind) for rate in (1e-2, 2e-2) for kind in KINDS}
    paths.add(replace(store(tmp_path), precision="int8").path(shape, KINDS[0]))
    assert len(paths) == 5


def test_collection_tells_the_truth(tmp_path: Path) -> None:
    given = shapes()
    found = store(tmp_path).collection(given, KINDS, seed=3)
    assert found.kinds == KINDS
    assert found.points.shape == (2, 50_000, 3)
    hashed, sparse = (found.readings[kind] for kind in KINDS)
    assert hashed.rows.shape == (2, 12, 128)
    assert hashed.grid is not None and hashed.grid.shape == (2, 6, 8, 8, 8)  # noqa: PT018
    assert sparse.grid is not None and sparse.grid.dtype == np.float16  # noqa: PT018
    turned = replace(store(tmp_path), row_of="neuron").readings(given, KINDS[0])
    np.testing.assert_array_equal(turned.rows, hashed.rows.transpose(0, 2, 1))
    surface = Surface(normalise(given[0].mesh, "unit_sphere_bbox")[0])
    off = found.values["udf"][0] > 0
    np.testing.assert_allclose(found.values["udf"][0][off], surface.distance(found.points[0])[off], atol=1e-6)
    inside = surface.inside(found.points[0])
    np.testing.assert_array_equal(found.values["occ"][0][off], np.where(inside, 1.0, -1.0)[off])
    np.testing.assert_array_equal(found.values["sdf"], -found.values["occ"] * found.values["udf"])
    assert not found.values["occ"][0][~off].any()
    assert (~off).mean() == pytest.approx(0.4)


def test_truth_is_measured_once_and_readings_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fields, given, asked, told = store(tmp_path), shapes(), [], Counted()
    fields.fit_all(given, KINDS)
    real = fitted.truth_of
    monkeypatch.setattr(fitted, "truth_of", lambda *said: (asked.append(said), real(*said))[1])
    first = fields.collection(given, KINDS, 3, told)
    assert told.steps == {"truth of shapes": [2, 2], "reading hashgrid-sdf": [2, 2], "reading octree-udf": [2, 2]}
    assert fields.collection(given, KINDS, 3).fingerprint() == first.fingerprint()
    assert len(asked) == 2
    other = fields.collection(given[:1], KINDS[:1], 4)
    assert len(asked) == 3
    assert not np.array_equal(other.points[0], first.points[0])


class Counted(Silent):
    """How many each step was to do, and did."""

    def __init__(self) -> None:
        self.steps: dict[str, list[int]] = {}

    def start(self, title: str, total: int | None) -> None:
        self.steps[title] = self.latest = [total or 0, 0]

    def advance(self, done: int = 1, detail: str = "") -> None:
        self.latest[1] += done


def test_digests_are_of_content_and_hashed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = shapes()
    assert one.digest == replace(one, name="again", up="x").digest != other.digest
    monkeypatch.setattr("fieldstone.evaluate.inret.shapes.hashlib", None)
    assert one.digest == shapes_digest(one)
    with pytest.raises(AttributeError):
        _ = replace(one).digest


def shapes_digest(shape: Shape) -> str:
    """As fields of earlier versions are keyed."""
    data = shape.mesh.vertices.astype("<f8").tobytes() + shape.mesh.faces.astype("<i8").tobytes()
    return hashlib.sha256(data).hexdigest()


def test_samples10_is_ten_categories_by_seed() -> None:
    found = samples10(2, 1)
    assert found.classes == SAMPLES10
    assert found.role == "ShapeNet10"
    assert Selection(name="mine", train=(), test=()).role == "Pix3D"
    assert (len(found.train), len(found.test)) == (20, 10)
    assert [shape.name for shape in found.train[:2]] == ["bench-0000", "bench-0001"]
    assert found.test[0].name == "bench-0050"
    np.testing.assert_array_equal(found.labels(found.test), np.arange(10))
    with pytest.raises(ValueError, match="1 to 50"):
        samples10(51, 1)
