"""The embeddings of one encoder, ready to be searched: exact in memory, by LanceDB's index beyond that.

In memory stand one byte a dimension and two floats a row (kernels/scan.py); the float32 rows that settle close calls are
read from a scratch file once they are large, so a million rows of 256 cost about a quarter of a gigabyte.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
from jaxtyping import Bool, Float32, Float64, Int8, Int64, Shaped

from fieldstone.errors import EncoderError
from fieldstone.kernels.scan import best, quantise
from fieldstone.library.schema import vectors_table
from fieldstone.library.store import Store, quoted

__all__ = ["EXACT_ROWS", "FileRows", "IndexedVectors", "Vectors", "keep_index", "load", "unrelated_distances"]

EXACT_ROWS = 4_000_000
"""Rows up to which search is exact: a gigabyte of codes at 256 dimensions (benchmarks/results/search_latency.md)."""
MAPPED_BYTES = 128 * 2**20  # float32 rows beyond this stay in a file
PAIRS = 20_000
OVERSAMPLE = 4
PROBES = 64  # partitions of the index that a search looks into at first
FEW = 20_000  # kept rows that are scored one by one
FETCH = 500  # ids named in one filter


class FileRows:
    """Rows in a file: those asked for are read, a few dozen a query. A map of the file would do the same, and count the
    pages around every row as this process's memory.
    """

    def __init__(self, file: IO[bytes], dim: int, offset: int = 0) -> None:
        self._file, self._dim, self._offset = file, dim, offset

    def __getitem__(self, positions: Int64[np.ndarray, "r"]) -> Float32[np.ndarray, "r dim"]:
        rows = np.zeros((len(positions), self._dim), dtype=np.float32)
        for row, position in zip(rows, positions.tolist(), strict=True):
            self._file.seek(self._offset + position * row.nbytes)
            self._file.readinto(row)  # type: ignore[attr-defined]
        return rows


@dataclass(slots=True, eq=False)
class Vectors:
    """Unit vectors by content id, in the order of the table."""

    encoder: str
    ids: list[str]
    rows: Float32[np.ndarray, "n dim"] | FileRows
    codes: Int8[np.ndarray, "n dim"]
    scale: Float32[np.ndarray, "n"]
    lost: Float32[np.ndarray, "n"]
    position: dict[str, int]

    def nearest(self, query: Float32[np.ndarray, "dim"], k: int, keep: Bool[np.ndarray, "n"]) -> Int64[np.ndarray, "k"]:
        """Positions of the k kept rows nearest to a unit vector, nearest first.

        Raises EncoderError where the query's length is not the table's.
        """
        if query.shape[0] != self.codes.shape[1]:
            raise EncoderError(
                f"the query has {query.shape[0]} dimensions and the vectors of {self.encoder} have {self.codes.shape[1]}; "
                "embeddings of two encoders cannot be compared"
            )
        found, _ = best(query, self.take, self.codes, self.scale, self.lost, k, keep)
        return found

    def take(self, positions: Int64[np.ndarray, "r"]) -> Float32[np.ndarray, "r dim"]:
        """The vectors at some positions."""
        return self.rows[positions]


@dataclass(slots=True, eq=False)
class IndexedVectors:
    """Vectors that stay on disk: the same questions, answered by LanceDB's index, approximately."""

    store: Store
    encoder: str
    ids: list[str]
    position: dict[str, int]

    def nearest(self, query: Float32[np.ndarray, "dim"], k: int, keep: Bool[np.ndarray, "n"]) -> Int64[np.ndarray, "k"]:
        """Like `Vectors.nearest`, by the index; asks for more until enough of what comes back is kept."""
        kept = np.flatnonzero(keep)
        k = min(k, len(kept))
        if len(kept) <= FEW:  # fewer than the index would look at: exact
            return kept[np.argsort(-(self.take(kept) @ query), kind="stable")[:k]].astype(np.int64)
        wanted, probes = OVERSAMPLE * k, PROBES
        while True:
            found = self.store.nearest(vectors_table(self.encoder), query, wanted, probes)["id"].to_pylist()
            at = np.array([self.position[key] for key in found if key in self.position], dtype=np.int64)
            at = at[keep[at]]
            if len(at) >= k or wanted >= len(self.ids):
                return at[:k]
            wanted, probes = wanted * OVERSAMPLE, probes * OVERSAMPLE

    def take(self, positions: Int64[np.ndarray, "r"]) -> Float32[np.ndarray, "r dim"]:
        """The vectors at some positions, from disk."""
        wanted = [self.ids[i] for i in positions]
        found: dict[str, np.ndarray] = {}
        for start in range(0, len(wanted), FETCH):
            where = f"id IN {quoted(wanted[start : start + FETCH])}"
            rows = self.store.read(vectors_table(self.encoder), ["id", "vector"], where)
            vectors = rows["vector"].combine_chunks().flatten().to_numpy().reshape(len(rows), -1)
            found.update(zip(rows["id"].to_pylist(), vectors, strict=True))
        return np.stack([found[key] for key in wanted]) if wanted else np.zeros((0, 1), dtype=np.float32)


