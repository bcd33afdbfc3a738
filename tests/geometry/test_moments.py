"""Moments: exact on solids, blind to triangles, and turning as tensors do."""

import numpy as np
import pytest

from fieldstone.geometry.moment_match import match_moments
from fieldstone.geometry.moments import body_moments, point_moments, surface_moments
from fieldstone.geometry.sample import sample_surface
from fieldstone.types import Mesh
from tests.geometry.forms import join, knot, moved, rotation, screw, subdivided
from tests.geometry.solids import cube, sphere

TENSORS = ("centroid", "second", "third", "fourth", "normal", "twist")


def of(mesh: Mesh):
    return surface_moments(mesh.vertices, mesh.faces)


def test_moments_of_a_cube_are_the_integrals() -> None:
    moments = of(cube(2.0, (5.0, -3.0, 1.0)))
    assert moments.area[0] == pytest.approx(24.0)
    np.testing.assert_allclose(moments.centroid[0], [5, -3, 1], atol=1e-12)
    # over the six faces of [-1, 1]^3: <x^2> = (4 / 3 + 2) / 6, <x^4> = (4 / 5 + 2) / 6, <x^2 y^2> = (2 / 9 + 4 / 3) / 6
    np.testing.assert_allclose(moments.second[0], 5 / 9 * np.eye(3), atol=1e-12)
    np.testing.assert_allclose(moments.third[0], 0, atol=1e-12)
    assert moments.fourth[0, 0, 0, 0, 0] == pytest.approx(7 / 15)
    assert moments.fourth[0, 0, 0, 1, 1] == pytest.approx((2 * 1 / 3 + 2 * 1 / 3 + 2 * 1 / 9) / 6)
    np.testing.assert_allclose(moments.normal[0], np.eye(3) / 3, atol=1e-12)


def test_moments_do_not_see_triangles_order_or_orientation() -> None:
    mesh, generator = knot(), np.random.default_rng(0)
    fine = subdivided(subdivided(mesh, generator), generator)
    shuffled = Mesh(fine.vertices, generator.permuted(fine.faces[generator.permutation(len(fine.faces))], axis=1))
    degenerate = Mesh(fine.vertices, np.vstack([shuffled.faces, np.repeat(shuffled.faces[:50, :1], 3, axis=1)]))
    one, two = of(mesh), of(degenerate)
    for name in ("area", *TENSORS):
        np.testing.assert_allclose(getattr(one, name), getattr(two, name), atol=1e-11, err_msg=name)


def test_moments_turn_as_tensors() -> None:
    mesh, turn = knot(), rotation(np.random.default_rng(1)) * [[1], [1], [-1]]  # a reflection too
    one, two = of(mesh), of(moved(mesh, turn, np.array([10.0, 20.0, -5.0]), 3.0))
    assert two.area[0] == pytest.approx(9 * one.area[0])
    np.testing.assert_allclose(two.second[0], 9 * np.einsum("ai,bj,ij", turn, turn, one.second[0]), atol=1e-9)
    third = np.einsum("ai,bj,ck,ijk->abc", turn, turn, turn, one.third[0])
    np.testing.assert_allclose(two.third[0], 27 * third, atol=1e-9)
    twist = np.einsum("ai,bj,ck,ijk->abc", turn, turn, turn, one.twist[0])
    np.testing.assert_allclose(two.twist[0], 3 * twist, atol=1e-9)


def test_far_from_the_origin_moments_keep_their_digits() -> None:
    mesh = knot()
    one, two = of(mesh), of(moved(mesh, np.eye(3), np.array([1e5, -2e5, 3e5])))
    np.testing.assert_allclose(one.fourth, two.fourth, rtol=1e-7, atol=1e-7)


def test_moments_of_bodies_are_those_of_each_alone() -> None:
    bodies = [cube(1.0, (4, 0, 0)), knot(), sphere(0.5, 2)]
    whole = join(*bodies)
    labels = np.repeat([2, 0, 1], [len(body.faces) for body in bodies])
    shuffle = np.random.default_rng(2).permutation(len(labels))
    together = body_moments(whole.vertices, whole.faces[shuffle], labels[shuffle], 4)
    for row, body in ((2, bodies[0]), (0, bodies[1]), (1, bodies[2])):
        alone = of(body)
        for name in ("area", *TENSORS):
            np.testing.assert_allclose(getattr(together, name)[row], getattr(alone, name)[0], atol=1e-10, err_msg=name)
    assert together.area[3] == 0
    assert np.isnan(together.second[3]).all()


def test_a_mesh_without_area_has_no_moments() -> None:
    moments = surface_moments(np.zeros((3, 3)), np.array([[0, 1, 2]]))
    assert moments.area[0] == 0
    assert np.isnan(moments.second).all()


def test_moments_of_points_approach_those_of_the_surface() -> None:
    mesh = knot()
    points = sample_surface(mesh, 40_000, np.random.default_rng(3)).points
    surface, cloud = of(mesh), point_moments(points)
    np.testing.assert_allclose(cloud.second, surface.second, atol=0.02)
    assert np.isnan(cloud.area[0])
    assert np.isnan(cloud.normal).all()


@pytest.mark.parametrize("shape", [knot(), cube(), sphere(1.0, 2), screw()], ids=["knot", "cube", "sphere", "screw"])
def test_match_finds_the_rotation(shape: Mesh) -> None:
    generator = np.random.default_rng(4)
    for _ in range(5):
        turn = rotation(generator)
        other = moved(shape, turn, 3.0, 0.1)
        match = match_moments(of(shape), of(other), mirror=False)
        assert match.distance < 1e-6
        assert np.linalg.det(match.rotation) == pytest.approx(1.0)
    knotted = match_moments(of(knot()), of(moved(knot(), turn)), mirror=False)
    np.testing.assert_allclose(knotted.rotation @ turn, np.eye(3), atol=1e-6)


def test_match_tells_a_left_from_a_right_thread() -> None:
    right, left = screw(), moved(screw(), np.diag([-1.0, 1.0, 1.0]))
    assert match_moments(of(right), of(left), mirror=False).distance > 1e-3
    improper = match_moments(of(right), of(left), mirror=True)
    assert improper.distance < 1e-6
    assert np.linalg.det(improper.rotation) == pytest.approx(-1.0)


def test_match_calls_an_achiral_shape_both() -> None:
    box = moved(cube(), np.diag([1.0, 2.0, 3.0]))
    assert match_moments(of(box), of(box), mirror=True).distance < 1e-7
