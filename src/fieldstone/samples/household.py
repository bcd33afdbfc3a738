"""What stands about a house or a workshop."""

import numpy as np

from fieldstone.samples.curves import circle, path, points, shift, spline
from fieldstone.samples.draw import BRIGHT, DARK, METAL, STEEL, WOOD, color, maybe, one_of
from fieldstone.samples.solid import (
    NOTHING,
    Solid,
    box,
    cylinder,
    hull,
    revolve,
    ring,
    rod,
    sweep,
    union,
    vessel,
)

__all__ = ["barrel", "bucket", "crate", "ladder"]


def crate(g: np.random.Generator) -> Solid:
    """A wooden crate of slats, open or closed, with battens or a brace."""
    x, y, z = g.uniform(400, 700), g.uniform(300, 500), g.uniform(220, 450)
    wood, rows, t = color(g, WOOD), int(g.integers(2, 6)), 16.0
    gap = g.uniform(6, 26)
    slat_tall = (z - gap * (rows - 1)) / rows
    long, short = box(x, t, slat_tall, 3).move(y=y / 2).both(y=1), box(t, y, slat_tall, 3).move(x=x / 2).both(x=1)
    walls = union((long + short).move(z=i * (slat_tall + gap)) for i in range(rows))
    post = box(40, 40, z, 4).move(x / 2 - 24, y / 2 - 24).both(x=1).both(y=1)
    floor = box(x, y, t, 3)
    result = (walls + post + floor).paint(wood)
    if maybe(g, 0.5):
        planks = int(g.integers(4, 7))
        lid = union(box(x + 10, y / planks - 8, t, 3).move(y=y * ((i + 0.5) / planks - 0.5)) for i in range(planks))
        result += (lid + box(50, y, t, 3).move(x * 0.35, 0, -t + 2).both(x=1)).move(z=z - 2).paint(wood)
    if maybe(g, 0.5):
        dark = color(g, WOOD)
        batten = box(54, t, z, 3).move(x / 2 - 27, -y / 2 - t + 2).both(x=1)
        brace = (
            box(float(np.hypot(x - 100, z)), t, 46, 3)
            .move(z=-23)
            .turn(y=float(np.degrees(np.arctan2(z - 50, x - 100))))
            .move(0, -y / 2 - t + 3, z / 2)
        )
        result += (batten + (brace & box(x, 4 * y, z))).both(y=1).paint(dark)
    return result


def barrel(g: np.random.Generator) -> Solid:
    """A barrel of staves with iron hoops, some with a tap; or a steel drum."""
    r, tall = g.uniform(210, 300), g.uniform(650, 900)
    if maybe(g, 0.25):
        return steel_drum(g, r, tall)
    bulge, wood = g.uniform(1.12, 1.3), color(g, WOOD)
    belly = 1 + 0.75 * (bulge - 1)
    curve = spline(points((1, 0), (belly, 0.25), (bulge, 0.5), (belly, 0.75), (1, 1)) * (r, tall), 15)
    staves = int(g.integers(12, 18))

    def groove(p: np.ndarray) -> np.ndarray:
        angle = np.arctan2(p[:, 1], p[:, 0]) * staves / (2 * np.pi)
        seam = np.abs(angle - np.rint(angle)) < 0.1
        return p * np.where(seam[:, None], (0.975, 0.975, 1), 1)

    body = vessel(curve, 0.08 * r, 4 * staves).warp(groove)
    lid = cylinder(0.95 * r, 20).move(z=0.94 * tall).paint(color(g, WOOD)) if maybe(g, 0.8) else NOTHING
    hoops = []
    for u in (0.04, 0.24, 0.72, 0.92):
        z = np.array([u, u + 0.045]) * tall
        outside = np.stack([np.interp(z, curve[:, 1], curve[:, 0]) + 5, z], 1)
        hoops.append(revolve(np.concatenate([outside, shift(outside[::-1], -17)])))
    result = body.paint(wood) + lid + union(hoops).paint(color(g, DARK))
    if maybe(g, 0.3):
        tap = (
            rod((0, 0, 0), (0, -110, 0), 18) + rod((0, -80, 5), (0, -80, -55), 12) + box(16, 60, 20, 5).move(0, -80, 14)
        )
        result += tap.move(0, -r, 0.14 * tall).paint(color(g, METAL))
    return result


def steel_drum(g: np.random.Generator, r: float, tall: float) -> Solid:
    """An oil drum with two bungs."""
    ribs = union(ring(r, 12, sides=10).move(z=u * tall) for u in (0.02, 0.34, 0.67, 0.98))
    body = (cylinder(r, tall) + ribs).paint(color(g, BRIGHT)) - cylinder(0.93 * r, 60).move(z=tall - 16)
    bungs = cylinder(40, 26, segments=24).move(0.6 * r, 0, tall - 22) + cylinder(22, 20, segments=20).move(
        -0.6 * r, 0, tall - 20
    )
    return body + bungs.paint(color(g, STEEL))


