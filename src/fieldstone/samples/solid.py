"""Coloured solids: a thin layer over manifold3d in which every face keeps the colour of the primitive it came from.

Frame: right-handed, z up; unit: millimetre; angles in degrees. A primitive stands on the plane z = 0, centred in x and y;
balls and rings are centred at the origin, sweeps and lofts lie where their path lies. Booleans are exact in topology, so
what comes out is closed and oriented by construction. Outlines and paths are arrays of points (see `curves`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import TypeAlias

import numpy as np
from jaxtyping import Float
from manifold3d import CrossSection, FillRule, Manifold, Mesh64, OpType

from fieldstone.samples.curves import Outline, Path, points

__all__ = [
    "NOTHING",
    "Color",
    "Solid",
    "around",
    "ball",
    "box",
    "cylinder",
    "extrude",
    "hull",
    "loft",
    "panel",
    "revolve",
    "ring",
    "rod",
    "sweep",
    "tube",
    "turned",
    "union",
    "vessel",
]

Color: TypeAlias = tuple[int, int, int]
Point: TypeAlias = tuple[float, float, float]
BARE: Color = (176, 180, 186)
"""What a face shows that nobody painted."""
SEGMENTS = 48
"""Sides of a round thing."""


@dataclass(frozen=True, slots=True, eq=False)
class Solid:
    """A closed solid. `a + b` joins, `a - b` cuts, `a & b` keeps what both hold.

    A cut shows the colour of the cutter; an unpainted cutter leaves the first colour of what it cuts.
    """

    manifold: Manifold
    colors: Mapping[int, Color] = field(default_factory=dict)
    """Of each primitive, by manifold3d's original id; empty while unpainted."""

    def paint(self, color: Color) -> "Solid":
        """The same solid in one colour."""
        manifold = self.manifold.as_original()
        return Solid(manifold, {manifold.original_id(): color})

    def move(self, x: float = 0, y: float = 0, z: float = 0) -> "Solid":
        """Shifted."""
        return Solid(self.manifold.translate((x, y, z)), self.colors)

    def turn(self, x: float = 0, y: float = 0, z: float = 0) -> "Solid":
        """Turned about the x axis, then y, then z (degrees)."""
        return Solid(self.manifold.rotate((x, y, z)), self.colors)

    def scale(self, x: float = 1, y: float = 1, z: float = 1) -> "Solid":
        """Stretched along the axes, from the origin."""
        return Solid(self.manifold.scale((x, y, z)), self.colors)

    def mirror(self, x: float = 0, y: float = 0, z: float = 0) -> "Solid":
        """Mirrored in the plane through the origin with this normal."""
        return Solid(self.manifold.mirror((x, y, z)), self.colors)

    def both(self, x: float = 0, y: float = 0, z: float = 0) -> "Solid":
        """Joined with its own mirror image."""
        return self + self.mirror(x, y, z)

    def warp(self, bend: Callable[[Float[np.ndarray, "n 3"]], Float[np.ndarray, "n 3"]]) -> "Solid":
        """Every vertex moved by `bend`, which must keep the surface free of self-intersections."""
        return Solid(self.manifold.warp_batch(bend), self.colors)

    def above(self, z: float = 0) -> "Solid":
        """What lies above the horizontal plane at height z."""
        low, high = self.bounds()
        x, y, tall = (high - low + 2).tolist()
        east, north, _ = ((low + high) / 2).tolist()
        return self & box(x, y, tall).move(east, north, z)

    def bounds(self) -> tuple[Float[np.ndarray, "3"], Float[np.ndarray, "3"]]:
        """Lowest and highest corner of the bounding box."""
        corners = np.array(self.manifold.bounding_box())
        return corners[:3], corners[3:]

    def __add__(self, other: "Solid") -> "Solid":
        return Solid(self.manifold + other.manifold, {**self.colors, **other.colors})

    def __sub__(self, other: "Solid") -> "Solid":
        if self.colors and not other.colors:
            other = other.paint(next(iter(self.colors.values())))
        return Solid(self.manifold - other.manifold, {**self.colors, **other.colors})

    def __and__(self, other: "Solid") -> "Solid":
        if self.colors and not other.colors:
            other = other.paint(next(iter(self.colors.values())))
        return Solid(self.manifold ^ other.manifold, {**self.colors, **other.colors})


