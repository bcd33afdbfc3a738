"""What sails. The bow points towards -x, the stern towards +x."""

import numpy as np

from fieldstone.samples.curves import points, rectangle
from fieldstone.samples.draw import BRIGHT, PASTEL, WOOD, color, maybe, one_of
from fieldstone.samples.solid import (
    NOTHING,
    Color,
    Solid,
    ball,
    box,
    cylinder,
    extrude,
    hull,
    loft,
    panel,
    rod,
    tube,
    union,
)

__all__ = ["boat"]

PANE: Color = (92, 118, 138)
DARK: Color = (50, 52, 58)


def boat(g: np.random.Generator) -> Solid:
    """A sailing boat, a rowing boat, a motor boat or a tug."""
    long = g.uniform(4500, 9000)
    wide, deep = long * g.uniform(0.28, 0.36), long * g.uniform(0.12, 0.17)
    kind = one_of(g, (sailing_boat, sailing_boat, rowing_boat, motor_boat, tug))
    return kind(g, long, wide, deep)


def skin(long: float, wide: float, deep: float, inset: float = 0, floor: float = 0) -> Solid:
    """A boat's body up to its gunwale: pointed bow, narrower stern, `inset` from the outside and above `floor`."""
    u = np.linspace(0, 1, 14)
    beam = np.maximum(np.sin(np.pi * (0.06 + 0.78 * u**0.8)) ** 0.7, 0.05) * wide / 2
    sheer = deep * (1 + 0.35 * (1 - u) ** 2)
    across = np.linspace(-1, 1, 17)
    down = -np.sqrt(1 - np.abs(across) ** 2.6)
    y = across * np.maximum(beam - inset, 10)[:, None]
    # Away from the gunwale the skin stays below it, so that the flat deck never meets it.
    z = sheer[:, None] + np.minimum(down * (sheer - floor)[:, None], -1e-3 * deep * (np.abs(across) < 1))
    x = np.broadcast_to((u * long - long / 2)[:, None], y.shape)
    return loft(np.stack([x, y, z], 2))


def open_shell(g: np.random.Generator, long: float, wide: float, deep: float) -> Solid:
    """A hollow boat with planked inside and two or three thwarts."""
    t, deck = 0.02 * long, color(g, WOOD)
    inside = (skin(long, wide, deep, t, 1.4 * t).move(z=2) & box(0.9 * long, 9999, 9999)).paint(deck)
    thwart = box(0.07 * long, wide, 0.6 * t)
    thwarts = union(thwart.move((i - 0.8) * 0.22 * long, 0, 0.6 * deep) for i in range(int(g.integers(2, 4))))
    shell = skin(long, wide, deep).paint(color(g, (*BRIGHT, *PASTEL)))
    return shell - inside + (thwarts & skin(long, wide, deep, 0.3 * t, t)).paint(deck)


def rowing_boat(g: np.random.Generator, long: float, wide: float, deep: float) -> Solid:
    """An open boat with a pair of oars."""
    t, trim = 0.02 * long, color(g, (*BRIGHT, *WOOD))
    oar = rod((-0.3 * wide, 0, 0), (0.75 * wide, 0, 0), 0.35 * t)
    oar += box(0.24 * wide, 2.2 * t, 0.4 * t, 0.15 * t).move(0.8 * wide, 0, -0.2 * t)
    oars = oar.turn(y=12).turn(z=90 + g.uniform(-20, 20)).move(0, 0.38 * wide, 1.1 * deep).both(y=1)
    return open_shell(g, long, wide, deep) + oars.paint(trim)


def motor_boat(g: np.random.Generator, long: float, wide: float, deep: float) -> Solid:
    """An open boat with a foredeck, a windscreen and an outboard engine."""
    t, trim = 0.02 * long, color(g, (*BRIGHT, (244, 242, 236)))
    low, high = box(0.02 * long, 0.8 * wide, 10), box(0.02 * long, 0.6 * wide, 10)
    screen = hull(low.move(-0.1 * long, 0, 0.98 * deep), high.move(-0.04 * long, 0, 1.58 * deep)).paint(PANE)
    engine = box(0.08 * long, 0.14 * long, 0.8 * deep, 0.02 * long).move(0.5 * long, 0, 0.75 * deep)
    engine += box(0.03 * long, 0.05 * long, 0.9 * deep).move(0.51 * long)
    foredeck = skin(long, wide, deep, 0.5 * t, t) & box(0.4 * long, 9999, 9999).move(-0.32 * long, 0, 0.8 * deep)
    return open_shell(g, long, wide, deep) + foredeck.paint(trim) + screen + engine.paint(DARK)


