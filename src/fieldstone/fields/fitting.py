"""One field on its way, epoch by epoch: it can be watched, stopped, kept and gone on with."""

import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fieldstone.errors import BrokenFile, FileError
from fieldstone.fields.field import Function
from fieldstone.fields.lesson import Lesson
from fieldstone.fields.network import Network
from fieldstone.fields.trainer import GridTrainer, Trainer
from fieldstone.files.whole import write_whole

__all__ = ["Epoch", "Fitting", "check_state"]

KEY = "fieldstone"
FOREIGN = "is not the saved state of a fit; name another file, or delete this one to begin anew"


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """What one pass came to."""

    number: int
    """Counted from 1."""
    loss: float
    """Mean training loss over the pass."""
    error: float
    """Mean absolute error at held-out points near the surface, in the frame's unit."""
    seconds: float
    """Wall time of the pass, sampling and error not counted."""


class Fitting:
    """A lesson and the trainer that takes it. A fit that was stopped and restored ends in the same bytes."""

    def __init__(self, lesson: Lesson, device: str = "cpu", workers: int | None = None) -> None:
        """Begin at the lesson's first network, on `workers` threads (None: all cores)."""
        self.lesson, self.epochs_done = lesson, 0
        self._trainer = _trainer(lesson.first, lesson.function, device, workers)

    @property
    def network(self) -> Network:
        """The network as it is now."""
        return self.lesson.network(self._trainer.tensors())

    @property
    def done(self) -> bool:
        """Whether the schedule is at its end."""
        return self.epochs_done >= self.lesson.schedule.epochs

    def epoch(self) -> Epoch:
        """One pass over the points."""
        samples, order = self.lesson.samples(self.epochs_done), self.lesson.order(self.epochs_done)
        rates = self.lesson.schedule.rates(self.epochs_done, len(order))
        start = time.perf_counter()
        loss = self._trainer.epoch(samples.points, samples.values, order, self.lesson.schedule.batch, rates)
        seconds = time.perf_counter() - start
        self.epochs_done += 1
        return Epoch(number=self.epochs_done, loss=loss, error=self.error(), seconds=seconds)

    def error(self) -> float:
        """Mean absolute error at held-out points near the surface, in the frame's unit."""
        return self.lesson.error(self.network)

    def save(self, path: Path) -> None:
        """Write all that is needed to go on, in one move. FileError where the place cannot be written to."""
        from safetensors.numpy import save

        about = {KEY: json.dumps({"epochs_done": self.epochs_done, "key": self.lesson.key()})}
        arrays = {name: np.ascontiguousarray(array) for name, array in self._trainer.state().items()}
        write_whole(path, save(arrays, about))

    def restore(self, path: Path) -> bool:
        """Go on from a saved state; False where it belongs to another fit. BrokenFile where it is none."""
        key, epochs_done, arrays = _state_of(path)
        if key != self.lesson.key():
            return False
        try:
            self._trainer.restore(arrays)
        except (LookupError, ValueError, TypeError, RuntimeError) as error:
            raise BrokenFile(path, FOREIGN) from error
        self.epochs_done = epochs_done
        return True


def check_state(path: Path) -> None:
    """Say before a fit what would stop it later: FileError where no state can stand, BrokenFile where something else does."""
    if path.exists():
        _state_of(path)
    elif not path.parent.is_dir():
        raise FileError(path, "has no folder to stand in; make it first, or choose another place")


def _state_of(path: Path) -> tuple[str, int, dict[str, np.ndarray]]:
    """Key, epochs done and arrays of a saved state."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as state:
            about = json.loads((state.metadata() or {})[KEY])
            return about["key"], int(about["epochs_done"]), {name: state.get_tensor(name) for name in state.keys()}  # noqa: SIM118
    except (SafetensorError, ValueError, LookupError, TypeError, OSError) as error:
        raise BrokenFile(path, FOREIGN) from error


def _trainer(network: Network, function: Function, device: str, workers: int | None) -> Trainer:
    if network.architecture == "siren" or device != "cpu":
        from fieldstone.fields.torch_fit import TorchTrainer

        return TorchTrainer(network, function, device)
    return GridTrainer(network, function, workers)
