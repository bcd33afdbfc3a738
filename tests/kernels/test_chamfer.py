import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone.kernels import chamfer
from fieldstone.kernels.chamfer import Clouds, Cube, nearest, reference_means
from fieldstone.kernels.cloud_bounds import PASSES, SLACK, bounds_by_pass, distance_sum, mean_bounds

UNIT = Cube(np.full(3, -1, np.float32), 2.0)


def clouds(m: int, n: int, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    points = generator.standard_normal((m, n, 3)) * generator.uniform(0, 0.5, (m, 1, 3))
    return (points + generator.uniform(-0.3, 0.3, (m, 1, 3))).astype(np.float32)


def distances(query: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    return reference_means(query, candidates).sum(axis=1) / 2


@given(
    n=st.integers(1, 200),
    size=st.integers(1, 200),
    m=st.integers(1, 12),
    k=st.integers(1, 14),
    scale=st.sampled_from([1.0, 1e-4, 3.0, 1e5]),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=60, deadline=None)
def test_equals_brute_force_in_any_cube(n: int, size: int, m: int, k: int, scale: float, seed: int) -> None:
    query, candidates = clouds(1, n, seed)[0] * np.float32(scale), clouds(m, size, seed + 1) * np.float32(scale)
    expected = distances(query, candidates)
    order = np.argsort(expected, kind="stable")[:k]
    for cube in (UNIT, Cube.around(candidates), Cube(np.full(3, 0.2, np.float32), 0.1)):
        index, value = nearest(query, Clouds.of(candidates, cube, workers=1), k, workers=2)
        np.testing.assert_allclose(value, expected[order], atol=2e-6 * scale)
        np.testing.assert_allclose(expected[index], expected[order], atol=2e-6 * scale)


def surfaces(m: int, n: int, seed: int) -> np.ndarray:
    """Ellipsoids that differ little: bounds alone do not tell them apart."""
    generator = np.random.default_rng(seed)
    direction = generator.standard_normal((m, n, 3))
    direction /= np.linalg.norm(direction, axis=2, keepdims=True)
    return (direction * generator.uniform(0.5, 0.8, (m, 1, 3))).astype(np.float32)


@pytest.mark.parametrize("k", [1, 3, 10])
def test_bounds_change_neither_order_nor_a_bit_of_the_distances(k: int) -> None:
    prepared = Clouds.of(surfaces(60, 600, 0), UNIT)
    for i in range(0, 60, 7):
        rows = np.delete(np.arange(60), i)
        whole, value = nearest(prepared.row(i), prepared, 59, rows)
        for workers in (1, 3):
            found = nearest(prepared.row(i), prepared, k, rows, workers)
            np.testing.assert_array_equal(found[0], whole[:k])
            np.testing.assert_array_equal(found[1], value[:k])


def test_equals_kd_tree_on_many_points() -> None:
    from scipy.spatial import cKDTree

    query, candidates = clouds(1, 4096, 0)[0], clouds(6, 4096, 1)
    expected = [
        (cKDTree(c).query(query)[0].mean() + cKDTree(query).query(c)[0].mean()) / 2
        for c in candidates.astype(np.float64)
    ]
    index, value = nearest(query, Clouds.of(candidates), 3)
    np.testing.assert_array_equal(index, np.argsort(expected)[:3])
    np.testing.assert_allclose(value, np.sort(expected)[:3], atol=1e-6)


@pytest.mark.parametrize("lattice", [True, False])
def test_ties_keep_their_order(lattice: bool) -> None:
    candidates = np.repeat(surfaces(3, 300, 0), 5, axis=0)[[0, 5, 10, 1, 6, 11, 2, 7, 12, 3, 8, 13, 4, 9, 14]]
    prepared = Clouds.of(candidates, UNIT, lattice=lattice)
    for query in (candidates[1], surfaces(1, 300, 9)[0]):
        expected = distances(query, candidates).round(6)
        for k in range(1, 16):
            for workers in (1, 2):
                index, _ = nearest(query, prepared, k, workers=workers)
                np.testing.assert_array_equal(index, np.argsort(expected, kind="stable")[:k])
    assert nearest(candidates[1], prepared, 5)[1].tolist() == [0.0] * 5


def test_the_lattice_is_a_lower_bound_wherever_the_points_are() -> None:
    generator = np.random.default_rng(0)
    for scale, shift in ((0.5, 0.0), (3.0, 0.0), (0.3, 20.0), (1e4, -1e5), (1e-5, 0.0)):
        points = (generator.standard_normal((2, 333, 3)) * scale + shift).astype(np.float32)
        for cube in (UNIT, Cube.around(points), Cube(np.array([1000, 0, 0], np.float32), 0.5)):
            both = Clouds.of(points, cube)
            a, b, kernel = both.points[0], both.points[1], cube.kernel()
            block = b.shape[1] // both.boxes.shape[2]
            truth = np.array([distance_sum(a, 333, b, both.boxes[1], block, turn) for turn in range(PASSES)])
            sums = np.zeros(PASSES)
            bounds_by_pass(a, 333, both.lattice[1], kernel, sums)
            assert (sums <= truth).all()
            cheap = np.zeros(2)
            mean_bounds(a, 333, both.lattice[0], both.points, 333, both.lattice, np.arange(2), kernel, cheap)
            assert cheap[0] == 0
            assert cheap[1] <= nearest(both.row(0), both, 2)[1][1]


def test_bounds_are_tight_enough_to_leave_out_most(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = []
    whole = chamfer._measure
    monkeypatch.setattr(chamfer, "_measure", lambda *a: measured.append(a[7] - a[6]) or whole(*a))
    points = surfaces(40, 1000, 0) * np.linspace(0.3, 1.2, 40, dtype=np.float32)[:, None, None]
    prepared = Clouds.of(points, UNIT)
    nearest(prepared.row(20), prepared, 1, np.delete(np.arange(40), 20), 1)
    assert sum(measured) < 8 * PASSES


def test_identical_and_collapsed_clouds() -> None:
    cloud = clouds(1, 300, 0)
    assert nearest(cloud[0], Clouds.of(cloud), 1)[1] == 0
    point, origin = np.ones((100, 3), np.float32), np.zeros((2, 1, 3), np.float32)
    for k in (1, 2):
        np.testing.assert_allclose(nearest(point, Clouds.of(origin), k)[1], 3**0.5, rtol=1e-6)


def test_only_the_rows_asked_for_answer() -> None:
    prepared = Clouds.of(surfaces(20, 200, 0), UNIT)
    index, _ = nearest(prepared.row(3), prepared, 2, np.array([9, 4, 17]))
    assert set(index.tolist()) < {4, 9, 17}
    assert len(nearest(prepared.row(3), prepared, 2, np.zeros(0, np.int64))[0]) == 0
    assert len(nearest(prepared.row(3), prepared, 0)[0]) == 0


def test_lattices_of_two_cubes_are_not_compared() -> None:
    points = surfaces(3, 50, 0)
    with pytest.raises(AssertionError, match="one cube"):
        nearest(Clouds.of(points[:1]), Clouds.of(points, UNIT), 1)


def test_preparing_in_parts_is_preparing_at_once() -> None:
    points = surfaces(5, 100, 0)
    whole, parts = Clouds.of(points, UNIT, workers=2), [Clouds.of(points[i : i + 1], UNIT) for i in range(5)]
    for name in ("points", "boxes", "lattice"):
        np.testing.assert_array_equal(getattr(whole, name), np.concatenate([getattr(p, name) for p in parts]))
    assert whole.bytes_each == 3 * 128 * 4 + 6 * 2 * 4 + 32**3


def test_slack_is_more_than_the_rounding_it_stands_for() -> None:
    assert float(SLACK) / 4 > 10 / 2**24 / 2
    assert 16 * float(SLACK) > 256 / 2**24
