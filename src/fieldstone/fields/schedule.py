"""How long, in what portions and at what rate a field learns."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

__all__ = ["Schedule", "fast", "inret", "inret_mlp", "siren"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Epochs over the same number of points, in batches, with Adam."""

    epochs: int = 10
    """Passes over the points."""
    batch: int = 4096
    """Points a step."""
    rate: float = 5e-3
    """Learning rate at the start."""
    cosine: bool = True
    """Whether the rate falls to 0 along half a cosine; otherwise it stays."""

    def __post_init__(self) -> None:
        """ValueError where nothing would be learnt."""
        if self.epochs < 1 or self.batch < 1 or not 0.0 < self.rate < math.inf:
            raise ValueError("a schedule has at least one epoch, batches of at least one point and a rate above 0")

    def rates(self, epoch: int, points: int) -> Float32[np.ndarray, "steps"]:
        """The learning rate of every step of an epoch (counted from 0)."""
        steps = math.ceil(points / self.batch)
        done = (epoch * steps + np.arange(steps)) / (self.epochs * steps)
        share = 0.5 + 0.5 * np.cos(np.pi * done) if self.cosine else np.ones(steps)
        return (self.rate * share).astype(np.float32)


def fast() -> Schedule:
    """The default for grids: 10 epochs of 4,096 points a step, cosine from 5e-3."""
    return Schedule()


def inret() -> Schedule:
    """INRet's own for grids (appendix A.2, kaolin-wisp's batch): 10 epochs of 512 points a step, 1e-3 throughout."""
    return Schedule(batch=512, rate=1e-3, cosine=False)


def inret_mlp() -> Schedule:
    """INRet's own for the MLP: 100 epochs. A SIREN does not settle at this rate: see `siren`."""
    return Schedule(epochs=100, batch=512, rate=1e-3, cosine=False)


def siren() -> Schedule:
    """The default for a SIREN: INRet's epochs and batches, cosine from 1e-4, a rate at which sines settle."""
    return Schedule(epochs=100, batch=512, rate=1e-4, cosine=True)
