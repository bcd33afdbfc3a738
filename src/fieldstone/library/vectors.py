"""The embeddings of one encoder, ready to be searched: exact in memory, by LanceDB's index beyond that.

In memory stand one byte a dimension and two floats a row (kernels/scan.py); the float32 rows that settle close calls are
memory-mapped from a scratch file once they are large, so a million rows of 256 cost about a quarter of a gigabyte.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from jaxtyping import Bool, Float32, Float64, Int8, Int64

from fieldstone.errors import EncoderError
from fieldstone.kernels.scan import best, quantise
from fieldstone.library.schema import vectors_table
from fieldstone.library.store import Store

__all__ = ["EXACT_ROWS", "Vectors", "load", "unrelated_distances"]

EXACT_ROWS = 4_000_000
"""Rows up to which search is exact: a gigabyte of codes at 256 dimensions (benchmarks/results/search_latency.md)."""
MAPPED_BYTES = 128 * 2**20  # float32 rows beyond this are mapped from disk
PAIRS = 20_000


@dataclass(slots=True, eq=False)
class Vectors:
    """Unit vectors by content id, in the order of the table."""

    store: Store
    encoder: str
    version: int
    ids: list[str]
    rows: Float32[np.ndarray, "n dim"]
    codes: Int8[np.ndarray, "n dim"]
    scale: Float32[np.ndarray, "n"]
    lost: Float32[np.ndarray, "n"]
    position: dict[str, int]

    def nearest(
        self, query: Float32[np.ndarray, "dim"], k: int, keep: Bool[np.ndarray, "n"]
    ) -> tuple[Int64[np.ndarray, "k"], Float64[np.ndarray, "k"]]:
        """The k kept rows nearest to a unit vector and their distances, 1 - cosine in [0, 2], nearest first.

        Raises EncoderError where the query's length is not the table's.
        """
        if query.shape[0] != self.codes.shape[1]:
            raise EncoderError(
                f"the query has {query.shape[0]} dimensions and the vectors of {self.encoder} have {self.codes.shape[1]}; "
                "embeddings of two encoders cannot be compared"
            )
        found, products = best(query, self.rows, self.codes, self.scale, self.lost, k, keep)
        return found, np.clip(1.0 - products.astype(np.float64), 0.0, 2.0)


def load(store: Store, encoder: str, scratch: Path | None = None) -> Vectors:
    """Read an encoder's table. Raises EncoderError where the library has no embeddings of it."""
    table = vectors_table(encoder)
    if not store.has(table):
        raise EncoderError(f"{store.uri} holds no embeddings of {encoder}; add shapes to it first")
    version, n = store.version(table), store.count(table)
    dim = _dimension(store, table)
    rows = _rows(n, dim, scratch)
    codes = np.zeros((n, dim), dtype=np.int8)
    scale, lost = np.zeros(n, dtype=np.float32), np.zeros(n, dtype=np.float32)
    ids: list[str] = []
    for batch in store.batches(table, ["id", "vector"]):
        here = slice(len(ids), len(ids) + batch.num_rows)
        block = batch["vector"].flatten().to_numpy().reshape(-1, dim)
        rows[here] = block
        codes[here], scale[here], lost[here] = quantise(block)
        ids += batch["id"].to_pylist()
    return Vectors(store, encoder, version, ids, rows, codes, scale, lost, {key: i for i, key in enumerate(ids)})


def _dimension(store: Store, table: str) -> int:
    kind = store.schema(table).field("vector").type
    assert pa.types.is_fixed_size_list(kind)
    return int(kind.list_size)


def _rows(n: int, dim: int, scratch: Path | None) -> Float32[np.ndarray, "n dim"]:
    if n * dim * 4 <= MAPPED_BYTES:
        return np.zeros((n, dim), dtype=np.float32)
    file = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115 - lives as long as the map does
    file.truncate(n * dim * 4)
    return np.memmap(file, dtype=np.float32, mode="r+", shape=(n, dim))


def unrelated_distances(
    rows: Float32[np.ndarray, "n dim"], category: np.ndarray | None
) -> Float64[np.ndarray, "pairs"]:
    """Sorted distances of random pairs of rows of different categories (of any two rows where none are known)."""
    n = len(rows)
    if n < 2:
        return np.zeros(0)
    a, b = np.random.default_rng(0).integers(0, n, (2, PAIRS))
    other = a != b
    if category is not None and len(np.unique(category)) > 1:
        other &= category[a] != category[b]
    products = np.einsum("pd,pd->p", rows[a[other]], rows[b[other]], dtype=np.float64)
    return np.sort(1.0 - products)
