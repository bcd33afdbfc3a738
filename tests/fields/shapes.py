"""Fields of shapes that are known exactly."""

from collections.abc import Callable

import numpy as np

from fieldstone.fields.field import CallableField, Function
from fieldstone.fields.frame import Frame
from fieldstone.geometry.normalise import Similarity

Formula = Callable[[np.ndarray], np.ndarray]


def ball(points: np.ndarray, radius: float = 0.7) -> np.ndarray:
    return np.linalg.norm(points, axis=1) - radius


def ring(points: np.ndarray) -> np.ndarray:
    """A torus of radii 0.6 and 0.25 around z."""
    return np.hypot(np.hypot(points[:, 0], points[:, 1]) - 0.6, points[:, 2]) - 0.25


def box(points: np.ndarray) -> np.ndarray:
    """A box of half sides 0.5, 0.4, 0.3, turned so that no side follows the lattice."""
    turn = np.linalg.qr(np.random.default_rng(3).standard_normal((3, 3)))[0].astype(points.dtype)
    over = np.abs(points @ turn) - np.array([0.5, 0.4, 0.3], dtype=points.dtype)
    return np.linalg.norm(np.maximum(over, 0), axis=1) + np.minimum(over.max(axis=1), 0)


def bowl(points: np.ndarray) -> np.ndarray:
    """Unsigned distance to the upper half of a sphere of radius 0.7."""
    rim = np.hypot(np.hypot(points[:, 0], points[:, 1]) - 0.7, points[:, 2])
    return np.where(points[:, 2] >= 0, np.abs(ball(points)), rim)


def shells(points: np.ndarray) -> np.ndarray:
    """Unsigned distance to two spheres, one within the other."""
    return np.minimum(np.abs(ball(points, 0.75)), np.abs(ball(points, 0.62)))


def unsigned(formula: Formula) -> Formula:
    return lambda points: np.abs(formula(points))


def learnt(formula: Formula) -> Formula:
    """As a network says an unsigned distance: the valley rounded and a little above 0, everything a little wavy."""
    return wavy(lambda points: np.sqrt(formula(points) ** 2 + 0.003**2))


def wavy(formula: Formula, seed: int = 0) -> Formula:
    """As a network says a signed distance: about 0.001 wrong here and there."""
    generator = np.random.default_rng(seed)
    waves, phases = 60.0 * generator.standard_normal((3, 40)), generator.uniform(0, 6.28, 40)

    def call(points: np.ndarray) -> np.ndarray:
        noise = np.sin(points.astype(np.float64) @ waves + phases).sum(axis=1) / 20.0**0.5
        return formula(points) + 0.001 * noise

    return call


def occupancy(formula: Formula, width: float = 0.02) -> Formula:
    return lambda points: -np.tanh(formula(points) / width)


def field_of(formula: Formula, function: Function = "sdf", frame: Frame | None = None) -> CallableField:
    return CallableField(call=formula, function=function, frame=frame or Frame.identity())


def moved_frame() -> Frame:
    """Three times as large, turned a quarter about z, at (5, 0, 0)."""
    turn = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
    similarity = Similarity(rotation=turn, translation=np.array([5.0, 0, 0]), scale=3.0)
    return Frame(name="unit_sphere_bbox", to_model=similarity, unit="mm")
