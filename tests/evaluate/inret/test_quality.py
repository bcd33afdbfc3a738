"""Tables 15 and 16: fields whose distance from their meshes is known."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fieldstone.evaluate.inret.paper_quality import RECONSTRUCTION, UNDERTRAINED  # noqa: E402
from fieldstone.evaluate.inret.reconstruction import measured  # noqa: E402
from fieldstone.evaluate.inret.tables.quality import table15, table16, undertrained  # noqa: E402
from fieldstone.fields import trace  # noqa: E402
from tests.evaluate.inret.given import RADIUS, cells, given_study  # noqa: E402
from tests.evaluate.inret.tiny import tiny_study  # noqa: E402


@pytest.fixture(autouse=True)
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Occupancies are sampled on a coarse mesh."""
    monkeypatch.setattr(trace, "ISOSURFACE_RESOLUTION", 48)


def test_a_smaller_ball_is_as_far_as_it_is_smaller(tmp_path: Path) -> None:
    study = given_study(tmp_path)
    found = measured(study, ("hashgrid", "sdf"))
    gap = 1.0 - RADIUS
    assert found[0, 0] == pytest.approx(gap, rel=0.08)  # points of the other ball do not lie straight above
    assert found[0, 1] == pytest.approx(2000.0 * gap**2, rel=0.15)
    assert found[0, 2] == pytest.approx(100.0 * RADIUS**3, abs=2.5)
    asked = study.given.asked
    np.testing.assert_array_equal(measured(replace(study), ("hashgrid", "sdf")), found)
    assert study.given.asked == asked  # kept, not measured again
    assert not np.array_equal(measured(replace(study, seed=1), ("hashgrid", "sdf")), found)


def test_occupancies_overlap_and_unsigned_distances_do_not(tmp_path: Path) -> None:
    study = given_study(tmp_path)
    assert measured(study, ("hashgrid", "occ"))[0, 2] == pytest.approx(100.0 * RADIUS**3, abs=2.5)
    unsigned = measured(study, ("hashgrid", "udf"))
    assert np.isnan(unsigned[:, 2]).all()
    assert unsigned[0, 0] == pytest.approx(1.0 - RADIUS, rel=0.1)


def test_fields_without_a_surface_are_counted_and_in_no_mean(tmp_path: Path) -> None:
    study = given_study(tmp_path, empty="ball-0")
    found = measured(study, ("hashgrid", "sdf"))
    assert np.isnan(found[0]).all()
    lines = {line[0]: line[1:] for line in cells(table15(study))[2:]}
    assert list(lines) == [f"{a}-{f}" for a in ("hashgrid", "siren") for f in ("udf", "sdf", "occ")]
    mean, squared, said, overlap, _, absent = lines["hashgrid-sdf"]
    assert float(mean) == pytest.approx(found[1:, 0].mean(), abs=1e-4)
    assert float(squared) == pytest.approx(found[1:, 1].mean(), abs=1e-3)
    assert (said, absent) == ("0.0147", "1")
    assert overlap == f"{found[1:, 2].mean():.1f} (86.2)"
    assert lines["siren-udf"][3] == "-"
    assert "Chamfer distances and gIoU at 4,096 points (the paper's figures on ShapeNet10;" in table15(study)


def test_two_epochs_are_other_fields(tmp_path: Path) -> None:
    study = tiny_study(tmp_path)
    less, shape = undertrained(study), study.selection.test[0]
    assert less.fits["hashgrid"]["schedule"] == replace(study.fits["hashgrid"]["schedule"], epochs=2)
    assert less.fits["hashgrid"]["config"] == study.fits["hashgrid"]["config"]
    kinds = [("hashgrid", "sdf"), ("octree", "sdf")]
    assert [less.store.path(shape, kind) == study.store.path(shape, kind) for kind in kinds] == [False, True]


def test_table_16_sets_what_is_found_beside_how_near_fields_are(tmp_path: Path) -> None:
    study = given_study(tmp_path)
    text, lines = table16(study), cells(table16(study))[2:]
    assert text.startswith("4 test shapes; Chamfer distances at 4,096 points (the paper's figures on ShapeNet10;")
    assert [line[:2] for line in lines] == [
        ["hashgrid", "100.0 (84.2)"], ["hashgrid, 2 epochs", "0.0 (78.8)"], ["siren (inr2vec)", "100.0 (73.4)"],
    ]  # fmt: skip
    mean = measured(study, ("hashgrid", "sdf"))[:, 0].mean()
    assert float(lines[0][3]) == pytest.approx(mean, abs=1e-4)
    assert [line[5] for line in lines] == ["0.0168", "0.0371", "0.0354"]


def test_the_papers_tables_agree_where_they_do() -> None:
    assert [kind for kind, said in RECONSTRUCTION.items() if said["Pix3D"][1] is None] == [
        (architecture, "udf") for architecture in ("octree", "hashgrid", "siren")
    ]  # fmt: skip
    first = {architecture: RECONSTRUCTION[architecture, "sdf"]["ShapeNet10"] for architecture in ("octree", "siren")}
    assert UNDERTRAINED["siren (inr2vec)"][1] == first["siren"][0]
    assert UNDERTRAINED["hashgrid"][1] == first["octree"][0]  # where it should be the hash grid's
