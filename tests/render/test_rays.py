"""Rays against analytic answers, and against the depth buffer."""

import numpy as np
import pytest

from fieldstone.errors import GeometryError
from fieldstone.render import Scene
from fieldstone.types import Mesh
from tests.render.shapes import cube, sphere


def test_a_ray_meets_the_cube_where_it_should() -> None:
    origins = np.array([[0.25, 0.5, 5.0], [0.25, 0.5, 5.0], [0.5, 0.5, 0.5]])
    directions = np.array([[0, 0, -2.0], [0, 0, 2.0], [1.0, 0, 0]])
    hits = Scene(cube()).closest(origins, directions)
    np.testing.assert_allclose(hits.t, [2.0, np.inf, 0.5], rtol=1e-5)
    assert hits.face[1] == -1
    corners = cube().vertices[cube().faces[hits.face[0]]]
    np.testing.assert_allclose(hits.barycentric[0] @ corners, [0.25, 0.5, 1.0], atol=1e-5)
    assert not hits.barycentric[1].any()


@pytest.mark.parametrize(("scale", "shift"), [(1e-6, 0.0), (1e6, 1e7), (1e30, 0.0)])
def test_answers_are_in_the_mesh_s_own_unit(scale: float, shift: float) -> None:
    mesh = Mesh(cube().vertices * scale + shift, cube().faces)
    start = np.array([[0.3, 0.4, 3.0]]) * scale + shift
    hits = Scene(mesh).closest(start, np.array([[0.0, 0.0, -1.0]]))
    np.testing.assert_allclose(hits.t, 2.0 * scale, rtol=1e-4)


def test_a_ray_without_direction_meets_nothing() -> None:
    hits = Scene(cube()).closest(np.full((1, 3), 0.5), np.zeros((1, 3)))
    assert np.isinf(hits.t[0])
    assert hits.face[0] == -1


def test_empty_mesh_is_refused() -> None:
    with pytest.raises(GeometryError, match="no faces"):
        Scene(Mesh(np.zeros((0, 3)), np.zeros((0, 3), np.int64)))


def test_depth_buffer_and_rays_see_the_same() -> None:
    from fieldstone.render.camera import DISTANCE, three_quarter, window
    from fieldstone.render.raster import triangles

    generator = np.random.default_rng(3)
    two = [sphere(6).vertices, sphere(6).vertices * 0.4 + generator.normal(size=3) * 0.5]
    mesh = Mesh(np.vstack(two), np.vstack([sphere(6).faces, sphere(6).faces + len(two[0])]))
    size, rotation = 192, three_quarter("z")
    camera = window(mesh.vertices, rotation, size)
    face, near = triangles(camera.project(mesh.vertices), mesh.faces, size)
    y, x = np.mgrid[:size, :size] + 0.5
    plane = np.stack(
        [(x - camera.shift[0]) / camera.scale, -(y - camera.shift[1]) / camera.scale, -np.ones_like(x)], -1
    )
    directions = plane.reshape(-1, 3) @ rotation * camera.framing.radius
    eye = camera.framing.centre + camera.framing.radius * DISTANCE * rotation[2]
    hits = Scene(mesh).closest(np.tile(eye, (size * size, 1)), directions)
    agree = hits.face.reshape(size, size) == face
    assert agree.mean() > 0.99, "but for samples on an edge"
    seen = agree & (face >= 0)
    close = np.isclose(hits.t.reshape(size, size)[seen], 1 / near[seen], rtol=1e-4)
    assert close.mean() > 0.999, "but for lines of faces thinner than a sample"
