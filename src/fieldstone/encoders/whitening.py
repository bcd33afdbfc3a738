"""Principal directions of a descriptor block, evened out: fitted once, shipped with the package, applied to each shape.

A histogram's large components repeat what all shapes share; its small ones hold what tells shapes apart. Dividing each
principal component by a power of its variance evens them out (Hervé Jégou, Ondřej Chum, Negative evidences and
co-occurences in image retrieval: the benefit of PCA and whitening, 2012, section 3; there the power is 1/2).
"""

import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import no_type_check

import numpy as np
import safetensors.numpy
from jaxtyping import Float32
from numba import njit

__all__ = ["Whitening", "apply", "fit", "load"]

FLOOR = 1e-3
"""Variances are held above this share of the largest, so that noise is not blown up."""


@dataclass(frozen=True, slots=True, eq=False)
class Whitening:
    """A linear map from a block of `dim` values to `kept` evened principal components."""

    mean: Float32[np.ndarray, "dim"]
    directions: Float32[np.ndarray, "dim kept"]


def fit(blocks: Float32[np.ndarray, "shapes dim"], kept: int, power: float) -> Whitening:
    """The `kept` strongest principal directions of the rows, each over its variance to `power` (1/2: whitening)."""
    mean = blocks.mean(axis=0, dtype=np.float64)
    centred = blocks - mean
    variances, directions = np.linalg.eigh(centred.T @ centred / len(blocks))
    variances, directions = variances[::-1][:kept], directions[:, ::-1][:, :kept]
    directions *= np.sign(directions[np.abs(directions).argmax(axis=0), np.arange(kept)])
    scaled = directions / (variances + FLOOR * variances[0]) ** power
    scaled /= np.abs(scaled).max()
    return Whitening(mean.astype(np.float32), np.ascontiguousarray(scaled, dtype=np.float32))


def apply(whitening: Whitening, block: Float32[np.ndarray, "dim"]) -> Float32[np.ndarray, "kept"]:
    """The evened components of one block, scaled to unit length (zero where the block is the mean itself).

    Sums run in one fixed order: the same bytes whatever the batch and the number of threads.
    """
    components: Float32[np.ndarray, "kept"] = _project(block, whitening.mean, whitening.directions)
    length = math.sqrt(float(np.square(components, dtype=np.float64).sum()))
    return components / np.float32(length or 1.0)


@njit(cache=True)
@no_type_check
def _project(block, mean, directions):
    components = np.zeros(directions.shape[1], dtype=np.float32)
    for i in range(block.shape[0]):
        value = block[i] - mean[i]
        row = directions[i]
        for j in range(row.shape[0]):
            components[j] += value * row[j]
    return components


@cache
def load(name: str, block: str) -> Whitening:
    """The whitening of one block from a file of this package, `name.safetensors`."""
    tensors = safetensors.numpy.load(files("fieldstone.encoders").joinpath(f"{name}.safetensors").read_bytes())
    mean, directions = tensors[f"{block}.mean"], tensors[f"{block}.directions"]
    return Whitening(mean.astype(np.float32), directions.astype(np.float32))
