import numpy as np
import pytest

from fieldstone.errors import GeometryError
from fieldstone.geometry.sample import sample_cloud, sample_near_surface, sample_surface, sample_volume
from fieldstone.types import Mesh, PointCloud
from tests.geometry.solids import cube, joined, sphere


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_points_lie_on_their_faces_with_their_normals() -> None:
    box = cube(2.0)
    samples = sample_surface(box, 1000, rng())
    np.testing.assert_allclose(np.abs(samples.points).max(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose((samples.points * samples.normals).sum(axis=1), 1, atol=1e-6)
    corners = box.vertices[box.faces[samples.faces]]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert np.abs(((samples.points - corners[:, 0]) * normal).sum(axis=1)).max() < 1e-5


def test_area_counts_not_faces() -> None:
    fine, coarse = sphere(1.0, 5), cube(2.0, (5, 0, 0))
    points = sample_surface(joined(fine, coarse), 20000, rng()).points
    share = float((points[:, 0] < 2).mean())
    assert share == pytest.approx(4 * np.pi / (4 * np.pi + 24), abs=0.01)


def test_uniform_within_a_face() -> None:
    triangle = Mesh(np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]]), np.array([[0, 1, 2]]))
    points = sample_surface(triangle, 20000, rng()).points
    np.testing.assert_allclose(points.mean(axis=0), [1 / 3, 1 / 3, 0], atol=0.01)
    assert float((points[:, :2].sum(axis=1) < 0.5).mean()) == pytest.approx(0.25, abs=0.015)


def test_same_seed_same_bytes() -> None:
    a, b = (sample_surface(sphere(), 500, rng(3)) for _ in range(2))
    assert a.points.tobytes() == b.points.tobytes()
    assert a.points.tobytes() != sample_surface(sphere(), 500, rng(4)).points.tobytes()


def test_degenerate_faces_get_no_point() -> None:
    box = cube()
    faces = np.concatenate([[[0, 0, 1]], box.faces, [[2, 2, 2]]])
    chosen = sample_surface(Mesh(box.vertices, faces), 1000, rng()).faces
    assert chosen.min() >= 1
    assert chosen.max() <= 12


@pytest.mark.parametrize("faces", [np.zeros((0, 3), np.int64), np.array([[0, 0, 1]])])
def test_no_area(faces: np.ndarray) -> None:
    with pytest.raises(GeometryError, match="no area"):
        sample_surface(Mesh(cube().vertices, faces), 10, rng())


def test_near_surface_spreads_as_asked() -> None:
    points = sample_near_surface(sphere(1.0, 5), 20000, 0.05, rng())
    assert float((np.linalg.norm(points, axis=1) - 1).std()) == pytest.approx(0.05, rel=0.05)


def test_volume_fills_its_box() -> None:
    points = sample_volume(np.array([[-1.0, 0, 2], [1, 0.5, 3]]), 5000, rng())
    np.testing.assert_allclose(points.min(axis=0), [-1, 0, 2], atol=0.01)
    np.testing.assert_allclose(points.max(axis=0), [1, 0.5, 3], atol=0.01)
    np.testing.assert_allclose(points.mean(axis=0), [0, 0.25, 2.5], atol=0.05)


def test_cloud_subset_and_repetition() -> None:
    points = rng().standard_normal((10, 3))
    colors = np.arange(40, dtype=np.uint8).reshape(10, 4)
    cloud = PointCloud(points, points, colors)
    few, many = sample_cloud(cloud, 7, rng()), sample_cloud(cloud, 25, rng())
    assert len(np.unique(few.points, axis=0)) == 7
    _, counts = np.unique(many.points, axis=0, return_counts=True)
    assert sorted(counts) == [2] * 5 + [3] * 5
    assert many.colors is not None
    for point, color in zip(many.points, many.colors, strict=True):
        np.testing.assert_array_equal(color, colors[np.flatnonzero((points == point).all(axis=1))[0]])
    with pytest.raises(GeometryError, match="no points"):
        sample_cloud(PointCloud(np.zeros((0, 3))), 5, rng())
