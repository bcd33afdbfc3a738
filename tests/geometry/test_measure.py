import numpy as np
import pytest

from fieldstone.errors import GeometryError
from fieldstone.geometry.measure import bounds, face_normals, measures
from fieldstone.types import Mesh
from tests.geometry.solids import cube, flipped, sphere, torus


@pytest.mark.parametrize("centre", [(0, 0, 0), (1e4, -2e4, 3e4)])
def test_cube(centre: tuple[float, float, float]) -> None:
    found = measures(cube(2.0, centre))
    assert found.extents == pytest.approx((2, 2, 2))
    assert found.diagonal == pytest.approx(12**0.5)
    assert found.area == pytest.approx(24)
    assert found.signed_volume == pytest.approx(8)
    np.testing.assert_allclose(found.surface_centroid, centre, atol=1e-9)


def test_sphere_and_torus_come_near_their_formulas() -> None:
    ball, ring = measures(sphere(2.0, 5)), measures(torus(1.0, 0.4))
    assert ball.area == pytest.approx(16 * np.pi, rel=2e-3)
    assert ball.signed_volume == pytest.approx(32 / 3 * np.pi, rel=3e-3)
    assert ring.area == pytest.approx(4 * np.pi**2 * 0.4, rel=2e-3)
    assert ring.signed_volume == pytest.approx(2 * np.pi**2 * 0.16, rel=4e-3)


def test_inside_out_is_negative() -> None:
    assert measures(flipped(cube())).signed_volume == pytest.approx(-8)


def test_unused_vertices_do_not_count() -> None:
    box = cube()
    more = Mesh(np.concatenate([box.vertices, [[100.0, 0, 0]]]), box.faces)
    assert measures(more).extents == pytest.approx((2, 2, 2))


def test_any_dtype_gives_the_same() -> None:
    box = cube()
    other = Mesh(box.vertices.astype(np.float32), np.asfortranarray(box.faces.astype(np.uint32)))
    assert measures(other).signed_volume == measures(box).signed_volume


def test_normals_point_out_and_degenerate_ones_are_zero() -> None:
    box = cube()
    normals, areas = face_normals(box.vertices, np.concatenate([box.faces, [[0, 0, 1]]]))
    assert areas[-1] == 0
    assert not normals[-1].any()
    np.testing.assert_allclose(areas[:-1], 2)
    middles = box.vertices[box.faces].mean(axis=1)
    assert ((normals[:-1] * middles).sum(axis=1) > 0.99).all()


def test_nothing_to_measure() -> None:
    with pytest.raises(GeometryError, match="no faces"):
        measures(Mesh(np.zeros((3, 3)), np.zeros((0, 3), np.int64)))
    with pytest.raises(GeometryError, match="no points"):
        bounds(np.zeros((0, 3)))
