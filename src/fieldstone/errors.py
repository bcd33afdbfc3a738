"""Every error that Fieldstone raises on purpose.

FieldstoneError
├── FileError                  a file cannot become a shape; carries .path
│   ├── UnsupportedFormat      no reader for this kind of file
│   ├── MissingExtra           a reader or feature needs an optional package
│   ├── BrokenFile             the bytes do not say what the format promises
│   ├── EmptyFile              a readable file that holds no geometry
│   └── LimitExceeded          larger, deeper or slower than the limits allow
├── GeometryError              the shape is fine as a file and unfit for the operation
├── QueryError                 a search, filter or id that cannot be answered
├── EncoderError               an unknown encoder, or embeddings of two encoders mixed
└── LibraryError               the database itself
    ├── LibraryNotFound        no library at this path
    ├── LibraryVersionError    written by another format version
    └── LibraryBusy            another process is writing to it

Each message is one sentence that names the cause and what to do next. The command line prints it and exits with 1.
"""

from pathlib import Path

__all__ = [
    "BrokenFile",
    "EmptyFile",
    "EncoderError",
    "FieldstoneError",
    "FileError",
    "GeometryError",
    "LibraryBusy",
    "LibraryError",
    "LibraryNotFound",
    "LibraryVersionError",
    "LimitExceeded",
    "MissingExtra",
    "QueryError",
    "UnsupportedFormat",
]


class FieldstoneError(Exception):
    """The root: catch this to catch everything that Fieldstone raises on purpose."""


class FileError(FieldstoneError):
    """A file cannot become a shape. `path` is the file, or `archive.zip!/member`."""

    def __init__(self, path: str | Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = str(path)
        self.reason = reason

    def __reduce__(self) -> tuple[type["FileError"], tuple[str, str]]:
        return type(self), (self.path, self.reason)


class UnsupportedFormat(FileError):
    """No reader for this kind of file."""


class MissingExtra(FileError):
    """A reader or feature needs an optional package; the message holds the exact install line."""


class BrokenFile(FileError):
    """The bytes do not say what the format promises."""


class EmptyFile(FileError):
    """A readable file that holds no geometry."""


class LimitExceeded(FileError):
    """Larger, deeper or slower than the limits allow; the message names the limit to raise."""


class GeometryError(FieldstoneError):
    """The shape is unfit for the operation (no faces, no area, no volume ...)."""


class QueryError(FieldstoneError):
    """A search, filter or id that cannot be answered."""


class EncoderError(FieldstoneError):
    """An unknown encoder, or embeddings of two encoders mixed."""


class LibraryError(FieldstoneError):
    """The database itself."""


class LibraryNotFound(LibraryError):
    """No library at this path."""


class LibraryVersionError(LibraryError):
    """Written by another format version."""


class LibraryBusy(LibraryError):
    """Another process is writing to the library."""
