"""The shared first weights: one set for each (architecture, function), the same on every machine and for ever.

INRet's encoders read the weights of fields, so all fields of one kind must start from one stored set (INRet, section
4; De Luigi et al., inr2vec, 2023). What stands here is the recipe, whose checksums the tests hold: raw words of the bit generator
PCG64, which numpy never changes, become uniform numbers; megabytes of noise need not travel with the package. Only the
decoder is shared: feature tables come from the seed of each fit.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from fieldstone.fields.field import Function
from fieldstone.fields.network import Architecture

__all__ = ["Uniform", "initial_table", "initial_weights"]

FUNCTIONS: tuple[Function, ...] = ("sdf", "udf", "occ")
ARCHITECTURES: tuple[Architecture, ...] = ("siren", "octree", "hashgrid", "triplane")
TABLE_STD = 0.01
"""Features start at N(0, 0.01^2) (INRet, appendix A.1)."""


@dataclass(frozen=True, slots=True)
class Uniform:
    """An array of this shape, uniform in [-bound, bound)."""

    shape: tuple[int, ...]
    bound: float


def initial_weights(
    architecture: Architecture, function: Function, shapes: Mapping[str, Uniform]
) -> dict[str, Float32[np.ndarray, "..."]]:
    """The first weights, by name, drawn in the order of `shapes`."""
    seed = 100 * ARCHITECTURES.index(architecture) + FUNCTIONS.index(function)
    bits = np.random.PCG64(np.random.SeedSequence(seed))
    drawn = {}
    for name, kind in shapes.items():
        words = np.asarray(bits.random_raw(int(np.prod(kind.shape))), dtype=np.uint64)
        unit = (words >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-23) - np.float32(1.0)
        drawn[name] = (unit * np.float32(kind.bound)).reshape(kind.shape)
    return drawn


def initial_table(rows: int, channels: int, seed: int) -> Float32[np.ndarray, "rows channels"]:
    """A feature table at N(0, 0.01^2), drawn from the seed."""
    draws = np.random.default_rng([seed, 1]).standard_normal((rows, channels), dtype=np.float32)
    return draws * np.float32(TABLE_STD)
