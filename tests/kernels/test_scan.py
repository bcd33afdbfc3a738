"""The scan's answers are those of a full float64 product, whatever the data."""

import numpy as np
import pytest

from fieldstone.kernels.scan import best, quantise


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def clustered(n: int, dim: int, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    centres = generator.standard_normal((max(1, n // 50), dim))
    return unit(centres[generator.integers(0, len(centres), n)] + 0.02 * generator.standard_normal((n, dim)))


@pytest.mark.parametrize(
    ("n", "dim", "k"), [(1, 8, 5), (300, 3, 10), (5000, 256, 10), (2000, 512, 50), (300, 1512, 5), (700, 37, 700)]
)
def test_best_equals_brute_force(n: int, dim: int, k: int) -> None:
    rows = clustered(n, dim, seed=n)
    codes, scale, lost = quantise(rows)
    keep = np.random.default_rng(1).random(n) < 0.8
    keep[0] = True
    for query in (rows[0], clustered(1, dim, seed=7)[0], -rows[n // 2]):
        found, products = best(query, rows.__getitem__, codes, scale, lost, k, keep)
        exact = np.where(keep, rows @ query, -np.inf)
        expected = np.lexsort((np.arange(n), -exact))[: min(k, int(keep.sum()))]
        np.testing.assert_allclose(products, exact[expected], atol=1e-6)
        np.testing.assert_allclose(exact[found], exact[expected], atol=1e-6)
        assert keep[found].all()
        assert len(set(found.tolist())) == len(found)


def test_bounds_hold() -> None:
    rows = clustered(500, 64, seed=3)
    codes, scale, lost = quantise(rows)
    error = np.linalg.norm(rows.astype(np.float64) - scale[:, None].astype(np.float64) * codes, axis=1)
    np.testing.assert_allclose(lost, error, rtol=1e-5)


def test_nothing_kept_and_zero_query() -> None:
    rows = clustered(10, 16, seed=0)
    coded = quantise(rows)
    found, _ = best(rows[0], rows.__getitem__, *coded, 3, np.zeros(10, dtype=bool))
    assert len(found) == 0
    found, products = best(np.zeros(16, dtype=np.float32), rows.__getitem__, *coded, 3, np.ones(10, dtype=bool))
    assert found.tolist() == [0, 1, 2]
    assert not products.any()
