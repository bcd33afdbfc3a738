"""The command line: every verb once, its errors in one line, its JSON."""

import io
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet
import pytest

from fieldstone import samples
from fieldstone.cli import main
from fieldstone.cli.console import TerminalProgress
from fieldstone.files import write


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["fieldstone", *map(str, arguments)])
    with pytest.raises(SystemExit) as stopped:
        main()
    return int(stopped.value.code or 0)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    for kind in ("gear", "mug"):
        (folder / "models" / kind).mkdir(parents=True)
        for seed in range(2):
            write(samples.make(kind, seed), folder / "models" / kind / f"{kind}-{seed}.glb")
    (folder / "models" / "broken.stl").write_bytes(b"solid nothing")
    return folder


def test_a_session(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    library, models = place / "a.fieldstone", place / "models"
    assert run(monkeypatch, "add", library, models, "--category", "folder", "--tag", "t", "-q") == 0
    captured = capsys.readouterr()
    assert "4 added, 1 refused" in captured.out
    assert "broken.stl" in captured.err

    assert run(monkeypatch, "show", library, "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["name"] for row in rows} == {"gear-0", "gear-1", "mug-0", "mug-1"}
    assert all(row["id"] and row["source"].endswith(".glb") for row in rows)

    assert run(monkeypatch, "search", library, models / "gear" / "gear-1.glb", "-k", 2, "--json") == 0
    hits = json.loads(capsys.readouterr().out)
    assert hits[0]["shape"]["name"] == "gear-1"
    assert hits[0]["evidence"]["kind"] == "identical"
    assert len(hits[0]["pose"]["rotation"]) == 3

    for arguments in (
        ["search", library, models / "gear" / "gear-1.glb", "--report", place / "hits.html"],
        ["search", library, "--text", "mug"],
        ["search", library, "gear-0", "--rerank", "chamfer", "--same-size"],
        ["show", library, "gear-0"],
        ["show", library, "--where", "category = 'mug'"],
        ["duplicates", library, "--plan", place / "plan.csv", "-q"],
        ["report", library, "-o", place / "report.html", "-q"],
        ["map", library, "-o", place / "map.png"],
        ["export", library, place / "rows.csv"],
        ["doctor", library],
        ["repair", models / "gear" / "gear-0.glb", "-o", place / "fixed.stl"],
        ["remove", library, "mug-0", "--yes"],
        ["undo", library],
        ["history", library],
        ["history", library, "--json"],
        ["sync", library, "--dry-run"],
        ["sync", library, "--yes", "-q"],
        ["samples", place / "more", "-n", 3],
        ["--version"],
    ):
        assert run(monkeypatch, *arguments) == 0, arguments
        captured = capsys.readouterr()
        assert "Traceback" not in captured.out + captured.err
        assert captured.out.strip(), arguments
    for name in ("hits.html", "plan.csv", "report.html", "map.png", "rows.csv", "fixed.stl"):
        assert (place / name).stat().st_size > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "nowhere.fieldstone"], "no library at nowhere.fieldstone"),
        (["add", "x.fieldstone", "nowhere"], "does not exist"),
        (["repair", "nowhere.stl"], "nowhere.stl"),
        (["samples", "/etc/hostname", "-n", "1"], "name another folder"),
        (["add", "x.fieldstone", "a\x1b[2J[/b]"], "a\ufffd[2J[/b]"),
    ],
)
def test_errors_are_one_line(
    arguments: list[str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, *arguments) == 1
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("error: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["search", "a.fieldstone"],
        ["search", "a.fieldstone", "x", "--rerank", "magic"],
        ["add", "a.fieldstone", "x", "--unit", "furlong"],
        ["add", "a.fieldstone", "x", "--limit", "nothing=3"],
        ["search", "a.fieldstone", "--text", "x", "--same-size"],
        ["search", "a.fieldstone", "--text", "x", "--unit", "mm"],
        ["show", "a.fieldstone", "x", "--where", "volume < 1"],
        ["add", "a.fieldstone", "x", "--limit", "seconds=inf"],
        ["add", "a.fieldstone", "x", "--limit", "seconds=nan"],
        ["add", "a.fieldstone", "x", "--limit", "bytes=99999999999999999999"],
        ["add", "a.fieldstone", "caf\udce9.stl"],
        ["add", "a.fieldstone", "x", "--category", "\udcff"],
        ["nothing"],
    ],
)
def test_wrong_usage(arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, *arguments) == 2


def test_help_names_every_verb() -> None:
    text = subprocess.run(
        [sys.executable, "-m", "fieldstone", "--help"], capture_output=True, text=True, check=True
    ).stdout
    verbs = "add sync search duplicates show remove history undo report map export repair samples doctor"
    for verb in (*verbs.split(), "fit", "mesh", "render", "slice", "distil", "inspect"):
        assert f" {verb} " in text


