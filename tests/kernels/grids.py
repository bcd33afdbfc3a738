"""Small feature grids of each kind, for the tests of the grid kernels."""

import numpy as np

from fieldstone.fields.octree import OctreeConfig, octree_lookup
from fieldstone.kernels.lookup import HashLookup, Lookup, OctreeLookup, PlaneLookup

KINDS = ("hash", "octree", "plane")


def hash_grid(nodes: tuple[int, ...] = (4, 7, 30), limit: int = 512) -> HashLookup:
    """Two dense levels and a hashed one."""
    lengths = [min(n**3, limit) for n in nodes]
    return HashLookup(nodes=np.array(nodes, np.int64), starts=np.cumsum([0, *lengths]).astype(np.int64))


def tree(first: int = 2, last: int = 3, seed: int = 0) -> OctreeLookup:
    """About half of the cells of each level, drawn at random."""
    generator, voxels = np.random.default_rng(seed), {}
    for level in range(first, last + 1):
        kept = np.flatnonzero(generator.random(8**level) < 0.5)
        side = 1 << level
        voxels[f"voxels.{level}"] = np.stack([kept % side, kept // side % side, kept // side**2], 1).astype(np.int32)
    return octree_lookup(OctreeConfig(first=first, last=last), voxels)


def grids_of(kind: str, count: int = 1) -> list[Lookup]:
    """As many shapes of one kind."""
    if kind == "octree":
        return [tree(seed=seed) for seed in range(count)]
    return [hash_grid() if kind == "hash" else PlaneLookup(nodes=9)] * count


def rows_of(grids: list[Lookup]) -> int:
    return sum(grid.size for grid in grids)


def cube_points(n: int, seed: int = 0) -> np.ndarray:
    """Points of the cube, its corners and faces among them."""
    points = np.random.default_rng(seed).uniform(-1, 1, (n, 3)).astype(np.float32)
    points[0], points[1], points[2] = -1, 1, (1, -1, 0)
    return points
