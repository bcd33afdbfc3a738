import numpy as np
import pytest

from fieldstone.geometry.health import health
from fieldstone.geometry.repair import repair
from fieldstone.types import Mesh, Paint
from tests.geometry.solids import cube, damaged, flipped, joined, soup, sphere, torus


def test_a_sound_mesh_comes_back_as_it_is() -> None:
    box = cube()
    fixed = repair(box)
    assert fixed.done == ()
    np.testing.assert_array_equal(fixed.mesh.faces, box.faces)


def test_everything_at_once() -> None:
    messy = soup(damaged(joined(sphere(), torus(0.3, 0.1)), np.random.default_rng(0), flip=0.4))
    extra = np.array([[0, 0, 1], [2, 1, 0]])
    messy = Mesh(np.concatenate([messy.vertices, [[9.0, 9, 9]]]), np.concatenate([messy.faces, extra]))
    before = messy.faces.copy()
    fixed = repair(messy)
    found = health(fixed.mesh)
    assert found.watertight
    assert found.oriented
    assert found.outward
    assert found.n_duplicate_vertices == found.n_degenerate == found.n_unreferenced == 0
    assert [line.split()[0] for line in fixed.done] == ["merged", "dropped", "dropped", "dropped", "turned"]
    np.testing.assert_array_equal(messy.faces, before)
    assert repair(fixed.mesh).done == ()


def test_inside_out_and_cavity() -> None:
    fixed = repair(joined(flipped(cube(1.0, (5, 0, 0))), cube(2.0), flipped(cube(1.0))))
    assert health(fixed.mesh).volume == pytest.approx(8 - 1 + 1)
    assert fixed.done == ("turned 12 faces",)


def bore(ngon: int, radius: float) -> Mesh:
    """A prism of height 1 without its lid."""
    angle = np.arange(ngon) * 2 * np.pi / ngon
    ring = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)
    low, high = (np.concatenate([ring, np.full((ngon, 1), z)], 1) for z in (0.0, 1.0))
    i, j = np.arange(ngon), (np.arange(ngon) + 1) % ngon
    sides = np.concatenate([np.stack([i, j, j + ngon], 1), np.stack([i, j + ngon, i + ngon], 1)])
    bottom = np.stack([np.full(ngon, 2 * ngon), j, i], 1)
    return Mesh(np.concatenate([low, high, [[0.0, 0, 0]]]), np.concatenate([sides, bottom]))


def test_a_small_planar_hole_is_closed_and_a_large_one_is_not() -> None:
    thin = bore(12, 0.03)
    fixed = repair(thin)
    assert fixed.done == ("closed 1 planar holes",)
    found = health(fixed.mesh)
    assert found.watertight
    assert found.outward
    assert found.volume == pytest.approx(6 * np.sin(np.pi / 6) * 0.03**2)
    assert repair(bore(12, 0.5)).done == ()
    assert repair(thin, largest_hole=0.0).done == ()
    assert health(repair(bore(12, 0.5), largest_hole=1.0).mesh).watertight


def test_a_hole_that_is_not_planar_stays() -> None:
    ball = sphere(levels=4)
    top = ball.vertices[ball.faces].mean(axis=1)[:, 2] > 0.97
    bent = Mesh(ball.vertices * [1, 1, 0.2], ball.faces[~top])
    assert not health(repair(bent, largest_hole=1.0).mesh).watertight


def test_paint_grows_with_the_faces() -> None:
    thin = bore(8, 0.03)
    m = len(thin.faces)
    paint = Paint(
        face=np.zeros((m, 4), np.uint8), uv=np.ones((m, 3, 2), np.float32), image_of_face=np.zeros(m, np.int32)
    )
    fixed = repair(Mesh(thin.vertices, thin.faces, paint)).mesh
    assert len(fixed.faces) == m + 6
    assert fixed.paint is not None
    assert fixed.paint.face is not None
    assert fixed.paint.image_of_face is not None
    assert len(fixed.paint.face) == m + 6
    np.testing.assert_array_equal(fixed.paint.image_of_face[m:], -1)


def test_turned_faces_keep_their_texture() -> None:
    box = cube()
    faces = box.faces.copy()
    faces[3] = faces[3, [0, 2, 1]]
    uv = np.random.default_rng(0).random((12, 3, 2), dtype=np.float32)
    fixed = repair(Mesh(box.vertices, faces, Paint(uv=uv))).mesh
    np.testing.assert_array_equal(fixed.faces, box.faces)
    assert fixed.paint is not None
    assert fixed.paint.uv is not None
    np.testing.assert_array_equal(fixed.paint.uv[3], uv[3, [0, 2, 1]])


def test_a_flat_sheet_is_no_hole() -> None:
    triangle = Mesh(np.eye(3), np.array([[0, 1, 2]]))
    assert repair(triangle, largest_hole=10.0).done == ()
    square = Mesh(np.array([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]), np.array([[0, 1, 2], [0, 2, 3]]))
    assert repair(square, largest_hole=10.0).done == ()


def test_a_hole_within_a_flat_sheet_is_closed() -> None:
    i, j = np.meshgrid(np.arange(12), np.arange(12), indexing="ij")
    vertices = np.stack([i, j, 0 * i], -1).reshape(-1, 3).astype(np.float64)
    here = (i[:-1, :-1] * 12 + j[:-1, :-1]).ravel()
    faces = np.concatenate([np.stack([here, here + 12, here + 13], 1), np.stack([here, here + 13, here + 1], 1)])
    middle = (faces == 5 * 12 + 5).any(axis=1)
    fixed = repair(Mesh(vertices, faces[~middle]), largest_hole=0.3)
    assert "closed 1 planar holes" in fixed.done
    assert health(fixed.mesh).n_boundary == 44
