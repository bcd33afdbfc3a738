"""One consistent view of a library in memory: what search, duplicates, map and report read. Loads what is asked for."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from jaxtyping import Bool, Float32, Float64, Int64

from fieldstone.errors import EncoderError
from fieldstone.geometry.fingerprint import KEY_LENGTH, NEAR, BodyMark, Fingerprint, keys
from fieldstone.library.catalog import Catalog, load
from fieldstone.library.evidence import Record
from fieldstone.library.kept import restore_points
from fieldstone.library.schema import vectors_table
from fieldstone.library.store import Store, quoted
from fieldstone.library.vectors import IndexedVectors, Vectors, unrelated_distances
from fieldstone.library.vectors import load as load_vectors

__all__ = ["Snapshot"]

FETCH = 500  # ids named in one filter
BLOCK = 1024  # rows compared with all others at once


class Snapshot:
    """The live rows of a store, and, loaded when first used, their vectors, fingerprint keys and bodies."""

    def __init__(self, store: Store, encoder: str) -> None:
        self.store, self.encoder = store, encoder
        self.versions = self.current_versions(store, encoder)
        self.catalog: Catalog = load(store)
        self.across: dict[str, Float64[np.ndarray, "pairs"]] = {}
        """What scores of words and of pictures are measured against (meaning.py), once it is needed."""

    @staticmethod
    def current_versions(store: Store, encoder: str) -> tuple[int, ...]:
        """What changes when the library does."""
        tables = ["shapes", "paths", "history"]
        tables += [vectors_table(encoder)] * store.has(vectors_table(encoder))
        return tuple(store.version(name) for name in tables)

    @cached_property
    def vectors(self) -> Vectors | IndexedVectors:
        """The embeddings, in the table's own order."""
        return load_vectors(self.store, self.encoder)

    @cached_property
    def row_of_vector(self) -> Int64[np.ndarray, "v"]:
        """The catalog's row of each vector; -1 where the content is not live."""
        return np.array([self.catalog.position.get(key, -1) for key in self.vectors.ids], dtype=np.int64)

    @cached_property
    def missing(self) -> int:
        """How many shapes have no embedding of the encoder."""
        if not self.store.has(vectors_table(self.encoder)):
            return len(self.catalog)
        return sum(key not in self.vectors.position for key in self.catalog.ids)

    @cached_property
    def vector_of_row(self) -> Int64[np.ndarray, "n"]:
        """The vector of each row of the catalog."""
        vectors = self.vectors
        if self.missing:
            raise EncoderError(
                f"{self.missing} of {len(self.catalog)} shapes have no embedding of {self.encoder}; "
                f"encode what lacks with: fieldstone encode {self.store.uri} --encoder {self.encoder}"
            )
        return np.array([vectors.position[key] for key in self.catalog.ids], dtype=np.int64)

    def embeddings(self, rows: Int64[np.ndarray, "r"]) -> Float32[np.ndarray, "r dim"]:
        """The unit vectors of some rows."""
        return self.vectors.take(self.vector_of_row[rows])

    def nearest(
        self, embedding: Float32[np.ndarray, "dim"], k: int, keep: Bool[np.ndarray, "n"]
    ) -> Int64[np.ndarray, "k"]:
        """The k kept rows whose embeddings are nearest, nearest first."""
        live = self.row_of_vector
        kept = (live >= 0) & keep[np.maximum(live, 0)] if len(keep) else np.zeros(len(live), dtype=bool)
        return live[self.vectors.nearest(embedding, k, kept)]

    def distance(self, embedding: Float32[np.ndarray, "dim"], rows: Int64[np.ndarray, "r"]) -> Float64[np.ndarray, "r"]:
        """1 - cosine between an embedding and some rows."""
        return np.clip(1.0 - (self.embeddings(rows) @ embedding).astype(np.float64), 0.0, 2.0)

    @cached_property
    def unrelated(self) -> Float64[np.ndarray, "pairs"]:
        """Sorted distances of random pairs of unlike shapes: what a score is measured against."""
        categories = self.catalog.table["category"].to_numpy(zero_copy_only=False).astype(str)
        return unrelated_distances(self.vectors, self.vector_of_row, categories)

    def score(self, distance: Float64[np.ndarray, "r"]) -> Float64[np.ndarray, "r"]:
        """The share of unrelated pairs of this library that are farther apart; 1 where there are none to compare."""
        if not len(self.unrelated):
            return np.ones(len(distance))
        return 1.0 - np.searchsorted(self.unrelated, distance, side="right") / len(self.unrelated)

    @cached_property
    def keys(self) -> Float64[np.ndarray, "n 16"]:
        """Fingerprint keys of the catalog's rows."""
        found = np.full((len(self.catalog), KEY_LENGTH), np.nan)
        for batch in self.store.batches("shapes", ["id", "fingerprint"]):
            rows = self._rows(batch)
            found[rows[rows >= 0]] = keys(_vectors(batch))[rows >= 0]
        return found

    @cached_property
    def bodies(self) -> tuple[Int64[np.ndarray, "b"], Float64[np.ndarray, "b 16"]]:
        """The catalog's row and the key of each distinct body of the many-bodied rows."""
        rows, found = [np.zeros(0, dtype=np.int64)], [np.zeros((0, KEY_LENGTH))]
        for batch in self.store.batches("bodies", ["id", "fingerprint"]):
            here = self._rows(batch)
            rows.append(here[here >= 0])
            found.append(keys(_vectors(batch))[here >= 0])
        return np.concatenate(rows), np.concatenate(found)

    def _rows(self, batch: pa.RecordBatch) -> Int64[np.ndarray, "b"]:
        return np.array([self.catalog.position.get(key, -1) for key in batch["id"].to_pylist()], dtype=np.int64)

    def key_pairs(self, neighbours: int) -> Int64[np.ndarray, "p 2"]:
        """Pairs of rows with near fingerprint keys: each row with up to so many of its nearest."""
        from scipy.spatial import cKDTree

        shape_keys = np.nan_to_num(self.keys[:, : KEY_LENGTH - 1])
        k = min(neighbours + 1, len(shape_keys))
        gap, other = cKDTree(shape_keys).query(shape_keys, k=k, p=np.inf, distance_upper_bound=NEAR)
        return _paired(other.reshape(len(shape_keys), k), np.isfinite(gap).reshape(len(shape_keys), k))

    def neighbour_pairs(self, neighbours: int, closer_than: float) -> Int64[np.ndarray, "p 2"]:
        """Pairs of rows whose embeddings are nearest and closer than that share of unrelated pairs."""
        n = len(self.catalog)
        if not len(self.unrelated):
            return np.stack(np.triu_indices(n, 1), axis=1).astype(np.int64)
        limit = float(np.quantile(self.unrelated, 1.0 - closer_than))
        everything = self.embeddings(np.arange(n))
        k = min(neighbours + 1, n)
        pairs = []
        for start in range(0, n, BLOCK):
            distance = 1.0 - everything[start : start + BLOCK] @ everything.T
            other = np.argpartition(distance, k - 1, axis=1)[:, :k]
            near = np.take_along_axis(distance, other, axis=1) <= limit
            pairs.append(_paired(other, near, start))
        return np.concatenate(pairs)

    def records(self, rows: Sequence[int] | Int64[np.ndarray, "r"]) -> list[Record]:
        """What evidence is judged on, for some rows, in their order."""
        wanted = [self.catalog.ids[row] for row in rows]
        columns = ["id", "kind", "n_faces", "fingerprint", "points", "points_low", "points_step"]
        found = {row["id"]: row for row in self._fetch("shapes", columns, wanted)}
        bodies: dict[str, list[BodyMark]] = {}
        for row in self._fetch("bodies", ["id", "count", "n_faces", "fingerprint"], wanted):
            mark = BodyMark(fingerprint=_fingerprint(row), count=row["count"], n_faces=row["n_faces"])
            bodies.setdefault(row["id"], []).append(mark)
        units = dict(
            zip(wanted, self.catalog.table["unit"].take(np.asarray(rows, dtype=np.int64)).to_pylist(), strict=True)
        )
        return [
            Record(
                points=restore_points(
                    found[key]["points"], np.array(found[key]["points_low"]), found[key]["points_step"]
                ),
                fingerprint=_fingerprint(found[key]),
                bodies=tuple(bodies.get(key, ())),
                n_faces=found[key]["n_faces"],
                unit=units[key],
                kind=found[key]["kind"],
            )
            for key in wanted
        ]

    def thumbnails(self, rows: Sequence[int] | Int64[np.ndarray, "r"]) -> list[bytes]:
        """The pictures of some rows, in their order."""
        wanted = [self.catalog.ids[row] for row in rows]
        found = {row["id"]: row["thumbnail"] for row in self._fetch("shapes", ["id", "thumbnail"], wanted)}
        return [found[key] for key in wanted]

    def _fetch(self, table: str, columns: list[str], ids: list[str]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for start in range(0, len(ids), FETCH):
            rows += self.store.read(table, columns, f"id IN {quoted(ids[start : start + FETCH])}").to_pylist()
        return rows


def _vectors(batch: pa.RecordBatch) -> Float64[np.ndarray, "b k"]:
    return batch["fingerprint"].flatten().to_numpy(zero_copy_only=False).reshape(batch.num_rows, -1)


def _fingerprint(row: dict[str, Any]) -> Fingerprint:
    return Fingerprint(np.array(row["fingerprint"], dtype=np.float64))


def _paired(other: Int64[np.ndarray, "b k"], near: Bool[np.ndarray, "b k"], start: int = 0) -> Int64[np.ndarray, "p 2"]:
    """(row, other) for every near other but the row itself."""
    own = np.broadcast_to(np.arange(start, start + len(other))[:, None], other.shape)
    near = near & (other != own)
    return np.stack([own[near], other[near]], axis=1).astype(np.int64)
