import numpy as np

from fieldstone.geometry.bodies import label_bodies, select_faces
from fieldstone.geometry.weld import weld
from fieldstone.types import Mesh, Paint
from tests.geometry.solids import cube, joined, soup, sphere


def test_bodies_are_numbered_as_they_come() -> None:
    three = joined(cube(), sphere(levels=2), cube(1.0, (5, 0, 0)))
    label = label_bodies(three.faces, len(three.vertices))
    np.testing.assert_array_equal(label, np.repeat([0, 1, 2], [12, 128, 12]))


def test_interleaved_faces_find_their_body() -> None:
    two = joined(sphere(levels=3), sphere(levels=3))
    order = np.random.default_rng(0).permutation(len(two.faces))
    label = label_bodies(two.faces[order], len(two.vertices))
    first = order < len(order) // 2
    assert len(set(label[first])) == len(set(label[~first])) == 1
    assert set(label) == {0, 1}


def test_touching_in_a_corner_is_not_one_body() -> None:
    two = weld(joined(cube(2.0), cube(2.0, (2, 2, 2))))
    assert len(two.vertices) == 15
    assert label_bodies(two.faces, 15).max() == 1


def test_sharing_an_edge_is_one_body() -> None:
    two = weld(joined(cube(2.0), cube(2.0, (2, 2, 0))))
    assert label_bodies(two.faces, len(two.vertices)).max() == 0


def test_soup_is_all_bodies() -> None:
    assert label_bodies(soup(cube()).faces, 36).max() == 11


def test_select_faces_takes_paint_along() -> None:
    two = joined(cube(), cube(1.0, (5, 0, 0)))
    paint = Paint(
        vertex=np.arange(64, dtype=np.uint8).reshape(16, 4),
        face=np.arange(96, dtype=np.uint8).reshape(24, 4),
        uv=np.random.default_rng(0).random((24, 3, 2), dtype=np.float32),
        image_of_face=np.arange(24),
    )
    mask = np.arange(24) >= 12
    second = select_faces(Mesh(two.vertices, two.faces, paint), mask)
    np.testing.assert_array_equal(second.vertices[second.faces], two.vertices[two.faces[12:]])
    assert len(second.vertices) == 8
    assert second.paint is not None
    np.testing.assert_array_equal(second.paint.vertex, paint.vertex[8:])
    np.testing.assert_array_equal(second.paint.face, paint.face[12:])
    np.testing.assert_array_equal(second.paint.uv, paint.uv[12:])
    np.testing.assert_array_equal(second.paint.image_of_face, np.arange(12, 24))
