"""Where a field is told the truth: points in the cube, on the surface and near it, with their values."""

import math
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32

from fieldstone.fields.field import Function
from fieldstone.geometry.sample import sample_volume
from fieldstone.kernels.morton import morton_order

__all__ = ["Samples", "Sampling", "Truth", "draw", "held_out"]

CUBE = np.array([[-1.0] * 3, [1.0] * 3])
HELD_OUT = 8192
"""Points at which a field's error is measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """INRet's half million points (appendix A.2): 1e5 in the cube, 2e5 on the surface, 2e5 near it."""

    uniform: int = 100_000
    """Points drawn uniformly in the cube [-1, 1]^3."""
    surface: int = 200_000
    """Points on the surface."""
    near: int = 200_000
    """Points of the surface, moved by a Gaussian."""
    std: float = 0.015
    """Standard deviation of that Gaussian along each axis, in the frame's unit (the paper says variance; kaolin-wisp, whose
    code it names, multiplies by it)."""
    redraw: bool = False
    """Whether every epoch has new points, as in kaolin-wisp; otherwise the same ones in another order."""

    def __post_init__(self) -> None:
        """ValueError where there is nothing to learn from."""
        if min(self.uniform, self.surface, self.near) < 0 or self.uniform + self.surface + self.near < 1:
            raise ValueError("a sampling has at least one point, and no count below 0")
        if not 0.0 < self.std < math.inf:
            raise ValueError("a sampling's standard deviation is a number above 0")

    @property
    def total(self) -> int:
        """Points an epoch."""
        return self.uniform + self.surface + self.near

    def part(self, share: float) -> "Sampling":
        """The same mixture with fewer points; of each kind that it has, at least one."""
        counts = (max(min(1, count), round(count * share)) for count in (self.uniform, self.surface, self.near))
        uniform, surface, near = counts
        return Sampling(uniform=uniform, surface=surface, near=near, std=self.std, redraw=self.redraw)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Samples:
    """Points of the frame in Morton order, and what the field should say there: a value, or a value and a colour.

    A colour that is not known (away from the surface) is NaN.
    """

    points: Float32[np.ndarray, "n 3"]
    values: Float32[np.ndarray, "n outputs"]


@runtime_checkable
class Truth(Protocol):
    """What a field is fitted to, in the field's frame."""

    @property
    def function(self) -> Function:
        """What the values mean."""
        ...

    @property
    def outputs(self) -> int:
        """1, or 4 with colour."""
        ...

    @property
    def costly(self) -> bool:
        """Whether points of the surface cost so much that those near it are the same ones, moved."""
        ...

    def on_surface(self, n: int, generator: np.random.Generator) -> Float32[np.ndarray, "n 3"]:
        """n points of the surface."""
        ...

    def values(self, points: Float32[np.ndarray, "n 3"], *, color: bool) -> Float32[np.ndarray, "n outputs"]:
        """The values at points; the colours NaN unless `color` asks for those of the nearest places of the surface."""
        ...


def draw(truth: Truth, sampling: Sampling, generator: np.random.Generator) -> Samples:
    """Points and values by the sampling. On the surface all three functions are taken as 0: there occupancy is neither
    side, and 0 is what its L1 loss settles at between -1 and +1. Points near a surface that touches the cube's border
    may lie a little outside; they stay there, as in kaolin-wisp, and teach the border from both sides. Where points of
    the surface are costly, those near it are the same ones, moved.
    """
    uniform = sample_volume(CUBE, sampling.uniform, generator)
    if truth.costly:
        found = truth.on_surface(max(sampling.surface, sampling.near), generator)
        surface, base = (found[np.arange(n) * len(found) // max(n, 1)] for n in (sampling.surface, sampling.near))
    else:
        surface, base = (truth.on_surface(n, generator) for n in (sampling.surface, sampling.near))
    near = _moved(base, sampling.std, generator)
    on = np.zeros((len(surface), truth.outputs), dtype=np.float32)
    if truth.outputs == 4:
        on[:, 1:] = truth.values(surface, color=True)[:, 1:]
    points = np.concatenate([uniform, surface, near])
    values = np.concatenate([truth.values(uniform, color=False), on, truth.values(near, color=True)])
    order = morton_order(points)
    return Samples(points=points[order], values=values[order])


def held_out(truth: Truth, std: float, seed: int) -> Samples:
    """Points near the surface, of another stream than the training's, to measure the error at.

    Those that leave the cube are moved to its border, for there a field is asked.
    """
    generator = np.random.default_rng([seed, 2])
    points = np.clip(_moved(truth.on_surface(HELD_OUT, generator), std, generator), *CUBE.astype(np.float32))
    return Samples(points=points, values=truth.values(points, color=False))


def _moved(base: Float32[np.ndarray, "n 3"], std: float, generator: np.random.Generator) -> Float32[np.ndarray, "n 3"]:
    """Points of the surface, each moved by a Gaussian."""
    return base + np.float32(std) * generator.standard_normal(base.shape, dtype=np.float32)
