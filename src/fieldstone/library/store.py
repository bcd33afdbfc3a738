"""Tables in one folder or bucket: the only module that knows LanceDB.

A store appends, reads, deletes, tidies and tells versions; everything above speaks Arrow. One process writes at a time
(a lock in the folder, released by the system when the process dies); any number read.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import lancedb
import pyarrow as pa
from filelock import FileLock, Timeout

from fieldstone.errors import LibraryBusy, LibraryError, LibraryNotFound, LibraryVersionError
from fieldstone.library.schema import FORMAT_VERSION, META, TABLES

__all__ = ["Store", "is_remote", "quoted"]

TIDY_VERSIONS = 32  # versions of a table beyond which its small fragments are merged


def quoted(values: Sequence[str]) -> str:
    """The values as a list in a Lance filter, quotes doubled: `('a', 'b''c')`."""
    return "(" + ", ".join("'" + value.replace("'", "''") + "'" for value in values) + ")"


def is_remote(uri: str) -> bool:
    """Whether the URI names an object store rather than a folder."""
    return "://" in uri and not uri.startswith("file://")


class Store:
    """The tables of one library.

    Raises LibraryNotFound where there is none and `create` is false, LibraryVersionError where another version of
    Fieldstone wrote it, LibraryError where the folder is something else.
    """

    def __init__(self, uri: str, *, create: bool = False) -> None:
        self.uri = uri
        self.folder = None if is_remote(uri) else Path(uri.removeprefix("file://"))
        if self.folder is not None:
            self._check_folder(create)
        try:
            self._db = lancedb.connect(uri)
        except (ValueError, RuntimeError, OSError) as error:
            raise LibraryError(
                f"{uri} cannot be opened ({str(error).splitlines()[0]}); name a folder or s3://..."
            ) from error
        self._open: dict[str, Any] = {}
        if not self.has("meta"):
            if not create:
                raise LibraryNotFound(f"{uri} holds no library; make one with: fieldstone add {uri} FOLDER")
            with self.writing():
                if not self.has("meta"):
                    self._initialise()
        self._check_version()

    def _check_folder(self, create: bool) -> None:
        assert self.folder is not None
        try:
            is_file = self.folder.is_file()
        except OSError as error:
            raise LibraryError(f"{self.folder} cannot be a library ({error.strerror}); name another folder") from error
        if is_file:
            raise LibraryError(f"{self.folder} is a file; a library is a folder, so name another path")
        if not self.folder.is_dir() and not create:
            raise LibraryNotFound(f"no library at {self.folder}; make one with: fieldstone add {self.folder} FOLDER")
        if self.folder.is_dir() and create and not (self.folder / "meta.lance").exists():
            strangers = [p.name for p in self.folder.iterdir() if not p.name.startswith(".") and p.suffix != ".lance"]
            if strangers:
                raise LibraryError(
                    f"{self.folder} holds other files ({strangers[0]} ...); name a new folder for the library"
                )
        if create:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise LibraryError(f"{self.folder} cannot be made ({error.strerror}); name another place") from error

    def _names(self) -> list[str]:
        names: list[str] = []
        token = None
        while True:
            page = self._db.list_tables(page_token=token)
            names += page.tables
            token = page.page_token
            if not token:
                return names

    def _initialise(self) -> None:
        """Make the tables, `meta` with the format version last: a crash before that leaves no library, not half of one."""
        for name, schema in TABLES.items():
            if name != "meta":
                self.create(name, schema)
        first = pa.table({"key": ["format"], "value": [json.dumps(FORMAT_VERSION)]}, schema=META)
        self._make("meta", data=first)

    def _make(self, name: str, **content: Any) -> Any:
        """A new table, over what a killed process may have left of it."""
        return self._db.create_table(name, mode="overwrite" if name in self._names() else "create", **content)

    def _check_version(self) -> None:
        found = self.meta("format")
        if found != FORMAT_VERSION:
            raise LibraryVersionError(
                f"{self.uri} has format {found} and this Fieldstone reads format {FORMAT_VERSION}; "
                "install the version that wrote it, or add its files to a new library"
            )

    def _table(self, name: str) -> Any:
        if name not in self._open:
            self._open[name] = self._db.open_table(name)
        return self._open[name]

    def has(self, name: str) -> bool:
        """Whether the table opens: one that a killed process left half made does not count."""
        if name in self._open:
            return True
        if name not in self._names():
            return False
        try:
            self._table(name)
        except (ValueError, RuntimeError, OSError):
            return False
        return True

    def create(self, name: str, schema: pa.Schema) -> None:
        """Make an empty table unless there is one that opens. Under the writer's lock."""
        if not self.has(name):
            self._open[name] = self._make(name, schema=schema)

    def grow(self, name: str, schema: pa.Schema) -> None:
        """Add the columns that a table of an earlier Fieldstone lacks, null in its rows. Under the writer's lock."""
        table = self._table(name)
        table.checkout_latest()
        have = set(table.schema.names)
        lacking = [field for field in schema if field.name not in have]
        if lacking:
            table.add_columns(lacking)

    def append(self, name: str, rows: pa.Table) -> None:
        """Add rows in one atomic commit."""
        self._table(name).add(rows)

    def read(self, name: str, columns: Sequence[str], where: str | None = None) -> pa.Table:
        """The columns of the latest version, in the order in which rows were appended."""
        table = self._table(name)
        table.checkout_latest()
        query = table.search()
        if where is not None:
            query = query.where(where)
        found: pa.Table = query.select(list(columns)).limit(max(1, table.count_rows())).to_arrow()
        return found.select(list(columns))

    def ids(self, name: str) -> set[str]:
        """All of the column `id`, of the latest version."""
        return set(self.read(name, ["id"])["id"].to_pylist())

    def batches(self, name: str, columns: Sequence[str], size: int = 8192) -> Iterator[pa.RecordBatch]:
        """The same as `read` without a filter, a batch at a time: for tables larger than memory."""
        table = self._table(name)
        table.checkout_latest()
        yield from table.search().select(list(columns)).limit(max(1, table.count_rows())).to_batches(size)

    def delete(self, name: str, where: str) -> None:
        """Drop the rows for which the filter holds, in one atomic commit."""
        self._table(name).delete(where)

    def count(self, name: str) -> int:
        """Rows of the latest version."""
        table = self._table(name)
        table.checkout_latest()
        return int(table.count_rows())

    def schema(self, name: str) -> pa.Schema:
        """Names and types of the table's columns."""
        return self._table(name).schema

    def version(self, name: str) -> int:
        """A number that grows with every commit to the table."""
        table = self._table(name)
        table.checkout_latest()
        return int(table.version)

    def nearest(self, name: str, vector: Any, k: int, probes: int) -> pa.Table:
        """The k rows nearest to a unit vector by LanceDB's index (approximate), which looks into so many partitions."""
        return (
            self._table(name)
            .search(vector)
            .distance_type("dot")
            .nprobes(probes)
            .limit(k)
            .select(["id", "_distance"])
            .to_arrow()
        )

    def unindexed(self, name: str) -> int:
        """Rows that LanceDB's index does not hold yet: all where there is none."""
        indices = self._table(name).list_indices()
        if not indices:
            return self.count(name)
        return int(self._table(name).index_stats(indices[0].name).num_unindexed_rows)

    def index(self, name: str) -> None:
        """Build LanceDB's index over the table's vectors."""
        self._table(name).create_index("vector", config=lancedb.index.IvfFlat(distance_type="dot"), replace=True)

    def tidy(self, *, force: bool = False) -> None:
        """Merge the small fragments that many commits leave, and drop the superseded copies."""
        for name in self._names():
            table = self._table(name)
            table.checkout_latest()
            if force or len(table.list_versions()) > TIDY_VERSIONS:
                table.optimize(cleanup_older_than=timedelta(milliseconds=1))

    def meta(self, key: str) -> Any:
        """What the library remembers under the key, or None."""
        rows = self.read("meta", ["key", "value"])
        values: Mapping[str, str] = dict(zip(rows["key"].to_pylist(), rows["value"].to_pylist(), strict=True))
        return json.loads(values[key]) if key in values else None

    def remember(self, key: str, value: Any) -> None:
        """Keep a JSON value under the key; the latest wins."""
        self.append("meta", pa.table({"key": [key], "value": [json.dumps(value)]}, schema=META))

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the writer's lock. Raises LibraryBusy at once where another process holds it."""
        if self.folder is None:  # an object store: LanceDB's own commits are atomic there
            yield
            return
        lock = FileLock(self.folder / ".lock")
        try:
            lock.acquire(timeout=0)
        except OSError as error:
            if isinstance(error, Timeout):
                raise LibraryBusy(
                    f"another process is writing to {self.folder}; wait until it has finished, then try again"
                ) from None
            raise LibraryError(f"{self.folder} cannot be written ({error.strerror}); check its permissions") from error
        try:
            yield
        finally:
            lock.release()
