import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone.kernels.chamfer import ChamferQuery, reference_means


def clouds(m: int, n: int, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    points = generator.standard_normal((m, n, 3)) * generator.uniform(0, 2, (m, 1, 3))
    return (points + generator.uniform(-1, 1, (m, 1, 3))).astype(np.float32)


@given(n=st.integers(1, 200), k=st.integers(1, 200), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_equals_brute_force(n: int, k: int, seed: int) -> None:
    query, candidates = clouds(1, n, seed)[0], clouds(3, k, seed + 1)
    np.testing.assert_allclose(ChamferQuery(query).means(candidates), reference_means(query, candidates), atol=2e-6)


def test_equals_kd_tree_on_many_points() -> None:
    from scipy.spatial import cKDTree

    query, candidates = clouds(1, 4096, 0)[0], clouds(4, 4096, 1)
    expected = [
        (cKDTree(c).query(query)[0].mean(), cKDTree(query).query(c)[0].mean()) for c in candidates.astype(np.float64)
    ]
    np.testing.assert_allclose(ChamferQuery(query).means(candidates), expected, atol=1e-6)


def test_the_number_of_threads_does_not_change_a_bit() -> None:
    query, candidates = clouds(1, 500, 0)[0], clouds(7, 300, 1)
    one, three = ChamferQuery(query, 1).means(candidates), ChamferQuery(query, 3).means(candidates)
    np.testing.assert_array_equal(one, three)


def test_a_limit_only_drops_what_exceeds_it() -> None:
    query, candidates = clouds(1, 500, 0)[0], clouds(20, 300, 1)
    full = ChamferQuery(query).means(candidates)
    limit = float(np.median(full.sum(axis=1)))
    limited = ChamferQuery(query).means(candidates, limit)
    within = full.sum(axis=1) <= limit
    np.testing.assert_array_equal(limited[within], full[within])
    assert np.isinf(limited[~within].sum(axis=1)).any()


def test_identical_and_collapsed_clouds() -> None:
    cloud = clouds(1, 300, 0)[0]
    np.testing.assert_array_equal(ChamferQuery(cloud).means(cloud[None]), 0)
    point = np.ones((100, 3), np.float32)
    np.testing.assert_allclose(ChamferQuery(point).means(np.zeros((1, 1, 3), np.float32)), 3**0.5, rtol=1e-6)


def test_estimates_come_near() -> None:
    query, candidates = clouds(1, 4000, 0)[0], clouds(5, 4000, 1)
    estimate, exact = ChamferQuery(query).estimates(candidates), ChamferQuery(query).means(candidates)[:, 1]
    np.testing.assert_allclose(estimate, exact, rtol=0.3)


@pytest.mark.parametrize("scale", [1e-4, 1e5])
def test_unit_does_not_matter(scale: float) -> None:
    query, candidates = clouds(1, 500, 0)[0], clouds(3, 500, 1)
    moved = ChamferQuery(query * np.float32(scale)).means(candidates * np.float32(scale))
    np.testing.assert_allclose(moved / scale, ChamferQuery(query).means(candidates), rtol=1e-5)
