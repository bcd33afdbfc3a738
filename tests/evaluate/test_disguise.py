"""Disguised copies: what is done to them, and the rank of the original, by hand."""

import numpy as np
import pytest

from fieldstone.evaluate.disguise import CUT, NOISE, disguised, first_right
from fieldstone.evaluate.ranking import Ranking
from fieldstone.types import PointCloud, Sampled


def ball(n: int = 4000) -> Sampled:
    """A unit sphere about (5, 0, 0), normals outwards, z up."""
    normals = np.random.default_rng(0).standard_normal((n, 3)).astype(np.float32)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    points = normals + np.float32([5, 0, 0])
    return Sampled(shape=PointCloud(points, normals), points=points, normals=normals, up="z")


def test_a_copy_is_half_of_the_points_less_what_the_plane_cuts() -> None:
    copy = disguised(ball(), np.random.default_rng(1))
    assert len(copy.points) == pytest.approx(2000 * (1 - CUT), abs=2)
    assert copy.normals is not None
    radius = np.linalg.norm(copy.points, axis=1)
    assert radius.mean() == pytest.approx(1.0, abs=0.01)
    assert (copy.points - copy.normals * radius[:, None]).std() < 3 * NOISE  # normals turned with the points
    assert NOISE < radius.std() < 2 * NOISE  # and the sample's centroid is not quite the ball's


def test_a_plane_cuts_one_side() -> None:
    copy = disguised(ball(), np.random.default_rng(1))
    side = copy.points.mean(axis=0) / np.linalg.norm(copy.points.mean(axis=0))
    assert (copy.points @ side).max() == pytest.approx(1.0, abs=0.05)
    assert (copy.points @ -side).max() == pytest.approx(
        1.0 - 2 * CUT, abs=0.06
    )  # a ball's cap of that share of its area


def test_upright_copies_turn_about_the_up_axis_only() -> None:
    tall = ball()
    points = tall.points * np.float32([1, 1, 5])
    tall = Sampled(shape=PointCloud(points), points=points, up="z")
    upright, turned = (disguised(tall, np.random.default_rng(2), turn) for turn in ("up", "any"))
    assert np.ptp(upright.points[:, 2]) > 2.5 * np.ptp(upright.points[:, :2], axis=0).max()
    assert np.ptp(turned.points[:, 2]) < 2.5 * np.ptp(turned.points[:, :2], axis=0).max()


def test_the_same_seed_gives_the_same_copy() -> None:
    one, two, other = (disguised(ball(), np.random.default_rng(seed)).points for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, other)


def test_the_rank_of_the_first_right_answer() -> None:
    relevant = np.array([[False, True, True], [True, False, False], [False, False, False]])
    order = np.tile(np.arange(3), (3, 1))
    ranking = Ranking(order, relevant, np.zeros(3, dtype=int), np.zeros(3, dtype=int))
    assert first_right(ranking).tolist() == [2, 1, 4]
