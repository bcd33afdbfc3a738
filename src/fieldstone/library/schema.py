"""The tables of a library on disk. Format 1.

shapes    one row a content, never changed once written: measures, health, fingerprint, surface points and normals, thumbnail
bodies    one row a distinct body of a many-bodied content: its fingerprint and how often it occurs
paths     an append-only log of what became of each path: the latest effective row of a path is its state
history   one row an operation; `undo` is a row that makes the rows of another operation count no more
meta      what the library remembers about itself, JSON by key
vectors-* one table an encoder: content id and embedding

Nothing is overwritten, so a crash at any instant leaves a library that opens: rows of `paths` are committed after the
content that they name, and content that no path names does not show.
"""

import pyarrow as pa

__all__ = [
    "BODIES",
    "FORMAT_VERSION",
    "HISTORY",
    "META",
    "PATHS",
    "SHAPES",
    "TABLES",
    "vectors_schema",
    "vectors_table",
]

FORMAT_VERSION = 1

SHAPES = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("parent", pa.string()),
        pa.field("count", pa.int32(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("format", pa.string(), nullable=False),
        pa.field("unit", pa.string()),
        pa.field("up", pa.string()),
        pa.field("n_vertices", pa.int64(), nullable=False),
        pa.field("n_faces", pa.int64(), nullable=False),
        pa.field("width", pa.float64(), nullable=False),
        pa.field("depth", pa.float64(), nullable=False),
        pa.field("height", pa.float64(), nullable=False),
        pa.field("diagonal", pa.float64(), nullable=False),
        pa.field("area", pa.float64()),
        pa.field("volume", pa.float64()),
        pa.field("watertight", pa.bool_(), nullable=False),
        pa.field("oriented", pa.bool_(), nullable=False),
        pa.field("n_bodies", pa.int32(), nullable=False),
        pa.field("n_degenerate", pa.int64(), nullable=False),
        pa.field("n_non_manifold", pa.int64(), nullable=False),
        pa.field("n_boundary", pa.int64(), nullable=False),
        pa.field("sign_confidence", pa.float64()),
        pa.field("notes", pa.list_(pa.string()), nullable=False),
        pa.field("metadata", pa.string(), nullable=False),
        pa.field("added", pa.string(), nullable=False),
        pa.field("fingerprint", pa.list_(pa.float64()), nullable=False),
        pa.field("points", pa.binary(), nullable=False),
        pa.field("points_low", pa.list_(pa.float64(), 3), nullable=False),
        pa.field("points_step", pa.float64(), nullable=False),
        pa.field("thumbnail", pa.binary(), nullable=False),
        pa.field("normals", pa.binary()),  # null where a cloud has none; older libraries lack the column
    ]
)

BODIES = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("count", pa.int32(), nullable=False),
        pa.field("n_faces", pa.int64(), nullable=False),
        pa.field("fingerprint", pa.list_(pa.float64()), nullable=False),
    ]
)

PATHS = pa.schema(
    [
        pa.field("op", pa.int64(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("outcome", pa.string(), nullable=False),  # added | refused | removed (it went) | excluded (taken out)
        pa.field("content", pa.string()),
        pa.field("reason", pa.string()),
        pa.field("bytes", pa.int64(), nullable=False),
        pa.field("mtime_ns", pa.int64(), nullable=False),
        pa.field("seconds", pa.float64(), nullable=False),
        pa.field("category", pa.string()),
        pa.field("tags", pa.list_(pa.string()), nullable=False),
        pa.field("unit", pa.string()),  # stated by the user; overrides the file's
        pa.field("up", pa.string()),
    ]
)

HISTORY = pa.schema(
    [
        pa.field("op", pa.int64(), nullable=False),
        pa.field("at", pa.string(), nullable=False),
        pa.field("verb", pa.string(), nullable=False),  # add | sync | remove | use | undo
        pa.field("text", pa.string(), nullable=False),
        pa.field("target", pa.int64()),  # of an undo
    ]
)

META = pa.schema([pa.field("key", pa.string(), nullable=False), pa.field("value", pa.string(), nullable=False)])

TABLES = {"shapes": SHAPES, "bodies": BODIES, "paths": PATHS, "history": HISTORY, "meta": META}


def vectors_table(encoder: str) -> str:
    """The name of an encoder's table: its id, with what a file name cannot hold replaced."""
    return "vectors-" + "".join(c if c.isalnum() or c in "._-" else "-" for c in encoder)


def vectors_schema(dim: int) -> pa.Schema:
    """Rows of an encoder's table: content id and unit vector."""
    return pa.schema(
        [pa.field("id", pa.string(), nullable=False), pa.field("vector", pa.list_(pa.float32(), dim), nullable=False)]
    )
