"""Arrays of a study, made once and kept in files of their own."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import safetensors
import safetensors.numpy

from fieldstone.errors import BrokenFile
from fieldstone.files.whole import make_folder, write_whole

__all__ = ["kept"]


def kept(path: Path, make: Callable[[], Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """The arrays of a file, made where it is missing. FileError where it cannot be written, BrokenFile where it was damaged."""
    if not path.exists():
        found = {name: np.ascontiguousarray(array) for name, array in make().items()}
        make_folder(path.parent, "what a study keeps")
        write_whole(path, safetensors.numpy.save(found))
    try:
        return safetensors.numpy.load_file(path)
    except (OSError, safetensors.SafetensorError) as error:
        raise BrokenFile(path, "cannot be read; delete it, and it is made anew") from error
