"""The pose in which networks see shapes: a turned shape stands as before, an upright one as its up axis says."""

import numpy as np
import pytest

from fieldstone.encoders.pose import posed, principal_axes, to_unit_sphere
from fieldstone.errors import GeometryError
from fieldstone.geometry.rotations import quaternion_rotations


def lopsided(n: int = 500) -> np.ndarray:
    """A cloud with three different widths and a longer side along each axis."""
    generator = np.random.default_rng(3)
    return (generator.random((n, 3)) ** 2 * [5.0, 2.0, 1.0]).astype(np.float32)


def turns(count: int) -> np.ndarray:
    quaternions = np.random.default_rng(1).normal(size=(count, 4))
    return quaternion_rotations(quaternions / np.linalg.norm(quaternions, axis=1, keepdims=True))


@pytest.mark.parametrize("turn", turns(5))
def test_any_pose_is_one_pose(turn: np.ndarray) -> None:
    cloud = lopsided()
    moved = (3.0 * cloud @ turn.T + [1.0, -2.0, 7.0]).astype(np.float32)
    np.testing.assert_allclose(posed(moved, "any", None), posed(cloud, "any", None), atol=2e-5)


def test_principal_axes_are_a_rotation_widest_first() -> None:
    centred = to_unit_sphere(lopsided())
    axes = principal_axes(centred)
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(axes) == pytest.approx(1.0)
    widths = (centred @ axes.T).std(axis=0)
    assert widths[0] > widths[1] > widths[2]


def test_a_mirror_image_is_not_turned_into_the_shape() -> None:
    cloud = lopsided()
    mirrored = cloud * np.float32([-1, 1, 1])
    assert np.abs(posed(mirrored, "any", None) - posed(cloud, "any", None)).max() > 0.1


@pytest.mark.parametrize("up", ["x", "y", "z", None])
def test_upright_puts_up_on_y(up: str | None) -> None:
    cloud = np.zeros((4, 3), dtype=np.float32)
    cloud[0, "xyz".index(up or "z")] = 4.0
    stood = posed(cloud, "upright", up)  # type: ignore[arg-type]
    assert stood[0].argmax() == 1
    assert stood[0, 1] == pytest.approx(1.0)


def test_unit_sphere() -> None:
    centred = to_unit_sphere(lopsided())
    np.testing.assert_allclose(centred.mean(axis=0), 0.0, atol=1e-12)
    assert np.linalg.norm(centred, axis=1).max() == pytest.approx(1.0)
    np.testing.assert_array_equal(to_unit_sphere(np.ones((3, 3), np.float32)), 0.0)


@pytest.mark.parametrize("bad", [np.zeros((0, 3)), np.array([[0.0, np.nan, 1.0]])])
def test_refused(bad: np.ndarray) -> None:
    with pytest.raises(GeometryError, match="not finite"):
        posed(bad, "any", None)