def test_a_script_without_main_guard(place: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        f"from fieldstone import Library\nlibrary = Library({str(tmp_path / 's.fieldstone')!r})\n"
        f"print(library.add({str(place / 'models' / 'mug')!r}).added)\n"
    )
    started = time.monotonic()
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "2", (done.stderr, time.monotonic() - started)


def test_json_is_all_there_is_on_standard_output(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    library = tmp_path / "j.fieldstone"
    assert run(monkeypatch, "add", library, place / "models" / "mug", "-q") == 0
    capsys.readouterr()
    for arguments in (
        ["search", library, "mug-0", "--json", "--report", tmp_path / "hits.html"],
        ["duplicates", library, "--json", "--plan", tmp_path / "plan.csv", "-q"],
    ):
        assert run(monkeypatch, *arguments) == 0
        captured = capsys.readouterr()
        json.loads(captured.out)
        assert "wrote" in captured.err


def test_interrupted(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def stop(*_: object) -> None:
        TerminalProgress().start("title", 3)
        raise KeyboardInterrupt

    monkeypatch.setattr("fieldstone.library.doctor.look", stop)
    assert run(monkeypatch, "doctor") == 130
    assert "interrupted; what was committed stays" in capsys.readouterr().err
    assert TerminalProgress._shown is None


def test_no_answer(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    library = tmp_path / "n.fieldstone"
    assert run(monkeypatch, "add", library, place / "models" / "mug", "-q") == 0
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert run(monkeypatch, "remove", library, "mug-0") == 1
    assert "nothing was done" in capsys.readouterr().err


def test_names_are_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    library, folder = tmp_path / "[/b]" / "a", tmp_path / "models[/b]"
    folder.mkdir(parents=True)
    write(samples.make("mug", 0), folder / "x\x1b]0;\x07[b].stl")
    assert run(monkeypatch, "add", library, folder) == 0
    assert "[/b]" in capsys.readouterr().out
    for arguments in (["show", library], ["show", library, "x\x1b]0;\x07[b]"], ["search", library, "--text", "b"]):
        assert run(monkeypatch, *arguments) == 0
        captured = capsys.readouterr()
        assert "\x1b" not in captured.out + captured.err
        assert "[/b]" in captured.out


def test_repair_refuses_the_ending_first(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "repair", place / "models" / "mug" / "mug-0.glb", "-o", tmp_path / "x.foo") == 1
    assert capsys.readouterr().out == ""


def test_export(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = tmp_path / "e.fieldstone"
    assert run(monkeypatch, "add", library, place / "models" / "mug", "--category", "=1+1", "-q") == 0
    assert run(monkeypatch, "export", library, tmp_path / "rows.csv") == 0
    assert '"\'=1+1"' in (tmp_path / "rows.csv").read_text()
    assert run(monkeypatch, "duplicates", library, "-q") == 0
    assert run(monkeypatch, "remove", library, place / "models", "--yes") == 0
    assert run(monkeypatch, "export", library, tmp_path / "rows.parquet") == 0
    assert run(monkeypatch, "duplicates", library, "-q") == 0
    assert pyarrow.parquet.read_table(tmp_path / "rows.parquet").num_rows == 0


@pytest.mark.parametrize("table", ["paths", "shapes"])
def test_doctor_tells_damage(
    table: str, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    library = tmp_path / "d.fieldstone"
    assert run(monkeypatch, "add", library, place / "models" / "mug", "-q") == 0
    assert run(monkeypatch, "doctor", library) == 0
    folder = library / f"{table}.lance"
    shutil.rmtree(folder if table == "paths" else folder / "data")
    capsys.readouterr()
    assert run(monkeypatch, "doctor", library) == 1
    assert f"damaged: the table '{table}'" in capsys.readouterr().out


def test_doctor_where_numba_has_no_place(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(name: str) -> None:
        raise RuntimeError("cannot cache function: no locator available")

    monkeypatch.setattr("fieldstone.library.doctor.importlib.import_module", refuse)
    assert run(monkeypatch, "doctor") == 1
    assert "export NUMBA_CACHE_DIR" in capsys.readouterr().out


@pytest.mark.parametrize("options", [[], ["--depth", "--up", "z"]])
def test_any_shape_is_drawn(
    place: Path, options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from PIL import Image

    model, picture = place / "models" / "mug" / "mug-0.glb", tmp_path / "mug.png"
    assert run(monkeypatch, "render", model, "-o", picture, "--size", 48, *options) == 0
    assert f"wrote {picture}" in capsys.readouterr().out
    with Image.open(picture) as drawn:
        grey, alpha = drawn.convert("LA").split()
    assert drawn.size == (48, 48)
    assert len(set(grey.tobytes())) > 10
    assert alpha.getextrema() == (0, 255)
    assert run(monkeypatch, "render", place / "models" / "broken.stl", "-o", picture) == 1
    assert "broken.stl" in capsys.readouterr().err
