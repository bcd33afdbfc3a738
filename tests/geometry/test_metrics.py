import numpy as np
import pytest

from fieldstone.errors import GeometryError
from fieldstone.geometry.metrics import (
    chamfer_l2_mean,
    chamfer_squared_sum_x1000,
    f_score,
    giou_percent,
    iou,
    normal_consistency,
    volumetric_iou,
)
from fieldstone.geometry.sample import sample_surface
from tests.geometry.solids import cube, sphere

A = np.array([[0.0, 0, 0], [1, 0, 0]])
B = np.array([[0.0, 0, 0], [1, 0, 0], [4, 0, 0]])


def test_chamfer_by_hand() -> None:
    # from A: 0, 0; from B: 0, 0, 3
    assert chamfer_l2_mean(A, B) == pytest.approx((0 + 1) / 2)
    assert chamfer_squared_sum_x1000(A, B) == pytest.approx(1000 * (0 + 3))
    assert chamfer_l2_mean(A, B) == chamfer_l2_mean(B, A)


def test_chamfer_far_from_the_origin() -> None:
    assert chamfer_l2_mean(A + 1e7, B + 1e7) == pytest.approx(0.5)


def test_f_score_by_hand() -> None:
    score = f_score(B, A, threshold=0.5)
    assert (score.precision, score.recall) == pytest.approx((2 / 3, 1))
    assert score.f == pytest.approx(0.8)
    assert f_score(A, A + 9, threshold=0.5).f == 0
    assert f_score(A, A + np.array([3.0, 0, 0]), threshold=3.0).f == 1  # at most, not below


def test_normal_consistency() -> None:
    samples = sample_surface(sphere(), 2000, np.random.default_rng(0))
    points, normals = samples.points, samples.normals
    assert normal_consistency(points, normals, points, -normals) == pytest.approx(1, abs=1e-6)
    turned = np.cross(normals, [0.0, 0, 1]) / np.linalg.norm(np.cross(normals, [0.0, 0, 1]), axis=1, keepdims=True)
    assert normal_consistency(points, normals, points, turned) == pytest.approx(0, abs=1e-6)


def test_iou_by_hand() -> None:
    a, b = np.array([True, True, False, False]), np.array([True, False, True, False])
    assert iou(a, b) == pytest.approx(1 / 3)
    assert giou_percent(np.where(a, -1.0, 1.0), np.where(b, -0.1, 0.0)) == pytest.approx(100 / 3)
    with pytest.raises(GeometryError, match="no point"):
        iou(a & False, b & False)


def test_volumetric_iou_of_shifted_cubes() -> None:
    found = volumetric_iou(cube(2.0), cube(2.0, (1, 0, 0)), 20000, np.random.default_rng(0))
    assert found == pytest.approx(1 / 3, abs=0.015)
    assert volumetric_iou(cube(), cube(), 1000, np.random.default_rng(0)) == 1


def test_empty_clouds() -> None:
    with pytest.raises(GeometryError, match="empty"):
        chamfer_l2_mean(A, A[:0])
