"""What one network is taught: samples in their order, points held out, and where it begins. No parameter moves here."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from jaxtyping import Int64

from fieldstone.fields.field import Function
from fieldstone.fields.network import Architecture, Network
from fieldstone.fields.registry import KINDS
from fieldstone.fields.sampling import Samples, Sampling, Truth, draw, held_out
from fieldstone.fields.schedule import Schedule

__all__ = ["Lesson", "settings_of"]

SURFACE_POINTS = 1_000_000
"""Points that say which voxels an octree has: at 32 cells a side some two hundred in each."""


class Lesson:
    """Everything follows from the arguments: epoch e shuffles with a generator of (seed, e)."""

    def __init__(
        self,
        truth: Truth,
        architecture: Architecture,
        *,
        config: Any = None,
        schedule: Schedule,
        sampling: Sampling,
        seed: int = 0,
    ) -> None:
        """Draw the samples and the first parameters. `config` None: INRet's."""
        self._kind = KINDS[architecture]
        self._config = self._kind.config() if config is None else config
        self._truth, self._sampling, self._seed = truth, sampling, seed
        self.function, self.schedule = truth.function, schedule
        self._samples = draw(truth, sampling, np.random.default_rng([seed, 0]))
        self._held_out = held_out(truth, sampling.std, seed)
        surface = np.zeros((0, 3), dtype=np.float32)
        if architecture == "octree":
            surface = truth.on_surface(SURFACE_POINTS, np.random.default_rng([seed, 3]))
        self.first = self.network(self._kind.begin(self._config, truth.function, truth.outputs, seed, surface))
        color = truth.outputs == 4
        self.settings = settings_of(architecture, truth.function, self._config, schedule, sampling, seed, color)

    def network(self, tensors: Mapping[str, np.ndarray]) -> Network:
        """The network of these parameters."""
        return self._kind.network(self._config, tensors)

    def samples(self, epoch: int) -> Samples:
        """What epoch (counted from 0) shows: always the same points, or new ones where the sampling says so."""
        if self._sampling.redraw and epoch > 0:
            return draw(self._truth, self._sampling, np.random.default_rng([self._seed, 0, epoch]))
        return self._samples

    def order(self, epoch: int) -> Int64[np.ndarray, "n"]:
        """In which order."""
        return np.random.default_rng([self._seed, 4, epoch]).permutation(self._sampling.total)

    def error(self, network: Network) -> float:
        """Mean absolute error at held-out points near the surface, in the frame's unit."""
        found = network.forward(self._held_out.points)[:, 0]
        return float(np.abs(found - self._held_out.values[:, 0]).mean(dtype=np.float64))

    def key(self) -> str:
        """What must agree before a saved state is gone on with: the settings and what the truth says."""
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
