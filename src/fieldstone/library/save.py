"""Results on disk, whole or not at all."""

from pathlib import Path

from fieldstone.errors import FileError
from fieldstone.files.whole import write_whole

__all__ = ["spreadsheet_safe", "write_bytes", "write_text"]


def spreadsheet_safe(text: str) -> str:
    """A text for a CSV cell: one that a spreadsheet would run as a formula begins with a quote."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write a file, and the folders that lead to it. Raises FileError where the folder does not allow it."""
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(path, f"cannot be written ({error.strerror}); choose another place") from error
    write_whole(path, data)


def write_text(path: str | Path, text: str) -> None:
    """The same for text, as UTF-8. Raises FileError."""
    write_bytes(path, text.encode())
