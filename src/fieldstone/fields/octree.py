"""The sparse octree (NGLOD): features at the corners of the voxels that the surface passes, levels summed.

Takikawa et al., Neural geometric level of detail, 2021, section 3. Voxels of the finest level are those that hold
points of the surface, coarser ones their parents; nothing is added around them. Outside the voxels of a level that
level gives nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32, Int32, Int64

from fieldstone.fields.grid import DECODER, GridNetwork
from fieldstone.kernels.lookup import OctreeLookup

__all__ = ["OctreeConfig", "octree", "octree_lookup", "voxels_of", "wisp_octree"]

DEEPEST = 8
"""Finest level: its cells are looked up in a cube of 4 bytes each, 64 MB at this level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OctreeConfig:
    """INRet's NGLOD (appendix A.1): six levels, the first two without features: 4, 8, 16 and 32 cells a side."""

    first: int = 2
    """First level with features; level l has 2^l cells a side."""
    last: int = 5
    """Finest level."""
    channels: int = 8
    """Features of a voxel's corner."""

    def __post_init__(self) -> None:
        """ValueError where the numbers make no octree."""
        if not (0 <= self.first <= self.last <= DEEPEST and 1 <= self.channels <= 64):
            raise ValueError(
                f"an octree has levels from 0 to {DEEPEST}, the first not above the last, and 1 to 64 channels"
            )


def wisp_octree() -> OctreeConfig:
    """kaolin-wisp's shipped configuration: levels 2 to 7, 16 channels."""
    return OctreeConfig(last=7, channels=16)


def voxels_of(config: OctreeConfig, surface: Float[np.ndarray, "n 3"]) -> dict[str, Int32[np.ndarray, "voxels 3"]]:
    """The voxels of each level, "voxels.2" and so on, as sorted cells (x, y, z), that hold points of the surface."""
    finest = _cells(surface, 1 << config.last)
    levels = {}
    for level in range(config.first, config.last + 1):
        side = 1 << level
        keys = np.unique(_keys(finest >> (config.last - level), side))
        cells = np.stack([keys % side, keys // side % side, keys // side**2], axis=1)
        levels[f"voxels.{level}"] = cells.astype(np.int32)
    return levels


def octree_lookup(config: OctreeConfig, voxels: Mapping[str, Int32[np.ndarray, "_ 3"]]) -> OctreeLookup:
    """Rows for the voxels' corners: in each level, corners that neighbours share have one row, x fastest."""
    levels = range(config.first, config.last + 1)
    index = [np.full(8**level, -1, dtype=np.int32) for level in levels]
    corners, n_voxels, n_rows = [], 0, 0
    for level, cube in zip(levels, index, strict=True):
        cells, side = voxels[f"voxels.{level}"].astype(np.int64), 1 << level
        cube[_keys(cells, side)] = np.arange(n_voxels, n_voxels + len(cells), dtype=np.int32)
        steps = np.stack([np.arange(8) & 1, np.arange(8) >> 1 & 1, np.arange(8) >> 2], axis=1)
        nodes = _keys(cells[:, None] + steps, side + 1)
        used, row = np.unique(nodes, return_inverse=True)
        corners.append(n_rows + row.reshape(-1, 8).astype(np.int32))
        n_voxels, n_rows = n_voxels + len(cells), n_rows + len(used)
    return OctreeLookup(
        nodes=np.array([(1 << level) + 1 for level in levels], dtype=np.int64),
        index=np.concatenate(index),
        starts=np.cumsum([0, *(len(cube) for cube in index)]).astype(np.int64),
        corners_of=np.ascontiguousarray(np.concatenate(corners), dtype=np.int32),
        size=n_rows,
    )


def octree(config: OctreeConfig, tensors: Mapping[str, np.ndarray]) -> GridNetwork:
    """The network of a configuration and its arrays."""
    names = [f"voxels.{level}" for level in range(config.first, config.last + 1)]
    voxels = {name: tensors[name] for name in names}
    lookup = octree_lookup(config, voxels)
    finest = (lookup.index[lookup.starts[-2] :] >= 0).reshape([1 << config.last] * 3)

    def holds(points: Float32[np.ndarray, "n 3"], reach: float) -> Bool[np.ndarray, "n"]:
        return _holds(finest, points, reach)

    return GridNetwork(
        architecture="octree",
        config=config,
        lookup=lookup,
        summed=True,
        table=tensors["table"],
        decoder={name: tensors[name] for name in DECODER},
        structure=voxels,
        holds=holds,
    )


def _cells(points: Float[np.ndarray, "n 3"], side: int) -> Int64[np.ndarray, "n 3"]:
    return np.clip(np.floor((points.astype(np.float64) * 0.5 + 0.5) * side), 0, side - 1).astype(np.int64)


def _keys(cells: Int64[np.ndarray, "*n 3"], side: int) -> Int64[np.ndarray, "*n"]:
    keys: Int64[np.ndarray, "*n"] = cells[..., 0] + side * (cells[..., 1] + side * cells[..., 2])
    return keys


def _holds(
    finest: Bool[np.ndarray, "z y x"], points: Float32[np.ndarray, "n 3"], reach: float
) -> Bool[np.ndarray, "n"]:
    """Whether the cube of half side `reach` around a point meets a voxel: a count over boxes by summed volumes.

    Around a point that is no number there is none.
    """
    somewhere = ~np.isnan(points).any(axis=1)
    points, side = np.where(somewhere[:, None], points, np.float32(0.0)), len(finest)
    volume = np.zeros((side + 1,) * 3, dtype=np.int64)
    volume[1:, 1:, 1:] = finest.cumsum(0).cumsum(1).cumsum(2)
    low = _cells(points - np.float32(reach), side)[:, ::-1]
    high = _cells(points + np.float32(reach), side)[:, ::-1] + 1
    count = np.zeros(len(points), dtype=np.int64)
    for k in range(8):
        pick = [(high if k >> axis & 1 else low)[:, axis] for axis in range(3)]
        count += (1 if k.bit_count() % 2 else -1) * volume[pick[0], pick[1], pick[2]]
    return somewhere & (count > 0)
