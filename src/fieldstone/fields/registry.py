"""The four architectures by name: how each is configured, begun and made again from its arrays."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from fieldstone.fields.field import Function
from fieldstone.fields.grid import first_tensors
from fieldstone.fields.hashgrid import HashGridConfig, hash_grid, hash_lookup
from fieldstone.fields.network import Architecture, Network
from fieldstone.fields.octree import OctreeConfig, octree, octree_lookup, voxels_of
from fieldstone.fields.siren import Siren, SirenConfig, first_layers
from fieldstone.fields.triplane import TriplaneConfig, plane_lookup, triplane

__all__ = ["KINDS", "Kind"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One architecture."""

    config: type
    """Its frozen dataclass; without arguments, INRet's configuration."""
    network: Callable[[Any, Mapping[str, np.ndarray]], Network]
    """Configuration and arrays to network."""
    begin: Callable[[Any, Function, int, int, Float[np.ndarray, "n 3"]], dict[str, np.ndarray]]
    """The arrays before the first step, from configuration, function, outputs, seed, and points of the surface."""


def _begin_hash_grid(
    config: HashGridConfig, function: Function, outputs: int, seed: int, _: Float[np.ndarray, "n 3"]
) -> dict[str, np.ndarray]:
    return first_tensors("hashgrid", function, hash_lookup(config), config.channels, False, outputs, seed)


def _begin_triplane(
    config: TriplaneConfig, function: Function, outputs: int, seed: int, _: Float[np.ndarray, "n 3"]
) -> dict[str, np.ndarray]:
    return first_tensors("triplane", function, plane_lookup(config), config.channels, False, outputs, seed)


def _begin_octree(
    config: OctreeConfig, function: Function, outputs: int, seed: int, surface: Float[np.ndarray, "n 3"]
) -> dict[str, np.ndarray]:
    voxels = voxels_of(config, surface)
    lookup = octree_lookup(config, voxels)
    return {**first_tensors("octree", function, lookup, config.channels, True, outputs, seed), **voxels}


def _begin_siren(
    config: SirenConfig, function: Function, outputs: int, _: int, __: Float[np.ndarray, "n 3"]
) -> dict[str, np.ndarray]:
    return first_layers(config, function, outputs)


KINDS: dict[Architecture, Kind] = {
    "hashgrid": Kind(config=HashGridConfig, network=hash_grid, begin=_begin_hash_grid),
    "octree": Kind(config=OctreeConfig, network=octree, begin=_begin_octree),
    "triplane": Kind(config=TriplaneConfig, network=triplane, begin=_begin_triplane),
    "siren": Kind(config=SirenConfig, network=Siren.of, begin=_begin_siren),
}
