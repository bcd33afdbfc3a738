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