def load(store: Store, encoder: str, scratch: Path | None = None) -> Vectors | IndexedVectors:
    """An encoder's vectors: in memory up to EXACT_ROWS, by LanceDB's index beyond.

    Raises EncoderError where the library has no embeddings of it.
    """
    table = vectors_table(encoder)
    if not store.has(table):
        raise EncoderError(
            f"{store.uri} holds no embeddings of {encoder}; make them with: fieldstone encode {store.uri} --encoder {encoder}"
        )
    n = store.count(table)
    if n > EXACT_ROWS:
        names = store.read(table, ["id"])["id"].to_pylist()
        return IndexedVectors(store, encoder, names, {key: i for i, key in enumerate(names)})
    dim = _dimension(store, table)
    rows = _Rows(n, dim, scratch)
    codes = np.zeros((n, dim), dtype=np.int8)
    scale, lost = np.zeros(n, dtype=np.float32), np.zeros(n, dtype=np.float32)
    ids: list[str] = []
    for batch in store.batches(table, ["id", "vector"]):
        batch = batch.slice(0, n - len(ids))  # a writer may have added rows since they were counted
        here = slice(len(ids), len(ids) + batch.num_rows)
        block = batch["vector"].flatten().to_numpy().reshape(-1, dim)
        rows.put(here, block)
        codes[here], scale[here], lost[here] = quantise(block)
        ids += batch["id"].to_pylist()
    position = {key: i for i, key in enumerate(ids)}
    return Vectors(encoder, ids, rows.done(), codes, scale, lost, position)


def _dimension(store: Store, table: str) -> int:
    kind = store.schema(table).field("vector").type
    assert pa.types.is_fixed_size_list(kind)
    return int(kind.list_size)


class _Rows:
    """Rows that arrive in order: an array, or a scratch file once they are large."""

    def __init__(self, n: int, dim: int, scratch: Path | None) -> None:
        self.shape = (n, dim)
        large = n * dim * 4 > MAPPED_BYTES
        self.file = tempfile.TemporaryFile(dir=scratch) if large else None  # noqa: SIM115 - lives as long as the rows
        self.array = None if large else np.zeros(self.shape, dtype=np.float32)

    def put(self, here: slice, block: Float32[np.ndarray, "b dim"]) -> None:
        """The next rows."""
        if self.array is not None:
            self.array[here] = block
        elif self.file is not None:
            block.tofile(self.file)

    def done(self) -> Float32[np.ndarray, "n dim"] | FileRows:
        """All rows."""
        if self.array is not None:
            return self.array
        assert self.file is not None
        self.file.flush()
        return FileRows(self.file, self.shape[1])


def keep_index(store: Store, encoder: str) -> None:
    """Under the writer's lock: build LanceDB's index where the vectors are too many for memory, and it lags behind."""
    table = vectors_table(encoder)
    if store.has(table) and store.count(table) > EXACT_ROWS and store.unindexed(table) > store.count(table) // 5:
        store.index(table)


def unrelated_distances(
    vectors: Vectors | IndexedVectors, rows: Int64[np.ndarray, "n"], category: Shaped[np.ndarray, "n"]
) -> Float64[np.ndarray, "pairs"]:
    """Sorted distances, 1 - cosine, of random pairs of rows of different categories (of any two where all are alike).

    `rows` says which vector belongs to each row.
    """
    n = len(rows)
    if n < 2:
        return np.zeros(0)
    a, b = np.random.default_rng(0).integers(0, n, (2, PAIRS))
    apart = category[a] != category[b]
    apart = apart if apart.any() else a != b
    first, second = vectors.take(rows[a[apart]]), vectors.take(rows[b[apart]])
    products = np.einsum("pd,pd->p", first, second, dtype=np.float64)
    return np.sort(1.0 - products)
