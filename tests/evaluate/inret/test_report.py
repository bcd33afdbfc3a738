"""The report: every table and figure in its file, what cannot be made in its place, and the key figures."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fieldstone.errors import FileError, GeometryError, MissingExtra  # noqa: E402
from fieldstone.evaluate.inret import report  # noqa: E402
from fieldstone.evaluate.inret.across import across  # noqa: E402
from fieldstone.evaluate.inret.key import key_figures  # noqa: E402
from fieldstone.evaluate.inret.left_open import LEFT_OPEN  # noqa: E402
from fieldstone.evaluate.inret.registry import TABLES, Table, usual  # noqa: E402
from fieldstone.evaluate.inret.report import Figure, run  # noqa: E402
from fieldstone.evaluate.inret.study import SCALES, Study  # noqa: E402
from tests.evaluate.inret.learnt import learnt  # noqa: E402
from tests.evaluate.inret.tiny import tiny_study  # noqa: E402


def good(study: Study) -> str:
    """Table 3: what was asked."""
    return f"| {study.selection.name} |\n|---|\n| 1.0 |"


def bad(study: Study) -> str:
    """Table 9: nothing."""
    raise GeometryError("rod-3 as hashgrid-udf: the field has no surface")


def absent(study: Study) -> bytes:
    raise MissingExtra("a t-SNE plot", 'needs the extra "study"')


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that is made and one that is not, with three figures."""
    tables = (
        Table(number=3, title="Across functions", section="5.4", make=good, scales=("tiny",)),
        Table(number=9, title="Conversion", section="B.2", make=bad, scales=("tiny",)),
    )
    monkeypatch.setattr(report, "TABLES", {table.number: table for table in tables})
    figures = (
        Figure(file="a.svg", title="Figure A", make=lambda study: b"<svg/>", needs=frozenset({3})),
        Figure(file="b.svg", title="Figure B", make=absent, needs=frozenset({3, 4})),
        Figure(file="c.svg", title="Figure C", make=lambda study: b"<svg/>", needs=frozenset({9})),
    )
    monkeypatch.setattr(report, "FIGURES", figures)


@pytest.mark.usefixtures("few")
def test_each_table_has_its_file_and_all_are_in_the_report(tmp_path: Path) -> None:
    made = run(learnt(tmp_path), [9, 3, 3], tmp_path / "out", machine="a machine")
    assert made.path == tmp_path / "out" / "report.md"
    assert {path.name for path in made.path.parent.iterdir()} == {"report.md", "table-03.md", "table-09.md", "a.svg"}
    assert made.tables == (3,)
    assert list(made.failed) == ["Table 9: Conversion", "Figure B"]
    text = made.path.read_text()
    third = (tmp_path / "out" / "table-03.md").read_text()
    assert third.startswith("# Table 3: Across functions\n\nWhat was asked. (Section 5.4 of the paper.)\n\n| two |")
    assert f"#{third}" in text
    assert "Not made: rod-3 as hashgrid-udf: the field has no surface" in text
    assert "![Figure A](a.svg)" in text
    assert 'Not drawn: a t-SNE plot: needs the extra "study"' in text
    assert "Figure C" not in text
    assert "| machine | a machine |" in text
    assert "2 categories, 12 shapes to learn from, 4 to ask" in text
    assert all(f"| {what} | {chosen} |" in text for what, chosen in LEFT_OPEN)


@pytest.mark.usefixtures("few")
def test_key_figures_come_with_the_table_that_holds_them(tmp_path: Path) -> None:
    study = learnt(tmp_path)
    made = run(study, [3], tmp_path / "out")
    assert made.figures == key_figures(study)
    assert run(study, [9], tmp_path / "out").figures is None
    with pytest.raises(KeyError):
        run(study, [4], tmp_path / "out")


def test_key_figures_are_those_of_the_rows(tmp_path: Path) -> None:
    study = learnt(tmp_path)
    key, other = key_figures(study), across(study.rows("inr2vec"), study.labels)
    assert key.average == key.same_function == 1.0
    assert list(key.leads) == ["inr2vec", "pointnext", "viewgcn"]
    lead = key.leads["inr2vec"]
    assert lead.average == pytest.approx(other.average)
    assert lead.average < 1.0
    assert lead.gain == pytest.approx(1.0 - other.average)
    assert lead.interval[0] <= lead.gain <= lead.interval[1]


def test_a_folder_that_cannot_be_is_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(FileError, match="is no folder for a report"):
        run(learnt(tmp_path), [3], tmp_path / "out")


def test_what_is_made_unless_told(tmp_path: Path) -> None:
    real, samples = learnt(tmp_path), learnt(tmp_path, name="samples10")
    assert usual(replace(samples, scale=SCALES["small"])) == (1, 3, 4, 9, 17, 18)
    assert usual(replace(samples, scale=SCALES["full"])) == tuple(n for n in range(1, 19) if n not in (6, 7))
    assert usual(replace(real, scale=SCALES["small"])) == (1, 6, 7)
    assert usual(replace(real, scale=SCALES["full"])) == (1, 2, 6, 7, 15)


def test_every_table_of_the_paper_says_what_it_is() -> None:
    assert list(TABLES) == list(range(1, 19))
    for number, table in TABLES.items():
        assert table.make.__name__ == f"table{number}"
        assert (table.make.__doc__ or "").startswith(f"Table {number}")


@pytest.mark.slow
def test_a_real_run_draws_its_figures(tmp_path: Path) -> None:
    study = tiny_study(tmp_path / "kept")
    study = replace(study, scale=replace(study.scale, architectures=("hashgrid",)))
    made = run(study, [4, 8], tmp_path / "out")
    assert made.tables == (4, 8)
    assert not made.failed
    assert made.figures is None
    assert {path.name for path in made.path.parent.iterdir()} == {
        "report.md", "table-04.md", "table-08.md", "figure-5.svg", "figure-6.svg",
    }  # fmt: skip
    for name in ("figure-5.svg", "figure-6.svg"):
        assert ET.parse(made.path.parent / name).getroot().tag.endswith("svg")
    assert "| L2 and common decoder |" in made.path.read_text()
    again = {path: path.stat().st_mtime_ns for path in study.folder.rglob("*") if path.is_file()}
    run(study, [8], tmp_path / "out")
    assert {path: path.stat().st_mtime_ns for path in study.folder.rglob("*") if path.is_file()} == again
    assert np.isfinite(made.seconds)