def cabin_boat(g: np.random.Generator, long: float, wide: float, deep: float, paint: Color) -> Solid:
    """A decked boat with a low cabin and its windows."""
    cabin = box(0.3 * long, 0.5 * wide, 0.75 * deep, 0.02 * long).move(0.08 * long, 0, deep * 0.8)
    pane = box(0.05 * long, 0.505 * wide, 0.2 * deep)
    panes = union(pane.move(0.08 * i * long, 0, 1.22 * deep) for i in range(3)).paint(PANE)
    return skin(long, wide, deep).paint(paint) + cabin.paint(color(g, (*BRIGHT, (244, 242, 236)))) + panes


def tug(g: np.random.Generator, long: float, wide: float, deep: float) -> Solid:
    """A harbour tug: bridge, funnel, tyres along the sides."""
    deep *= 1.15
    bridge = box(0.18 * long, 0.42 * wide, deep, 0.02 * long).move(0.04 * long, 0, 1.4 * deep)
    glass = box(0.182 * long, 0.425 * wide, 0.3 * deep).move(0.04 * long, 0, 1.9 * deep).paint(PANE)
    funnel = cylinder(0.045 * long, 1.4 * deep, 0.04 * long, 32).move(0.24 * long, 0, 1.2 * deep)
    tyre = tube(0.03 * long, 0.015 * long, 0.02 * long, 24).turn(x=90)
    tyres = union(tyre.move(u * long, 0.01 * long - 0.47 * wide, 0.75 * deep) for u in (-0.05, 0.1, 0.25)).both(y=1)
    below = cabin_boat(g, long, wide, deep, color(g, (*BRIGHT, *PASTEL)))
    return below + bridge.paint((244, 242, 236)) + glass + funnel.paint(color(g, BRIGHT)) + tyres.paint(DARK)


def sailing_boat(g: np.random.Generator, long: float, wide: float, deep: float) -> Solid:
    """A sloop with mainsail, mostly a jib, and a keel."""
    paint, wood, cloth = color(g, (*BRIGHT, *PASTEL)), color(g, WOOD), color(g, ((246, 242, 232), *PASTEL, *BRIGHT))
    tall, at = long * g.uniform(1.0, 1.25), -0.12 * long
    mast = rod((at, 0, 0.5 * deep), (at, 0, 0.5 * deep + tall), 0.011 * long, 0.007 * long)
    boom = rod((at, 0, 1.75 * deep), (at + 0.5 * long, 0, 1.75 * deep), 0.008 * long)
    main = points((at + 0.02 * long, 1.85 * deep), (at + 0.48 * long, 1.9 * deep), (at + 0.02 * long, 0.97 * tall))
    jib = points((at - 0.35 * long, 1.5 * deep), (at - 0.03 * long, 1.9 * deep), (at - 0.02 * long, 0.85 * tall))
    sails = sail(main, 0.06 * long) + (sail(jib, 0.08 * long) if maybe(g, 0.75) else NOTHING)
    foot = extrude(rectangle(0.14 * long, 40, 15), 10).move(0.06 * long, 0, -0.9 * deep)
    keel = hull(extrude(rectangle(0.25 * long, 40, 15), 10).move(0.02 * long, 0, 20), foot)
    top = ball(0.016 * long, segments=16).move(at, 0, 0.5 * deep + tall)
    below = cabin_boat(g, long, wide, deep, paint) + keel.paint(paint)
    return below + (mast + boom + top).paint(wood) + sails.paint(cloth)


def sail(corners: np.ndarray, belly: float) -> Solid:
    """A triangular sail in the plane y = 0 (corners as x, z), blown out towards -y."""
    low, high = corners.min(0), corners.max(0)
    sheet = Solid(panel(corners, 24).manifold.refine_to_length(float(high[1] - low[1]) / 9))

    def blow(p: np.ndarray) -> np.ndarray:
        u = np.clip((p[:, 2] - low[1]) / (high[1] - low[1]), 0, 1)
        v = np.clip((p[:, 0] - low[0]) / (high[0] - low[0]), 0, 1)
        return p - np.stack([0 * u, belly * np.sin(np.pi * v) * np.sin(np.pi * np.sqrt(u)), 0 * u], 1)

    return sheet.warp(blow)
