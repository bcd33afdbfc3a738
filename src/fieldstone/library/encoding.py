"""Which encoder a library uses, where its weights lie, and the vectors that it still lacks.

A library remembers its encoder; `use` is an operation like any other, so `undo` goes back to the one before, whose
vectors are still there. A learned encoder reads the descriptor beside the points, and a library keeps both.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from jaxtyping import Float32

from fieldstone import encoders
from fieldstone.encoders import DESCRIPTOR, Encoder
from fieldstone.encoders.learned import Learned, has_torch
from fieldstone.library import log
from fieldstone.library.catalog import load
from fieldstone.library.kept import kept_samples
from fieldstone.library.schema import vectors_schema, vectors_table
from fieldstone.library.store import Store, quoted
from fieldstone.progress import Progress
from fieldstone.types import Axis, Sampled

__all__ = [
    "append_vectors",
    "by_formula",
    "chosen",
    "count",
    "encode",
    "fill",
    "forget_upright",
    "is_upright",
    "named",
    "own",
    "ups",
]

BLOCK = 64
"""Shapes encoded between two commits."""
FOLDER = "encoders"


def chosen(store: Store) -> str:
    """The id of the encoder that a library uses: the latest that was chosen, else the one that it was made with."""
    return log.latest(store, "use") or store.meta("encoder") or DESCRIPTOR


def named(folder: Path | None, name: str) -> Encoder:
    """The encoder of that id: one kept in the library's folder, else one of the package. EncoderError for neither."""
    if folder is not None and re.fullmatch(r"[a-z0-9][a-z0-9._-]*@\d+", name):
        path = folder / FOLDER / f"{name}.safetensors"
        if path.is_file():
            return Learned(path)
    return encoders.get(name)


def own(folder: Path | None) -> list[str]:
    """The ids of the encoders that are kept in the library's folder."""
    return [] if folder is None else sorted(path.stem for path in (folder / FOLDER).glob("*@*.safetensors"))


def by_formula(encoder: Encoder) -> Encoder:
    """What runs in ingest's workers: the encoder itself, or for a learned one the descriptor that it reads."""
    return encoders.get(DESCRIPTOR) if isinstance(encoder, Learned) else encoder


def encode(
    encoder: Encoder, batch: Sequence[Sampled], descriptors: Float32[np.ndarray, "batch values"]
) -> Float32[np.ndarray, "batch dim"]:
    """Vectors of shapes as they are kept; a learned encoder takes the descriptors that are there already."""
    return encoder.encode(batch, descriptors) if isinstance(encoder, Learned) else encoder.encode(batch)


def append_vectors(store: Store, encoder: str, ids: Sequence[str], vectors: Float32[np.ndarray, "n dim"]) -> None:
    """Commit vectors of some contents, in a table that is made when it is first needed."""
    schema, table = vectors_schema(vectors.shape[1]), vectors_table(encoder)
    store.create(table, schema)
    column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])
    store.append(table, pa.table([pa.array(ids, pa.string()), column], schema=schema))


def fill(store: Store, encoder: Encoder, progress: Progress) -> int:
    """Under the writer's lock: encode, from what is kept, every content that has no vector yet; returns how many.

    Commits block by block, so a killed run goes on where it stopped. Without torch a learned encoder is left as it is.
    """
    table, catalog = vectors_table(encoder.id), load(store)
    have = store.ids(table) if store.has(table) else set()
    every = store.read("shapes", ["id"])["id"].to_pylist()
    here = catalog.ids if is_upright(encoder) else every  # what was taken out has no up axis
    lacking = [key for key in here if key not in have]
    if isinstance(encoder, Learned) and lacking:
        if not has_torch():
            progress.note(f"{len(lacking)} shapes wait for their embeddings of {encoder.id}, which need torch")
            return 0
        fill(store, encoders.get(DESCRIPTOR), progress)
    if not lacking:
        return 0
    up = dict(zip(catalog.ids, catalog.table["up"].to_pylist(), strict=True))
    progress.start(f"Encoding with {encoder.id}", len(lacking))
    for start in range(0, len(lacking), BLOCK):
        block = lacking[start : start + BLOCK]
        known = _descriptors(store, block) if isinstance(encoder, Learned) else np.zeros((len(block), 0), np.float32)
        append_vectors(store, encoder.id, block, encode(encoder, kept_samples(store, block, up), known))
        progress.advance(len(block))
    progress.finish()
    return len(lacking)


def forget_upright(store: Store, ids: Sequence[str]) -> None:
    """Drop the vectors of contents, and of their parts, that hang on an up axis which is another now."""
    names = _minding_up(store) if ids else []
    if not names:
        return
    rows = store.read("shapes", ["id"], f"parent IN {quoted(ids)}")["id"].to_pylist()
    for name in names:
        store.delete(vectors_table(name), f"id IN {quoted([*ids, *rows])}")


def ups(store: Store) -> dict[str, Axis | None]:
    """The up axis of each live content, where the store has vectors that hang on it; else nothing."""
    if not _minding_up(store):
        return {}
    catalog = load(store)
    return dict(zip(catalog.ids, catalog.table["up"].to_pylist(), strict=True))


def is_upright(encoder: Encoder) -> bool:
    """Whether the encoder trusts the up axis."""
    return isinstance(encoder, Learned) and encoder.pose == "upright"


def _minding_up(store: Store) -> list[str]:
    """The encoders with vectors in the store that trust the up axis."""
    names = [name for name in (encoders.UPRIGHT, *own(store.folder)) if count(store, name)]
    return [name for name in names if name == encoders.UPRIGHT or is_upright(named(store.folder, name))]


def count(store: Store, encoder: str) -> int:
    """How many contents have a vector of that encoder."""
    table = vectors_table(encoder)
    return store.count(table) if store.has(table) else 0


def _descriptors(store: Store, ids: Sequence[str]) -> Float32[np.ndarray, "n values"]:
    rows = store.read(vectors_table(DESCRIPTOR), ["id", "vector"], f"id IN {quoted(ids)}")
    vectors = rows["vector"].combine_chunks().flatten().to_numpy().reshape(len(rows), -1)
    found = dict(zip(rows["id"].to_pylist(), vectors, strict=True))
    return np.stack([found[key] for key in ids]).astype(np.float32)
