"""The layer over manifold3d: measures of simple solids, and colours through booleans."""

import numpy as np
import pytest

from fieldstone.samples.curves import (
    arc,
    circle,
    fillet,
    helix,
    path,
    points,
    polygon,
    rectangle,
    ribbon,
    slot,
    soften,
    spline,
)
from fieldstone.samples.solid import (
    Solid,
    around,
    ball,
    box,
    cylinder,
    extrude,
    hull,
    loft,
    panel,
    revolve,
    ring,
    rod,
    sweep,
    tube,
    vessel,
)
from fieldstone.samples.surface import is_sound, to_mesh

RED, BLUE = (200, 20, 20), (20, 20, 200)


def volume(solid: Solid) -> float:
    return float(solid.manifold.volume())


@pytest.mark.parametrize(
    ("solid", "expected"),
    [
        (box(2, 3, 4), 24),
        (cylinder(2, 5, segments=256), 20 * np.pi),
        (tube(3, 2, 4, segments=256), 20 * np.pi),
        (ball(2, 3, 4, segments=96), 32 * np.pi),
        (ring(10, 2, 256, 96), 80 * np.pi**2),
        (rod((1, 2, 3), (4, 6, 3), 0.5, segments=256), 5 * np.pi / 4),
        (extrude(rectangle(4, 2), 3), 24),
        (panel(polygon(4, 1), 5), 10),
        (revolve(points((1, 0), (2, 0), (2, 3), (1, 3)), segments=256), 9 * np.pi),
        (extrude(slot(6, 1, 128), 2), 2 * (12 + np.pi)),
        (sweep(circle(1, sides=128), path(points((0, 0), (5, 0), (10, 0)))), 10 * np.pi),
        (loft(np.stack([np.column_stack([polygon(4, 1), np.full(4, z)]) for z in (0.0, 3.0)])), 6),
    ],
)
def test_volumes(solid: Solid, expected: float) -> None:
    assert volume(solid) == pytest.approx(expected, rel=0.01)


def test_primitives_stand_on_the_ground() -> None:
    for solid in (box(2, 3, 4), box(2, 3, 4, 0.5), cylinder(1, 2), extrude(circle(1), 2)):
        low, high = solid.bounds()
        assert low[2] == pytest.approx(0, abs=1e-9)
        assert (low + high)[:2] == pytest.approx([0, 0], abs=1e-9)


def test_rods_run_from_point_to_point() -> None:
    low, high = rod((1, 1, 1), (1, 1, -5), 0.25).bounds()
    assert low == pytest.approx([0.75, 0.75, -5])
    assert high == pytest.approx([1.25, 1.25, 1])


def test_colours_pass_through_booleans() -> None:
    cut = box(4, 4, 4).paint(RED) - cylinder(1, 9).move(z=-1).paint(BLUE)
    mesh = to_mesh(cut)
    assert mesh.paint is not None
    assert mesh.paint.face is not None
    middle = mesh.vertices[mesh.faces].mean(1)
    inside = np.hypot(middle[:, 0], middle[:, 1]) < 1.01
    bore = inside & (middle[:, 2] > 0.01) & (middle[:, 2] < 3.99)
    assert (mesh.paint.face[bore, :3] == BLUE).all()
    assert (mesh.paint.face[~inside, :3] == RED).all()


def test_an_unpainted_cutter_leaves_the_colour_of_what_it_cuts() -> None:
    mesh = to_mesh(box(4, 4, 4).paint(RED) - cylinder(1, 9).move(z=-1))
    assert mesh.paint is not None
    assert mesh.paint.face is not None
    assert (mesh.paint.face[:, :3] == RED).all()


def test_touching_blocks_become_one_closed_surface() -> None:
    mesh = to_mesh(box(2, 2, 2).paint(RED) + box(2, 2, 2).move(2).paint(BLUE))
    assert is_sound(mesh)
    assert volume(box(2, 2, 2) + box(2, 2, 2).move(2)) == pytest.approx(16)


def test_blocks_that_share_one_edge_are_not_sound() -> None:
    assert not is_sound(to_mesh(box(2, 2, 2) + box(2, 2, 2).move(2, 2)))


def test_an_inverted_or_open_surface_is_not_sound() -> None:
    mesh = to_mesh(ball(3))
    assert is_sound(mesh)
    assert not is_sound(type(mesh)(mesh.vertices, mesh.faces[:, ::-1]))
    assert not is_sound(type(mesh)(mesh.vertices, mesh.faces[1:]))


def test_hollow_vessels_hold_something() -> None:
    profile = spline(points((20, 0), (30, 30), (25, 80)), 20)
    full = volume(revolve(np.concatenate([profile, points((0, 80), (0, 0))])))
    assert 0.1 * full < volume(vessel(profile, 3)) < 0.4 * full


def test_hull_around_and_above() -> None:
    assert volume(hull(box(1, 1, 1), box(1, 1, 1).move(z=3))) == pytest.approx(4)
    assert volume(around(box(1, 1, 1).move(5), 6)) == pytest.approx(6)
    assert volume(box(2, 2, 4).above(1)) == pytest.approx(12)


def test_curves() -> None:
    knots = points((0, 0), (1, 2), (4, 3))
    curve = spline(knots, 41)
    assert curve[[0, -1]] == pytest.approx(knots[[0, -1]])
    assert np.linalg.norm(curve - knots[1], axis=1).min() < 0.1
    way = fillet(points((0, 0), (10, 0), (10, 10)), 2)
    assert np.linalg.norm(way[1:-1] - (8, 2), axis=1) == pytest.approx(2)
    assert np.hypot(*arc(3, 0, 180).T) == pytest.approx(3)
    assert helix(2, 5, 3)[-1] == pytest.approx([2, 0, 15])
    assert volume(extrude(ribbon(points((0, 0), (5, 0), (10, 0)), 2), 1)) == pytest.approx(20)
    assert volume(extrude(soften(rectangle(10, 10), 2), 1)) == pytest.approx(100 - (4 - np.pi) * 4, rel=0.01)
