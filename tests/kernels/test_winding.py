import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone.kernels.winding import WindingTree, exact_winding
from tests.geometry.solids import sphere, torus


@given(m=st.integers(1, 300), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_comes_near_the_sum_of_solid_angles(m: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    corners = generator.uniform(-1, 1, (m, 1, 3)) + generator.standard_normal((m, 3, 3)) * 0.1
    faces = np.arange(3 * m).reshape(-1, 3)
    points = generator.uniform(-2, 2, (50, 3)).astype(np.float32)
    found = WindingTree(corners.reshape(-1, 3), faces).at(points)
    np.testing.assert_allclose(found, exact_winding(corners.reshape(-1, 3), faces, points), atol=0.1)


def test_closed_surfaces() -> None:
    points = np.random.default_rng(0).uniform(-1.5, 1.5, (500, 3)).astype(np.float32)
    for mesh in (sphere(levels=3), torus(rows=40, columns=20)):
        found = WindingTree(mesh.vertices, mesh.faces).at(points)
        np.testing.assert_allclose(found, exact_winding(mesh.vertices, mesh.faces, points), atol=0.1)
        assert float(np.abs(found - np.rint(found)).mean()) < 0.01


def test_on_a_vertex_and_with_threads() -> None:
    ball = sphere(levels=2)
    tree = WindingTree(ball.vertices, ball.faces)
    assert np.isfinite(tree.at(ball.vertices)).all()
    points = np.random.default_rng(0).uniform(-1, 1, (4000, 3))
    np.testing.assert_array_equal(tree.at(points, workers=1), tree.at(points, workers=2))


def test_whoever_else_asks() -> None:
    ball = sphere(levels=3)
    tree = WindingTree(ball.vertices, ball.faces)
    points = np.concatenate([ball.vertices, np.random.default_rng(0).uniform(-1.5, 1.5, (3000, 3))])
    found = tree.at(points)
    for some in (slice(None, None, 7), slice(3, 4), slice(0, 0)):
        np.testing.assert_array_equal(tree.at(points[some]), found[some])
    np.testing.assert_array_equal(tree.at(points, order=np.arange(len(points))[::-1].copy()), found)


def test_of_any_size_anywhere() -> None:
    ball = sphere(levels=3)
    points = np.random.default_rng(0).uniform(-1.5, 1.5, (500, 3))
    found = WindingTree(ball.vertices, ball.faces).at(points)
    for scale in (2.0**-40, 2.0**40):
        np.testing.assert_array_equal(WindingTree(ball.vertices * scale, ball.faces).at(points * scale), found)
    np.testing.assert_allclose(WindingTree(ball.vertices + 1e6, ball.faces).at(points + 1e6), found, atol=1e-4)


def test_details_that_float32_would_blur() -> None:
    small = sphere(levels=3)
    vertices = np.concatenate([small.vertices * 1e-6 + 0.3, [[-1.0, -1, -1], [1, 1, 1], [1, 1, 1 - 1e-9]]])
    faces = np.concatenate([small.faces, [[len(vertices) - 3, len(vertices) - 2, len(vertices) - 1]]])
    tree = WindingTree(vertices, faces)
    points = np.random.default_rng(0).uniform(-1.5, 1.5, (500, 3))
    radius = np.linalg.norm(points, axis=1)
    clear = np.abs(radius - 1) > 0.02
    np.testing.assert_allclose(tree.at(points * 1e-6 + 0.3)[clear], (radius < 1)[clear], atol=0.06)


def test_far_away_and_without_size() -> None:
    ball = sphere(levels=3)
    far = np.array([[1e3, 0, 0], [-1e9, 1e12, 0], [1e30, 0, 1e30]])
    np.testing.assert_allclose(WindingTree(ball.vertices, ball.faces).at(far), 0, atol=1e-6)
    np.testing.assert_array_equal(WindingTree(np.ones((3, 3)), np.array([[0, 1, 2]])).at(np.eye(3) + 1), 0)