def bucket(g: np.random.Generator) -> Solid:
    """A bucket with its bail up or down, or a watering can."""
    r, tall = g.uniform(120, 160), g.uniform(220, 300)
    paint, steel = color(g, (*BRIGHT, *STEEL)), color(g, STEEL)
    body = vessel(points((0.72 * r, 0), (0.86 * r, 0.5 * tall), (r, tall)), 4)
    if maybe(g, 0.4):
        loop = path(spline(points((-0.86, 0.35), (-1.5, 0.7), (-1.2, 1.25), (-0.3, 1.3), (0.5, 0.99)) * (r, tall), 32))
        half_lid = cylinder(0.99 * r, 5).move(z=tall - 9) & box(9 * r, 9 * r, tall * 2).move(4.5 * r)
        can = body + (spout(r, tall) - cylinder(0.72 * r, 0.8 * tall, 0.8 * r).move(z=6)) + half_lid
        return can.paint(paint) + sweep(circle(0.07 * r, sides=14), loop, up=(0, 1, 0)).paint(steel)
    angle = np.radians(np.linspace(0, 180, 40))
    bail = sweep(
        circle(4.5, sides=10), path(np.stack([1.03 * r * np.cos(angle), 0.95 * r * np.sin(angle)], 1)), up=(0, 1, 0)
    )
    ears = box(14, 40, 44, 5).move(r, 0, -22).both(x=1)
    fittings = (bail.turn(x=one_of(g, (0.0, 55.0, 80.0))) + ears).move(z=0.9 * tall)
    bands = [ring((0.72 + 0.28 * u) * r, 4, sides=10).move(z=u * tall) for u in (0.25, 0.75)[: int(g.integers(0, 3))]]
    return (body + ring(r, 6, sides=12).move(z=tall - 3) + union(bands)).paint(paint) + fittings.paint(steel)


def spout(r: float, tall: float) -> Solid:
    """A watering can's spout with its rose."""
    way = path(spline(points((0.7, 0.2), (1.3, 0.45), (1.75, 0.95), (2.0, 1.15)) * (r, tall), 20))
    tube_ = sweep(circle(0.14 * r, sides=20), way, up=(0, 1, 0), scale=np.linspace(1.3, 0.8, 20))
    rose = cylinder(0.1 * r, 0.3 * r, 0.3 * r, 32) + cylinder(0.3 * r, 8, segments=32).move(z=0.3 * r - 1)
    return tube_ + rose.turn(y=60).move(*(way[-1] - (0.04 * r, 0, 0)).tolist())


def ladder(g: np.random.Generator) -> Solid:
    """A straight ladder or a step ladder."""
    tall, wide, rungs = g.uniform(1600, 2800), g.uniform(360, 480), int(g.integers(5, 10))
    paint = color(g, (*WOOD, *STEEL, *BRIGHT))
    if maybe(g, 0.5):
        rail = box(26, 62, tall, 6).move(x=wide / 2).both(x=1)
        rung = cylinder(17, wide + 8, segments=16).turn(y=90).move(-wide / 2 - 4)
        feet = box(44, 80, 60, 12).move(x=wide / 2).both(x=1).paint(color(g, DARK))
        return (rail + union(rung.move(z=tall * (i + 0.7) / (rungs + 0.4)) for i in range(rungs))).paint(paint).turn(
            x=-g.uniform(8, 16)
        ) + feet.turn(x=-12)
    tall *= 0.6
    lean, rungs = g.uniform(0.2, 0.3), min(rungs, 6)
    rail = hull(box(26, 60, 10).move(wide / 2 + 50), box(26, 60, 10).move(wide / 2 - 20, lean * tall, tall)).both(x=1)
    steps = union(
        box(wide - 10 + 110 * (1 - u), 90, 24, 5).move(0, lean * tall * u, tall * u - 20)
        for u in (np.arange(rungs) + 1) / (rungs + 0.5)
    )
    back = hull(
        box(24, 40, 10).move(wide / 2 + 70, 2.1 * lean * tall),
        box(24, 40, 10).move(wide / 2 - 20, 1.08 * lean * tall, tall - 40),
    ).both(x=1)
    braces = union(
        box(wide + 110 * (1 - u), 22, 40, 4).move(0, lean * tall * (2.1 - 1.02 * u), tall * u) for u in (0.25, 0.6)
    )
    top = box(wide + 20, 260, 34, 8).move(0, 1.03 * lean * tall, tall - 6).paint(color(g, BRIGHT))
    return (rail + steps + back + braces).paint(paint) + top
