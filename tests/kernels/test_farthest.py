import numpy as np
import pytest

from fieldstone.kernels.farthest import farthest_points, reference_farthest


def lattice(seed: int, batch: int, n: int) -> np.ndarray:
    """Whole coordinates, so that squares are exact and ties are real ties."""
    return np.random.default_rng(seed).integers(-20, 20, (batch, n, 3)).astype(np.float32)


@pytest.mark.parametrize(("n", "k"), [(1, 1), (7, 7), (200, 30), (1000, 100)])
def test_equals_the_reference(n: int, k: int) -> None:
    points = lattice(n, 3, n)
    np.testing.assert_array_equal(farthest_points(points, k), reference_farthest(points, k))


def test_spreads_and_starts_at_the_first() -> None:
    points = np.random.default_rng(0).standard_normal((2, 2000, 3)).astype(np.float32)
    chosen = farthest_points(points, 50)
    assert (chosen[:, 0] == 0).all()
    assert all(len(set(row)) == 50 for row in chosen)
    picked = points[0, chosen[0]]
    apart = np.linalg.norm(picked[:, None] - picked, axis=2)[np.triu_indices(50, 1)].min()
    covered = np.linalg.norm(points[0][:, None] - picked, axis=2).min(axis=1).max()
    assert covered <= apart * (1 + 1e-5)  # what makes it farthest point sampling


def test_threads_do_not_change_the_answer() -> None:
    points = lattice(0, 5, 300)
    np.testing.assert_array_equal(farthest_points(points, 40, workers=2), farthest_points(points, 40))
