"""Learning rates over a training, as numbers: one a step, known before the first."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float64

__all__ = ["Schedule", "one_cycle", "warmup_cosine"]

BETA = 0.9
CYCLED = (0.85, 0.95)
"""Bounds of the first moment's decay in a cycle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How the rate rises and falls."""

    rate: float
    """The highest."""
    warm: float = 0.0
    """Share of the training in which it rises."""
    kind: Literal["cosine", "one_cycle"] = "cosine"
    """`warmup_cosine` step by step, or `one_cycle` epoch by epoch, as 3DOR's released configurations have it."""
    final: float = 0.0
    """Where a cosine ends; a cycle ends where it ends."""

    def __post_init__(self) -> None:
        """ValueError where nothing would be learnt."""
        if not 0.0 < self.rate < math.inf or not 0.0 <= self.warm < 1.0 or not 0.0 <= self.final <= self.rate:
            raise ValueError(
                "a schedule has a rate above 0, warms up for less than the whole, and ends between 0 and it"
            )

    def steps(
        self, epochs: int, steps: int
    ) -> tuple[Float64[np.ndarray, "{epochs}*{steps}"], Float64[np.ndarray, "{epochs}*{steps}"]]:
        """The rate and Adam's first beta of every step of `epochs` epochs of `steps` each."""
        if self.kind == "cosine":
            rates = warmup_cosine(epochs * steps, self.rate, self.warm, self.final)
            return rates, np.full(epochs * steps, BETA)
        rates, betas = one_cycle(epochs, self.rate, self.warm)
        return np.repeat(rates, steps), np.repeat(betas, steps)


def warmup_cosine(steps: int, rate: float, warm: float, final: float = 0.0) -> Float64[np.ndarray, "{steps}"]:
    """Up from 0 along a line in the share `warm` of the steps, then down to `final` along half a cosine (3DOR, 4.4).

    Step i (from 0) uses the rate of its end where it rises, of its beginning where it falls: no step is at 0.
    """
    rising = round(warm * steps)
    up = rate * np.arange(1, rising + 1) / max(rising, 1)
    down = 0.5 + 0.5 * np.cos(np.pi * np.arange(steps - rising) / max(steps - rising, 1))
    return np.concatenate([up, final + (rate - final) * down])


def one_cycle(
    epochs: int, rate: float, warm: float
) -> tuple[Float64[np.ndarray, "{epochs}"], Float64[np.ndarray, "{epochs}"]]:
    """Rates and first betas of torch's OneCycleLR with cosines, stepped once an epoch.

    From rate / 25 up to `rate` at `warm * epochs - 1`, then down to rate / 250,000 at the last epoch; the beta runs the
    other way, 0.95 to 0.85 and back.
    """
    top, last = warm * epochs - 1.0, epochs - 1.0
    at = np.arange(epochs, dtype=np.float64)
    rising = at <= top
    first = at / top if top > 0.0 else np.zeros(epochs)
    share = np.where(rising, first, (at - top) / max(last - top, 1e-12))
    weight = 0.5 + 0.5 * np.cos(np.pi * share)
    low, high = np.where(rising, rate / 25.0, rate / 250_000.0), rate
    rates = np.where(rising, high + (low - high) * weight, low + (high - low) * weight)
    slow, quick = CYCLED
    betas = np.where(rising, slow + (quick - slow) * weight, quick + (slow - quick) * weight)
    return rates, betas
