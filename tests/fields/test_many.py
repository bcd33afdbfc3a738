from pathlib import Path

import numpy as np
import pytest

from fieldstone.errors import FileError, GeometryError
from fieldstone.fields.file import open_field
from fieldstone.fields.fit import prepare
from fieldstone.fields.fitting import Fitting
from fieldstone.fields.many import Fitted, fit_many
from fieldstone.fields.recipe import recipe
from fieldstone.fields.schedule import Schedule
from fieldstone.files import write
from tests.fields.fits import CONFIGS, FEW, SHORT, ball

ONE, THREE = (Schedule(epochs=n, batch=512, rate=1e-2) for n in (1, 3))
GIVEN = {"config": CONFIGS["triplane"], "sampling": FEW, "schedule": SHORT}


def folder_of_models(root: Path) -> Path:
    (root / "models" / "sub").mkdir(parents=True)
    write(ball(n=12), root / "models" / "a.stl")
    write(ball(n=16), root / "models" / "sub" / "a.stl")
    (root / "models" / "broken.stl").write_text("nothing")
    return root / "models"


def fits(root: Path, **given: object) -> dict[str, Fitted]:
    rows = fit_many(root / "models", root / "fields", "triplane", **{**GIVEN, **given})
    return {str(Path(row.source).relative_to(root / "models")): row for row in rows}


def test_a_folder_gives_a_folder_and_a_second_run_keeps_it(tmp_path: Path) -> None:
    folder_of_models(tmp_path)
    rows = fits(tmp_path)
    assert {name: row.outcome for name, row in rows.items()} == {
        "a.stl": "fitted", "broken.stl": "failed", "sub/a.stl": "fitted",
    }  # fmt: skip
    assert "STL" in rows["broken.stl"].reason
    inner = tmp_path / "fields" / "sub" / "a.stl.field"
    assert rows["sub/a.stl"].path == inner
    before, field = inner.read_bytes(), open_field(inner)
    assert field.card.source == "a.stl"
    assert field.card.error == rows["sub/a.stl"].error
    assert field.card.error is not None
    assert field.card.error < 0.02
    inner.unlink()  # as if the run had been killed before it
    again = fits(tmp_path)
    assert {again[name].outcome for name in ("a.stl", "sub/a.stl")} == {"kept", "fitted"}
    assert inner.read_bytes() == before


def test_what_changed_is_fitted_again(tmp_path: Path) -> None:
    folder_of_models(tmp_path)
    fits(tmp_path, schedule=ONE)
    write(ball(n=20), tmp_path / "models" / "a.stl")
    rows = fits(tmp_path, schedule=ONE)
    assert (rows["a.stl"].outcome, rows["sub/a.stl"].outcome) == ("fitted", "kept")
    assert {row.outcome for row in fits(tmp_path, schedule=ONE, seed=1).values()} == {"fitted", "failed"}
    assert {row.outcome for row in fits(tmp_path, schedule=ONE, seed=1, precision="int8").values()} == {
        "fitted",
        "failed",
    }


def test_a_damaged_field_is_fitted_again(tmp_path: Path) -> None:
    folder_of_models(tmp_path)
    fits(tmp_path, schedule=ONE)
    place = tmp_path / "fields" / "a.stl.field"
    whole = place.read_bytes()
    place.write_bytes(whole[:-100] + bytes([whole[-100] ^ 255]) + whole[-99:])
    assert fits(tmp_path, schedule=ONE)["a.stl"].outcome == "fitted"
    assert place.read_bytes() == whole


def test_places_that_cannot_be_written_are_rows(tmp_path: Path) -> None:
    folder_of_models(tmp_path)
    (tmp_path / "fields" / "a.stl.field").mkdir(parents=True)
    (tmp_path / "fields" / "sub").write_text("no folder")
    rows = fits(tmp_path)
    assert {row.outcome for row in rows.values()} == {"failed"}
    assert "a.stl.field: is a folder" in rows["a.stl"].reason
    assert "sub (File exists): fit to another folder" in rows["sub/a.stl"].reason
    assert (tmp_path / "fields" / "sub").read_text() == "no folder"


def test_a_folder_that_is_a_file_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "fields").write_text("no folder")
    with pytest.raises(FileError, match="is no folder for fields"):
        fit_many(tmp_path / "nothing there", tmp_path / "fields")
    with pytest.raises(GeometryError, match="no tables for int8"):
        fit_many(tmp_path, tmp_path / "other", "siren", precision="int8")
    with pytest.raises(ValueError, match="at least 1"):
        fit_many(tmp_path, tmp_path / "other", workers=0)
    assert not (tmp_path / "other").exists()


def test_files_of_other_kinds_are_skipped_and_reasons_name_no_source(tmp_path: Path) -> None:
    models = folder_of_models(tmp_path)
    (models / "notes.txt").write_text("not a shape")
    rows = fits(tmp_path, schedule=ONE)
    assert rows["notes.txt"].outcome == "skipped"
    assert rows["broken.stl"].reason.startswith("is neither")


def test_fields_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    models = folder_of_models(tmp_path)
    fit_many(models, models, "triplane", **{**GIVEN, "schedule": ONE})
    assert [row.outcome for row in fit_many(models, models, "triplane", **{**GIVEN, "schedule": ONE})].count(
        "kept"
    ) == 2


@pytest.mark.slow
def test_stacks_give_what_single_fits_give(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    folder_of_models(tmp_path)
    given, place = {"schedule": THREE, "sampling": FEW.part(0.25)}, tmp_path / "fields" / "a.stl.field"
    fits(tmp_path, **given)
    single = open_field(place)
    place.unlink()
    rows = fits(tmp_path, device="cpu:0", **given)  # torch's name of the same device: the path that a GPU takes
    assert [rows[name].outcome for name in ("a.stl", "sub/a.stl", "broken.stl")] == ["fitted", "kept", "failed"]
    stacked = open_field(place)
    points = np.random.default_rng(0).uniform(-1, 1, (2000, 3))
    np.testing.assert_allclose(stacked.values(points), single.values(points), atol=0.02)
    assert stacked.card.settings == single.card.settings


@pytest.mark.slow
def test_a_stack_stops_when_all_are_good_enough() -> None:
    pytest.importorskip("torch")
    from fieldstone.fields.together import train_together

    lessons = [prepare(ball(n=n), recipe("triplane", "sdf", stop_at=0.03, **GIVEN)).lesson for n in (12, 16)]
    networks, errors, epochs = train_together(lessons, "cpu")
    assert max(errors) <= 0.03
    assert 0 < epochs < SHORT.epochs
    assert lessons[1].error(networks[1]) == errors[1]
    alone = Fitting(lessons[0])
    while alone.epochs_done < epochs:
        alone.epoch()
    assert alone.error() == pytest.approx(errors[0], rel=0.2)
    assert train_together([], "cpu") == ([], [], 0)
