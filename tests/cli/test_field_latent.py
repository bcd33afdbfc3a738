"""The verbs with an encoder of neural fields: take one in, list it, look at its file, search."""

import json
from pathlib import Path

import pytest

pytest.importorskip("torch")

from fieldstone import Library, fit, samples, save_field
from fieldstone.encoders import DESCRIPTOR
from fieldstone.files import write
from fieldstone.library import reading
from tests.cli.test_cli import run
from tests.encoders.tiny_fields import QUICK, quickly, tiny_fields
from tests.fields.fits import CONFIGS

READS = "reads neural fields (hashgrid-sdf, hashgrid-udf, octree-sdf); others are distilled, meshes and clouds fitted on the fly"


def test_encode_encoders_and_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    quickly(monkeypatch)
    monkeypatch.setattr(reading, "RESOLUTION", 40)
    monkeypatch.setenv("COLUMNS", "300")
    library, weights = tmp_path / "a.fieldstone", tiny_fields(tmp_path / "w.safetensors", up="z")
    write(samples.make("gear", 0), tmp_path / "gear.stl")
    save_field(
        fit(samples.make("mug", 0), "octree", config=CONFIGS["octree"], sampling=QUICK["sampling"]),
        tmp_path / "mug.field",
    )
    Library(library, encoder=DESCRIPTOR).add(tmp_path / "gear.stl", tmp_path / "mug.field")

    assert run(monkeypatch, "encoders", "--inspect", weights) == 0
    assert f"tiny-fields@1, tiny: {READS}; rows of 32" in capsys.readouterr().out.replace("\n", " ")
    assert run(monkeypatch, "encode", library, "--encoder", weights, "-q") == 0
    assert "2 shapes encoded with tiny-fields@1" in capsys.readouterr().out
    assert run(monkeypatch, "encoders", library) == 0
    assert f"tiny-fields@1: {READS}" in capsys.readouterr().out.replace("\n", " ")
    assert run(monkeypatch, "encoders", library, "--json") == 0
    rows = {row["id"]: row for row in json.loads(capsys.readouterr().out)}
    assert (rows["tiny-fields@1"]["used"], rows["tiny-fields@1"]["encoded"]) == (True, 2)
    assert rows["tiny-fields@1"]["fields"] == ["hashgrid-sdf", "hashgrid-udf", "octree-sdf"]
    assert rows[DESCRIPTOR]["fields"] == []

    for query, note in (
        ("mug.field", "was read as it is, an octree sdf"),
        ("gear.stl", "was fitted as a hashgrid sdf in"),
    ):
        assert run(monkeypatch, "search", library, tmp_path / query, "--json", "-k", 1) == 0
        captured = capsys.readouterr()
        assert [hit["shape"]["name"] for hit in json.loads(captured.out)] == [query.split(".")[0]]
        assert f"the query {note}" in captured.err.replace("\n", " ")
    assert run(monkeypatch, "tune", library, "--yes") == 1
    assert "reads neural fields" in capsys.readouterr().err
    assert run(monkeypatch, "search", library, "--text", "mug") == 0
    assert "trained without words" in capsys.readouterr().err
