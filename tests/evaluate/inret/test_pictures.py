"""Figures 4 to 6: the right shapes in the right places, marked right; every point with its colour and mark."""

import io
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch")

from fieldstone.errors import MissingExtra  # noqa: E402
from fieldstone.evaluate.inret import pictures, plots  # noqa: E402
from fieldstone.evaluate.inret.pictures import STRIPS, queries, retrievals, sheet  # noqa: E402
from fieldstone.evaluate.inret.plots import CATEGORIES, Panel, scatter, tsne  # noqa: E402
from tests.evaluate.inret.learnt import Learnt, learnt  # noqa: E402

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def study(tmp_path: Path) -> Learnt:
    return learnt(tmp_path)


def test_answers_are_the_nearest_and_never_the_query(study: Learnt) -> None:
    first, second = retrievals(study, STRIPS[1], [0, 3])  # udf asks sdf: balls 0 and 1, rods 2 and 3
    assert first[0] == 1
    assert second[0] == 2
    assert sorted(first) == [1, 2, 3]
    assert sorted(second) == [0, 1, 2]


def test_queries_are_a_car_and_one_of_another_category(study: Learnt) -> None:
    assert len({study.labels[i] for i in queries(study)}) == 2
    assert queries(study) == queries(replace(study))
    test = study.selection.test
    cars = replace(study.selection, test=(*test[:3], replace(test[3], category="car")))
    assert queries(replace(study, selection=cars))[0] == 3
    alone = replace(study.selection, train=study.selection.train[:3], test=test[:2])
    assert len(queries(replace(study, selection=alone))) == 1


@pytest.mark.slow
def test_the_sheet_has_a_row_for_each_method_and_marks_what_is_right(
    study: Learnt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "SIZE", 48)
    monkeypatch.setattr(pictures, "STRIPS", STRIPS[1:4])  # the third asks octrees, which the study has not
    seen = np.asarray(Image.open(io.BytesIO(sheet(study, [0]))).convert("RGB"))
    cell = 48 + 2 * round(0.06 * 48)
    assert seen.shape[1] == 7 * cell
    assert len(seen) % 2 == 0
    for row in np.split(seen, 2):
        assert (row[:, cell : 2 * cell] < 200).any()  # the query is seen
        tick, cross = row[4, 2 * cell + 46], row[4, 3 * cell + 46]
        assert tick[2] > 150 > tick[0]
        assert cross[0] > 150 > cross[2]


def test_a_field_without_surface_is_said_in_words(tmp_path: Path) -> None:
    drawn = pictures._Pictures(learnt(tmp_path, empty="ball-0")).of(0, ("hashgrid", "sdf"))
    assert drawn.shape == (150, 150, 4)
    assert 0.01 < (drawn[..., 3] > 0).mean() < 0.2


def panel(count: int = 12) -> Panel:
    places = np.random.default_rng(0).standard_normal((count, 2))
    return Panel(title="a < b", places=places, colours=np.arange(count), marks=np.arange(count) % 3)


def test_every_point_is_drawn_with_its_colour_and_mark() -> None:
    names = [f"class & {i}" for i in range(12)]
    root = ET.fromstring(scatter([panel(), panel()], names, CATEGORIES))
    points = root.findall(f"{SVG}g")
    assert len(points) == 24
    said = {point[0].text: point[1] for point in points}
    assert said["class & 4, sdf"].get("fill") == CATEGORIES[4]
    assert said["class & 4, sdf"].get("d") == plots.MARKS[1]
    assert said["class & 11, occ"].get("fill") == "#fff"
    assert CATEGORIES[1] in (said["class & 11, occ"].get("style") or "")
    _, _, wide, tall = map(float, (root.get("viewBox") or "").split())
    where = [tuple(map(float, path.get("transform")[10:-1].split(","))) for path in root.iter(f"{SVG}path")]
    assert all(0 < x < wide and 0 < y < tall for x, y in where)
    texts = [text.text for text in root.findall(f"{SVG}text")]
    assert texts == ["a < b", "a < b", *names, "udf", "sdf", "occ"]


@pytest.mark.slow
def test_figures_5_and_6_show_all_functions(study: Learnt) -> None:
    both, one = ET.fromstring(plots.decoders(study)), ET.fromstring(plots.functions(study))
    assert len(both.findall(f"{SVG}g")) == 2 * 3 * 4
    assert {group[0].text for group in one.findall(f"{SVG}g")} == {"udf", "sdf", "occ"}
    assert plots.decoders(study) == plots.decoders(replace(study))


def test_tsne_keeps_apart_what_points_apart() -> None:
    generator = np.random.default_rng(1)
    sides = np.repeat([[5.0, 0.0, 0.0], [0.0, 5.0, 0.0]], 15, axis=0)
    rows = (sides + generator.standard_normal((30, 3)) * 0.3) * generator.uniform(0.1, 9.0, (30, 1))
    places = tsne(rows.astype(np.float32), 0)
    away = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(away, np.inf)
    assert (away.argmin(axis=1) // 15 == np.arange(30) // 15).all()
    np.testing.assert_array_equal(places, tsne(rows.astype(np.float32), 0))


def test_without_scikit_learn_the_line_that_installs_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plots, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r'pip install "fieldstone\[study\]"'):
        tsne(np.eye(4, dtype=np.float32), 0)
