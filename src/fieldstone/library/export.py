"""The rows of a library as a table for other programs."""

import io
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from fieldstone.errors import QueryError
from fieldstone.library.library import Library
from fieldstone.library.save import spreadsheet_safe, write_bytes, write_text

__all__ = ["export_table", "export_thumbnails"]


def export_table(library: Library, path: str | Path, *, where: str | None = None) -> int:
    """Write the shapes as .csv (lists joined by `;`), .json or .parquet (with embeddings); returns how many.

    Raises QueryError for another ending or a filter that cannot be read, FileError where the file cannot be written.
    """
    path = Path(path)
    table = library.table(where)
    match path.suffix.lower():
        case ".csv":
            buffer = io.BytesIO()
            pyarrow.csv.write_csv(_flat(table), buffer)
            write_bytes(path, buffer.getvalue())
        case ".json":
            write_text(path, json.dumps(table.to_pylist(), indent=1, ensure_ascii=False))
        case ".parquet":
            buffer = io.BytesIO()
            pyarrow.parquet.write_table(_with_embeddings(library, table, where), buffer)
            write_bytes(path, buffer.getvalue())
        case other:
            raise QueryError(f"cannot export to '{other}'; name a .csv, .json or .parquet file")
    return int(table.num_rows)


def _flat(table: pa.Table) -> pa.Table:
    for i, column in enumerate(table.schema):
        if pa.types.is_list(column.type):
            texts = [";".join(values) for values in table[column.name].to_pylist()]
        elif pa.types.is_string(column.type):
            texts = table[column.name].to_pylist()
        else:
            continue
        safe = [None if text is None else spreadsheet_safe(text) for text in texts]
        table = table.set_column(i, column.name, pa.array(safe, pa.string()))
    return table


def _with_embeddings(library: Library, table: pa.Table, where: str | None) -> pa.Table:
    dim = library.encoder.dim
    vectors = library.embeddings(library.shapes(where)) if table.num_rows else np.zeros((0, dim), np.float32)
    column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), dim)
    return table.append_column(f"embedding {library.encoder.id}", column)


def export_thumbnails(library: Library, folder: str | Path, *, where: str | None = None) -> int:
    """Write each shape's picture as `id.webp` into a folder; returns how many."""
    shapes = library.shapes(where)
    for shape, picture in zip(shapes, library.thumbnails(shapes), strict=True):
        write_bytes(Path(folder) / f"{shape.id}.webp", picture)
    return len(shapes)
