"""Whether a file can be written, asked before the work that it is to hold."""

import os
from pathlib import Path

from fieldstone.errors import FileError

__all__ = ["check_output"]


def check_output(output: Path, source: Path | None = None) -> None:
    """FileError where `output` has no folder, is one, may not be written, or is the `source` itself."""
    if output.is_dir():
        raise FileError(output, "is a folder; name a file to write")
    if not output.parent.is_dir():
        raise FileError(output, "has no folder to stand in; make it first, or choose another place")
    if not os.access(output.parent, os.W_OK | os.X_OK):
        raise FileError(output, "cannot be written, for nothing may be written in its folder; choose another place")
    if source is not None and output.exists() and source.exists() and output.samefile(source):
        raise FileError(output, "is the original; name another file, originals are never changed")
