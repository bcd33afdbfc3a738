"""Table 9: all ways are timed on fields that the study has, and none on those that it has not."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from fieldstone.evaluate.inret.tables import conversion  # noqa: E402
from tests.evaluate.inret.given import cells  # noqa: E402
from tests.evaluate.inret.tiny import tiny_study  # noqa: E402


def test_each_way_is_timed_where_there_are_fields(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversion, "TIMED", 1)
    monkeypatch.setattr(conversion, "FUNCTIONS", ("udf", "sdf"))
    seen = list[tuple[str, int]]()
    monkeypatch.setattr(conversion, "field_points", lambda field, _: seen.append((field.function, 0)))
    monkeypatch.setattr(conversion, "field_views", lambda field, size, _: seen.append((field.function, size)))
    study = tiny_study(tmp_path)
    study.store.fit_all(study.selection.test[:1], [("siren", "sdf")])
    head, _, *lines = cells(conversion.table9(study))
    assert head == ["", "udf", "sdf"]
    assert {line[0] for line in lines} == {
        "hashgrid, rows and lattice", "hashgrid, and encoded (INRet)", "siren, rows and lattice",
        "siren, and encoded (inr2vec)", "points", "views of 64 pixels", "views",
    }  # fmt: skip
    found = {line[0]: line[1:] for line in lines}
    assert found["siren, and encoded (inr2vec)"][0] == "-"
    assert float(found["siren, and encoded (inr2vec)"][1]) > 0.0
    assert [cell.split()[1] for cell in found["points"]] == ["(1260)", "(980)"]
    assert seen == [(function, size) for function in ("udf", "sdf") for size in (0, 0, 64, 64, 224, 224)]
