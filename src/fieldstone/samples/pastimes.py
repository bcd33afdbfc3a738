"""Music and sport."""

import numpy as np

from fieldstone.samples.curves import circle, path, points, polygon, soften, spline, star
from fieldstone.samples.draw import BRIGHT, DARK, METAL, STEEL, WOOD, color, maybe, one_of
from fieldstone.samples.solid import (
    NOTHING,
    Color,
    Solid,
    around,
    ball,
    box,
    cylinder,
    extrude,
    panel,
    rod,
    sweep,
    tube,
    turned,
    union,
    vessel,
)

__all__ = ["drum", "dumbbell", "guitar", "trophy"]


def drum(g: np.random.Generator) -> Solid:
    """A drum with hoops, tension rods and two sticks."""
    r, tall, steel = g.uniform(150, 210), g.uniform(130, 320), color(g, METAL)
    shell = cylinder(r, tall).paint(color(g, (*BRIGHT, *WOOD)))
    skin = cylinder(0.97 * r, 6).paint((244, 238, 224))
    hoop = tube(1.06 * r, 0.96 * r, 22)
    bolt = cylinder(4.5, tall + 10, segments=10).move(1.045 * r, 0, -5)
    lug = box(16, 20, 34, 4).move(1.03 * r, 0, tall / 2 - 17)
    fittings = hoop.move(z=tall - 6) + hoop.move(z=-16) + around(bolt + lug, int(g.integers(6, 11)))
    stick = rod((0, 0, 0), (340, 0, 12), 7, 5.5, 14) + ball(16, 9, 9, 16).move(345, 0, 12)
    sticks = stick.turn(z=28).move(-0.8 * r, -0.5 * r, tall + 17) + stick.turn(z=-24).move(
        -0.8 * r, 0.42 * r, tall + 30
    )
    pair = sticks.paint(color(g, WOOD)) if maybe(g, 0.7) else NOTHING
    return shell + skin.move(z=tall) + skin.move(z=-6) + fittings.paint(steel) + pair


def dumbbell(g: np.random.Generator) -> Solid:
    """A dumbbell with hexagonal or round heads or plates, or a kettlebell."""
    r, grip = g.uniform(40, 75), g.uniform(110, 140)
    paint, steel = color(g, (*DARK, *BRIGHT)), color(g, STEEL)
    style = one_of(g, ("hex", "round", "plates", "kettle"))
    if style == "kettle":
        bend = spline(points((-0.75, 1.9), (-0.95, 2.75), (-0.5, 3.2), (0.5, 3.2), (0.95, 2.75), (0.75, 1.9)) * r, 40)
        handle = sweep(circle(0.24 * r, sides=20), path(bend), up=(0, 1, 0)).paint(one_of(g, (steel, paint)))
        return ball(1.3 * r, segments=48).move(z=1.15 * r).above(0).paint(paint) + handle
    reach = grip / 2 + 30
    if style == "hex":
        bevel = turned(points((0.8, 0), (1.02, 0.2), (1.02, 1), (0.8, 1.2)) * r)
        head = extrude(polygon(6, r, 30), r * 1.2) & bevel
    elif style == "round":
        head = turned(spline(points((0.6, 0), (0.95, 0.15), (1, 0.6), (0.95, 1.05), (0.6, 1.2)) * r, 20))
    else:
        count = int(g.integers(2, 5))
        sizes = [r * (1.25 - 0.17 * i) for i in range(count)]
        head = union(
            (cylinder(s, 22) - tube(0.88 * s, 0.5 * s, 9).move(z=17)).move(z=23.5 * i) for i, s in enumerate(sizes)
        )
        head += extrude(polygon(6, 26), 18).move(z=24 * count - 1)
        reach = grip / 2 + 26 * count + 34
    bar = rod((-reach, 0, 0), (reach, 0, 0), 14, segments=32).paint(steel)
    ridge = tube(15.2, 12, 3, 24).turn(y=90)
    knurl = union(ridge.move(-40 + 11 * i) for i in range(8)).paint(color(g, DARK))
    return bar + knurl + head.turn(y=90).move(grip / 2).both(x=1).paint(paint)


def guitar(g: np.random.Generator) -> Solid:
    """An acoustic or electric guitar, upright, facing -y."""
    electric = maybe(g, 0.45)
    wood, dark, steel = color(g, WOOD), (60, 44, 38), color(g, METAL)
    w, deep = g.uniform(170, 200), (45.0 if electric else g.uniform(90, 110))
    outline = (electric_outline(g) if electric else acoustic_outline(g)) * w
    top = 1.12 * w if electric else float(outline[:, 1].max())
    body = panel(soften(outline, 0.04 * w), deep).move(y=deep / 2).paint(color(g, BRIGHT) if electric else wood)
    if electric:
        pickup = box(0.48 * w, 12, 34, 5).paint((50, 50, 54))
        body += union(pickup.move(0, -3, z * w) for z in (0.72, 0.98)[: int(g.integers(1, 3))])
        button = rod((0.5 * w, 3, 0.4 * w), (0.5 * w, -11, 0.4 * w), 12, segments=20).paint(steel)
        body += button + button.move(22, 0, -0.12 * w)
    else:
        body -= rod((0, 0.85 * deep, 1.25 * w), (0, -9, 1.25 * w), 0.3 * w, segments=40).paint((48, 34, 28))
        body += tube(0.36 * w, 0.28 * w, 4).turn(x=90).move(0, 1.5, 1.25 * w).paint(dark)
    bridge = box(0.7 * w, 14, 26, 4).move(0, -4, 0.5 * w).paint(dark)
    return body + bridge + guitar_neck(top, 0.5 * w, g.uniform(300, 360), wood, one_of(g, (dark, wood)), steel)


