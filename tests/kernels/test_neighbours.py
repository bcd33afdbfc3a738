import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone.kernels.neighbours import k_nearest, reference_k_nearest, reference_within, within


def lattice(seed: int, batch: int, n: int, side: int = 6) -> np.ndarray:
    """Whole coordinates, so that squares are exact and ties are real ties; with a small side, many are duplicates."""
    return np.random.default_rng(seed).integers(-side, side, (batch, n, 3)).astype(np.float32)


@given(
    n=st.integers(1, 120), m=st.integers(1, 20), share=st.floats(0, 1), side=st.integers(1, 9), seed=st.integers(0, 99)
)
@settings(max_examples=60, deadline=None)
def test_nearest_equal_the_reference(n: int, m: int, share: float, side: int, seed: int) -> None:
    points, centres, k = lattice(seed, 2, n, side), lattice(seed + 1, 2, m, side), max(1, round(share * n))
    np.testing.assert_array_equal(k_nearest(points, centres, k), reference_k_nearest(points, centres, k))


@given(
    n=st.integers(1, 120),
    share=st.floats(0, 1),
    radius=st.sampled_from([0.5, 1.0, 2.5, 6.5, 40.0]),
    seed=st.integers(0, 99),
)
@settings(max_examples=60, deadline=None)
def test_within_equal_the_reference(n: int, share: float, radius: float, seed: int) -> None:
    points, centres, k = lattice(seed, 2, n), lattice(seed + 1, 2, 9), max(1, round(share * n))
    np.testing.assert_array_equal(within(points, centres, radius, k), reference_within(points, centres, radius, k))


def test_all_points_come_in_the_order_of_their_distance() -> None:
    points = np.random.default_rng(0).standard_normal((2, 300, 3)).astype(np.float32)
    found = k_nearest(points, points[:, :5], 300)
    assert (np.sort(found, axis=2) == np.arange(300)).all()
    assert (found[:, :, 0] == np.arange(5)).all()  # each is the nearest to itself
    far = np.linalg.norm(np.take_along_axis(points[:, None], found[..., None], axis=2) - points[:, :5, None], axis=3)
    assert (np.diff(far, axis=2) >= -1e-6).all()


def test_duplicates_go_by_their_index() -> None:
    points = np.zeros((1, 8, 3), dtype=np.float32)
    points[0, 3] = 1.0
    assert k_nearest(points, points[:, :1], 8)[0, 0].tolist() == [0, 1, 2, 4, 5, 6, 7, 3]
    assert k_nearest(points, points[:, :1], 4)[0, 0].tolist() == [0, 1, 2, 4]


def test_groups_too_small_are_filled() -> None:
    points = np.array([[[5, 0, 0], [1, 0, 0], [0, 0, 0], [0, 1, 0]]], dtype=np.float32)
    centres = np.array([[[0, 0, 0], [0, 0, 9], [4.5, 0, 0]]], dtype=np.float32)
    found = within(points, centres, 1.0, 4)[0].tolist()
    assert found[0] == [1, 2, 3, 1]  # in the cloud's order, the radius itself is inside, the first fills up
    assert found[1] == [2, 2, 2, 2]  # nothing inside: the nearest
    assert found[2] == [0, 0, 0, 0]
    assert within(points, centres, 1.0, 6)[0, 0].tolist() == [1, 2, 3, 1, 1, 1]  # more than there are points


def test_threads_do_not_change_the_answer() -> None:
    points = lattice(0, 5, 300)
    centres = points[:, :40]
    np.testing.assert_array_equal(k_nearest(points, centres, 7, workers=2), k_nearest(points, centres, 7))
    np.testing.assert_array_equal(within(points, centres, 3.0, 7, workers=2), within(points, centres, 3.0, 7))


def test_more_neighbours_than_points_are_refused() -> None:
    points = lattice(0, 1, 5)
    with pytest.raises(AssertionError, match="6 neighbours of 5 points"):
        k_nearest(points, points, 6)
