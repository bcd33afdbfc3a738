"""`fieldstone evaluate inret`: what it says before and after, JSON, and refusals in one line."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch")

from fieldstone.cli import evaluate_inret
from fieldstone.errors import GeometryError
from fieldstone.evaluate.inret import report
from fieldstone.evaluate.inret.registry import Table
from fieldstone.evaluate.inret.study import SCALES, Study
from fieldstone.fields import torch_fit
from fieldstone.files import write
from tests.cli.test_cli import run
from tests.evaluate.inret.learnt import learnt
from tests.fields.fits import ball


def good(study: Study) -> str:
    """Table 7: all pairs."""
    return "| a |\n|---|\n| 1.0 |"


def bad(study: Study) -> str:
    """Table 9: times."""
    raise GeometryError("rod-3: the field has no surface")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study whose rows are there, of two tables, without figures."""
    monkeypatch.chdir(tmp_path)
    given = learnt(tmp_path / "out" / "kept")
    monkeypatch.setattr(evaluate_inret, "_study", lambda *said: replace(given, progress=said[-1]))
    tables = (
        Table(number=7, title="Across functions", section="B.2", make=good, scales=("tiny",), roles=("Pix3D",)),
        Table(number=9, title="Conversion", section="B.2", make=bad, scales=()),
    )
    monkeypatch.setattr(report, "TABLES", {table.number: table for table in tables})
    monkeypatch.setattr(report, "FIGURES", ())
    return tmp_path / "out"


def test_it_says_what_it_does_and_what_came_of_it(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "evaluate", "inret", "--scale", "tiny", "--tables", "7", "-q") == 0
    captured = capsys.readouterr()
    first, second, third, head, *rivals, last = captured.out.splitlines()
    assert first == "INRet on two, scale tiny: 2 categories, 12 shapes to learn from, 4 to ask; table 7"
    assert "hash grids alone fill 0.2 GB" in second
    assert "the same command goes on from there" in second
    assert "mean of nine pairs of functions: 100.0 % (100.0 to 100.0); same function: 100.0 %" in third
    assert head.split()[:2] == ["rival", "mean"]
    assert [line.split()[0] for line in rivals] == ["inr2vec", "pointnext", "viewgcn"]
    assert last.startswith(f"wrote {place / 'report.md'} in ")
    assert "| 1.0 |" in (place / "report.md").read_text()
    assert "table 7: across functions (1 of 1)" in captured.err


def test_what_a_scale_is_meant_for_is_said_of_its_usual_tables_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = replace(learnt(tmp_path, role="ShapeNet10"), scale=SCALES["small"])
    for asked, said in (((1, 3, 4, 9, 17, 18), True), ((12,), False)):
        evaluate_inret._say_plan(study, asked)
        assert ("meant for two hours on two cores" in capsys.readouterr().out) == said
    evaluate_inret._say_plan(replace(learnt(tmp_path), scale=SCALES["small"]), (1, 6, 7))
    assert "takes time for each shape and table" in capsys.readouterr().out


def test_a_table_that_cannot_be_made_is_told(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "evaluate", "inret", "--tables", "9, 7", "--json", "-q") == 1
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    assert found["tables"] == [7]
    assert found["figures"]["average"] == 1.0
    assert set(found["figures"]["leads"]) == {"inr2vec", "pointnext", "viewgcn"}
    assert "Table 9: Conversion: not made: rod-3: the field has no surface" in captured.err


def test_shapes_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["path,split,category"]
    for i, (category, split) in enumerate((("a", "train"), ("b", "train"), ("a", "test"), ("b", "test"))):
        write(ball(6, radius=1.0 + i), tmp_path / f"{i}.stl")
        lines.append(f"{i}.stl,{split},{category}")
    (tmp_path / "mine.csv").write_text("\n".join(lines))
    seen: list[tuple[Study, tuple[int, ...]]] = []

    def stop(study: Study, asked: tuple[int, ...], folder: Path) -> None:
        seen.append((study, asked))
        assert folder == Path("inret-mine-small")
        raise GeometryError("enough")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(report, "run", stop)
    assert run(monkeypatch, "evaluate", "inret", "--shapes", "mine.csv", "--seed", 3) == 1
    ((study, asked),) = seen
    assert asked == (1, 6, 7)
    assert (study.selection.name, study.scale.name, study.seed) == ("mine", "small", 3)
    assert [shape.name for shape in study.selection.test] == ["2", "3"]
    assert study.folder == Path("inret-mine-small/kept")


def test_errors_are_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.csv").write_text("path,split\n")
    for arguments, told in (
        (("--shapes", tmp_path / "none.csv"), "none.csv: is not there"),
        (("--shapes", tmp_path / "bad.csv"), "bad.csv: has no column 'category'"),
        (("--scale", "tiny", "--device", "cuda:77"), "cuda:77"),
    ):
        assert run(monkeypatch, "evaluate", "inret", *arguments) == 1
        captured = capsys.readouterr()
        assert told in captured.err
        assert captured.err.count("\n") == 1
    for arguments, told in (
        (("--scale", "huge"), "give tiny, small or full"),
        (("--tables", "0"), "give numbers from 1 to 18"),
        (("--tables", "1,19"), "give numbers from 1 to 18"),
        (("--tables", "one"), "give numbers from 1 to 18"),
    ):
        assert run(monkeypatch, "evaluate", "inret", *arguments) == 2
        assert told in " ".join(capsys.readouterr().err.replace("│", " ").split())


def test_without_torch_the_line_that_installs_it_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch_fit.importlib.util, "find_spec", lambda name: None)
    assert run(monkeypatch, "evaluate", "inret") == 1
    assert 'pip install "fieldstone[neural]"' in capsys.readouterr().err


def test_a_place_that_is_no_folder_is_refused_before_the_list_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").write_text("a file")
    assert run(monkeypatch, "evaluate", "inret", "--shapes", tmp_path / "no.csv", "-o", tmp_path / "out") == 1
    assert "is no folder for a report" in capsys.readouterr().err
