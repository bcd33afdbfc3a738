"""One field on its way: truth, samples, network and trainer, epoch by epoch."""

import hashlib
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fieldstone.errors import BrokenFile
from fieldstone.fields.field import Function
from fieldstone.fields.network import Architecture, Network
from fieldstone.fields.registry import KINDS
from fieldstone.fields.sampling import Samples, Sampling, Truth, draw, held_out
from fieldstone.fields.schedule import Schedule
from fieldstone.fields.trainer import GridTrainer, Trainer

__all__ = ["Epoch", "Fitting", "settings_of"]

SURFACE_POINTS = 1_000_000
"""Points that say which voxels an octree has: at 32 cells a side some two hundred in each."""


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
    """A fit that can be stepped, watched, interrupted and gone on with.

    Everything follows from the arguments and the seed: epoch e shuffles with a generator of (seed, e), so a fit that
    was stopped and restored ends in the same bytes.
    """

    def __init__(
        self,
        truth: Truth,
        architecture: Architecture,
        *,
        config: Any = None,
        schedule: Schedule,
        sampling: Sampling,
        seed: int = 0,
        device: str = "cpu",
        workers: int | None = None,
    ) -> None:
        """Draw the samples and the first network. `config` None: INRet's."""
        self.truth, self.architecture, self.schedule, self.sampling, self.seed = (
            truth, architecture, schedule, sampling, seed
        )  # fmt: skip
        kind = KINDS[architecture]
        self.config = kind.config() if config is None else config
        self._samples = draw(truth, sampling, np.random.default_rng([seed, 0]))
        self._held_out = held_out(truth, sampling.std, seed)
        surface = np.zeros((0, 3), dtype=np.float32)
        if architecture == "octree":
            surface = truth.on_surface(SURFACE_POINTS, np.random.default_rng([seed, 3])).points
        first = kind.begin(self.config, truth.function, truth.outputs, seed, surface)
        color = truth.outputs == 4
        self.settings = settings_of(architecture, truth.function, self.config, schedule, sampling, seed, color)
        self._make = kind.network
        self._trainer = _trainer(self._make(self.config, first), truth.function, device, workers)
        self.epochs_done = 0

    @property
    def network(self) -> Network:
        """The network as it is now."""
        return self._make(self.config, self._trainer.tensors())

    @property
    def done(self) -> bool:
        """Whether the schedule is at its end."""
        return self.epochs_done >= self.schedule.epochs

    def epoch(self) -> Epoch:
        """One pass over the points."""
        if self.sampling.redraw and self.epochs_done > 0:
            self._samples = draw(self.truth, self.sampling, np.random.default_rng([self.seed, 0, self.epochs_done]))
        samples: Samples = self._samples
        order = np.random.default_rng([self.seed, 4, self.epochs_done]).permutation(len(samples.points))
        rates = self.schedule.rates(self.epochs_done, len(order))
        start = time.perf_counter()
        loss = self._trainer.epoch(samples.points, samples.values, order, self.schedule.batch, rates)
        seconds = time.perf_counter() - start
        self.epochs_done += 1
        return Epoch(number=self.epochs_done, loss=loss, error=self.error(), seconds=seconds)

    def error(self) -> float:
        """Mean absolute error at held-out points near the surface."""
        found = self.network.forward(self._held_out.points)[:, 0]
        return float(np.abs(found - self._held_out.values[:, 0]).mean(dtype=np.float64))

    def save(self, path: Path) -> None:
        """Write all that is needed to go on, in one move."""
        from safetensors.numpy import save_file

        about = {"fieldstone": json.dumps({"epochs_done": self.epochs_done, "key": self._key()})}
        part = path.with_name(path.name + ".part")
        save_file({name: np.ascontiguousarray(array) for name, array in self._trainer.state().items()}, part, about)
        part.replace(path)

    def restore(self, path: Path) -> bool:
        """Go on from a saved state; False where it belongs to another fit. BrokenFile where it cannot be read."""
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(path, framework="numpy") as state:
                about = json.loads((state.metadata() or {}).get("fieldstone", "{}"))
                if about.get("key") != self._key():
                    return False
                self._trainer.restore({name: state.get_tensor(name) for name in state.keys()})  # noqa: SIM118
        except (SafetensorError, ValueError, KeyError, OSError) as error:
            raise BrokenFile(path, f"this is no saved state of a fit ({error}): delete it to begin anew") from error
        self.epochs_done = int(about["epochs_done"])
        return True

    def _key(self) -> str:
        """What must agree before a state is gone on with: the settings and the samples themselves."""
        digest = hashlib.sha256(json.dumps(self.settings, sort_keys=True).encode())
        digest.update(self._held_out.points.tobytes())
        digest.update(self._held_out.values.tobytes())
        return digest.hexdigest()


def settings_of(
    architecture: Architecture,
    function: Function,
    config: Any,
    schedule: Schedule,
    sampling: Sampling,
    seed: int,
    color: bool,
) -> dict[str, Any]:
    """All that decides a fit beside its source, as JSON values; `config` None: INRet's."""
    return {
        "architecture": architecture,
        "function": function,
        "config": asdict(KINDS[architecture].config() if config is None else config),
        "schedule": asdict(schedule),
        "sampling": asdict(sampling),
        "seed": seed,
        "color": color,
    }


def _trainer(network: Network, function: Function, device: str, workers: int | None) -> Trainer:
    if network.architecture == "siren" or device != "cpu":
        from fieldstone.fields.torch_fit import TorchTrainer

        return TorchTrainer(network, function, device)
    return GridTrainer(network, function, workers)