NOTHING = Solid(Manifold())
"""The empty solid."""


def union(parts: Iterable[Solid]) -> Solid:
    """All parts joined into one solid."""
    parts = list(parts)
    colors = {key: color for part in parts for key, color in part.colors.items()}
    return Solid(Manifold.batch_boolean([part.manifold for part in parts], OpType.Add), colors)


def around(part: Solid, count: int, start: float = 0, sweep: float = 360) -> Solid:
    """`count` copies turned about the z axis, evenly over `sweep` degrees."""
    return union(part.turn(z=start + sweep * i / count) for i in range(count))


def hull(*parts: Solid) -> Solid:
    """The convex hull of all parts, in the first colour of the first."""
    convex = Solid(Manifold.batch_hull([part.manifold for part in parts]))
    colors = list(parts[0].colors.values())
    return convex.paint(colors[0]) if colors else convex


def box(x: float, y: float, z: float, round: float = 0) -> Solid:  # noqa: A002
    """A block; `round` is the radius of its edges and corners."""
    if round <= 0:
        return Solid(Manifold.cube((x, y, z), False).translate((-x / 2, -y / 2, 0)))
    radius = min(round, 0.49 * min(x, y, z))
    knob = Manifold.sphere(radius, 16 if radius > 0.2 * min(x, y, z) else 8).to_mesh64().vert_properties[:, :3]
    corners = np.array(list(product((-1, 1), repeat=3))) * (np.array([x, y, z]) / 2 - radius)
    skin = (corners[:, None] + knob).reshape(-1, 3)
    return Solid(Manifold.hull_points(skin).translate((0, 0, z / 2)))


def rod(start: Point, end: Point, radius: float, top: float | None = None, segments: int = 16) -> Solid:
    """A cylinder from one point to another, or a cone frustum whose radius at the end is `top`."""
    x, y, z = np.subtract(end, start).tolist()
    flat = float(np.hypot(x, y))
    length, tilt, turn = float(np.hypot(flat, z)), np.degrees(np.arctan2(flat, z)), np.degrees(np.arctan2(y, x))
    return cylinder(radius, length, top, segments).turn(y=tilt).turn(z=turn).move(*start)


def cylinder(radius: float, height: float, top: float | None = None, segments: int = SEGMENTS) -> Solid:
    """A cylinder, or a cone frustum whose upper radius is `top`."""
    upper = radius if top is None else top
    return Solid(Manifold.cylinder(height, radius, upper, segments))


def tube(outer: float, inner: float, height: float, segments: int = SEGMENTS) -> Solid:
    """A cylinder with a round hole along its axis."""
    return revolve(points((inner, 0), (outer, 0), (outer, height), (inner, height)), segments=segments)


def ball(x: float, y: float | None = None, z: float | None = None, segments: int = 32) -> Solid:
    """A sphere of radius `x`, or an ellipsoid with these half axes, about the origin."""
    return Solid(Manifold.sphere(1, segments).scale((x, y or x, z or x)))


def ring(radius: float, thickness: float, segments: int = SEGMENTS, sides: int = 16) -> Solid:
    """A torus about the z axis: `radius` to the middle of a tube of radius `thickness`, centred at the origin."""
    section = CrossSection.circle(thickness, sides).translate((radius, 0))
    return Solid(Manifold.revolve(section, segments))


def revolve(profile: Outline, degrees: float = 360, segments: int = SEGMENTS) -> Solid:
    """The closed outline of points (radius, height) turned about the z axis."""
    return Solid(Manifold.revolve(_section(profile), segments, degrees))


