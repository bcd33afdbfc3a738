"""A worker that dies or hangs loses its own task and no other."""

import os

import pytest

from fieldstone.library import pool
from tests.library.pool_tasks import prepare

pytestmark = pytest.mark.usefixtures("workers")


def test_results_deaths_and_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "START_SECONDS", 2.0)
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    before = dict(os.environ)
    tasks = [("fine", 2), ("die", 0), ("fine", 3), ("hang", 0), ("fine", 4), ("fine", 5)]
    results = dict(pool.run(prepare, (), tasks, workers=2, seconds=1.0))
    assert results["fine", 5] == (25, "1")
    assert {value for kind, value in results if kind == "fine"} == {2, 3, 4, 5}
    died, hung = results["die", 0], results["hang", 0]
    assert isinstance(died, pool.Lost)
    assert not died.hung
    assert isinstance(hung, pool.Lost)
    assert hung.hung
    assert dict(os.environ) == before


def test_no_more_workers_than_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    real, started = pool._start, list[object]()
    monkeypatch.setattr(pool, "_start", lambda *given: started.append(given) or real(*given))
    assert list(pool.run(prepare, (), [], workers=2, seconds=1.0)) == []
    assert not started
    assert list(pool.run(prepare, (), [("fine", 2)], workers=2, seconds=1.0)) == [(("fine", 2), (4, "1"))]
    assert len(started) == 1
