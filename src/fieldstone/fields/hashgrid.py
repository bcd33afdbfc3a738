"""The multiresolution hash grid (iNGP): dense where a level fits the table, hashed where not, levels concatenated."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fieldstone.fields.grid import DECODER, GridNetwork
from fieldstone.kernels.lookup import HashLookup

__all__ = ["HashGridConfig", "hash_grid", "hash_lookup", "wisp_hash_grid"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HashGridConfig:
    """INRet's iNGP (appendix A.1): 4 levels from 16 to 512 nodes a side, 2 channels, tables of at most 2^19 rows."""

    coarsest: int = 16
    """Nodes along a side of the first level."""
    finest: int = 512
    """Nodes along a side of the last level; those between stand in geometric progression."""
    levels: int = 4
    """Lattices."""
    channels: int = 2
    """Features of a node."""
    most_rows: int = 1 << 19
    """Rows of a level; one with more nodes is hashed."""

    def __post_init__(self) -> None:
        """ValueError where the numbers make no grid."""
        if not (2 <= self.coarsest <= self.finest <= 1 << 16 and 1 <= self.levels <= 32):
            raise ValueError("a hash grid has 1 to 32 levels of 2 to 65,536 nodes a side, coarsest first")
        if not (1 <= self.channels <= 32 and 1 <= self.most_rows <= 1 << 24):
            raise ValueError("a hash grid has 1 to 32 channels and 1 to 2^24 rows a level")


def wisp_hash_grid() -> HashGridConfig:
    """kaolin-wisp's shipped signed-distance configuration: 8 channels, finest level 2048."""
    return HashGridConfig(finest=2048, channels=8)


def hash_lookup(config: HashGridConfig) -> HashLookup:
    """Levels and rows; level l has floor(coarsest * b^l) nodes a side, b = (finest / coarsest)^(1 / (levels - 1))."""
    steps = np.arange(config.levels) / max(config.levels - 1, 1)
    nodes = np.floor(config.coarsest * (config.finest / config.coarsest) ** steps + 1e-9).astype(np.int64)
    lengths = np.minimum(config.most_rows, nodes**3)
    return HashLookup(nodes=nodes, starts=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))


def hash_grid(config: HashGridConfig, tensors: Mapping[str, np.ndarray]) -> GridNetwork:
    """The network of a configuration and its arrays."""
    return GridNetwork(
        architecture="hashgrid",
        config=config,
        lookup=hash_lookup(config),
        summed=False,
        table=tensors["table"],
        decoder={name: tensors[name] for name in DECODER},
        structure={},
    )