def vessel(profile: Outline, wall: float, segments: int = SEGMENTS) -> Solid:
    """A hollow body of revolution, open at the top: `profile` runs up its outside, from the foot to the lip."""
    lip = np.array([[profile[-1, 0], profile[-1, 1] + 4 * wall]])
    left = (profile * (-1, 1))[::-1]
    outside = _section(np.concatenate([profile, left]))
    inside = _section(np.concatenate([profile, lip, lip * (-1, 1), left])).offset(-wall, circular_segments=12)
    soft = 0.45 * wall
    section = (outside - inside).offset(-soft, circular_segments=12).offset(soft, circular_segments=12)
    return Solid(Manifold.revolve(section.simplify(wall * 0.02), segments))


def extrude(outline: Outline, height: float, twist: float = 0, divisions: int = 0, top: float = 1) -> Solid:
    """The outline pulled up from z = 0; `twist` in degrees and the scale `top` are reached at the upper end."""
    return Solid(Manifold.extrude(_section(outline), height, divisions, twist, (top, top)))


def panel(outline: Outline, thick: float) -> Solid:
    """The outline stood up: its x along x, its y along z, half of `thick` on either side of the plane y = 0."""
    return extrude(outline, thick).turn(x=90).move(y=thick / 2)


def turned(profile: Outline, segments: int = SEGMENTS) -> Solid:
    """The solid of revolution under a profile of points (radius, height) that runs from the foot to the top."""
    axis = np.array([[0, profile[-1, 1]], [0, profile[0, 1]]])
    return revolve(np.concatenate([profile, axis]), segments=segments)


def sweep(
    outline: Outline, path: Path, up: tuple[float, float, float] = (0, 0, 1), scale: Float[np.ndarray, "n"] | float = 1
) -> Solid:
    """The outline carried along an open path, its y axis kept as close to `up` as the path's direction lets it.

    The path must never run along `up`. `scale` is the outline's size at each point of the path.
    """
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    side = np.cross(np.asarray(up, dtype=np.float64), tangent)
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    rise = np.cross(tangent, side)
    size = np.broadcast_to(np.asarray(scale, dtype=np.float64), (len(path),))

    def carry(points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
        step = np.rint(points[:, 2]).astype(np.int64)
        x, y = (points[:, :2] * size[step, None]).T
        carried: Float[np.ndarray, "n 3"] = path[step] + x[:, None] * side[step] + y[:, None] * rise[step]
        return carried

    straight = Manifold.extrude(_section(outline), len(path) - 1, len(path) - 2)
    return Solid(straight.warp_batch(carry))


def loft(rings: Float[np.ndarray, "k n 3"]) -> Solid:
    """A skin over closed rings of equally many points, in order, with flat ends.

    All rings turn the same way round, and each end is star-shaped about its centroid.
    """
    k, n, _ = rings.shape
    here = np.arange(n)
    after = (here + 1) % n
    quad = np.concatenate([np.stack([here, after, after + n], 1), np.stack([here, after + n, here + n], 1)])
    skin = (quad + n * np.arange(k - 1)[:, None, None]).reshape(-1, 3)
    first = np.stack([after, here, np.full(n, k * n)], 1)
    last = np.stack([here + (k - 1) * n, after + (k - 1) * n, np.full(n, k * n + 1)], 1)
    nodes = np.concatenate([rings.reshape(-1, 3), rings[[0, -1]].mean(1)]).astype(np.float64)
    faces = np.concatenate([skin, first, last]).astype(np.uint64)
    # Six times the enclosed volume: its sign tells which way the rings turn.
    if np.einsum("ij,ij->", nodes[faces[:, 0]], np.cross(nodes[faces[:, 1]], nodes[faces[:, 2]])) < 0:
        faces = np.ascontiguousarray(faces[:, ::-1])
    return Solid(Manifold(Mesh64(nodes, faces)))


def _section(outline: Outline) -> CrossSection:
    return CrossSection([np.ascontiguousarray(outline, dtype=np.float64)], FillRule.NonZero)
