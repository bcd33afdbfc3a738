"""Arrays as the compiled kernels want them: one type and layout each, so that each kernel is compiled once."""

import numpy as np
from jaxtyping import Float, Float64, Int64, Integer

__all__ = ["plain_faces", "plain_vertices"]


def plain_vertices(vertices: Float[np.ndarray, "n 3"]) -> Float64[np.ndarray, "n 3"]:
    """The vertices as contiguous float64; no copy where they are."""
    return np.ascontiguousarray(vertices, dtype=np.float64)


def plain_faces(faces: Integer[np.ndarray, "m 3"]) -> Int64[np.ndarray, "m 3"]:
    """The faces as contiguous int64; no copy where they are."""
    return np.ascontiguousarray(faces, dtype=np.int64)
