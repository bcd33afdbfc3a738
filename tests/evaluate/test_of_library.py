"""The protocol on a small library: rows of the stored embeddings, redraws, and refusals in a sentence."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from fieldstone import Library
from fieldstone.errors import QueryError
from fieldstone.evaluate.markdown import COLUMNS, markdown
from fieldstone.evaluate.of_library import _few, evaluate_library, redrawn
from tests.evaluate.balls import fill

FAST = "shape-distributions@1"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return fill(tmp_path_factory.mktemp("of_library"), encoder=FAST)


def test_a_row_an_encoder_from_stored_embeddings(library: Library) -> None:
    found = evaluate_library(library)
    (row,) = found.rows
    assert row.method == FAST
    assert (row.gallery, row.queries, found.classes) == (12, 4, 2)
    assert row.nearest_neighbour == 1.0  # balls and sticks
    assert found.notes == ("a quarter of each label asks, chosen by content; copies stand on one side",)
    assert evaluate_library(library) == found


def test_encoders_side_by_side_from_kept_points(library: Library) -> None:
    found = evaluate_library(library, [FAST, "centroid-triangles@1"])
    assert [row.method for row in found.rows] == [FAST, "centroid-triangles@1"]
    assert found.rows[0].gain is None
    assert found.rows[1].gain == pytest.approx(found.rows[1].nearest_neighbour - found.rows[0].nearest_neighbour)
    written = markdown(found.rows, found.notes)
    lines = written.splitlines()
    assert [line.count("|") for line in lines[:4]] == [len(COLUMNS) + 1] * 4
    assert "Gallery 12, queries 4." in written


def test_seeds_draw_the_points_anew(library: Library) -> None:
    found = evaluate_library(library, seeds=2)
    assert found.rows[0].seeds == 2
    assert "means over 2 seeds, each of which draws half of the kept points anew" in found.notes
    shape = library.shapes()[0]
    whole = library.samples([shape])[0]
    one, two, again = (redrawn(whole, seed, shape.id).points for seed in (0, 1, 0))
    assert len(one) == len(whole.points) // 2
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, two)


def test_without_labels_it_says_what_to_do(library: Library) -> None:
    with pytest.raises(QueryError, match=r"16 of 16 shapes have a value of kind \(1 different\).*label shapes"):
        evaluate_library(library, label="kind")


def test_tags_divide(library: Library, tmp_path: Path) -> None:
    made = Library(shutil.copytree(library.uri, tmp_path / "b.fieldstone"), encoder=FAST)
    models = Path(library.uri).parent / "models"
    made.add(*(models / name for name in ("ball/ball-0.stl", "stick/stick-0.stl", "stick/stick-1.stl")), tags=["test"])
    found = evaluate_library(made)
    assert (found.rows[0].gallery, found.rows[0].queries) == (13, 3)
    assert found.notes == ("divided by the tags train and test",)


def test_of_too_many_queries_some_ask(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    queries = np.arange(1000) % 2 == 0
    assert _few(queries, 500).sum() == 500
    fewer = _few(queries, 200)
    assert 100 <= fewer.sum() <= 200
    assert queries[fewer].all()
    assert _few(queries, 1).sum() == 100
    assert not _few(np.zeros(5, dtype=bool), 3).any()
    monkeypatch.setattr("fieldstone.evaluate.of_library._few", lambda asks, most: asks & (np.cumsum(asks) <= 2))
    found = evaluate_library(library)
    assert found.rows[0].queries == 2
    assert "2 of 4 queries ask, evenly chosen" in found.notes
