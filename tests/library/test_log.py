"""The state of paths is the log's latest effective rows; undo ignores, and undoing an undo does again."""

from pathlib import Path

import pyarrow as pa
import pytest

from fieldstone.errors import LibraryBusy, LibraryError, LibraryNotFound, LibraryVersionError, QueryError
from fieldstone.library.log import begin, operations, state, undo
from fieldstone.library.schema import PATHS
from fieldstone.library.store import Store, quoted


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "a.fieldstone"), create=True)


def log(store: Store, op: int, source: str, outcome: str = "added", content: str | None = "c") -> None:
    row = {
        "op": op, "source": source, "outcome": outcome, "content": content, "reason": None, "bytes": 1, "mtime_ns": 1,
        "seconds": 0.0, "category": None, "tags": [], "unit": None, "up": None,
    }  # fmt: skip
    store.append("paths", pa.Table.from_pylist([row], schema=PATHS))


def live(store: Store) -> dict[str, str]:
    return {row["source"]: row["outcome"] for row in state(store).to_pylist()}


def test_latest_row_wins_and_undo_ignores(store: Store) -> None:
    first = begin(store, "add", "x")
    log(store, first, "/a")
    log(store, first, "/b")
    second = begin(store, "remove", "/a")
    log(store, second, "/a", outcome="excluded")
    assert live(store) == {"/a": "excluded", "/b": "added"}
    assert undo(store).op == second
    assert live(store) == {"/a": "added", "/b": "added"}
    assert undo(store).op == first
    assert live(store) == {}
    with pytest.raises(QueryError, match="nothing to undo"):
        undo(store)
    assert [o.undone for o in operations(store)] == [True, True, False, False]


def test_undoing_an_undo_does_it_again(store: Store) -> None:
    first = begin(store, "add", "x")
    log(store, first, "/a")
    undo(store)
    assert live(store) == {}
    undo(store, op=2)
    assert live(store) == {"/a": "added"}
    with pytest.raises(QueryError, match="undone already"):
        undo(store, op=2)
    with pytest.raises(QueryError, match="no operation 99"):
        undo(store, op=99)


def test_counts(store: Store) -> None:
    op = begin(store, "add", "x")
    log(store, op, "/a")
    log(store, op, "/b", outcome="refused", content=None)
    assert operations(store)[0].counts == {"added": 1, "refused": 1}


def test_store_refuses_what_is_no_library(tmp_path: Path) -> None:
    with pytest.raises(LibraryNotFound, match="fieldstone add"):
        Store(str(tmp_path / "none"))
    (tmp_path / "file").write_text("x")
    with pytest.raises(LibraryError, match="is a file"):
        Store(str(tmp_path / "file"), create=True)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a.stl").write_text("x")
    with pytest.raises(LibraryError, match="holds other files"):
        Store(str(tmp_path / "models"), create=True)
    assert [p.name for p in (tmp_path / "models").iterdir()] == ["a.stl"]
    with pytest.raises(LibraryNotFound):
        Store(str(tmp_path / "models"))


def test_store_knows_its_format(store: Store) -> None:
    store.remember("format", 99)
    with pytest.raises(LibraryVersionError, match="format 99"):
        Store(store.uri)


def test_one_writer(store: Store) -> None:
    with store.writing(), pytest.raises(LibraryBusy, match="another process"), Store(store.uri).writing():
        pass
    with store.writing():
        pass


def test_quoting() -> None:
    assert quoted(["a", "b'c"]) == "('a', 'b''c')"


def test_tidy_keeps_rows(store: Store) -> None:
    for i in range(5):
        log(store, 1, f"/{i}")
    store.tidy(force=True)
    assert len(live(store)) == 5
    assert Store(store.uri).count("paths") == 5
