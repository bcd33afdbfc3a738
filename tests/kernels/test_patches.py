"""Patches described without a frame: as their reference says, the same however the shape is turned."""

import numpy as np
import pytest

from fieldstone.geometry.rotations import quaternion_rotations
from fieldstone.kernels.neighbours import k_nearest
from fieldstone.kernels.patches import BINS, VALUES, patches, reference_patches

INNER, ALL = 16, 48


def clouds(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Two bumpy ellipsoids with normals, eight centres of each and their neighbours."""
    generator = np.random.default_rng(seed)
    directions = generator.normal(size=(2, 300, 3))
    directions /= np.linalg.norm(directions, axis=2, keepdims=True)
    points = (directions * [1.0, 0.6, 0.4] * (1 + 0.05 * generator.normal(size=(2, 300, 1)))).astype(np.float32)
    points -= points.mean(axis=1, keepdims=True)
    normals = directions / [1.0, 0.6, 0.4]
    normals = (normals / np.linalg.norm(normals, axis=2, keepdims=True)).astype(np.float32)
    centres = generator.integers(0, 300, (2, 8)).astype(np.int32)
    return points, normals, centres, k_nearest(points, points[np.arange(2)[:, None], centres], ALL)


def test_as_the_reference() -> None:
    found, wanted = patches(*clouds(), INNER), reference_patches(*clouds(), INNER)
    assert found.shape == (2, 8, VALUES)
    # a value on the edge between two bins may fall to either side
    different = np.abs(found - wanted).max(axis=2) > 1e-4
    assert different.sum() <= 1
    np.testing.assert_allclose(found[~different], wanted[~different], atol=1e-5)


@pytest.mark.parametrize("length", [7.0, 1e30, np.nan])
def test_what_is_no_normal_stays_within_the_histogram(length: float) -> None:
    points, normals, centres, neighbours = clouds()
    rows = patches(points, np.float32(length) * normals, centres, neighbours, INNER)
    np.testing.assert_allclose(np.square(rows[..., : BINS**3]).sum(axis=2), 1.0, rtol=1e-5)


def test_threads_do_not_change_it() -> None:
    np.testing.assert_array_equal(patches(*clouds(), INNER, workers=1), patches(*clouds(), INNER, workers=3))


def test_no_frame_and_no_side() -> None:
    """Turned, mirrored, and with normals of the other side, a patch is what it was, but for edges between bins."""
    points, normals, centres, neighbours = clouds()
    quaternion = np.random.default_rng(1).normal(size=(1, 4))
    turn = quaternion_rotations(quaternion / np.linalg.norm(quaternion))[0] @ np.diag([1.0, 1.0, -1.0])
    moved = (points @ turn.T).astype(np.float32)
    turned = (-normals @ turn.T).astype(np.float32)
    before, after = (patches(p, n, centres, neighbours, INNER) for p, n in ((points, normals), (moved, turned)))
    assert np.abs(np.square(before) - np.square(after)).mean() < 1e-3
    assert np.median(np.abs(before - after)) < 1e-6


def test_a_flat_patch_by_hand() -> None:
    """On a plane all directions are at right angles to the normal and all normals alike."""
    square = np.stack(np.meshgrid(np.arange(5.0), np.arange(5.0)), axis=-1).reshape(1, 25, 2)
    points = np.concatenate([square - 2.0, np.zeros((1, 25, 1))], axis=2).astype(np.float32)
    normals = np.broadcast_to(np.float32([0, 0, 1]), points.shape).copy()
    centres = np.full((1, 1), 12, dtype=np.int32)
    row = patches(points, normals, centres, k_nearest(points, points[:, 12:13], 25), 9)[0, 0]
    histogram = np.square(row[: BINS**3]).reshape(BINS, BINS, BINS)
    assert histogram.sum() == pytest.approx(1.0)
    assert histogram[:, 0, BINS - 1].sum() == pytest.approx(1.0)
    assert row[BINS**3] == pytest.approx(np.sqrt(2.0))
    assert row[BINS**3 + 1] == pytest.approx(0.0, abs=1e-5)
    assert row[BINS**3 + 2] == pytest.approx(1.0)
    assert row[-2] == pytest.approx(0.0)
