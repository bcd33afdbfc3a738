"""The triplane: three planes of features, each seen along one axis, concatenated."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fieldstone.fields.grid import DECODER, GridNetwork
from fieldstone.kernels.lookup import PlaneLookup

__all__ = ["TriplaneConfig", "plane_lookup", "triplane"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TriplaneConfig:
    """INRet's triplane (appendix B.3): 33 x 33 nodes a plane, 4 channels each, 12 features in all."""

    nodes: int = 33
    """Nodes along a side of each plane."""
    channels: int = 4
    """Features of a node."""

    def __post_init__(self) -> None:
        """ValueError where the numbers make no planes."""
        if not (2 <= self.nodes <= 4096 and 1 <= self.channels <= 64):
            raise ValueError("a triplane has 2 to 4,096 nodes a side and 1 to 64 channels")


def plane_lookup(config: TriplaneConfig) -> PlaneLookup:
    """Three planes of `nodes` x `nodes` rows."""
    return PlaneLookup(nodes=config.nodes)


def triplane(config: TriplaneConfig, tensors: Mapping[str, np.ndarray]) -> GridNetwork:
    """The network of a configuration and its arrays."""
    return GridNetwork(
        architecture="triplane",
        config=config,
        lookup=plane_lookup(config),
        summed=False,
        table=tensors["table"],
        decoder={name: tensors[name] for name in DECODER},
        structure={},
    )
