"""One consistent view of a library in memory: what search, duplicates, map and report read. Loads what is asked for."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import pyarrow.compute as pc
from jaxtyping import Bool, Float32, Float64, Int32, Int64

from fieldstone.geometry.fingerprint import Fingerprint, keys
from fieldstone.library.catalog import Catalog, load
from fieldstone.library.describe import restore_points
from fieldstone.library.evidence import BodyMark, Record
from fieldstone.library.store import Store, quoted
from fieldstone.library.vectors import EXACT_ROWS, Vectors, unrelated_distances
from fieldstone.library.vectors import load as load_vectors

__all__ = ["Snapshot"]

FETCH = 500  # ids named in one filter


class Snapshot:
    """The live rows of a store, and, loaded when first used, their vectors, fingerprint keys and bodies."""

    def __init__(self, store: Store, encoder: str) -> None:
        self.store, self.encoder = store, encoder
        self.versions = self.current_versions(store)
        self.catalog: Catalog = load(store)

    @staticmethod
    def current_versions(store: Store) -> tuple[int, ...]:
        """What changes when the library does."""
        return tuple(store.version(name) for name in ("shapes", "paths", "history"))

    @cached_property
    def vectors(self) -> Vectors:
        """The embeddings, in the table's own order."""
        return load_vectors(self.store, self.encoder)

    @cached_property
    def row_of_vector(self) -> Int64[np.ndarray, "v"]:
        """The catalog's row of each vector; -1 where the content is not live."""
        return np.array([self.catalog.position.get(key, -1) for key in self.vectors.ids], dtype=np.int64)

    @cached_property
    def vector_of_row(self) -> Int64[np.ndarray, "n"]:
        """The vector of each row of the catalog."""
        return np.array([self.vectors.position[key] for key in self.catalog.ids], dtype=np.int64)

    @cached_property
    def keys(self) -> Float32[np.ndarray, "n 16"]:
        """Fingerprint keys of the catalog's rows."""
        return self._by_row("shapes", "key")[1]

    @cached_property
    def bodies(self) -> tuple[Int64[np.ndarray, "b"], Float32[np.ndarray, "b 16"]]:
        """The catalog's row and the key of each distinct body of the many-bodied rows."""
        return self._by_row("bodies", "key")
