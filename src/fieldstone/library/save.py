"""Results on disk, whole or not at all."""

import os
import tempfile
from pathlib import Path

from fieldstone.errors import FileError

__all__ = ["spreadsheet_safe", "write_bytes", "write_text"]


def spreadsheet_safe(text: str) -> str:
    """A text for a CSV cell: one that a spreadsheet would run as a formula begins with a quote."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write a file under a temporary name, then rename it. Raises FileError where the folder does not allow it."""
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".fieldstone-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            umask = os.umask(0)
            os.umask(umask)
            os.chmod(temporary, 0o666 & ~umask)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise FileError(path, f"cannot be written ({error.strerror}); name another place") from error


def write_text(path: str | Path, text: str) -> None:
    """The same for text, as UTF-8. Raises FileError."""
    write_bytes(path, text.encode())