def acoustic_outline(g: np.random.Generator) -> np.ndarray:
    """A figure of eight about x = 0, two units tall."""
    waist = g.uniform(0.6, 0.72)
    right = points((0, 0), (0.7, 0.08), (1, 0.6), (waist, 1.22), (0.76, 1.75), (0.4, 2.08), (0, 2.12))
    return spline(np.concatenate([right, (right[1:-1] * (-1, 1))[::-1]]), 72, closed=True)


def electric_outline(g: np.random.Generator) -> np.ndarray:
    """A solid body with two horns."""
    right = [
        (0, -0.02),
        (0.6, 0.02),
        (0.95, 0.3),
        (0.72, 0.75),
        (0.82, 1.15),
        (0.62, g.uniform(1.3, 1.6)),
        (0.42, 1.25),
        (0.2, 1.1),
    ]
    left = [
        (-0.2, 1.1),
        (-0.42, 1.25),
        (-0.66, g.uniform(1.4, 1.75)),
        (-0.84, 1.15),
        (-0.74, 0.75),
        (-0.95, 0.3),
        (-0.6, 0.02),
    ]
    return spline(points(*right, *left), 80, closed=True)


def guitar_neck(top: float, bridge: float, long: float, wood: Color, head_paint: Color, steel: Color) -> Solid:
    """Neck, fretboard, head, pegs and strings, in front of a body whose face lies in y = 0 and ends at height `top`."""
    neck = box(46, 24, long + 60, 8).move(0, 6, top - 50).paint(wood)
    board = box(48, 9, long + 130).move(0, -5, top - 120).paint((60, 44, 38))
    frets = union(box(48, 3, 3).move(0, -9.5, top + long - 22 - 340 * (1 - 0.86**i)) for i in range(1, 11))
    shape = soften(points((-26, 0), (26, 0), (40, 60), (34, 150), (-34, 150), (-40, 60)), 8)
    head = panel(shape, 18).move(0, 5, top + long).paint(head_paint)
    peg = rod((24, 5, 0), (60, 5, 0), 4, segments=12) + ball(10, 6, 8, 14).move(62, 5)
    pegs = union(peg.move(z=top + long + 40 + 38 * i) for i in range(3)).both(x=1)
    string = cylinder(1.6, top + long - bridge + 30, segments=6)
    strings = union(string.move(-17 + 6.8 * i, -13, bridge + 8) for i in range(6)).paint((206, 208, 212))
    return neck + board + (frets + pegs).paint(steel) + head + strings


def trophy(g: np.random.Generator) -> Solid:
    """A cup on a stem and a plinth, with two handles; some bear a star."""
    r, tall, stem_tall = g.uniform(50, 75), g.uniform(110, 160), g.uniform(50, 90)
    gold = color(g, ((226, 186, 84), (200, 202, 206), (190, 130, 84)))
    shape = one_of(g, (
        points((0.16, 0), (0.7, 0.25), (0.92, 0.6), (1, 1)), points((0.16, 0), (0.85, 0.2), (0.85, 0.6), (1.05, 1)),
        points((0.16, 0), (0.5, 0.35), (0.75, 0.7), (1, 1)),
    ))  # fmt: skip
    profile = spline(shape * (r, tall), 18)
    cup = (vessel(profile, 3.5) + trophy_handle(g, profile, r, tall).both(x=1)).paint(gold)
    if maybe(g):
        at = float(np.interp(0.62 * tall, profile[:, 1], profile[:, 0]))
        badge = panel(star(5, 0.36 * r, 0.15 * r)[:, ::-1], 8)
        cup += badge.move(0, 0.03 * r - at, 0.62 * tall).paint(color(g, BRIGHT))
    knots = points((0.62, 0), (0.3, 0.15), (0.14, 0.5), (0.26, 0.62), (0.13, 0.78), (0.22, 1)) * (r, stem_tall + 4)
    stem = turned(spline(knots, 24)).paint(gold)
    step = g.uniform(40, 70)
    square = box(1.7 * r, 1.7 * r, step, 4) + box(1.4 * r, 1.4 * r, 16, 3).move(z=step - 4)
    disc = cylinder(0.95 * r, step, 0.85 * r) + cylinder(0.75 * r, 14).move(z=step - 2)
    plinth = one_of(g, (square, disc)).paint(color(g, (*DARK, *WOOD)))
    label = box(r, 10, 0.5 * step, 2).move(0, -0.86 * r, 0.25 * step).paint(gold)
    return plinth + label + stem.move(z=step + 10) + cup.move(z=step + stem_tall + 8)


def trophy_handle(g: np.random.Generator, profile: np.ndarray, r: float, tall: float) -> Solid:
    """An ear that springs from the cup's lip and returns below."""
    reach = g.uniform(0.3, 0.55) * r
    upper, lower = np.interp([0.9 * tall, 0.3 * tall], profile[:, 1], profile[:, 0])
    ear = points(
        (upper - 2, 0.9 * tall), (upper + reach, 0.95 * tall), (upper + 0.9 * reach, 0.5 * tall),
        (lower + 0.2 * reach, 0.38 * tall), (lower - 3, 0.3 * tall),
    )  # fmt: skip
    return sweep(circle(0.07 * r, sides=14), path(spline(ear, 32)), up=(0, 1, 0))
