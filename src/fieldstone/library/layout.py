"""From embeddings to places on a map.

Principal components give the start; then neighbours attract and random others repel, as in UMAP (McInnes, Healy and
Melville, 2018, "UMAP: Uniform Manifold Approximation and Projection for Dimension Reduction") with its default curve
1 / (1 + d²), all edges moved at once, so that the same library gives the same map.
"""

import numpy as np
from jaxtyping import Float32, Float64, Int64

__all__ = ["map_places"]

NEIGHBOURS = 12
STEPS = 200
REPEL = 5
"""Random others that push each shape away in a step."""
BLOCK = 1024


def map_places(embeddings: Float32[np.ndarray, "n dim"]) -> Float64[np.ndarray, "n 2"]:
    """A place in the plane for each unit vector: what is alike lies close. The same vectors, the same places."""
    n = len(embeddings)
    centred = embeddings.astype(np.float64) - embeddings.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    places = centred @ axes[:, :-3:-1]
    places = 10.0 * places / (np.abs(places).max() or 1.0)
    if n <= NEIGHBOURS:
        return places
    near = _neighbours(embeddings)
    generator = np.random.default_rng(0)
    for step in range(STEPS):
        rate = 1.0 - step / STEPS
        places += rate * _pull(places, near)
        for _ in range(REPEL):
            places += rate * _push(places, generator.integers(0, n, n))
    return places


def _neighbours(embeddings: Float32[np.ndarray, "n dim"]) -> Int64[np.ndarray, "n k"]:
    found = []
    for start in range(0, len(embeddings), BLOCK):
        products = embeddings[start : start + BLOCK] @ embeddings.T
        products[np.arange(len(products)), np.arange(start, start + len(products))] = -np.inf
        found.append(np.argpartition(-products, NEIGHBOURS, axis=1)[:, :NEIGHBOURS])
    return np.concatenate(found)


def _pull(places: Float64[np.ndarray, "n 2"], near: Int64[np.ndarray, "n k"]) -> Float64[np.ndarray, "n 2"]:
    """The step towards the mean of the neighbours, weakened where they are close already."""
    gap = places[near] - places[:, None]
    square = (gap**2).sum(axis=2, keepdims=True)
    return np.clip((gap * (square / (1.0 + square) / np.sqrt(square + 1e-9))).mean(axis=1), -4.0, 4.0)


def _push(places: Float64[np.ndarray, "n 2"], other: Int64[np.ndarray, "n"]) -> Float64[np.ndarray, "n 2"]:
    """The step away from one random other each."""
    gap = places - places[other]
    square = (gap**2).sum(axis=1, keepdims=True)
    return np.clip(0.3 * gap / ((0.05 + square) * (1.0 + square)), -1.0, 1.0)
