"""Outlines (closed, 2-D, counter-clockwise) and paths (open, 3-D) that solids are made from; lengths in mm, angles in degrees."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from jaxtyping import Float
from manifold3d import CrossSection, FillRule

__all__ = [
    "Outline",
    "Path",
    "arc",
    "circle",
    "fillet",
    "helix",
    "inflate",
    "path",
    "points",
    "polygon",
    "rectangle",
    "ribbon",
    "shift",
    "slot",
    "soften",
    "spline",
    "star",
    "superellipse",
]

Outline: TypeAlias = Float[np.ndarray, "_ 2"]
Path: TypeAlias = Float[np.ndarray, "_ 3"]


def points(*corners: Sequence[float]) -> Float[np.ndarray, "n d"]:
    """These corners as an array."""
    return np.array(corners, dtype=np.float64)


def circle(x: float, y: float | None = None, sides: int = 24) -> Outline:
    """A circle of radius `x`, or an ellipse with half axes `x` and `y`."""
    return superellipse(x, x if y is None else y, 2, sides)


def superellipse(x: float, y: float, power: float, sides: int = 32) -> Outline:
    """The curve |u/x|^p + |v/y|^p = 1: an ellipse at power 2, ever boxier above."""
    angle = 2 * np.pi * np.arange(sides) / sides
    c, s = np.cos(angle), np.sin(angle)
    return np.stack([x * np.sign(c) * np.abs(c) ** (2 / power), y * np.sign(s) * np.abs(s) ** (2 / power)], 1)


def polygon(sides: int, radius: float, start: float = 0) -> Outline:
    """A regular polygon; its first corner stands at the angle `start`."""
    angle = np.radians(start) + 2 * np.pi * np.arange(sides) / sides
    return radius * np.stack([np.cos(angle), np.sin(angle)], 1)


def star(tips: int, outer: float, inner: float) -> Outline:
    """A star whose corners alternate between two radii."""
    corners = polygon(2 * tips, 1)
    corners[0::2] *= outer
    corners[1::2] *= inner
    return corners


def rectangle(x: float, y: float, round: float = 0, sides: int = 24) -> Outline:  # noqa: A002
    """A rectangle about the origin, with corners of radius `round`."""
    half = points((x, y), (-x, y), (-x, -y), (x, -y)) / 2
    if round <= 0:
        return half
    quarter = arc(round, 0, 90, sides // 4 + 1)
    turns = np.array([[[1, 0], [0, 1]], [[0, -1], [1, 0]], [[-1, 0], [0, -1]], [[0, 1], [-1, 0]]], dtype=np.float64)
    centres = half - np.sign(half) * round
    return (np.einsum("kij,nj->kni", turns, quarter) + centres[:, None]).reshape(-1, 2)


def slot(length: float, radius: float, sides: int = 24) -> Outline:
    """A stadium along x: `length` between the centres of its two half circles."""
    right = shift(arc(radius, -90, 90, sides // 2 + 1), length / 2)
    return np.concatenate([right, -right])


def arc(radius: float, start: float, stop: float, count: int = 16) -> Outline:
    """Points on a circle about the origin, both ends included (open)."""
    angle = np.radians(np.linspace(start, stop, count))
    return radius * np.stack([np.cos(angle), np.sin(angle)], 1)


def inflate(outline: Outline, by: float) -> Outline:
    """The outline grown (or, with `by` negative, shrunk) by a distance, with round corners; its longest loop."""
    return _longest(_region(outline).offset(by, circular_segments=24))


def soften(outline: Outline, radius: float) -> Outline:
    """The outline with its convex and concave corners rounded."""
    region = _region(outline).offset(-radius, circular_segments=24).offset(2 * radius, circular_segments=24)
    return _longest(region.offset(-radius, circular_segments=24).simplify(radius * 0.01))


def spline(knots: Float[np.ndarray, "k d"], count: int = 32, closed: bool = False) -> Float[np.ndarray, "n d"]:
    """A smooth curve through the knots, `count` points evenly over the knots' chord length (Catmull and Rom, 1974)."""
    ends = (knots[-1:], knots[:2]) if closed else (2 * knots[:1] - knots[1:2], 2 * knots[-1:] - knots[-2:-1])
    p = np.concatenate([ends[0], knots, ends[1]])
    chord = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(p[1:-1], axis=0), axis=1))])
    at = np.linspace(0, chord[-1], count, endpoint=not closed)
    i = np.clip(np.searchsorted(chord, at, side="right") - 1, 0, len(chord) - 2)
    t = ((at - chord[i]) / (chord[i + 1] - chord[i]))[:, None]
    a, b, c, d = p[i], p[i + 1], p[i + 2], p[i + 3]
    curve: Float[np.ndarray, "n d"] = 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - 3 * c + d - a) * t**3
    )
    return curve


def fillet(corners: Float[np.ndarray, "k d"], radius: float, steps: int = 7) -> Float[np.ndarray, "n d"]:
    """The open polyline with each inner corner replaced by an arc of this radius."""
    before, here, after = corners[:-2], corners[1:-1], corners[2:]
    back = (before - here) / np.linalg.norm(before - here, axis=1, keepdims=True)
    ahead = (after - here) / np.linalg.norm(after - here, axis=1, keepdims=True)
    half = np.arccos(np.clip((back * ahead).sum(1, keepdims=True), -1, 1)) / 2
    inward = (back + ahead) / np.linalg.norm(back + ahead, axis=1, keepdims=True)
    along = (ahead - back) / np.linalg.norm(ahead - back, axis=1, keepdims=True)
    centre = here + inward * radius / np.sin(half)
    swing = np.linspace(-1, 1, steps)[:, None, None] * (np.pi / 2 - half)
    arcs = centre + radius * (np.sin(swing) * along - np.cos(swing) * inward)
    return np.concatenate([corners[:1], np.swapaxes(arcs, 0, 1).reshape(-1, corners.shape[1]), corners[-1:]])


def ribbon(line: Outline, width: Float[np.ndarray, "n"] | float) -> Outline:
    """The outline of a flat band of this width (at each point) about an open plane curve."""
    ahead = np.gradient(line, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    aside = np.stack([-ahead[:, 1], ahead[:, 0]], 1) * np.broadcast_to(np.asarray(width) / 2, (len(line),))[:, None]
    return np.concatenate([line - aside, (line + aside)[::-1]])


def helix(radius: float, pitch: float, turns: float, per_turn: int = 24) -> Path:
    """A helix about the z axis, rising from z = 0."""
    angle = np.linspace(0, 2 * np.pi * turns, int(turns * per_turn) + 1)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), pitch * angle / (2 * np.pi)], 1)


def path(flat: Float[np.ndarray, "n 2"], plane: str = "xz") -> Path:
    """A 2-D curve laid into the plane "xy", "xz" or "yz"."""
    laid = np.zeros((len(flat), 3))
    laid[:, ["xyz".index(axis) for axis in plane]] = flat
    return laid


def shift(outline: Outline, x: float = 0, y: float = 0) -> Outline:
    """The outline moved in its plane."""
    return outline + np.array([x, y])


def _region(outline: Outline) -> CrossSection:
    return CrossSection([np.ascontiguousarray(outline, dtype=np.float64)], FillRule.NonZero)


def _longest(region: CrossSection) -> Outline:
    loops: list[Outline] = region.to_polygons()
    return np.asarray(max(loops, key=lambda loop: float(np.linalg.norm(np.diff(loop, axis=0), axis=1).sum())))
