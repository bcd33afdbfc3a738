"""Random numbers of a training: every draw follows from the seed and the place where it is made."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

__all__ = ["forked", "numpy_generator", "torch_generator"]


def numpy_generator(*place: int) -> np.random.Generator:
    """The generator of one place, such as (seed, purpose, epoch, step)."""
    return np.random.default_rng(place)


def torch_generator(*place: int) -> torch.Generator:
    """The same for torch, on the CPU."""
    return torch.Generator().manual_seed(_word(place))


@contextmanager
def forked(*place: int, device: str = "cpu") -> Iterator[None]:
    """Inside, torch's global generators (dropout draws from them) stand at this place; afterwards where they stood."""
    with torch.random.fork_rng([torch.device(device)] if device.startswith("cuda") else []):
        torch.manual_seed(_word(place))
        yield


def _word(place: tuple[int, ...]) -> int:
    return int(np.random.SeedSequence(place).generate_state(1, np.uint64)[0] >> np.uint64(1))
