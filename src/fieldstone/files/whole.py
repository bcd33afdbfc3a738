"""Files that appear whole or not at all."""

import os
import tempfile
from pathlib import Path

from fieldstone.errors import FileError

__all__ = ["write_whole"]


def write_whole(path: str | Path, data: bytes) -> None:
    """Write `data` under a temporary name beside its place, then move it there in one step.

    Raises FileError where the place cannot be written to; what stood there before stays.
    """
    path = Path(path)
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            umask = os.umask(0)
            os.umask(umask)
            os.chmod(temporary, 0o666 & ~umask)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise FileError(path, f"cannot be written ({error.strerror}); choose another place") from error
