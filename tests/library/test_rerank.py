import numpy as np
import pytest

from fieldstone.kernels.chamfer import reference_means
from fieldstone.library.rerank import rerank


def shapes(m: int, n: int, seed: int) -> np.ndarray:
    """Ellipsoid surfaces of different sides."""
    generator = np.random.default_rng(seed)
    direction = generator.standard_normal((m, n, 3))
    direction /= np.linalg.norm(direction, axis=2, keepdims=True)
    return (direction * generator.uniform(0.2, 1.0, (m, 1, 3))).astype(np.float32)


@pytest.mark.parametrize("k", [1, 3, 10, 30])
@pytest.mark.parametrize("seed", range(3))
def test_same_order_and_numbers_as_naive(k: int, seed: int) -> None:
    query, candidates = shapes(1, 256, 100 + seed)[0], shapes(30, 256, seed)
    naive = reference_means(query, candidates).sum(axis=1) / 2
    indices, values = rerank(query, candidates, k)
    np.testing.assert_array_equal(indices, np.argsort(naive)[:k])
    np.testing.assert_allclose(values, np.sort(naive)[:k], atol=1e-6)


def test_ties_keep_their_order() -> None:
    query = shapes(1, 100, 0)[0]
    candidates = np.repeat(shapes(1, 100, 1), 12, axis=0)
    candidates[5] = query
    indices, values = rerank(query, candidates, 4)
    np.testing.assert_array_equal(indices, [5, 0, 1, 2])
    assert values[0] == 0


def test_fewer_candidates_than_asked_for() -> None:
    query, candidates = shapes(1, 100, 0)[0], shapes(2, 100, 1)
    assert len(rerank(query, candidates, 10)[0]) == 2
    assert len(rerank(query, candidates[:0], 10)[0]) == 0
