"""Triangle strips and fans to triangles."""

import numpy as np
from jaxtyping import Int64

__all__ = ["fan_triangles", "strip_triangles"]


def strip_triangles(indices: Int64[np.ndarray, "n"], counts: Int64[np.ndarray, "s"]) -> Int64[np.ndarray, "m 3"]:
    """Triangles of strips laid end to end; -1 inside a strip starts a new one, every second triangle is turned.

    Triangles that name a vertex twice only bridge a strip's pieces and are left out.
    """
    if len(indices) < 3:
        return np.zeros((0, 3), dtype=np.int64)
    starts = np.zeros(len(indices), dtype=bool)
    begins = np.cumsum(counts) - counts
    starts[begins[begins < len(indices)]] = True
    starts[1:] |= indices[:-1] == -1
    first = np.maximum.accumulate(np.where(starts, np.arange(len(indices)), 0))
    triangles = np.stack([indices[:-2], indices[1:-1], indices[2:]], axis=1)
    turned = (np.arange(len(triangles)) - first[:-2]) % 2 == 1
    triangles[turned] = triangles[turned][:, [1, 0, 2]]
    whole = (first[:-2] == first[2:]) & (triangles != -1).all(axis=1)
    bridge = (triangles == np.roll(triangles, 1, axis=1)).any(axis=1)
    kept: Int64[np.ndarray, "m 3"] = triangles[whole & ~bridge]
    return kept


def fan_triangles(indices: Int64[np.ndarray, "n"]) -> Int64[np.ndarray, "m 3"]:
    """Triangles around the first index."""
    hub = np.full(max(len(indices) - 2, 0), indices[0] if len(indices) else 0, dtype=np.int64)
    return np.stack([hub, indices[1:-1][: len(hub)], indices[2:][: len(hub)]], axis=1)
