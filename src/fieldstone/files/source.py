"""What every reader is given: the bytes, the name to blame, the limits, and a guarded way to the files beside."""

import contextlib
import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from fieldstone.errors import BrokenFile, EmptyFile, UnsupportedFormat
from fieldstone.files.beside import Alone, Beside
from fieldstone.files.limits import Limits

__all__ = ["Source"]

MALFORMED = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, struct.error)


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of one file. `path` is how errors name it: a path or `archive.zip!/member`."""

    path: str
    data: bytes
    limits: Limits = field(default_factory=Limits)
    beside: Beside = field(default_factory=Alone)

    @property
    def stem(self) -> str:
        """The file's name without folder and extension."""
        return PurePosixPath(self.path.replace("\\", "/").rsplit("!/", 1)[-1]).stem or self.path

    @property
    def suffix(self) -> str:
        """The extension in lower case, with its dot."""
        return PurePosixPath(self.path.replace("\\", "/")).suffix.lower()

    def broken(self, reason: str) -> BrokenFile:
        """Bytes that do not say what the format promises."""
        return BrokenFile(self.path, reason)

    def empty(self, reason: str) -> EmptyFile:
        """A readable file without geometry."""
        return EmptyFile(self.path, reason)

    def unsupported(self, reason: str) -> UnsupportedFormat:
        """A kind of file, or a part of the format, that no reader here knows."""
        return UnsupportedFormat(self.path, reason)

    def check(self, limit: str, found: int, what: str) -> None:
        """Raise LimitExceeded where `found` of `what` passes the limit of that name."""
        self.limits.check(self.path, limit, found, what)

    @contextlib.contextmanager
    def parsing(self, what: str) -> Iterator[None]:
        """Say of a structured document (JSON, XML) that misses a key or holds a word for a number: it is broken."""
        try:
            yield
        except MALFORMED as error:
            raise self.broken(f"is not well-formed {what} ({_said(error)}); export it again") from error


def _said(error: Exception) -> str:
    """What an exception of a structured document means to a person."""
    match error:
        case KeyError():
            return f"it misses {str(error)[:60]}"
        case LookupError():
            return "it names an entry that is not there"
        case RecursionError():
            return "it is nested too deeply"
        case json.JSONDecodeError():
            return f"no JSON at line {error.lineno}, column {error.colno}"
        case UnicodeError():
            return "its text is not UTF-8"
        case _:
            return "it holds a value of the wrong kind"
