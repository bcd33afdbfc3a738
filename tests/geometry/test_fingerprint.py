"""Fingerprints: packing, keys that pose and scale do not move, distinct bodies and their counts."""

import numpy as np
import pytest

from fieldstone.errors import GeometryError
from fieldstone.geometry.fingerprint import (
    KEY_LENGTH,
    MAX_BODIES,
    body_fingerprints,
    candidates,
    fingerprint,
    fingerprint_cloud,
    keys,
    pack,
    unpack,
)
from fieldstone.geometry.moments import surface_moments
from fieldstone.types import Mesh, PointCloud
from tests.geometry.forms import join, knot, moved, rotation, subdivided
from tests.geometry.solids import cube, sphere

MIRROR = np.diag([-1.0, 1.0, 1.0])


def key(mesh: Mesh) -> np.ndarray:
    return keys(fingerprint(mesh).vector[None])[0]


def test_pack_and_unpack_are_inverse() -> None:
    moments = surface_moments(knot().vertices, knot().faces)
    again = unpack(pack(moments))
    for name in ("area", "centroid", "second", "third", "fourth", "normal", "twist"):
        np.testing.assert_allclose(getattr(again, name), getattr(moments, name), atol=1e-12, err_msg=name)


def test_size_and_area_are_those_of_the_surface() -> None:
    mark = fingerprint(sphere(2.0, 5))
    assert mark.size == pytest.approx(2.0, rel=1e-3)
    assert mark.area == pytest.approx(16 * np.pi, rel=2e-3)


def test_keys_do_not_see_pose_mirror_or_scale() -> None:
    generator = np.random.default_rng(0)
    one = key(knot())
    two = key(subdivided(moved(knot(), rotation(generator) @ MIRROR, 7.0, 25.4), generator))
    np.testing.assert_allclose(one[:-1], two[:-1], atol=1e-8)
    assert two[-1] - one[-1] == pytest.approx(np.log(25.4))


def test_keys_tell_shapes_apart() -> None:
    assert np.abs(key(knot()) - key(sphere()))[:-1].max() > 0.1
    assert np.abs(key(knot()) - key(knot(thickness=0.4)))[:-1].max() > 0.01


def test_candidates_are_near_first_and_mind_the_size_when_asked() -> None:
    table = np.stack([key(sphere()), key(moved(knot(), MIRROR, 1.0, 10.0)), key(knot(thickness=0.351)), key(knot())])
    assert candidates(key(knot()), table).tolist() in ([1, 3, 2], [3, 1, 2])
    assert candidates(key(knot()), table, same_size=True).tolist() == [3, 2]
    assert candidates(key(knot()), np.zeros((0, KEY_LENGTH))).tolist() == []


def test_a_cloud_is_compared_by_what_it_has() -> None:
    points = np.random.default_rng(1).standard_normal((5000, 3)) * [1, 2, 3]
    cloud = fingerprint_cloud(PointCloud(points.astype(np.float32)))
    assert np.isnan(cloud.area)
    assert np.isfinite(cloud.size)
    table = keys(cloud.vector[None])
    assert np.isnan(table).any()
    assert candidates(table[0], table).tolist() == [0]


def test_what_has_no_extent_is_refused() -> None:
    with pytest.raises(GeometryError, match="no area"):
        fingerprint(Mesh(np.zeros((3, 3)), np.array([[0, 1, 2]])))
    with pytest.raises(GeometryError, match="no extent"):
        fingerprint_cloud(PointCloud(np.ones((4, 3))))
    with pytest.raises(GeometryError, match="no extent"):
        fingerprint_cloud(PointCloud(np.zeros((0, 3))))


def test_bodies_are_grouped_and_counted() -> None:
    generator = np.random.default_rng(2)
    wheels = [moved(sphere(0.5, 2), rotation(generator), generator.uniform(-9, 9, 3)) for _ in range(4)]
    marks = body_fingerprints(join(knot(), *wheels))
    assert [(mark.count, mark.n_faces) for mark in marks] == [(1, len(knot().faces)), (4, len(wheels[0].faces))]
    assert marks[0].fingerprint.area == pytest.approx(fingerprint(knot()).area)


def test_mirror_images_count_apart() -> None:
    turn = rotation(np.random.default_rng(3))
    pair = join(knot(), moved(knot(), turn, 20.0), moved(knot(), turn @ MIRROR, -20.0))
    assert [mark.count for mark in body_fingerprints(pair)] == [2, 1]


def test_bodies_without_a_form_of_their_own_are_left_out() -> None:
    n = 8
    x, y = np.meshgrid(np.arange(n + 1.0), np.arange(n + 1.0))
    corner = (np.arange(n)[:, None] * (n + 1) + np.arange(n)).ravel()
    plate = Mesh(
        np.stack([x.ravel(), y.ravel(), 0 * x.ravel()], axis=1),
        np.concatenate([np.stack([corner, corner + 1, corner + n + 2], 1), np.stack([corner, corner + n + 2, corner + n + 1], 1)]),
    )  # fmt: skip
    assert body_fingerprints(join(plate, cube(1.0, (0, 0, 5)), cube(1.0, (0, 0, 9)))) == ()
    assert body_fingerprints(knot()) == ()


def test_at_most_the_largest_bodies_are_kept() -> None:
    small = sphere(1.0, 1)
    many = [moved(small, np.diag([1, 1 + 0.05 * i, 1.0]), np.array([4.0 * i, 0, 0])) for i in range(80)]
    marks = body_fingerprints(join(*many))
    assert len(marks) == MAX_BODIES
    areas = [mark.fingerprint.area for mark in marks]
    assert areas == sorted(areas, reverse=True)
    assert areas[0] == pytest.approx(fingerprint(many[-1]).area)
