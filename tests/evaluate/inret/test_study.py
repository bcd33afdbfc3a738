"""The whole protocol on a few tiny shapes: every table has its rows, and a second run takes up what the first left."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from jaxtyping import Float32, UInt8

torch = pytest.importorskip("torch")

from fieldstone.encoders.field_input import Levels  # noqa: E402
from fieldstone.encoders.inr import Kind  # noqa: E402
from fieldstone.errors import GeometryError  # noqa: E402
from fieldstone.evaluate.inret import asking, converted  # noqa: E402
from fieldstone.evaluate.inret import study as study_module  # noqa: E402
from fieldstone.evaluate.inret.across import across  # noqa: E402
from fieldstone.evaluate.inret.asking import distilled, embedder, siren_rows  # noqa: E402
from fieldstone.evaluate.inret.learned import Added  # noqa: E402
from fieldstone.evaluate.inret.study import RIVALS, SCALES, Study  # noqa: E402
from fieldstone.evaluate.inret.tables import choices, found, functions  # noqa: E402
from fieldstone.fields import lesson  # noqa: E402
from fieldstone.fields.field import Field  # noqa: E402
from tests.evaluate.inret.given import given_study  # noqa: E402
from tests.evaluate.inret.tiny import tiny_study  # noqa: E402

METHODS = ["octree", "hashgrid", "inr2vec", "pointnext", "viewgcn"]


PLACES = np.random.default_rng(0).uniform(-1.0, 1.0, (2048, 3))


def at_places(field: Field, generator: np.random.Generator) -> Float32[np.ndarray, "n 3"]:
    """Points that the field decides, in no time."""
    values = field.values(PLACES)[:, None] + 0.01 * generator.standard_normal((1, 1))
    return (PLACES * values).astype(np.float32)


def as_views(field: Field, size: int, up: str | None) -> UInt8[np.ndarray, "12 size size 4"]:
    """Pictures that the field decides."""
    values = np.resize(field.values(PLACES), (12, size, size, 4))
    return (np.clip(values, -1.0, 1.0) * 127 + 128).astype(np.uint8)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    """One for all tests; one field is timed, octrees are drawn from fewer points, and conversions, which have tests of
    their own, cost nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(found, "TIMED", 1)
        patch.setattr(found, "DISTILLED", 1)
        patch.setitem(converted.PIXELS, True, 16)
        patch.setattr(lesson, "SURFACE_POINTS", 20_000)
        for module in (asking, converted):
            patch.setattr(module, "field_points", at_places)
            patch.setattr(module, "field_views", as_views)
        yield tiny_study(tmp_path_factory.mktemp("inret"))


