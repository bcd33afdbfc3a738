import numpy as np
import pytest

from fieldstone.files.polygons import triangulate


def area(points, corners):
    triangles = points[corners]
    return np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])[:, 2].sum() / 2


def polygon_area(points):
    x, y = points[:, 0], points[:, 1]
    return (x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2


def star(count):
    angles = np.arange(count) * 2 * np.pi / count
    radius = np.where(np.arange(count) % 2, 0.3, 1.0)
    return np.c_[radius * np.cos(angles), radius * np.sin(angles), np.zeros(count)]


ARROW = np.array([[0.0, 0.0, 0.0], [2.0, 1.0, 0.0], [0.0, 2.0, 0.0], [0.5, 1.0, 0.0]])


POLYGONS = [star(10), star(50), star(10)[::-1], *(np.roll(ARROW, turn, axis=0) for turn in range(4))]


@pytest.mark.parametrize("points", POLYGONS)
def test_concave_polygons_are_covered_once(points):
    cut = triangulate(points, np.array([len(points)]))
    assert len(cut.corners) == len(points) - 2
    assert np.isclose(area(points, cut.corners), polygon_area(points))
    signed = np.sign(polygon_area(points))
    triangles = points[cut.corners]
    each = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])[:, 2]
    assert (each * signed > -1e-12).all()
    assert cut.folded == 0


@pytest.mark.parametrize("axes", [[0, 1, 2], [1, 2, 0], [2, 0, 1], [1, 0, 2]])
def test_any_plane(axes):
    points = star(10)[:, axes]
    triangles = points[triangulate(points, np.array([10])).corners]
    total = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]).sum(axis=0) / 2
    centred = np.cross(points, np.roll(points, -1, axis=0)).sum(axis=0) / 2
    assert np.allclose(total, centred)


def test_many_sizes_at_once():
    counts = np.array([3, 0, 4, 2, 5, 1, 6])
    generator = np.random.default_rng(0)
    points = np.concatenate([_regular(int(count), generator) for count in counts])
    cut = triangulate(points, counts)
    assert cut.polygon.tolist() == [0, 2, 2, 4, 4, 4, 6, 6, 6, 6]
    assert cut.corners[0].tolist() == [0, 1, 2]
    assert cut.corners[1].tolist() == [3, 4, 5]
    assert cut.corners.max() < len(points)


def _regular(count, generator):
    angles = np.arange(count) * 2 * np.pi / max(count, 1)
    return np.c_[np.cos(angles), np.sin(angles), np.zeros(count)] + generator.normal(size=3)


def test_nothing():
    assert len(triangulate(np.zeros((0, 3)), np.zeros(0, dtype=np.int64)).corners) == 0
