"""The verbs of learned search: add --upright, search by words and pictures, encode, encoders."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from fieldstone import Library, samples
from fieldstone.encoders import BASE, DESCRIPTOR, UPRIGHT, registry
from fieldstone.files import write
from tests.cli.test_cli import run
from tests.encoders.tiny import tiny
from tests.library.test_taking import ulip

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Four models and a picture; a tiny base ships, and ingest runs in this process."""

    folder = tmp_path_factory.mktemp("cli")
    for kind in ("gear", "mug"):
        for seed in range(2):
            (folder / "models").mkdir(exist_ok=True)
            write(samples.make(kind, seed), folder / "models" / f"{kind}-{seed}.stl")
    image = Image.new("RGB", (60, 60), "white")
    image.paste((40, 40, 40), (10, 5, 30, 35))
    image.save(folder / "view.png")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "WEIGHTS", tiny(folder / "base", "fieldstone-base"))
        yield folder


def test_words_and_pictures(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    library = tmp_path / "a.fieldstone"
    assert run(monkeypatch, "add", library, place / "models", "-q") == 0
    capsys.readouterr()
    assert run(monkeypatch, "search", library, "--text", "the gear", "-k", 3, "--json") == 0
    captured = capsys.readouterr()
    said = [hit["evidence"]["text"] for hit in json.loads(captured.out)]
    assert said == ["words of 'the gear'"] * 2 + ["by meaning: 'the gear'"]
    assert "2 by their words, 1 by meaning" in captured.err
    assert run(monkeypatch, "search", library, "--text", "the gear") == 0
    out = capsys.readouterr().out
    assert "how well the words fit" in out
    assert "share of names and shapes" in out
    page = tmp_path / "hits.html"
    monkeypatch.chdir(place)
    for arguments in (["--image", "view.png"], ["./view.png"], [place / "view.png", "--report", page]):
        assert run(monkeypatch, "search", library, *arguments) == 0
        assert "share of pictures and shapes" in capsys.readouterr().out or page.exists()
    assert page.read_text().count("data:image/webp") == 5


def test_encode_and_encoders(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    library = tmp_path / "a.fieldstone"
    Library(library, encoder=DESCRIPTOR).add(place / "models")
    assert run(monkeypatch, "search", library, "gear-0") == 0
    assert Library(library).encoder_id == DESCRIPTOR
    assert run(monkeypatch, "encode", library, "-q") == 0
    out = capsys.readouterr().out
    assert f"4 shapes encoded with {BASE}" in out
    assert "fieldstone undo" in out
    assert Library(library).encoder_id == BASE
    assert run(monkeypatch, "encode", library, "--encoder", "shape-distributions@1", "--keep", "--json", "-q") == 0
    assert json.loads(capsys.readouterr().out) == {
        "encoder": "shape-distributions@1", "encoded": 4, "shapes": 4, "used": False, "before": BASE,
    }  # fmt: skip
    assert run(monkeypatch, "encoders", library, "--json") == 0
    rows = {row["id"]: row for row in json.loads(capsys.readouterr().out)}
    assert [row["id"] for row in rows.values() if row["used"]] == [BASE]
    assert (rows[BASE]["encoded"], rows["aligned-grid@1"]["encoded"]) == (4, 0)
    assert rows[BASE]["licences"] == "CC0"
    assert run(monkeypatch, "encoders", library) == 0
    assert run(monkeypatch, "encoders") == 0
    assert "A tiny network" in capsys.readouterr().out
    assert run(monkeypatch, "undo", library) == 0
    assert Library(library).encoder_id == DESCRIPTOR
    assert run(monkeypatch, "doctor", library) == 0


def test_files_of_others(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    library, given = tmp_path / "a.fieldstone", ulip(tmp_path / "pointbert_ULIP-2.pt")
    assert run(monkeypatch, "encoders", "--inspect", given) == 0
    out = capsys.readouterr().out
    assert "ULIP-2's PointBERT, first generation: 2 layers of 64" in out
    assert "fieldstone encode LIBRARY --encoder" in out
    assert run(monkeypatch, "encoders", "--inspect", registry.WEIGHTS) == 0
    assert "fieldstone-base@1, A tiny network, for tests: pointbert of shapes in any pose" in capsys.readouterr().out
    assert run(monkeypatch, "encoders", "--inspect", given, "--json") == 0
    assert json.loads(capsys.readouterr().out)["generation"] == 1
    for arguments in (["--inspect", place / "view.png"], ["--inspect", tmp_path / "none.pt"]):
        assert run(monkeypatch, "encoders", *arguments) == 1
        assert capsys.readouterr().err.count("\n") == 1
    Library(library, encoder=DESCRIPTOR).add(place / "models" / "gear-0.stl")
    assert run(monkeypatch, "encode", library, "--encoder", given, "-q") == 0
    assert Library(library).encoder_id == "ulip2-pointbert-1@1"
    assert len(Library(library).search("gear-0")) == 0  # there is no other
    assert Library(library).embeddings(Library(library).shapes()).shape == (1, 16)


def test_upright(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    new, old = tmp_path / "new.fieldstone", tmp_path / "old.fieldstone"
    assert run(monkeypatch, "add", new, place / "models", "--upright", "--up", "y", "-q") == 0
    assert Library(new).encoder_id == UPRIGHT
    assert run(monkeypatch, "add", old, place / "models" / "gear-0.stl", "-q") == 0
    assert run(monkeypatch, "search", old, "gear-0", "--upright") == 1
    assert "fieldstone encode" in capsys.readouterr().err
    assert run(monkeypatch, "add", old, place / "models", "--upright", "-q") == 0
    assert Library(old).encoder_id == BASE
    assert "search" in capsys.readouterr().err
    assert run(monkeypatch, "search", old, "gear-0", "--upright") == 0
    assert run(monkeypatch, "search", old, place / "models" / "mug-0.stl", "--upright", "--up", "z") == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["search", "a.fieldstone", "x", "--image", "y.png"],
        ["search", "a.fieldstone", "--image", "y.png", "--same-size"],
        ["search", "a.fieldstone", "x", "--up", "w"],
        ["encoders", "a.fieldstone", "--inspect", "x.pt"],
    ],
)
def test_wrong_usage(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, *arguments) == 2
