"""On what fits run: devices and threads, looked at before any work is done."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

from fieldstone.fields.network import Architecture
from fieldstone.fields.torch_fit import require_torch

__all__ = ["check_machine", "side_by_side"]


def check_machine(architecture: Architecture, device: str, workers: int | None) -> None:
    """MissingExtra where torch is needed and absent, FieldstoneError where it has no such device, ValueError without
    workers."""
    if workers is not None and workers < 1:
        raise ValueError(f"workers are threads, at least 1, not {workers}; None takes one a core")
    if architecture == "siren" or device != "cpu":
        require_torch(f"training {architecture} on {device}")
    if device != "cpu":
        from fieldstone.fields.torch_stack import device_of

        device_of(device)


@contextmanager
def side_by_side(workers: int | None, architecture: Architecture, device: str) -> Iterator[ThreadPoolExecutor]:
    """Threads (None: one a core) that each fit a shape of their own; torch, where it trains, keeps to one in each."""
    from numba import get_num_threads

    count = workers or int(get_num_threads())
    if architecture != "siren" or device != "cpu":
        with ThreadPoolExecutor(count) as pool:
            yield pool
        return
    import torch

    before = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(count, initializer=partial(torch.set_num_threads, 1)) as pool:
            yield pool
    finally:
        torch.set_num_threads(before)
