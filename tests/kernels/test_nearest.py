import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone.kernels.morton import morton_order
from fieldstone.kernels.nearest import NearestIndex, nearest, reference_nearest


def cloud(n: int, seed: int, spread: float = 1.0) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal((n, 3)) * [spread, 1.0, 0.01]).astype(np.float32)


@given(n=st.integers(1, 300), q=st.integers(0, 60), seed=st.integers(0, 2**32 - 1), spread=st.sampled_from([0, 1, 1e4]))
@settings(max_examples=40, deadline=None)
def test_equals_brute_force(n: int, q: int, seed: int, spread: float) -> None:
    points, queries = cloud(n, seed, spread), cloud(q, seed + 1, spread)
    distance, index = nearest(queries, points)
    expected, _ = reference_nearest(queries, points)
    np.testing.assert_allclose(distance, expected, rtol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(queries - points[index], axis=1), expected, rtol=1e-6)


@pytest.mark.parametrize("side", [2, 5, 9])
def test_ties(side: int) -> None:
    lattice = np.stack(np.meshgrid(*[np.arange(side)] * 3), axis=-1).reshape(-1, 3).astype(np.float32)
    points = np.concatenate([lattice, lattice])  # every point twice, and queries half way between
    queries = np.concatenate([lattice + np.float32(0.5), lattice])
    distance, index = nearest(queries, points)
    np.testing.assert_array_equal(distance, reference_nearest(queries, points)[0])
    np.testing.assert_array_equal(np.linalg.norm(queries - points[index], axis=1), distance)
    np.testing.assert_array_equal(index, nearest(queries, points)[1])


@pytest.mark.parametrize("n", [63, 64, 65, 4096, 4097, 20000])
def test_every_block_size(n: int) -> None:
    from scipy.spatial import cKDTree

    points, queries = cloud(n, n), cloud(999, n + 1)
    distance, index = nearest(queries, points)
    np.testing.assert_allclose(distance, cKDTree(points).query(queries)[0], rtol=1e-5, atol=1e-7)
    assert index.max() < n


def test_an_outlier_does_not_hurt() -> None:
    points = np.concatenate([cloud(3000, 0), [[1e9, 0, 0]]]).astype(np.float32)
    queries = cloud(300, 1)
    np.testing.assert_allclose(nearest(queries, points)[0], reference_nearest(queries, points)[0], rtol=1e-6)


def test_far_away_queries() -> None:
    points, queries = cloud(500, 0), cloud(50, 1) + np.float32(1000)
    np.testing.assert_allclose(nearest(queries, points)[0], reference_nearest(queries, points)[0], rtol=1e-6)


def test_an_index_answers_again_and_leaves_its_input_alone() -> None:
    points, queries = cloud(200, 0), cloud(20, 1)
    before = points.copy()
    index = NearestIndex(points)
    first, second = index.query(queries), index.query(queries[::-1].copy())
    np.testing.assert_array_equal(first[0], second[0][::-1])
    np.testing.assert_array_equal(first[1], second[1][::-1])
    np.testing.assert_array_equal(points, before)


def test_identical_points() -> None:
    distance, index = nearest(np.zeros((3, 3), np.float32), np.ones((40, 3), np.float32))
    np.testing.assert_allclose(distance, 3**0.5, rtol=1e-6)
    assert ((index >= 0) & (index < 40)).all()


def test_morton_order_is_a_stable_permutation() -> None:
    points = np.repeat(cloud(50, 0), 2, axis=0)
    order = morton_order(points)
    np.testing.assert_array_equal(np.sort(order), np.arange(100))
    np.testing.assert_array_equal(order[1::2], order[::2] + 1)
    assert len(morton_order(np.zeros((0, 3), np.float32))) == 0
    corners = np.array([[1, 1, 1], [0, 0, 0], [1, 0, 0], [0, 0, 1]], np.float32)
    np.testing.assert_array_equal(morton_order(corners), [1, 2, 3, 0])
