"""Fields that stand in memory, brought in as files are: written aside for as long as the ingest takes."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from fieldstone.fields.network import NeuralField
from fieldstone.files import Entry

__all__ = ["MEMORY", "lent_files"]

MEMORY = "memory:"
"""How the source of a shape begins that came from no file."""


@contextmanager
def lent_files(fields: Sequence[NeuralField]) -> Iterator[list[Entry]]:
    """One entry a field, readable within the context. Its source is `memory:/HASH/NAME.field`: content, and what the
    field was fitted to, so that the same field is the same path."""
    if not fields:
        yield []
        return
    with TemporaryDirectory(prefix="fieldstone-") as folder:
        yield [_entry(field, Path(folder, f"{number}.field")) for number, field in enumerate(fields)]


def _entry(field: NeuralField, path: Path) -> Entry:
    from fieldstone.fields.file import field_bytes

    data = field_bytes(field)
    path.write_bytes(data)
    name = PurePosixPath(field.card.source).stem or "field"
    source = f"{MEMORY}/{hashlib.sha256(data).hexdigest()[:12]}/{name}.field"
    return Entry(source=source, path=path, size=len(data), mtime_ns=0)
