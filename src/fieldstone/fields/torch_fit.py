"""Training with torch, where it is asked for: SIREN on any device, every architecture on a GPU. Importing costs none."""

import importlib.util
from collections.abc import Mapping

import numpy as np
from jaxtyping import Float32, Int64

from fieldstone.errors import MissingExtra
from fieldstone.fields.field import Function
from fieldstone.fields.network import Network

__all__ = ["TorchTrainer", "require_torch"]


def require_torch(what: str) -> None:
    """Raise MissingExtra, with the line that installs it, where torch is absent; `what` names what needs it."""
    if importlib.util.find_spec("torch") is None:
        raise MissingExtra(what, 'needs the extra "neural"; run: pip install "fieldstone[neural]"')


class TorchTrainer:
    """One network trained with torch, as a stack of one (torch_stack.py). See Trainer."""

    def __init__(self, network: Network, function: Function, device: str = "cpu") -> None:
        """Begin at the network's parameters. MissingExtra without torch, FieldstoneError without the device."""
        require_torch(f"training {network.architecture} on {device}")
        from fieldstone.fields.torch_stack import StackTrainer

        self._stack = StackTrainer([network], function, device)

    def epoch(
        self,
        points: Float32[np.ndarray, "n 3"],
        values: Float32[np.ndarray, "n outputs"],
        order: Int64[np.ndarray, "n"],
        batch: int,
        rates: Float32[np.ndarray, "steps"],
    ) -> float:
        """One pass over the points in this order, a learning rate a step; the mean loss."""
        return float(self._stack.epoch(points[None], values[None], order[None], batch, rates)[0])

    def tensors(self) -> dict[str, np.ndarray]:
        """The parameters as they are now, and a grid's structure."""
        return self._stack.tensors()[0]

    def state(self) -> dict[str, np.ndarray]:
        """Parameters, moments and the number of steps."""
        return self._stack.state()

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on from a state of the same network."""
        self._stack.restore(state)
