"""Alignment: the pose is found where it is known, with its residual."""

import numpy as np
import pytest

from fieldstone.geometry.align import Alignment, Prepared, align, alignments, measured, refine
from fieldstone.geometry.rotations import principal_rotations, small_rotations, uniform_rotations
from fieldstone.geometry.sample import sample_surface
from fieldstone.types import Mesh
from tests.geometry.forms import knot, moved, rotation, screw
from tests.geometry.solids import cube, torus

MIRROR = np.diag([-1.0, 1.0, 1.0])


def points(mesh: Mesh, seed: int, count: int = 4096) -> np.ndarray:
    return sample_surface(mesh, count, np.random.default_rng(seed)).points


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("scale", [1.0, 25.4])
def test_align_finds_the_pose(mirror: bool, scale: float) -> None:
    turn, shift = rotation(np.random.default_rng(0)), np.array([3.0, -2.0, 9.0])
    if mirror:
        turn = turn @ MIRROR
    a, b = points(knot(), 1), points(moved(knot(), turn, shift, scale), 2)
    found = align(a, b, mirror=mirror, scale=scale != 1.0)
    np.testing.assert_allclose(found.rotation @ turn, np.eye(3), atol=0.03)
    assert found.scale == pytest.approx(1 / scale, rel=0.02)
    laid = found.scale * b @ found.rotation.T + found.translation
    assert np.abs(laid.mean(axis=0) - a.mean(axis=0)).max() < 0.1
    floor = Prepared(a).floor * Prepared(a).size / Prepared(a).diagonal
    assert 0.8 * floor < found.residual < 1.05 * floor
    wrong = align(a, b, mirror=not mirror, scale=scale != 1.0)
    assert wrong.residual > 2 * floor


@pytest.mark.parametrize("shape", [cube(), torus(), screw()], ids=["cube", "torus", "screw"])
def test_align_copes_with_equal_axes(shape: Mesh) -> None:
    turn = rotation(np.random.default_rng(3))
    a, b = points(shape, 1), points(moved(shape, turn, 1.0), 2)
    floor = Prepared(a).floor * Prepared(a).size / Prepared(a).diagonal
    assert align(a, b, mirror=False, scale=False).residual < 1.15 * floor


def test_residual_is_symmetric_mean_distance_over_the_diagonal() -> None:
    from scipy.spatial import cKDTree

    a, b = points(knot(), 1, 700), points(cube(3.0), 2, 500)
    found = align(a, b, mirror=False, scale=False)
    laid = b @ found.rotation.T + found.translation
    naive = 0.5 * (cKDTree(a).query(laid)[0].mean() + cKDTree(laid).query(a)[0].mean())
    assert found.residual == pytest.approx(naive / np.linalg.norm(np.ptp(a, axis=0)), rel=1e-4)
    assert found.scale == 1.0


def test_alignments_lay_centroid_on_centroid_and_axes_on_axes() -> None:
    a, b = points(knot(), 1), points(moved(knot(), rotation(np.random.default_rng(4)), 5.0, 2.0), 2)
    for mirror in (False, True):
        rotations, translations, scale = alignments(a, b, mirror=mirror, scale=True)
        assert len(rotations) == len(translations) >= 4
        np.testing.assert_allclose(np.linalg.det(rotations), -1.0 if mirror else 1.0)
        laid = scale * rotations @ b.mean(axis=0) + translations
        np.testing.assert_allclose(laid, np.broadcast_to(a.mean(axis=0), laid.shape), atol=1e-4)
    assert alignments(a, b, mirror=False, scale=False)[2] == 1.0


def test_refine_improves_a_pose_that_is_nearly_right() -> None:
    a, b = Prepared(points(knot(), 1)), Prepared(points(knot(), 2))
    start = Alignment(
        rotation=small_rotations(np.array([[0.0, 0.1, 0.1]]))[0],
        translation=np.array([0.1, 0.0, 0.0]),
        scale=1.03,
        residual=np.nan,
    )
    before, after = measured(a, b, start), refine(a, b, start, scale=True)
    assert after.residual < 0.6 * before.residual
    assert after.scale == pytest.approx(1.0, abs=0.01)


def test_floor_is_what_a_second_sample_leaves() -> None:
    a, b = Prepared(points(torus(), 1)), Prepared(points(torus(), 2))
    same = Alignment(rotation=np.eye(3), translation=np.zeros(3), scale=1.0, residual=np.nan)
    left = measured(a, b, same).residual * a.diagonal / a.size
    assert 0.8 * a.floor < left < 1.05 * a.floor  # samples of a lattice are more even than the halves of them
    independent = np.random.default_rng(6).standard_normal((2, 4096, 3))
    independent /= np.linalg.norm(independent, axis=2, keepdims=True)
    one, two = (Prepared(sphere) for sphere in independent)
    assert one.floor == pytest.approx(measured(one, two, same).residual * one.diagonal / one.size, rel=0.06)


def test_rotations_are_rotations() -> None:
    uniform = uniform_rotations()
    np.testing.assert_allclose(
        uniform @ uniform.transpose(0, 2, 1), np.broadcast_to(np.eye(3), uniform.shape), atol=1e-12
    )
    np.testing.assert_allclose(np.linalg.det(uniform), 1.0)
    quarter = small_rotations(np.array([[0.0, 0.0, np.pi / 2], [0.0, 0.0, 0.0]]))
    np.testing.assert_allclose(quarter[0] @ [1, 0, 0], [0, 1, 0], atol=1e-12)
    np.testing.assert_allclose(quarter[1], np.eye(3))
    for spread, count in (((1, 2, 4), 4), ((1, 1, 4), 48), ((1, 4, 4), 48), ((1, 1, 1), 244)):
        tensor = np.diag(np.array(spread, dtype=float))
        assert len(principal_rotations(tensor, tensor)) == count
