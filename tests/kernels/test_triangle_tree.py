import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone.kernels.triangle_tree import TriangleTree
from tests.geometry.solids import sphere


def to_segments(points: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """All distances from points to segments, which may be points themselves."""
    side = b - a
    square = np.square(side).sum(axis=1)
    along = ((points[:, None] - a) * side).sum(axis=2) / np.where(square > 0, square, 1)
    place = a + np.clip(along, 0, 1)[..., None] * side
    return np.linalg.norm(points[:, None] - place, axis=2)


def to_triangles(points: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """All distances from points to triangles, by the book: the plane where the foot is inside, else the sides."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    distance = np.minimum(to_segments(points, a, b), np.minimum(to_segments(points, b, c), to_segments(points, c, a)))
    normal = np.cross(b - a, c - a)
    size = np.linalg.norm(normal, axis=1)
    inside = np.broadcast_to(size > 0, distance.shape).copy()
    for start, end in ((a, b), (b, c), (c, a)):
        inside &= (np.cross(end - start, points[:, None] - start) * normal).sum(axis=2) > 0
    height = np.abs(((points[:, None] - a) * normal).sum(axis=2)) / np.where(size > 0, size, 1)
    return np.where(inside, height, distance)


@given(m=st.integers(1, 200), seed=st.integers(0, 2**32 - 1), size=st.sampled_from([1e-4, 0.1, 3.0]))
@settings(max_examples=30, deadline=None)
def test_equals_brute_force(m: int, seed: int, size: float) -> None:
    generator = np.random.default_rng(seed)
    corners = generator.uniform(-1, 1, (m, 1, 3)) + generator.standard_normal((m, 3, 3)) * size
    points = generator.uniform(-2, 2, (50, 3))
    distance, face = TriangleTree(corners.reshape(-1, 3), np.arange(3 * m).reshape(-1, 3)).nearest(points)
    every = to_triangles(points, corners)
    np.testing.assert_allclose(distance, every.min(axis=1), rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(every[np.arange(50), face], distance, rtol=1e-11, atol=1e-13)


def test_faces_without_area_are_segments_and_points() -> None:
    vertices = np.array([[0.0, 0, 0], [1, 0, 0], [0.25, 0, 0], [3, 3, 3]])
    points = np.random.default_rng(0).uniform(-2, 4, (200, 3))
    for faces in ([[0, 1, 2]], [[2, 0, 1]], [[0, 0, 1]], [[1, 0, 0]], [[3, 3, 3]], [[0, 1, 2], [3, 3, 3]]):
        tree = TriangleTree(vertices, np.array(faces))
        distance, face = tree.nearest(points)
        corners = vertices[np.array(faces)]
        np.testing.assert_allclose(distance, to_triangles(points, corners).min(axis=1), rtol=1e-12)
        place = (tree.weights(points, face)[:, :, None] * corners[face]).sum(axis=1)
        np.testing.assert_allclose(np.linalg.norm(points - place, axis=1), distance, rtol=1e-12)


def test_needles_are_exact() -> None:
    """A triangle 1e-9 high is its longest side, to that height."""
    corners = np.array([[[0.0, 0, 0], [1, 0.5, 0.25], [0.3, 0.15 + 1e-9, 0.075]]])
    points = np.random.default_rng(0).uniform(-1, 2, (500, 3))
    distance, _ = TriangleTree(corners[0], np.array([[0, 1, 2]])).nearest(points)
    np.testing.assert_allclose(distance, to_segments(points, corners[:, 0], corners[:, 1])[:, 0], atol=2e-9)


def test_the_weights_lead_to_the_nearest_place() -> None:
    ball = sphere(levels=3)
    points = np.random.default_rng(0).uniform(-1.5, 1.5, (2000, 3))
    points[:100] = ball.vertices[:100]
    tree = TriangleTree(ball.vertices, ball.faces)
    distance, face = tree.nearest(points)
    weights = tree.weights(points, face)
    place = (weights[:, :, None] * ball.vertices[ball.faces[face]]).sum(axis=1)
    np.testing.assert_allclose(np.linalg.norm(points - place, axis=1), distance, atol=1e-14)
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-15)
    assert weights.min() >= 0


def test_far_from_the_origin_and_of_any_size() -> None:
    ball = sphere(levels=3)
    points = np.random.default_rng(0).uniform(-1.5, 1.5, (500, 3))
    distance, _ = TriangleTree(ball.vertices, ball.faces).nearest(points)
    for scale in (2.0**-40, 2.0**40):
        np.testing.assert_array_equal(
            TriangleTree(ball.vertices * scale, ball.faces).nearest(points * scale)[0], distance * scale
        )
    moved, _ = TriangleTree(ball.vertices + 1e6, ball.faces).nearest(points + 1e6)
    np.testing.assert_allclose(moved, distance, atol=1e-9)


def test_of_equals_the_first_whoever_else_asks() -> None:
    ball = sphere(levels=3)
    twice = np.concatenate([ball.faces, ball.faces])
    tree = TriangleTree(ball.vertices, twice)
    points = np.concatenate([ball.vertices, np.random.default_rng(0).uniform(-1.5, 1.5, (5000, 3))])
    distance, face = tree.nearest(points)
    assert face.max() < len(ball.faces)
    for some in (slice(None, None, 7), slice(3, 4)):
        found = tree.nearest(points[some], workers=2)
        np.testing.assert_array_equal(found[0], distance[some])
        np.testing.assert_array_equal(found[1], face[some])
    np.testing.assert_array_equal(tree.nearest(points, workers=2)[1], face)


def test_many_faces_in_one_place() -> None:
    corner = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])
    distance, face = TriangleTree(corner, np.tile([0, 1, 2], (1000, 1))).nearest(np.array([[0.2, 0.2, 0.5]]))
    np.testing.assert_allclose(distance, 0.5)
    assert face[0] == 0


def test_no_points() -> None:
    ball = sphere(levels=1)
    distance, face = TriangleTree(ball.vertices, ball.faces).nearest(np.zeros((0, 3)))
    assert distance.shape == face.shape == (0,)
