"""Tuning, judged: who wins, what is compared, what the library uses afterwards."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from fieldstone import Library
from fieldstone.errors import QueryError
from fieldstone.evaluate.compared import Measure
from fieldstone.evaluate.tuned import plan_tuning, tune, wins
from tests.encoders.tiny import tiny
from tests.evaluate.balls import fill


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Library:
    place = tmp_path_factory.mktemp("tuned")
    library = fill(place)
    library.encode(tiny(place / "tiny.safetensors"))
    library.use("tiny@1")
    return library


@pytest.fixture
def library(made: Library, tmp_path: Path) -> Library:
    return Library(shutil.copytree(made.uri, tmp_path / "a.fieldstone"))


def measure(before: float, after: float, low: float, high: float) -> Measure:
    return Measure(by="labels", queries=10, before=before, after=after, gain_interval=(low, high))


def test_who_wins() -> None:
    better, same, worse = measure(0.5, 0.6, -0.1, 0.3), measure(0.5, 0.5, 0.0, 0.0), measure(0.5, 0.4, -0.3, 0.1)
    much_worse = measure(0.9, 0.5, -0.6, -0.2)
    assert wins((better, worse))
    assert not wins((better, much_worse))
    assert not wins((same, better))
    assert not wins((worse, better))


def test_the_plan_says_what_would_happen(made: Library) -> None:
    plan = plan_tuning(Library(made.uri))
    assert (plan.base, plan.method, plan.judged_by_labels) == ("tiny@1", "vicreg", True)
    assert (plan.shapes, plan.held_out) == (12, 4)
    assert plan_tuning(Library(made.uri), labels="category").method == "classification"
    assert plan_tuning(Library(made.uri), "mmcl", "category").method == "mmcl"
    with pytest.raises(QueryError, match="no column of labels"):
        plan_tuning(Library(made.uri), labels="colour")
    with pytest.raises(QueryError, match=r"have a value of kind \(1 different\)"):
        plan_tuning(Library(made.uri), labels="kind")


def test_what_loses_is_not_used_and_what_is_kept_is(library: Library) -> None:
    before = library.embeddings(library.shapes())
    done = tune(library, plan_tuning(library), epochs=1)
    assert [one.by for one in done.measures] == ["labels", "words", "copies"]
    assert [one.queries for one in done.measures] == [4, 4, 4]
    by_copies = done.measures[2]
    assert by_copies.rank_before is not None
    assert 1.0 <= by_copies.rank_before <= 16.0
    assert done.used == done.won == wins(done.measures)
    kept = tune(library, plan_tuning(library), epochs=1, keep=True)
    now = Library(library.uri)
    assert kept.used
    assert now.encoder.id == kept.taught.id
    assert not np.allclose(now.embeddings(now.shapes()), before)
    np.testing.assert_array_equal(Library(library.uri, encoder="tiny@1").embeddings(now.shapes()), before)


def test_undo_takes_the_switch_back(library: Library) -> None:
    tune(library, plan_tuning(library), epochs=1, keep=True)
    assert library.undo().verb == "use"
    assert Library(library.uri).encoder.id == "tiny@1"


def test_without_labels_copies_judge(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    division = replace(library.divide("category"), labels=(None,) * 16)
    monkeypatch.setattr(Library, "divide", lambda self, column: division)
    plan = plan_tuning(library)
    assert not plan.judged_by_labels
    with pytest.raises(QueryError, match="0 of 16 shapes have a value of category"):
        plan_tuning(library, "classification")
    (only,) = tune(library, plan, epochs=1).measures
    assert only.by == "copies"


def test_where_all_may_be_copies_nothing_can_judge(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    division = replace(library.divide(), queries=np.zeros(16, dtype=bool), gallery=np.ones(16, dtype=bool))
    monkeypatch.setattr(Library, "divide", lambda self, column: division)
    with pytest.raises(QueryError, match=r"no shape of .* can be held out"):
        plan_tuning(library)


@pytest.mark.slow
def test_tuning_finds_more(library: Library) -> None:
    """Labels that geometry tells apart are learnt, whatever the first weights: a tiny random network gains by them."""
    done = tune(library, plan_tuning(library, labels="category"), epochs=10)
    assert done.measures[0].after >= done.measures[0].before
