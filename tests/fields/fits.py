"""Small shapes and small fits, for the tests of the fields."""

import numpy as np

from fieldstone.fields.hashgrid import HashGridConfig
from fieldstone.fields.octree import OctreeConfig
from fieldstone.fields.sampling import Sampling
from fieldstone.fields.schedule import Schedule
from fieldstone.fields.triplane import TriplaneConfig
from fieldstone.types import Mesh

CONFIGS = {
    "hashgrid": HashGridConfig(coarsest=8, finest=48, levels=3, most_rows=1 << 12),
    "octree": OctreeConfig(first=2, last=4),
    "triplane": TriplaneConfig(nodes=17),
}
FEW = Sampling(uniform=4000, surface=8000, near=8000)
SHORT = Schedule(epochs=12, batch=512, rate=1e-2)


def ball(n: int = 24, radius: float = 2.0, centre: tuple[float, float, float] = (5.0, -3.0, 1.0)) -> Mesh:
    """A closed sphere of n rings, outward."""
    v, u = np.meshgrid(np.pi * np.arange(1, n) / n, 2 * np.pi * np.arange(2 * n) / (2 * n), indexing="ij")
    ring = np.stack([np.sin(v) * np.cos(u), np.sin(v) * np.sin(u), np.cos(v)], -1).reshape(-1, 3)
    vertices = np.concatenate([ring, [[0, 0, 1.0], [0, 0, -1.0]]]) * radius + centre
    w, top, bottom = 2 * n, len(ring), len(ring) + 1
    i, j = np.meshgrid(np.arange(n - 2), np.arange(w), indexing="ij")
    a, b = (i * w + j).ravel(), (i * w + (j + 1) % w).ravel()
    sides = np.concatenate([np.stack([a, a + w, b + w], 1), np.stack([a, b + w, b], 1)])
    turn = np.arange(w)
    cap = np.stack([np.full(w, top), turn, (turn + 1) % w], 1)
    last = (n - 2) * w
    foot = np.stack([np.full(w, bottom), last + (turn + 1) % w, last + turn], 1)
    return Mesh(vertices, np.concatenate([sides, cap, foot]).astype(np.int64))
