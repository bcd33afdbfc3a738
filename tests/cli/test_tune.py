"""`fieldstone tune`: what it says before and after, the question, the way back, and refusals in one line."""

import json
import shutil
from pathlib import Path

import pytest

pytest.importorskip("torch")

from fieldstone import Library
from tests.cli.test_cli import run
from tests.encoders.tiny import tiny
from tests.evaluate.balls import fill


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> str:
    place = tmp_path_factory.mktemp("cli_tune")
    library = fill(place)
    library.encode(tiny(place / "tiny.safetensors"))
    library.use("tiny@1")
    return library.uri


@pytest.fixture
def library(made: str, tmp_path: Path) -> str:
    return str(shutil.copytree(made, tmp_path / "a.fieldstone"))


def test_before_and_after_and_back(
    library: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "tune", library, "--labels", "category", "--epochs", 1, "--keep", "--yes", "-q") == 0
    shown = capsys.readouterr().out
    assert "tiny@1 learns from their labels (category): 12 shapes, 4 more held out to compare on" in shown
    assert "tiny-tuned@1: weights of epoch 1 of 1" in shown
    assert "the first answer is of the same category" in shown
    assert "a turned, cut and noisy copy finds its original first (mean rank" in shown
    assert "searches with tiny-tuned@1 now" in shown
    assert Library(library).encoder.id == "tiny-tuned@1"

    assert run(monkeypatch, "tune", library, "--rollback") == 0
    assert "searches with tiny@1 again" in capsys.readouterr().out
    assert Library(library).encoder.id == "tiny@1"
    assert run(monkeypatch, "undo", library, 4) == 0  # the undo
    capsys.readouterr()
    assert run(monkeypatch, "tune", library, "--rollback", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"encoder": "tiny@1"}
    assert run(monkeypatch, "tune", library, "--rollback") == 1
    assert "no encoder that was tuned to it" in capsys.readouterr().err


def test_no_is_no(library: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("typer.confirm", lambda question: False)
    assert run(monkeypatch, "tune", library) == 0
    shown = capsys.readouterr().out
    assert "learns without labels" in shown
    assert "nothing was done" in shown
    assert not list(Path(library, "encoders").glob("*tuned*"))


def test_json_is_only_json(library: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "tune", library, "--epochs", 1, "--yes", "--json", "-q") == 0
    done = json.loads(capsys.readouterr().out)
    assert [one["by"] for one in done["measures"]] == ["labels", "words", "copies"]
    assert done["taught"]["id"] == "tiny-tuned@1"
    assert done["used"] == done["won"]


def test_errors_are_one_line(library: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "tune", library, "--method", "magic") == 2
    capsys.readouterr()
    assert run(monkeypatch, "tune", library, "--labels", "colour") == 1
    captured = capsys.readouterr()
    assert "'colour' is no column of labels" in captured.err
    assert captured.err.count("\n") == 1
    monkeypatch.setattr("fieldstone.evaluate.tuned.lesson", None)  # it does not come to that
    assert run(monkeypatch, "tune", library, "--device", "abacus", "--yes") == 1
    assert "torch cannot compute on the device 'abacus' here" in capsys.readouterr().err
    Library(library).use("fieldstone-descriptor@1")
    assert run(monkeypatch, "tune", library) == 1
    assert "is a formula and cannot be tuned; run `fieldstone encode`" in capsys.readouterr().err
