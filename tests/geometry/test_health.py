import numpy as np
import pytest

from fieldstone.errors import GeometryError
from fieldstone.geometry.health import health
from fieldstone.types import Mesh
from tests.geometry.solids import cube, flipped, joined, soup, sphere, torus


@pytest.mark.parametrize("mesh", [cube(), sphere(), torus(), soup(sphere())], ids=["cube", "sphere", "torus", "soup"])
def test_sound_solids(mesh: Mesh) -> None:
    found = health(mesh)
    assert found.watertight
    assert found.oriented
    assert found.outward
    assert found.n_bodies == 1
    assert found.notes == ()


def test_volume() -> None:
    assert health(cube(2.0)).volume == pytest.approx(8)
    assert health(flipped(cube(2.0))).volume == pytest.approx(8)
    assert health(Mesh(cube().vertices, cube().faces[1:])).volume is None


def test_a_missing_face() -> None:
    box = cube()
    found = health(Mesh(box.vertices, box.faces[1:]))
    assert not found.watertight
    assert found.oriented
    assert found.outward is None
    assert found.n_boundary == 3
    assert found.notes == ("open: 3 boundary edges",)


def test_one_flipped_face() -> None:
    box = cube()
    faces = box.faces.copy()
    faces[4] = faces[4, ::-1]
    found = health(Mesh(box.vertices, faces))
    assert found.watertight
    assert not found.oriented
    assert found.n_inconsistent == 3
    assert found.volume is None


def test_inside_out_and_cavities() -> None:
    assert health(flipped(cube())).outward is False
    assert "inside out" in health(flipped(cube())).notes
    hollow = joined(cube(2.0), flipped(cube(1.0)))
    assert health(hollow).outward is True
    assert health(hollow).volume == pytest.approx(7)
    beside = joined(cube(2.0), flipped(cube(1.0, (5, 0, 0))))
    assert health(beside).outward is False
    assert health(beside).volume is None


def test_a_fin_is_non_manifold() -> None:
    box = cube()
    fin = Mesh(np.concatenate([box.vertices, [[5.0, 0, 0]]]), np.concatenate([box.faces, [[0, 1, 8]]]))
    found = health(fin)
    assert found.n_non_manifold == 1
    assert found.n_boundary == 2
    assert not found.watertight


def test_two_cubes_on_one_edge_are_closed() -> None:
    found = health(joined(cube(2.0), cube(2.0, (2, 2, 0))))
    assert found.watertight
    assert found.oriented
    assert found.n_non_manifold == 1
    assert found.volume == pytest.approx(16)


def test_counts_of_what_carries_no_surface() -> None:
    box = cube()
    extra = np.array([[0, 0, 1], [3, 3, 3], box.faces[0], box.faces[5, ::-1]])
    messy = Mesh(np.concatenate([box.vertices, [[9.0, 9, 9]]]), np.concatenate([box.faces, extra]))
    found = health(messy)
    assert (found.n_degenerate, found.n_duplicate_faces, found.n_unreferenced) == (2, 2, 1)
    assert found.watertight
    assert found.volume == pytest.approx(8)
    assert health(soup(box)).n_duplicate_vertices == 28


def test_a_double_sided_sheet_is_open() -> None:
    sheet = np.array([[0, 1, 2], [0, 2, 1]])
    found = health(Mesh(np.eye(3), sheet))
    assert not found.watertight
    assert found.n_duplicate_faces == 1


def test_a_sliver_is_counted_and_keeps_the_surface_closed() -> None:
    # one edge of a tetrahedron has a vertex in its middle on one side; a face without area closes the crack
    vertices = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0, 0]])
    faces = np.array([[0, 2, 1], [0, 4, 3], [4, 1, 3], [0, 3, 2], [1, 2, 3], [0, 1, 4]])
    found = health(Mesh(vertices, faces))
    assert found.n_degenerate == 1
    assert found.watertight
    assert found.volume == pytest.approx(1 / 6)


def test_a_moebius_strip_cannot_be_oriented() -> None:
    n = 20
    angle = np.arange(n) * 2 * np.pi / n
    across = np.stack([np.cos(angle / 2) * np.cos(angle), np.cos(angle / 2) * np.sin(angle), np.sin(angle / 2)], 1)
    centre = np.stack([3 * np.cos(angle), 3 * np.sin(angle), 0 * angle], 1)
    vertices = np.concatenate([centre - across, centre + across])
    i = np.arange(n - 1)
    quads = np.concatenate([np.stack([i, i + 1, i + 1 + n, i + n], 1), [[n - 1, n, 0, 2 * n - 1]]])
    found = health(Mesh(vertices, np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])))
    assert found.n_inconsistent > 0
    assert found.n_bodies == 1


def test_nothing_to_judge() -> None:
    with pytest.raises(GeometryError, match="no faces"):
        health(Mesh(np.zeros((3, 3)), np.zeros((0, 3), np.int64)))
    assert not health(Mesh(np.zeros((3, 3)), np.array([[0, 1, 2]]))).watertight


def test_fast_enough_for_ingest() -> None:
    import time

    ball = soup(sphere(levels=5))  # 8,192 faces
    health(ball)
    times = []
    for _ in range(5):
        start = time.process_time()
        health(ball)
        times.append(time.process_time() - start)
    assert min(times) < 0.05, "a twentieth of that is usual; ten times is a regression"
