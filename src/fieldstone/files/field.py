"""Neural fields (.field) are met by `scan` like any file; what opens them, `fieldstone.fields`, stands below this room."""

from typing import NoReturn

from fieldstone.files.notes import Notes
from fieldstone.files.source import Source

__all__ = ["read"]


def read(source: Source, notes: Notes) -> NoReturn:  # noqa: ARG001 - what the registry asks of a reader
    """Raise UnsupportedFormat with the way to open a field."""
    raise source.unsupported("is a neural field; open it with fieldstone.open_field, or add it to a library")
