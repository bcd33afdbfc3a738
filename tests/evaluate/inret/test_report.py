"""The report: every table and figure in its file, what cannot be made in its place, and the key figures."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fieldstone.errors import BrokenFile, FileError, GeometryError, MissingExtra  # noqa: E402
from fieldstone.evaluate.inret import report  # noqa: E402
from fieldstone.evaluate.inret.across import across  # noqa: E402
from fieldstone.evaluate.inret.key import key_figures  # noqa: E402
from fieldstone.evaluate.inret.left_open import left_open  # noqa: E402
from fieldstone.evaluate.inret.parts import Parts  # noqa: E402
from fieldstone.evaluate.inret.registry import TABLES, Table, usual  # noqa: E402
from fieldstone.evaluate.inret.report import Figure, run  # noqa: E402
from fieldstone.evaluate.inret.study import SCALES, Rows, Study, default_fits  # noqa: E402
from fieldstone.evaluate.inret.tables import found, functions  # noqa: E402
from fieldstone.evaluate.inret.tables.conversion import timed_shapes  # noqa: E402
from tests.evaluate.inret.given import cells  # noqa: E402
from tests.evaluate.inret.learnt import learnt  # noqa: E402
from tests.evaluate.inret.tiny import tiny_study  # noqa: E402


def good(study: Study) -> str:
    """Table 3: what was asked."""
    return f"| {study.selection.name} |\n|---|\n| 1.0 |"


def bad(study: Study) -> str:
    """Table 9: nothing."""
    raise GeometryError("rod-3 as hashgrid-udf: the field has no surface")


def unread(study: Study) -> str:
    """Table 3: what cannot be read."""
    raise BrokenFile("fields/a", "is broken")


def without_points(study: Study, method: str) -> Rows:
    """Of every method but PointNeXt, whose points there are none of."""
    if method == "pointnext":
        raise GeometryError("rod-1: a | b")
    return study.embedded(method).test


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
    study = learnt(tmp_path)
    made = run(study, [9, 3, 3], tmp_path / "out", machine="a machine")
    assert made.path == tmp_path / "out" / "report.md"
    assert {path.name for path in made.path.parent.iterdir()} == {
        "report.md", "table-03.md", "a.svg", "in-short.md", "made.json",
    }  # fmt: skip
    assert made.tables == (3,)
    assert list(made.failed) == ["Table 9: Conversion", "Figure B"]
    text = made.path.read_text()
    third = (tmp_path / "out" / "table-03.md").read_text()
    assert third.startswith("# Table 3: Across functions\n\nWhat was asked. (Section 5.4 of the paper.)\n\n| two |")
    assert f"#{third}" in text
    assert text.index("## In short") < text.index("## Table 3")
    assert "## Table 9: Conversion\n\nNot made: rod-3 as hashgrid-udf: the field has no surface" in text
    assert "![Figure A](a.svg)" in text
    assert 'Not made: a t-SNE plot: needs the extra "study"' in text
    assert "Figure C" not in text
    assert third.endswith("\n\na machine\n")
    assert "2 categories, 12 shapes to learn from, 4 to ask" in text
    assert all(f"| {what} | {chosen} |" in text for what, chosen in left_open(study))


@pytest.mark.usefixtures("few")
def test_a_report_keeps_what_earlier_runs_of_the_same_settings_made(tmp_path: Path) -> None:
    study, report_md = learnt(tmp_path), tmp_path / "out" / "report.md"
    run(study, [3], tmp_path / "out", machine="two cores, today")
    again = run(study, [9], tmp_path / "out", machine="two cores, tomorrow")
    assert again.tables == ()
    assert again.figures is None
    for there in (
        "## In short",
        "## Table 3",
        "two cores, today",
        "![Figure A](a.svg)",
        "## Table 9: Conversion\n\nNot made: rod-3",
    ):
        assert there in report_md.read_text()
    run(replace(study, seed=1), [9], tmp_path / "out")
    for missing in ("## In short", "## Table 3", "![Figure A]"):
        assert missing not in report_md.read_text()
    run(study, [9], tmp_path / "out")
    assert "## Table 3" in report_md.read_text()
    (tmp_path / "out" / "table-03.md").write_text("# Table 3: by hand\n")
    run(study, [9], tmp_path / "out")
    assert "## Table 3" not in report_md.read_text()


@pytest.mark.usefixtures("few")
def test_a_good_table_outlives_a_bad_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study, place = learnt(tmp_path), tmp_path / "out" / "table-03.md"
    run(study, [3], tmp_path / "out")
    good_one, third = place.read_text(), report.TABLES[3]
    monkeypatch.setitem(report.TABLES, 3, replace(third, make=unread))
    made = run(study, [3, 9], tmp_path / "out")
    assert list(made.failed.values()) == ["fields/a: is broken", "rod-3 as hashgrid-udf: the field has no surface"]
    assert made.tables == ()
    assert place.read_text() == good_one
    text = made.path.read_text()
    assert f"#{good_one}" in text
    assert "An earlier run made it; this one could not: fields/a: is broken" in text


@pytest.mark.usefixtures("few")
def test_the_report_is_there_after_each_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(study: Study) -> str:
        assert "## Table 3" in (tmp_path / "out" / "report.md").read_text()
        raise KeyboardInterrupt

    monkeypatch.setitem(report.TABLES, 9, replace(report.TABLES[9], make=stopped))
    with pytest.raises(KeyboardInterrupt):
        run(learnt(tmp_path), [3, 9], tmp_path / "out")
    assert "## Table 3" in (tmp_path / "out" / "report.md").read_text()


@pytest.mark.usefixtures("few")
def test_key_figures_come_with_the_table_that_holds_them(tmp_path: Path) -> None:
    study = learnt(tmp_path)
    made = run(study, [3], tmp_path / "out")
    assert made.figures == key_figures(study)
    assert run(study, [9], tmp_path / "out").figures is None
    with pytest.raises(KeyError):
        run(study, [4], tmp_path / "out")


def test_a_rival_that_the_shapes_do_not_allow_says_why_and_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = learnt(tmp_path)
    monkeypatch.setattr(type(study), "rows", without_points)
    assert list(key_figures(study).leads) == ["inr2vec", "viewgcn"]
    first, averages = functions.table7(study).split("Averages;")
    lines = cells(first)[2:]
    assert [line[0] for line in lines] == ["hashgrid"] * 3 + ["inr2vec"] * 3 + ["pointnext"] + ["viewgcn"] * 3
    assert [line[1:] for line in lines if line[0] == "pointnext"] == [["- (rod-1: a \\", "b)", "", "", ""]]
    assert [line[0] for line in cells(averages)[2:]] == ["hashgrid", "inr2vec", "viewgcn"]
    table = {line[0]: line[1:] for line in cells(found.table6(study))[2:]}
    assert table["mAP@1"][2].startswith("- (rod-1")
    assert table["mAP@5"][0] == "100.0 (93.8)"
    assert {line[2] for name, line in table.items() if name != "mAP@1"} == {"-"}


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
    real, samples = learnt(tmp_path), learnt(tmp_path, role="ShapeNet10")
    assert usual(replace(samples, scale=SCALES["small"])) == (1, 3, 4, 9, 17, 18)
    assert usual(replace(samples, scale=SCALES["full"])) == tuple(n for n in range(1, 19) if n not in (6, 7))
    assert usual(replace(real, scale=SCALES["small"])) == (1, 6, 7)
    assert usual(replace(real, scale=SCALES["full"])) == (1, 2, 6, 7, 15)


def test_a_table_stands_beside_the_papers_figures_of_its_own_data(tmp_path: Path) -> None:
    for role in ("ShapeNet10", "Pix3D"):
        study = learnt(tmp_path, role=role)
        for make, said, printed in (
            (functions.table3, "ShapeNet10", "(84.6)"), (functions.table7, "Pix3D", "(79.0)"),
            (found.table5, "ShapeNet10", "(84.2)"), (found.table6, "Pix3D", "(78.0)"),
        ):  # fmt: skip
            text = make(study)
            assert f"(the paper's on {said})" in text
            assert printed in text


def test_what_was_left_open_depends_on_the_study(tmp_path: Path) -> None:
    study = replace(learnt(tmp_path), fits=default_fits(SCALES["small"]))
    said = dict(left_open(study))
    assert said["Shapes"].startswith("two stands in the role of Pix3D")
    assert (
        "hashgrid, octree, triplane: 10 epochs in batches of 4,096, a rate that falls from 0.005, 500,000"
        in said["Fields"]
    )
    assert "siren: 10 epochs in batches of 1,024, a rate that falls from 0.001, 100,000 places" in said["Fields"]
    assert said["Training"].startswith("Batches of 8 shapes and a rate that falls from 0.001 (the paper: 1e-4;")
    assert "two cores" in said["Sizes"]
    other = replace(learnt(tmp_path, role="ShapeNet10"), scale=SCALES["full"], fits=default_fits(SCALES["full"]))
    said = dict(left_open(other))
    assert "made by our generator" in said["Shapes"]
    assert "siren: 100 epochs" in said["Fields"]
    assert "their papers" in said["Sizes"]


def test_what_is_timed_is_spread_over_the_test_shapes(tmp_path: Path) -> None:
    study = learnt(tmp_path)
    assert [shape.name for shape in timed_shapes(study, 3)] == ["ball-0", "rod-0", "rod-1"]
    assert [shape.name for shape in timed_shapes(study, 1)] == ["ball-0"]
    assert timed_shapes(study, 9) == study.selection.test


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
        "report.md", "table-04.md", "table-08.md", "figure-5.svg", "figure-6.svg", "made.json",
    }  # fmt: skip
    for name in ("figure-5.svg", "figure-6.svg"):
        assert ET.parse(made.path.parent / name).getroot().tag.endswith("svg")
    assert "| L2 and common decoder |" in made.path.read_text()
    again = {path: path.stat().st_mtime_ns for path in study.folder.rglob("*") if path.is_file()}
    run(study, [8], tmp_path / "out")
    assert {path: path.stat().st_mtime_ns for path in study.folder.rglob("*") if path.is_file()} == again
    assert np.isfinite(made.seconds)


def test_a_part_of_another_version_is_no_part(tmp_path: Path) -> None:
    parts = Parts(folder=tmp_path, settings="same")
    parts.write("table-02.md", b"first", 1)
    assert parts.read("table-02.md", 1) == b"first"
    assert parts.read("table-02.md", 2) is None
    parts.write("table-03.md", b"other")
    assert (parts.read("table-03.md"), parts.read("table-02.md", 1)) == (b"other", b"first")


def test_tables_of_distilled_fields_and_of_qualities_have_versions_of_their_own() -> None:
    assert {number for number, table in TABLES.items() if table.version} == {2, 15, 16}