def cells(text: str) -> list[list[str]]:
    """The cells of a Markdown table's lines below its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.slow
def test_signed_distances_are_found_by_every_method(study: Study) -> None:
    assert study.methods == tuple(METHODS)
    head, _, accuracy, _, seconds = cells(found.table1(study))
    assert head == ["", *METHODS]
    assert accuracy[2].endswith("(78.0)")  # no samples10: it stands for Pix3D
    assert all(0.0 < float(cell.split()[0]) < 60.0 for cell in seconds[1:])
    as_shapenet = replace(study, selection=replace(study.selection, role="ShapeNet10"), scale=replace(
        study.scale, architectures=("hashgrid",)
    ))  # fmt: skip
    metrics = {line[0]: line[1:] for line in cells(found.table6(study))[2:]}
    assert metrics["F1@10"][1].endswith("(71.9)")
    other = {line[0]: line[1:] for line in cells(found.table5(study))[2:]}
    assert other["F1@10"][1].endswith("(81.8)")
    assert other["F1@10"][1].split()[0] == metrics["F1@10"][1].split()[0]
    # 4 shapes, 2 of a class: the list of the 3 others holds the one that is right
    assert {name: metrics[name][1].split()[0] for name in ("mAP@5", "R@10", "P@10", "F1@10")} == {
        "mAP@5": "100.0", "R@10": "100.0", "P@10": "33.3", "F1@10": "50.0",
    }  # fmt: skip
    assert as_shapenet.methods == ("hashgrid", "inr2vec", "pointnext", "viewgcn")


@pytest.mark.slow
def test_sirens_are_distilled_and_asked(study: Study) -> None:
    head, _, accuracy, *_, seconds = cells(found.table2(study))
    assert head == ["", "octree", "hashgrid", "pointnext", "viewgcn"]
    assert [cell.split("(")[1] for cell in accuracy[1:]] == ["71.3)", "75.5)", "67.1)", "68.2)"]
    assert float(seconds[2].split()[0]) > 0.0
    shape, store = study.selection.test[0], distilled(study)
    path = store.path(shape, ("hashgrid", "sdf"))
    assert path.exists()
    assert path != study.store.path(shape, ("hashgrid", "sdf"))
    own, asked = study.rows("hashgrid")["sdf"], siren_rows(study, "hashgrid")
    assert asked.shape == own.shape
    assert not np.array_equal(asked, own)
    before = path.stat().st_mtime_ns
    np.testing.assert_array_equal(siren_rows(replace(study), "hashgrid"), asked)
    assert path.stat().st_mtime_ns == before


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_one_field_alone_has_the_row_that_it_has_among_others(study: Study, method: str) -> None:
    kind: Kind = (found._architecture(method), "sdf")
    way, fields = embedder(study, method), study.store.fields(study.selection.test[:2], kind)
    np.testing.assert_allclose([way(field) for field in fields], study.rows(method)["sdf"][:2], atol=1e-4)


@pytest.mark.slow
def test_every_function_is_asked_among_every_other(study: Study) -> None:
    lines = cells(functions.table3(study))
    assert [line[0] for line in lines[2:17]] == [method for method in METHODS for _ in range(3)]
    assert lines[5][2:] == [f"{lines[5][i].split()[0]} ({said})" for i, said in ((2, 83.0), (3, 79.0), (4, 80.4))]
    real = cells(functions.table7(study))[5][2:]
    assert real == [f"{lines[5][i].split()[0]} ({said})" for i, said in ((2, 70.4), (3, 72.8), (4, 71.6))]
    ablation = functions.table4(study)
    assert ablation.count("| none |") == ablation.count("| L2 |") == ablation.count("| L2 and common decoder |") == 4
    alone = across(study.inret("hashgrid", functions.ABLATIONS["L2"]), study.labels)
    assert f"| L2 | {100 * alone.average:.1f} (64.6) |" in ablation
    both = {line[0]: line for line in cells(ablation) if line[1:2] == ["udf"]}
    assert both["L2 and common decoder"][2:] == lines[5][2:]  # INRet's own rows are those of Table 3


@pytest.mark.slow
def test_the_own_shape_may_be_found(study: Study) -> None:
    lines = {(line[0], line[1]): line[2:] for line in cells(functions.table8(study))[2:]}
    same, other = lines["hashgrid", "udf"][:2]
    assert same.endswith("(83.0)")
    assert other.endswith("(88.4 +9.4)")
    now, gain = other.split()[:2]
    strict = {(line[0], line[1]): line[2:] for line in cells(functions.table3(study))[2:17]}["hashgrid", "udf"][1]
    assert float(now) - float(gain) == pytest.approx(float(strict.split()[0]), abs=0.11)


@pytest.mark.slow
def test_choices_have_their_blocks(study: Study) -> None:
    given = {
        choices.table10: {"hashgrid", "siren", "triplane"}, choices.table11: {"udf", "sdf", "occ"},
        choices.table12: {"111", "211", "121", "112"}, choices.table13: {"L1", "L2"},
    }  # fmt: skip
    for table, names in given.items():
        blocks = [line[0] for line in cells(table(study))]
        assert {name: blocks.count(name) for name in names} == dict.fromkeys(names, 4)
    combined = {line[0]: line for line in cells(choices.table14(study))[2:]}
    assert combined["octree"][2] == "concat"
    assert combined["hashgrid"][3].endswith("(30.4)")
    trained = {path.parent.name.rpartition("-")[0] for path in study.folder.rglob("rows.safetensors")}
    assert {"two-siren-udf-1", "two-triplane-udf-1", "two-hashgrid-sdf-1", "two-hashgrid-occ-1"} <= trained


@pytest.mark.slow
def test_rows_of_training_fields_are_normed_unless_they_shall_not_be(study: Study) -> None:
    given: tuple[tuple[Added, float, float], ...] = (("straight", 0.5, 2.0), ("norm", 0.5, 2.0), ("none", 0.0, 0.2))
    for added, low, high in given:
        rows = study.made("hashgrid", added=added).train["udf"]
        assert low <= float(rows.std(axis=0).mean()) <= high


@pytest.mark.slow
def test_a_second_run_takes_up_what_the_first_left(study: Study) -> None:
    first = functions.table4(study)
    kept = {path: path.stat().st_mtime_ns for path in study.folder.rglob("*")}
    assert functions.table4(replace(study)) == first
    assert {path: path.stat().st_mtime_ns for path in study.folder.rglob("*")} == kept
    other = replace(study, seed=1)
    assert not np.array_equal(other.inret("hashgrid")["sdf"], study.inret("hashgrid")["sdf"])
    train = study.made("hashgrid").train
    assert train["occ"].shape == (4, 1024)
    with pytest.raises(KeyError, match="give one of octree, hashgrid"):
        study.rows("nothing")


def test_what_decides_rows_is_in_their_place(tmp_path: Path) -> None:
    """Without a training: the place is looked at alone."""
    study = tiny_study(tmp_path)
    changed = [
        study, replace(study, seed=1), replace(study, scale=replace(study.scale, points=8)),
        replace(study, selection=replace(study.selection, train=study.selection.train[:3])),
        replace(study, fits={**study.fits, "hashgrid": {**study.fits["hashgrid"], "seed": 3}}),
    ]  # fmt: skip
    neurons = place_of(partial(study.made, "hashgrid", row_of="neuron"))
    places = [*(place(one, "own") for one in changed), place(study, "sum"), neurons]
    assert len(set(places)) == len(places)
    assert place(replace(study, scale=SCALES["small"]), "own") != places[0]
    assert place(replace(study, scale=replace(study.scale, architectures=("hashgrid",))), "own") == places[0]


@pytest.mark.parametrize("method", RIVALS)
def test_what_decides_rows_of_rivals_is_in_their_place(
    tmp_path: Path, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = tiny_study(tmp_path)
    places = [place_of(partial(one.rows, method)) for one in (
        study, replace(study, seed=1), replace(study, scale=replace(study.scale, epochs=2)),
    )]  # fmt: skip
    for name, value in (
        ("CONVERTED", 99), ("PIXELS", {True: 8}),
        ("rival_recipe", lambda form, epochs: replace(converted.rival_recipe(form, epochs), batch=8)),
    ):  # fmt: skip
        with monkeypatch.context() as patch:
            patch.setattr(study_module, name, value)
            places.append(place_of(partial(study.rows, method)))
    assert len(set(places)) == len(places)
    assert place_of(partial(study.rows, method)) == places[0]


def test_rows_of_sirens_go_on_where_they_stopped(tmp_path: Path) -> None:
    """A method that stops at the second shape has the first row, and is asked for the others alone."""
    study = given_study(tmp_path)
    asked, stop = list[Field](), 2

    def way(field: Field) -> Float32[np.ndarray, "1"]:
        asked.append(field)
        if len(asked) == stop:
            raise GeometryError("no surface")
        return np.array([float(len(asked))], dtype=np.float32)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "embedder", lambda *_: way)
        with pytest.raises(GeometryError, match="ball-1 as siren-sdf: no surface"):
            siren_rows(study, "pointnext")
        assert len(asked) == stop
        stop = 0
        np.testing.assert_array_equal(siren_rows(study, "pointnext")[:, 0], [1.0, 3.0, 4.0, 5.0])
        siren_rows(study, "pointnext")
        assert len(asked) == 5


def place(study: Study, levels: Levels) -> str:
    """Where rows of hash grids would be kept."""
    return place_of(partial(study.inret, "hashgrid", levels=levels))


def place_of(rows: Callable[[], object]) -> str:
    """The folder of the rows that are looked for first."""

    class FolderError(Exception):
        """Holds its name."""

    def stop(folder: Path, *_: object, **__: object) -> None:
        raise FolderError(folder.parent.name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "exists", stop)
        with pytest.raises(FolderError) as raised:
            rows()
    return str(raised.value)
