"""Files that appear whole or not at all, and the folders for them."""

import os
import secrets
from pathlib import Path

from fieldstone.errors import FileError

__all__ = ["make_folder", "write_whole"]


def make_folder(folder: Path, purpose: str) -> None:
    """Make it, and those above it, where they are missing. FileError, with what it was for, where that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(folder, f"is no folder for {purpose} ({error.strerror}); choose another place") from error


def write_whole(path: str | Path, data: bytes) -> None:
    """Write `data` under a temporary name beside its place, then move it there in one step.

    Raises FileError where the place cannot be written to; what stood there before stays.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(8)}")
    try:
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise FileError(path, f"cannot be written ({error.strerror}); choose another place") from error
