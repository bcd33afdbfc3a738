import numpy as np
import pytest

from fieldstone.errors import GeometryError
from fieldstone.geometry.distance import (
    LEAST_CONFIDENCE,
    sign_confidence,
    signed_distance,
    unsigned_distance,
    winding_number,
)
from fieldstone.geometry.sample import sample_volume
from fieldstone.types import Mesh
from tests.geometry.solids import cube, damaged, flipped, joined, soup, sphere, torus

BOX = np.array([[-1.6, -1.6, -1.6], [1.6, 1.6, 1.6]])


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def points(n: int = 3000, seed: int = 0) -> np.ndarray:
    return sample_volume(BOX, n, rng(seed))


def cube_distance(places: np.ndarray) -> np.ndarray:
    beyond = np.abs(places.astype(np.float64)) - 1
    return np.linalg.norm(np.maximum(beyond, 0), axis=1) + np.minimum(beyond.max(axis=1), 0)


def torus_distance(places: np.ndarray) -> np.ndarray:
    return np.hypot(np.hypot(places[:, 0], places[:, 1]) - 1, places[:, 2]) - 0.4


def wrong_signs(mesh: Mesh) -> float:
    places = points()
    distance, _ = signed_distance(mesh, places, least_confidence=0.0)
    return float(((distance < 0) != (torus_distance(places) < 0)).mean())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cube_is_exact(dtype: type) -> None:
    places = points().astype(dtype)
    distance, confidence = signed_distance(cube(), places)
    np.testing.assert_allclose(distance, cube_distance(places), atol=1e-12)
    np.testing.assert_allclose(unsigned_distance(cube(), places), np.abs(cube_distance(places)), atol=1e-12)
    assert confidence == 1


def test_sphere_and_torus() -> None:
    places = points()
    np.testing.assert_allclose(signed_distance(sphere(1, 5), places)[0], np.linalg.norm(places, axis=1) - 1, atol=2e-3)
    np.testing.assert_allclose(signed_distance(torus(), places)[0], torus_distance(places), atol=4e-3)


def test_winding_numbers_are_whole() -> None:
    winding = winding_number(joined(sphere(1.0, 4), sphere(0.5, 4)), points())
    radius = np.linalg.norm(points(), axis=1)
    clear = (np.abs(radius - 1) > 0.02) & (np.abs(radius - 0.5) > 0.02)
    np.testing.assert_allclose(winding[clear], ((radius < 1) * 1 + (radius < 0.5) * 1)[clear], atol=0.1)


@pytest.mark.parametrize(
    ("name", "mesh", "allowed"),
    [
        ("soup", soup(torus()), 0.002),
        ("inside out", flipped(torus()), 0.002),
        ("double sided", joined(torus(), flipped(torus())), 0.002),
        ("30 % flipped", damaged(torus(), rng(1), flip=0.3), 0.002),
        ("soup with 50 % flipped", soup(damaged(torus(), rng(2), flip=0.5)), 0.002),
        ("2 % holes", damaged(torus(), rng(3), drop=0.02), 0.003),
        ("2 % holes and 30 % flipped", damaged(torus(), rng(4), drop=0.02, flip=0.3), 0.003),
        ("10 % holes", damaged(torus(), rng(5), drop=0.1), 0.005),
        ("30 % holes", damaged(torus(), rng(6), drop=0.3), 0.02),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_sign_survives_damage(name: str, mesh: Mesh, allowed: float) -> None:
    assert wrong_signs(mesh) <= allowed


def test_a_cavity_is_outside() -> None:
    hollow = joined(cube(2.0), flipped(cube(1.0)))
    distance, _ = signed_distance(hollow, np.array([[0.0, 0, 0], [0.75, 0, 0], [2, 0, 0]]))
    np.testing.assert_allclose(distance, [0.5, -0.25, 1.0])


def test_an_open_sheet_gets_no_sign() -> None:
    sheet = Mesh(np.array([[-1.0, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]), np.array([[0, 1, 2], [0, 2, 3]]))
    places = sample_volume(np.array([[-1.0, -1, -0.2], [1, 1, 0.2]]), 1000, rng())
    distance, confidence = signed_distance(sheet, places)
    assert confidence < LEAST_CONFIDENCE
    np.testing.assert_allclose(distance, np.abs(places[:, 2]), atol=1e-12)


def test_confidence_falls_with_damage() -> None:
    values = [sign_confidence(damaged(sphere(), rng(1), drop=drop), rng()) for drop in (0.0, 0.1, 0.6)]
    assert values[0] == 1
    assert values[0] >= values[1] > values[2]
    assert sign_confidence(flipped(soup(sphere())), rng()) == 1
    assert sign_confidence(damaged(sphere(), rng(), flip=0.4), rng()) == 1


def test_confidence_is_deterministic() -> None:
    mesh = damaged(sphere(), rng(1), drop=0.4)
    assert sign_confidence(mesh, rng(5)) == sign_confidence(mesh, rng(5))


def test_nothing_to_ask() -> None:
    empty = Mesh(np.zeros((3, 3)), np.zeros((0, 3), np.int64))
    with pytest.raises(GeometryError, match="no faces"):
        unsigned_distance(empty, points(3))
    with pytest.raises(GeometryError, match="no area"):
        signed_distance(Mesh(np.zeros((3, 3)), np.array([[0, 1, 2]])), points(3))
