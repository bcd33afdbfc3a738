"""Which arrays the file of each architecture holds, by name, kind and shape: a reader knows before it takes memory."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, TypeAlias

import numpy as np
from jaxtyping import Int32

from fieldstone.fields.grid import NEURONS
from fieldstone.fields.hashgrid import HashGridConfig, hash_lookup
from fieldstone.fields.network import Architecture
from fieldstone.fields.octree import OctreeConfig
from fieldstone.fields.quantise import BLOCK, Precision
from fieldstone.fields.siren import SirenConfig
from fieldstone.fields.triplane import TriplaneConfig

__all__ = ["SCALE", "Kind", "Precision", "Slot", "check_structure", "layout", "stored"]

Kind: TypeAlias = Literal["table", "matrix", "small", "structure"]
"""A table of features may be stored in a byte a number, a large matrix in two; what is small keeps four."""
SCALE = ".scale"
"""Behind the name of a table: the scales of its bytes."""
DTYPES: dict[tuple[Kind, Precision], str] = {
    ("table", "fp32"): "F32",
    ("table", "fp16"): "F16",
    ("table", "int8"): "I8",
    ("matrix", "fp32"): "F32",
    ("matrix", "fp16"): "F16",
    ("matrix", "int8"): "F16",
}


@dataclass(frozen=True, slots=True)
class Slot:
    """An array of a network. A length of None is whatever the file holds."""

    kind: Kind
    shape: tuple[int | None, ...]
    dtype: str = "F32"
    """In the words of safetensors; for tables and matrices the precision decides."""


def layout(architecture: Architecture, config: Any, outputs: int) -> dict[str, Slot]:
    """The arrays of a network by name."""
    match architecture:
        case "siren":
            return _siren(config, outputs)
        case "hashgrid":
            return _hash_grid(config, outputs)
        case "octree":
            return _octree(config, outputs)
        case "triplane":
            return _triplane(config, outputs)


def stored(slots: Mapping[str, Slot], precision: Precision) -> dict[str, Slot]:
    """What stands in a file of this precision: dtypes, and the scales beside tables of bytes."""
    found: dict[str, Slot] = {}
    for name, slot in slots.items():
        found[name] = Slot(slot.kind, slot.shape, DTYPES.get((slot.kind, precision), slot.dtype))
        if found[name].dtype == "I8":
            rows = slot.shape[0]
            found[name + SCALE] = Slot("small", (None if rows is None else -(-rows // BLOCK),))
    return found


def check_structure(config: Any, tensors: Mapping[str, np.ndarray]) -> None:
    """Raise ValueError where an octree's voxels are not cells of their levels, in order, or the table is not theirs."""
    if not isinstance(config, OctreeConfig):
        return
    rows = 0
    for level in range(config.first, config.last + 1):
        cells = tensors[f"voxels.{level}"]
        if (cells < 0).any() or (cells >= 1 << level).any():
            raise ValueError(f"voxels.{level} holds cells outside the cube")
        if (np.diff(_keys(cells, 1 << level)) <= 0).any():
            raise ValueError(f"voxels.{level} is not in order")
        rows += _corners(cells, level)
    if rows != len(tensors["table"]):
        raise ValueError(f"its voxels have {rows:,} corners, its table {len(tensors['table']):,} rows")


def _keys(cells: Int32[np.ndarray, "*n 3"], side: int) -> np.ndarray:
    wide = cells.astype(np.int64)
    return wide[..., 0] + side * (wide[..., 1] + side * wide[..., 2])


def _corners(cells: Int32[np.ndarray, "n 3"], level: int) -> int:
    """Nodes of the lattice that are a corner of some cell."""
    nodes = np.zeros([(1 << level) + 1] * 3, dtype=np.bool_)
    x, y, z = cells.T
    for k in range(8):
        nodes[x + (k & 1), y + (k >> 1 & 1), z + (k >> 2)] = True
    return int(np.count_nonzero(nodes))


def _decoder(inputs: int, outputs: int) -> dict[str, Slot]:
    shapes = {"weight1": (inputs, NEURONS), "bias1": (NEURONS,), "weight2": (NEURONS, outputs), "bias2": (outputs,)}
    return {f"decoder.{name}": Slot("small", shape) for name, shape in shapes.items()}


def _hash_grid(config: HashGridConfig, outputs: int) -> dict[str, Slot]:
    rows = hash_lookup(config).size
    inputs = 3 + config.levels * config.channels
    return {"table": Slot("table", (rows, config.channels)), **_decoder(inputs, outputs)}


def _octree(config: OctreeConfig, outputs: int) -> dict[str, Slot]:
    levels = range(config.first, config.last + 1)
    voxels = {f"voxels.{level}": Slot("structure", (None, 3), "I32") for level in levels}
    return {"table": Slot("table", (None, config.channels)), **_decoder(3 + config.channels, outputs), **voxels}


def _triplane(config: TriplaneConfig, outputs: int) -> dict[str, Slot]:
    table = Slot("table", (3 * config.nodes**2, config.channels))
    return {"table": table, **_decoder(3 + 3 * config.channels, outputs)}


def _siren(config: SirenConfig, outputs: int) -> dict[str, Slot]:
    slots: dict[str, Slot] = {}
    for i, (n, m) in enumerate(pairwise(config.widths(outputs))):
        slots[f"weights.{i}"] = Slot("matrix" if 0 < i < config.layers else "small", (n, m))
        slots[f"biases.{i}"] = Slot("small", (m,))
    return slots
