import numpy as np
import pytest

from fieldstone.errors import GeometryError
from fieldstone.geometry.distance import signed_distance, unsigned_distance
from fieldstone.geometry.grid import distance_grid, grid_points, lattice, truncated_grid
from fieldstone.geometry.health import health
from fieldstone.geometry.isosurface import isosurface
from fieldstone.geometry.measure import measures
from fieldstone.types import Grid, Mesh
from tests.geometry.solids import cube, sphere, torus


def test_the_lattice_covers_and_is_centred() -> None:
    origin, size = lattice(np.array([[0.0, 0, 0], [1, 2, 0.55]]), 0.1, margin=0.2)
    assert size == (15, 25, 11)
    np.testing.assert_allclose(origin, [-0.2, -0.2, -0.225])
    with pytest.raises(GeometryError, match="spacing"):
        lattice(np.zeros((2, 3)), 0.0)


def test_every_node_is_exact() -> None:
    ring = torus(rows=40, columns=20)
    grid = distance_grid(ring, 0.13, margin=0.3)
    nodes = grid_points(grid).reshape(-1, 3)
    np.testing.assert_allclose(grid.values.ravel(), signed_distance(ring, nodes)[0], atol=1e-6)
    assert grid.values.dtype == np.float32


@pytest.mark.parametrize("signed", [True, False])
def test_truncation_equals_clipping(signed: bool) -> None:
    ball = sphere(levels=3)
    grid = truncated_grid(ball, 0.04, 0.1, signed=signed)
    assert min(grid.values.shape) > 48  # several blocks a side, so that some are skipped
    nodes = grid_points(grid).reshape(-1, 3)
    exact = signed_distance(ball, nodes)[0] if signed else unsigned_distance(ball, nodes)
    np.testing.assert_allclose(grid.values.ravel(), np.clip(exact, -0.1, 0.1), atol=1e-6)


def test_a_point_and_a_sheet() -> None:
    sheet = Mesh(np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]]), np.array([[0, 1, 2]]))
    grid = distance_grid(sheet, 0.25, margin=0.5, signed=False)
    assert grid.values.min() == 0
    with pytest.raises(GeometryError, match="no faces"):
        distance_grid(Mesh(sheet.vertices, sheet.faces[:0]), 0.1)


def test_marching_cubes_comes_back_to_the_frame() -> None:
    centre, ball = np.array([10.0, -5, 2]), sphere(3.0, 4)
    ball = Mesh(ball.vertices + centre, ball.faces)
    surface = isosurface(distance_grid(ball, 0.2, margin=0.5))
    found = health(surface)
    assert found.watertight
    assert found.outward
    assert measures(surface).signed_volume == pytest.approx(measures(ball).signed_volume, rel=0.02)
    np.testing.assert_allclose(np.linalg.norm(surface.vertices - centre, axis=1), 3, atol=0.03)


def test_level_shifts_the_surface() -> None:
    surface = isosurface(distance_grid(cube(2.0), 0.1, margin=0.5), level=0.25)
    assert measures(surface).extents == pytest.approx((2.5,) * 3, abs=0.02)


def test_no_surface() -> None:
    for values in (np.ones((4, 4, 4)), np.arange(1.0, 65).reshape(4, 4, 4)):
        with pytest.raises(GeometryError, match="no surface"):
            isosurface(Grid(values=values, origin=np.zeros(3), spacing=1.0))
