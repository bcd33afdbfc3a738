"""Which encoder a library uses, where its weights lie, and the vectors that it still lacks.

A library remembers its encoder; `use` is an operation like any other, so `undo` goes back to the one before, whose
vectors are still there. A learned encoder reads the descriptor beside the points, and a library keeps both. An encoder of
neural fields reads what came as a field from its file, and fits the rest on the fly.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from jaxtyping import Float32

from fieldstone import encoders
from fieldstone.encoders import DESCRIPTOR, Encoder
from fieldstone.encoders.inr import FieldEncoder
from fieldstone.encoders.learned import Learned, has_torch
from fieldstone.files import Entry, Limits
from fieldstone.library import log
from fieldstone.library.catalog import Catalog, load
from fieldstone.library.kept import kept_samples
from fieldstone.library.schema import vectors_schema, vectors_table
from fieldstone.library.store import Store, quoted
from fieldstone.library.stored_fields import StoredFields
from fieldstone.progress import Progress
from fieldstone.types import Axis, Sampled

__all__ = [
    "append_vectors",
    "assumed_up",
    "by_formula",
    "chosen",
    "count",
    "encode",
    "fill",
    "forget_upright",
    "is_upright",
    "named",
    "needs_torch",
    "own",
    "ups",
]

BLOCK = 64
"""Shapes encoded between two commits."""
FITTED_BLOCK = 8
"""Where each shape may have to be fitted, so that a kill costs seconds."""
FOLDER = "encoders"


def chosen(store: Store) -> str:
    """The id of the encoder that a library uses: the latest that was chosen, else the one that it was made with."""
    return log.latest(store, "use") or store.meta("encoder") or DESCRIPTOR


def named(folder: Path | None, name: str) -> Encoder:
    """The encoder of that id: one kept in the library's folder, else one of the package. EncoderError for neither."""
    if folder is not None and re.fullmatch(r"[a-z0-9][a-z0-9._-]*@\d+", name):
        path = folder / FOLDER / f"{name}.safetensors"
        if path.is_file():
            return encoders.of_file(path)
    return encoders.get(name)


def own(folder: Path | None) -> list[str]:
    """The ids of the encoders that are kept in the library's folder."""
    return [] if folder is None else sorted(path.stem for path in (folder / FOLDER).glob("*@*.safetensors"))


def needs_torch(encoder: Encoder) -> bool:
    """Whether it encodes with a network: a library keeps the descriptor beside, for where that cannot run."""
    return encoder.id not in encoders.formulas()


def by_formula(encoder: Encoder) -> Encoder:
    """What runs in ingest's workers: the encoder itself, or beside one that needs torch the descriptor."""
    return encoders.get(DESCRIPTOR) if needs_torch(encoder) else encoder


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


def fill(
    store: Store, encoder: Encoder, progress: Progress, lent: Iterable[Entry] = (), limits: Limits | None = None
) -> int:
    """Under the writer's lock: encode, from what is kept, every content that has no vector yet; returns how many.

    Under an encoder of neural fields what came as a field is opened again within `limits`, `lent` standing in for those of
    memory; notes count those that could not be, and shapes that could not be encoded. Commits block by block, so a killed
    run goes on where it stopped. Without torch an encoder that needs it is left as it is.
    """
    catalog = load(store)
    lacking = _lacking(store, encoder, catalog)
    if needs_torch(encoder) and lacking:
        if not has_torch():
            progress.note(f"{len(lacking)} shapes wait for their embeddings of {encoder.id}, which need torch")
            return 0
        fill(store, encoders.get(DESCRIPTOR), progress)
    if not lacking:
        return 0
    up = dict(zip(catalog.ids, catalog.table["up"].to_pylist(), strict=True))
    stored = StoredFields(encoder, catalog, lent, limits) if isinstance(encoder, FieldEncoder) else None
    size, count = BLOCK if stored is None else FITTED_BLOCK, 0
    progress.start(f"Encoding with {encoder.id}", len(lacking))
    for start in range(0, len(lacking), size):
        block = lacking[start : start + size]
        samples = kept_samples(store, block, up)
        rows = _rows(store, encoder, block, samples) if stored is None else stored.rows(block, samples)
        if rows:
            append_vectors(store, encoder.id, list(rows), np.stack(list(rows.values())))
        count += len(rows)
        progress.advance(len(block))
    progress.finish()
    for note in () if stored is None else stored.notes:
        progress.note(note)
    return count


def _lacking(store: Store, encoder: Encoder, catalog: Catalog) -> list[str]:
    """Contents without a vector; what was taken out has no up axis and no file, and waits where these count."""
    table = vectors_table(encoder.id)
    have = store.ids(table) if store.has(table) else set()
    live = is_upright(encoder) or isinstance(encoder, FieldEncoder)
    every: list[str] = catalog.ids if live else store.read("shapes", ["id"])["id"].to_pylist()
    return [key for key in every if key not in have]


def _rows(
    store: Store, encoder: Encoder, ids: Sequence[str], samples: Sequence[Sampled]
) -> dict[str, Float32[np.ndarray, "dim"]]:
    known = _descriptors(store, ids) if isinstance(encoder, Learned) else np.zeros((len(ids), 0), np.float32)
    return dict(zip(ids, encode(encoder, samples, known), strict=True))


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
    return assumed_up(encoder) is not None


def assumed_up(encoder: Encoder) -> Axis | None:
    """The axis that an encoder takes to point up where no one says which; None where it looks at none."""
    if isinstance(encoder, FieldEncoder):
        return encoder.card.up
    return "z" if isinstance(encoder, Learned) and encoder.pose == "upright" else None


def _minding_up(store: Store) -> list[str]:
    """The encoders with vectors in the store that trust the up axis."""
    names = [name for name in (*encoders.shipped(), *own(store.folder)) if count(store, name)]
    return [name for name in names if is_upright(named(store.folder, name))]


def count(store: Store, encoder: str) -> int:
    """How many contents have a vector of that encoder."""
    table = vectors_table(encoder)
    return store.count(table) if store.has(table) else 0


def _descriptors(store: Store, ids: Sequence[str]) -> Float32[np.ndarray, "n values"]:
    rows = store.read(vectors_table(DESCRIPTOR), ["id", "vector"], f"id IN {quoted(ids)}")
    vectors = rows["vector"].combine_chunks().flatten().to_numpy().reshape(len(rows), -1)
    found = dict(zip(rows["id"].to_pylist(), vectors, strict=True))
    return np.stack([found[key] for key in ids]).astype(np.float32)
