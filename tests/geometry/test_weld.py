import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone.geometry.weld import same_rows, weld
from fieldstone.types import Mesh, Paint
from tests.geometry.solids import cube, soup, sphere


def corners(mesh: Mesh) -> np.ndarray:
    return mesh.vertices[mesh.faces]


def test_soup_becomes_the_mesh_again() -> None:
    ball = sphere(levels=3)
    welded = weld(soup(ball))
    assert len(welded.vertices) == len(ball.vertices)
    np.testing.assert_array_equal(corners(welded), corners(ball))


@given(n=st.integers(1, 200), kinds=st.integers(1, 20), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_same_rows_are_numpys_unique(n: int, kinds: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    rows = generator.standard_normal((kinds, 3))[generator.integers(0, kinds, n)]
    first, group = same_rows(rows)
    _, expected = np.unique(rows, axis=0, return_index=True)
    np.testing.assert_array_equal(first, np.sort(expected))
    np.testing.assert_array_equal(rows[first][group], rows)


def test_zero_has_one_sign() -> None:
    first, group = same_rows(np.array([[0.0, 1, 2], [-0.0, 1, 2]]))
    assert len(first) == 1
    np.testing.assert_array_equal(group, 0)


def test_tolerance_is_a_share_of_the_diagonal() -> None:
    box = soup(cube(2.0))
    noisy = Mesh(box.vertices + np.random.default_rng(0).uniform(-1e-4, 1e-4, box.vertices.shape), box.faces)
    assert len(weld(noisy).vertices) == 36
    assert len(weld(noisy, 1e-6).vertices) == 36
    merged = weld(noisy, 2e-4)
    assert len(merged.vertices) == 8
    np.testing.assert_allclose(corners(merged), corners(box), atol=3e-4)


def test_paint_follows() -> None:
    box = soup(cube())
    vertex = np.arange(36 * 4, dtype=np.uint8).reshape(36, 4)
    face = np.arange(12 * 4, dtype=np.uint8).reshape(12, 4)
    welded = weld(Mesh(box.vertices, box.faces, Paint(vertex=vertex, face=face)))
    assert welded.paint is not None
    assert welded.paint.vertex is not None
    first = [int(np.flatnonzero((box.vertices == place).all(axis=1))[0]) for place in welded.vertices]
    np.testing.assert_array_equal(welded.paint.vertex, vertex[first])
    np.testing.assert_array_equal(welded.paint.face, face)


def test_nothing_to_weld() -> None:
    box = cube()
    assert weld(box) is box
    empty = Mesh(np.zeros((0, 3)), np.zeros((0, 3), np.int64))
    assert weld(empty) is empty
