"""Arrays of a study, made once and kept in files of their own."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import safetensors.numpy

from fieldstone.files.whole import write_whole

__all__ = ["kept"]


def kept(path: Path, make: Callable[[], Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """The arrays of a file, made where it is missing. FileError where it cannot be written."""
    if not path.exists():
        made = {name: np.ascontiguousarray(array) for name, array in make().items()}
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, safetensors.numpy.save(made))
    return safetensors.numpy.load_file(path)
