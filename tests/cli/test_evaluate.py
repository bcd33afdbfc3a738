"""`fieldstone evaluate retrieval`: the table, the file, JSON, and refusals in one line."""

import json
from pathlib import Path

import pytest

from tests.cli.test_cli import run
from tests.evaluate.balls import fill


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> str:
    return fill(tmp_path_factory.mktemp("cli_evaluate"), encoder="shape-distributions@1").uri


def test_a_table(
    library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    which = ("--encoder", "shape-distributions@1", "--encoder", "centroid-triangles@1")
    assert run(monkeypatch, "evaluate", "retrieval", library, *which, "-o", tmp_path / "table.md", "-q") == 0
    captured = capsys.readouterr()
    header, first, second, *_ = captured.out.splitlines()[1:]
    assert header.split()[:3] == ["NN", "95", "%"]
    assert first.rstrip().endswith("shape-distributions@1")
    assert second.rstrip().endswith("centroid-triangles@1")
    assert "4 queries of 2 kinds against 12 shapes" in captured.out
    assert "copies stand on one side" in captured.err
    assert (tmp_path / "table.md").read_text().startswith("| method | NN |")


def test_json(library: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    which = ("--encoder", "shape-distributions@1")
    assert run(monkeypatch, "evaluate", "retrieval", library, *which, "--seeds", 2, "--json", "-q") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["rows"][0]["seeds"] == 2
    assert found["label"] == "category"


def test_errors_are_one_line(library: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, told in (
        (("--label", "volume"), "is no column of labels"),
        (("--label", "kind"), "label shapes of two kinds or more"),
        (("--encoder", "nobody@1"), "there is no encoder 'nobody@1'"),
        (("-o", "/nowhere/at/all.md"), "has no folder to stand in"),
    ):
        assert run(monkeypatch, "evaluate", "retrieval", library, *arguments) == 1
        captured = capsys.readouterr()
        assert told in captured.err
        assert captured.err.count("\n") == 1
