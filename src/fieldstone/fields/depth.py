"""Depth as a picture."""

import numpy as np
from jaxtyping import Float32, UInt8

__all__ = ["depth_picture"]

NEAREST, FARTHEST = 255.0, 40.0
"""Grey values of the nearest and the farthest place that is seen."""


def depth_picture(depth: Float32[np.ndarray, "h w"]) -> UInt8[np.ndarray, "h w 4"]:
    """Near places light, far ones dark, linear between the nearest and the farthest; transparent where depth is infinite."""
    picture = np.zeros((*depth.shape, 4), dtype=np.uint8)
    seen = np.isfinite(depth)
    if seen.any():
        near, far = float(depth[seen].min()), float(depth[seen].max())
        share = (depth[seen] - near) / max(far - near, 1e-12)
        picture[seen, :3] = np.rint(NEAREST + share * (FARTHEST - NEAREST))[:, None]
        picture[seen, 3] = 255
    return picture
