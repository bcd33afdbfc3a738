"""Each change of a cloud does what its setting says, and nothing else."""

import dataclasses

import numpy as np
import pytest

from fieldstone.training.augment import (
    Augment,
    augmented,
    paper,
    released,
    rotations,
    ulip,
    view,
)


def clouds(batch: int = 3, n: int = 50, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, (batch, n, 3)).astype(np.float32)


def changed(before: np.ndarray, seed: int = 1, **settings: object) -> np.ndarray:
    return augmented(before, None, Augment(**settings), np.random.default_rng(seed))[0]


def test_without_settings_nothing_changes() -> None:
    np.testing.assert_array_equal(changed(clouds()), clouds())


def test_same_seed_same_bytes() -> None:
    for config in (paper("mcb", 20), released("scanobjectnn", 20), ulip(20)):
        one, two = (augmented(clouds(), None, config, np.random.default_rng(7))[0] for _ in range(2))
        assert one.tobytes() == two.tobytes()
        assert one.tobytes() != augmented(clouds(), None, config, np.random.default_rng(8))[0].tobytes()


def test_a_subset_has_each_point_once() -> None:
    points = clouds()
    kept = changed(points, points=20)
    assert kept.shape == (3, 20, 3)
    for cloud, rows in zip(points, kept, strict=True):
        places = {row.tobytes() for row in cloud}
        found = {row.tobytes() for row in rows}
        assert len(found) == 20
        assert found <= places
    assert changed(points, points=80).shape == points.shape


@pytest.mark.parametrize("kind", ["up", "any"])
def test_rotations_are_rigid_and_proper(kind: str) -> None:
    turns = rotations(500, kind, np.random.default_rng(0))
    np.testing.assert_allclose(turns @ turns.transpose(0, 2, 1), np.tile(np.eye(3), (500, 1, 1)), atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(turns), 1.0)
    up = turns[:, 1, 1]
    if kind == "up":
        np.testing.assert_allclose(up, 1.0)
        assert abs(turns[:, 0, 0].mean()) < 0.1
    else:  # an axis turned by a uniform rotation is uniform on the sphere: its height is uniform in [-1, 1]
        assert abs(up.mean()) < 0.08
        assert abs(up.var() - 1.0 / 3.0) < 0.05


def test_stretch_and_scale_stay_within_their_bounds() -> None:
    points = clouds(200)
    stretched = (changed(points, stretch=(0.7, 1.25)) / points)[:, 0]
    assert 0.7 <= stretched.min() < 0.75
    assert 1.2 < stretched.max() <= 1.2501
    assert np.ptp(stretched, axis=1).min() > 0.0
    scaled = changed(points, scale=(0.7, 1.25)) / points
    np.testing.assert_allclose(scaled, np.broadcast_to(scaled[:, :1, :1], scaled.shape), rtol=1e-5)


def test_a_flip_mirrors_at_its_plane_half_of_the_time() -> None:
    points = clouds(400)
    signs = np.sign(changed(points, flip=("yz",)) / points)[:, 0]
    np.testing.assert_array_equal(signs[:, 1:], 1.0)
    assert 0.4 < (signs[:, 0] < 0).mean() < 0.6


def test_jitter_is_cut_and_a_shift_moves_the_whole() -> None:
    points = clouds(40)
    moved = changed(points, jitter=0.01, jitter_limit=0.02) - points
    assert 0.0199 < np.abs(moved).max() <= 0.0201
    assert 0.008 < moved.std() < 0.01
    shift = changed(points, shift=0.07) - points
    assert np.abs(shift).max() <= 0.0701
    np.testing.assert_allclose(shift, np.broadcast_to(shift[:, :1], shift.shape), atol=1e-6)


def test_lost_points_fall_on_the_first() -> None:
    points = clouds(100)
    kept = changed(points, dropout=0.875)
    lost = (kept != points).any(axis=2)
    assert 0.3 < lost.mean() < 0.55  # half of 0.875
    np.testing.assert_array_equal(kept[lost], np.broadcast_to(points[:, :1], points.shape)[lost])


def test_a_tilt_is_small() -> None:
    points = clouds(50)
    moved = np.linalg.norm(changed(points, tilt=0.06) - points, axis=2) / np.linalg.norm(points, axis=2)
    assert 0.0 < moved.mean() < 0.15
    assert moved.max() < 3 * 0.18


def test_afterwards_a_cloud_is_only_thinned_and_posed() -> None:
    points = clouds()
    config = dataclasses.replace(paper("modelnet40", 25))
    np.testing.assert_array_equal(view(points, None, config, np.random.default_rng(0))[0], points[:, ::2])
    turned = view(points, None, paper("mcb", 25), np.random.default_rng(0))[0]
    np.testing.assert_allclose(np.linalg.norm(turned, axis=2), np.linalg.norm(points[:, ::2], axis=2), rtol=1e-5)
    assert not np.allclose(turned, points[:, ::2])


def test_the_released_table_is_as_released() -> None:
    assert released("mcb").rotation == "none"
    assert paper("mcb").rotation == "any"
    assert released("scanobjectnn") == Augment(
        points=8192, rotation="up", flip=("xy", "yz"), stretch=(0.8, 1.1), jitter=0.001, jitter_limit=0.01, shift=0.05
    )
    assert released("shapenet_perturbed").jitter == 0.01
    assert released("objaverse_easy").flip == ("yz", "xz")
    assert released("modelnet40").scale == (1.0, 1.0)


@pytest.mark.parametrize(
    "settings",
    [{"points": 0}, {"scale": (0.0, 1.0)}, {"stretch": (1.2, 0.9)}, {"shift": -0.1}, {"dropout": 1.0}, {"jitter": 0.1}],
)
def test_impossible_settings_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"augmentation|factors|not below|limit"):
        Augment(**settings)


def test_normals_stay_normal_to_a_stretched_turned_plane() -> None:
    flat = np.random.default_rng(0).uniform(-1, 1, (4, 60, 3)).astype(np.float32)
    flat[..., 2] = 0.0
    up = np.broadcast_to(np.float32([0, 0, 1]), flat.shape).copy()
    config = Augment(points=40, rotation="any", stretch=(0.5, 2.0), scale=(0.5, 2.0), flip=("xy", "yz"))
    points, normals = augmented(flat, up, config, np.random.default_rng(1))
    assert normals is not None
    np.testing.assert_allclose(np.linalg.norm(normals, axis=2), 1.0, rtol=1e-5)
    np.testing.assert_allclose(((points - points[:, :1]) * normals).sum(axis=2), 0.0, atol=1e-5)
    np.testing.assert_array_equal(points, augmented(flat, None, config, np.random.default_rng(1))[0])
