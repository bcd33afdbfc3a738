"""What one eats."""

import numpy as np

from fieldstone.samples.curves import circle, path, points, spline
from fieldstone.samples.draw import BRIGHT, LEAF, PASTEL, color, maybe, one_of
from fieldstone.samples.solid import (
    Solid,
    ball,
    box,
    revolve,
    ring,
    sweep,
    turned,
)
from fieldstone.samples.tableware import flute

__all__ = ["donut", "fruit"]


def fruit(g: np.random.Generator) -> Solid:
    """A pear, apple, lemon or pumpkin."""
    style, r = one_of(g, ("apple", "pumpkin", "lemon")), g.uniform(34, 44)
    stalk = sweep(circle(2.2, sides=10), path(spline(points((0, 0), (1, 10), (5, 22)), 10)), up=(0, 1, 0))
    leaf = ball(17, 8, 1.8, 20).turn(y=-20, z=float(g.uniform(0, 360))).move(13, 0, 14).paint(color(g, LEAF[:3]))
    brown = (104, 78, 54)
    if style == "pumpkin":
        r *= 3
        shape = spline(points((0.1, 0.06), (0.6, 0), (1, 0.4), (0.95, 0.75), (0.55, 1.12), (0.1, 1.02)) * r, 26)
        ribs = int(g.integers(8, 13))
        body = flute(
            revolve(np.concatenate([points((0, 0.1 * r)), shape, points((0, 1.0 * r))]), segments=ribs * 6), ribs, 0.07
        )
        return body.paint(color(g, ((228, 130, 44), (206, 104, 40), (236, 176, 80)))) + stalk.scale(3, 3, 2.5).move(
            z=0.98 * r
        ).paint((110, 120, 70))
    if style == "apple":
        shape = points((0.06, 0.2), (0.42, 0.02), (0.95, 0.5), (1, 1.0), (0.62, 1.55), (0.22, 1.55), (0.05, 1.36))
        skin = color(g, ((196, 50, 46), (136, 170, 64), (226, 186, 80)))
    elif style == "pear":
        shape = points((0.06, 0.14), (0.42, 0.02), (0.98, 0.55), (0.88, 1.2), (0.5, 1.8), (0.38, 2.2), (0.06, 2.36))
        skin = color(g, ((170, 180, 70), (206, 176, 70), (150, 110, 60)))
    else:
        shape = points((0.04, 0), (0.2, 0.1), (0.82, 0.62), (0.95, 1.2), (0.8, 1.78), (0.22, 2.3), (0.04, 2.42)) * (
            0.9,
            0.9,
        )
        body = turned(spline(shape * r, 30)).paint(color(g, ((240, 206, 66), (150, 190, 70), (236, 150, 50))))
        return body.turn(x=90, z=float(g.uniform(-30, 30)))
    curve = spline(shape * r, 30)
    return (
        turned(curve).paint(skin)
        + stalk.move(z=float(curve[-1, 1]) - 3).paint(brown)
        + leaf.move(z=float(curve[-1, 1]) - 2)
    )


def donut(g: np.random.Generator) -> Solid:
    """A doughnut with icing and sprinkles."""
    r = g.uniform(30, 38)
    t = r * g.uniform(0.45, 0.6)
    dough = ring(r, t, 56, 22).scale(1, 1, 0.82).paint(color(g, ((206, 150, 92), (186, 124, 70), (222, 172, 112))))
    icing_paint = color(g, ((236, 150, 180), (98, 62, 46), (246, 236, 220), (150, 200, 220), (240, 206, 110)))
    drips, depth = int(g.integers(6, 13)), g.uniform(0.1, 0.28) * t
    phase = g.uniform(0, 6.28)

    def run(p: np.ndarray) -> np.ndarray:
        angle = np.arctan2(p[:, 1], p[:, 0])
        drop = depth * (np.sin(drips * angle + phase) + 0.4 * np.sin((drips + 3) * angle))
        return p + np.stack([0 * drop, 0 * drop, drop * (p[:, 2] < 1)], 1)

    wave = Solid(box(6 * r, 6 * r, 3 * t).manifold.refine_to_length(r * 0.27)).warp(run)
    icing = ring(r, 1.07 * t, 56, 22).scale(1, 1, 0.84) & wave
    result = dough + icing.paint(icing_paint)
    if maybe(g, 0.7):
        paints = [color(g, BRIGHT) for _ in range(3)]
        for i in range(int(g.integers(14, 26))):
            around_, tilt = g.uniform(0, 360), g.uniform(-50, 50)
            grain = box(0.26 * r, 0.08 * r, 0.08 * r, 0.03 * r).turn(z=float(g.uniform(0, 180))).move(z=1.05 * t)
            result += grain.turn(y=float(tilt)).scale(1, 1, 0.84).move(x=r).turn(z=float(around_)).paint(paints[i % 3])
    elif maybe(g):
        way = np.linspace(0, 2 * np.pi, 160)[:-2]
        zig = np.stack(
            [
                (r + 0.6 * t * np.sin(6 * way)) * np.cos(way),
                (r + 0.6 * t * np.sin(6 * way)) * np.sin(way),
                0.84 * 1.07 * t * np.cos(np.arcsin(0.56 * np.sin(6 * way))),
            ],
            1,
        )
        result += sweep(circle(0.05 * r, sides=8), zig).paint(color(g, PASTEL))
    return result
