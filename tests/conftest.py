"""Fixtures that every test may use."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

if "PYTEST_XDIST_WORKER" in os.environ:  # a process for each core: torch, where it came, takes one thread in each
    os.environ.setdefault("OMP_NUM_THREADS", "1")

from fieldstone.library import pool
from tests.library.here import run_here

WITH_WORKERS = pool.run
SHARED = Path(os.environ.get("FIELDSTONE_SHARED", Path(__file__).resolve().parents[2] / "shared"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Before any fixture: the weights that torch's own modules draw are the same in each run, whatever ran before."""
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real data beside the checkout; tests that need it skip where it is absent."""
    data = SHARED / "data"
    if not data.is_dir():
        pytest.skip(f"needs the real data in {data}, which is absent here")
    return data


@pytest.fixture(scope="session", autouse=True)
def _ingest_here() -> Iterator[None]:
    """Libraries read their files in this process: workers take seconds to start, and none of a test's patches along."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "run", run_here)
        yield


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Libraries read their files in processes of their own, as users' do."""
    monkeypatch.setattr(pool, "run", WITH_WORKERS)
