"""Fixtures that every test may use."""

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("FIELDSTONE_SHARED", Path(__file__).resolve().parents[2] / "shared"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real data beside the checkout; tests that need it skip where it is absent."""
    data = SHARED / "data"
    if not data.is_dir():
        pytest.skip(f"needs the real data in {data}, which is absent here")
    return data
