"""Music and sport."""

import numpy as np

from fieldstone.samples.curves import circle, path, points, polygon, soften, spline, star
from fieldstone.samples.draw import BRIGHT, DARK, METAL, STEEL, WOOD, color, maybe, one_of
from fieldstone.samples.solid import (
    Solid,
    around,
    ball,
    box,
    cylinder,
    extrude,
    sweep,
    tube,
    union,
    vessel,
)
from fieldstone.samples.tableware import filled

__all__ = ["drum", "dumbbell", "guitar", "trophy"]


def drum(g: np.random.Generator) -> Solid:
    """A drum with hoops, tension rods and two sticks."""
    r, tall, rods = g.uniform(150, 210), g.uniform(130, 320), int(g.integers(6, 11))
    shell = cylinder(r, tall, segments=64).paint(color(g, (*BRIGHT, *WOOD)))
    skin = cylinder(0.97 * r, 6, segments=64).move(z=tall).paint((244, 238, 224)) + cylinder(
        0.97 * r, 6, segments=64
    ).move(z=-6).paint((244, 238, 224))
    steel = color(g, METAL)
    hoops = tube(1.06 * r, 0.96 * r, 22, 64).move(z=tall - 6) + tube(1.06 * r, 0.96 * r, 22, 64).move(z=-16)
    rod = cylinder(4.5, tall + 10, segments=10).move(1.045 * r, 0, -5) + box(16, 20, 34, 4).move(
        1.03 * r, 0, tall / 2 - 17
    )
    stick = (cylinder(7, 340, 5.5, 14) + ball(9, 9, 12, 16).move(z=345)).turn(y=88).paint(color(g, WOOD))
    sticks = stick.turn(z=28).move(-0.8 * r, -0.5 * r, tall + 17) + stick.turn(z=-24).move(
        -0.8 * r, 0.42 * r, tall + 30
    )
    return shell + skin + (hoops + around(rod, rods)).paint(steel) + (sticks if maybe(g, 0.7) else union([]))


def dumbbell(g: np.random.Generator) -> Solid:
    """A dumbbell with hexagonal or round heads or plates, or a kettlebell."""
    style, paint = one_of(g, ("hex", "round", "plates", "kettle")), color(g, (*DARK, *BRIGHT))
    r, grip = g.uniform(40, 75), g.uniform(110, 140)
    steel = color(g, STEEL)
    if style == "kettle":
        body = ball(1.3 * r, segments=48).move(z=1.15 * r) & box(9 * r, 9 * r, 9 * r)
        bend = spline(points((-0.75, 1.9), (-0.95, 2.75), (-0.5, 3.2), (0.5, 3.2), (0.95, 2.75), (0.75, 1.9)) * r, 40)
        return body.paint(paint) + sweep(circle(0.24 * r, sides=20), path(bend), up=(0, 1, 0)).paint(
            steel if maybe(g) else paint
        )
    bar = cylinder(14, grip + 60).turn(y=90).move(-grip / 2 - 30).paint(steel)
    knurl = union(tube(15.2, 12, 3, 32).turn(y=90).move(-40 + 11 * i) for i in range(8)).paint(color(g, DARK))
    if style == "hex":
        head = extrude(polygon(6, r, 30), r * 1.2) & filled(
            points((0.8 * r, 0), (r * 1.02, 0.2 * r), (r * 1.02, r), (0.8 * r, 1.2 * r))
        )
        heads = head.turn(y=90).move(grip / 2)
    elif style == "round":
        side = spline(points((0.6, 0), (0.95, 0.15), (1, 0.6), (0.95, 1.05), (0.6, 1.2)) * r, 20)
        heads = filled(side).turn(y=90).move(grip / 2)
    else:
        count = int(g.integers(2, 5))
        heads = union(
            (cylinder(r * (1.25 - 0.17 * i), 22) - tube(r * (1.1 - 0.17 * i), 0.55 * r, 9).move(z=17))
            .turn(y=90)
            .move(grip / 2 + 23.5 * i)
            for i in range(count)
        )
        bar += cylinder(14, 2 * (grip / 2 + 26 * count + 34)).turn(y=90).move(-grip / 2 - 26 * count - 34).paint(steel)
        bar += extrude(polygon(6, 26), 18).turn(y=90).move(grip / 2 + 24 * count - 1).both(x=1).paint(steel)
    return bar + knurl + heads.both(x=1).paint(paint)


def guitar(g: np.random.Generator) -> Solid:
    """An acoustic or electric guitar, upright, facing -y."""
    electric = maybe(g, 0.45)
    wood, dark = color(g, WOOD), (60, 44, 38)
    paint = color(g, BRIGHT) if electric else wood
    w, deep = g.uniform(170, 200), (45.0 if electric else g.uniform(90, 110))
    if electric:
        half = points(
            (0, -0.02),
            (0.6, 0.02),
            (0.95, 0.3),
            (0.72, 0.75),
            (0.82, 1.15),
            (0.62, g.uniform(1.3, 1.6)),
            (0.42, 1.25),
            (0.2, 1.1),
        )
        left = points(
            (-0.2, 1.1),
            (-0.42, 1.25),
            (-0.66, g.uniform(1.4, 1.75)),
            (-0.84, 1.15),
            (-0.74, 0.75),
            (-0.95, 0.3),
            (-0.6, 0.02),
        )
        body_line = spline(np.concatenate([half, left]), 80, closed=True) * w
    else:
        pinch = g.uniform(0.6, 0.72)
        half = points((0, 0), (0.7, 0.08), (1, 0.6), (pinch, 1.22), (0.76, 1.75), (0.4, 2.08), (0, 2.12))
        body_line = spline(np.concatenate([half, (half[1:-1] * (-1, 1))[::-1]]), 72, closed=True) * w
    top = float(body_line[:, 1].max()) if not electric else 1.12 * w
    body = extrude(soften(body_line, 0.04 * w), deep).turn(x=90).paint(paint)
    neck_long = g.uniform(300, 360)
    face = -deep
    neck = box(46, 24, neck_long + 60, 8).move(0, face + 6, top - 50).paint(wood) + box(48, 9, neck_long + 130).move(
        0, face - 5, top - 120
    ).paint(dark)
    frets = union(
        box(48, 3, 3).move(0, face - 9.5, top + neck_long - 22 - 340 * (1 - 0.86**i)) for i in range(1, 11)
    ).paint(color(g, METAL))
    shape = points((-26, 0), (26, 0), (40, 60), (34, 150), (-34, 150), (-40, 60))
    head = (
        extrude(soften(shape, 8), 18).turn(x=90).move(0, face + 14, top + neck_long).paint(dark if maybe(g) else wood)
    )
    peg = (cylinder(4, 34, segments=12).turn(y=90) + ball(10, 6, 8, 14).move(38)).move(24, face + 5, 0)
    pegs = union(peg.move(z=top + neck_long + 40 + 38 * i) for i in range(3)).both(x=1).paint(color(g, METAL))
    bridge = box(0.7 * w, 14, 26, 4).move(0, face - 4, 0.5 * w).paint(dark)
    strings = union(
        cylinder(1.6, top + neck_long - 0.5 * w + 30, segments=6).move(-17 + 6.8 * i, face - 13, 0.5 * w + 8)
        for i in range(6)
    ).paint((206, 208, 212))
    if electric:
        extra = union(
            box(0.48 * w, 12, 34, 5).move(0, face - 3, z * w) for z in (0.72, 0.98)[: int(g.integers(1, 3))]
        ).paint((50, 50, 54))
        extra += union(
            cylinder(12, 14, segments=20).turn(x=90).move(0.5 * w + 22 * i, face + 3, (0.4 - 0.12 * i) * w)
            for i in range(2)
        ).paint(color(g, METAL))
        return body + neck + frets + head + pegs + bridge + strings + extra
    hole = (
        cylinder(0.3 * w, 0.9 * deep, segments=40).turn(x=90).move(0, face + 0.85 * deep, 1.25 * w).paint((48, 34, 28))
    )
    rose = tube(0.36 * w, 0.28 * w, 4, 48).turn(x=90).move(0, face + 1.5, 1.25 * w).paint(dark)
    return body - hole + rose + neck + frets + head + pegs + bridge + strings


def trophy(g: np.random.Generator) -> Solid:
    """A cup on a stem and a plinth, with two handles; some bear a star."""
    r, tall = g.uniform(50, 75), g.uniform(110, 160)
    gold = color(g, ((226, 186, 84), (200, 202, 206), (190, 130, 84)))
    shape = one_of(
        g,
        (
            points((0.16, 0), (0.7, 0.25), (0.92, 0.6), (1, 1)),
            points((0.16, 0), (0.85, 0.2), (0.85, 0.6), (1.05, 1)),
            points((0.16, 0), (0.5, 0.35), (0.75, 0.7), (1, 1)),
        ),
    )
    profile = spline(shape * (r, tall), 22)
    stem_tall = g.uniform(50, 90)
    stem = filled(
        spline(
            points(
                (0.62 * r, 0),
                (0.3 * r, 0.15 * stem_tall),
                (0.14 * r, 0.5 * stem_tall),
                (0.26 * r, 0.62 * stem_tall),
                (0.13 * r, 0.78 * stem_tall),
                (0.22 * r, stem_tall + 4),
            ),
            32,
        )
    )
    reach = g.uniform(0.3, 0.55) * r
    out = np.interp([0.9 * tall, 0.3 * tall], profile[:, 1], profile[:, 0])
    bend = spline(
        points(
            (out[0] - 2, 0.9 * tall),
            (out[0] + reach, 0.95 * tall),
            (out[0] + 0.9 * reach, 0.5 * tall),
            (out[1] + 0.2 * reach, 0.38 * tall),
            (out[1] - 3, 0.3 * tall),
        ),
        36,
    )
    handle = sweep(circle(0.07 * r, sides=14), path(bend), up=(0, 1, 0)).both(x=1)
    cup = vessel(profile, 3.5).paint(gold) + handle.paint(gold)
    badge = (
        extrude(star(5, 0.36 * r, 0.15 * r), 8)
        .turn(z=90)
        .turn(x=90)
        .move(0, -float(np.interp(0.62 * tall, profile[:, 1], profile[:, 0])) + 3, 0.62 * tall)
    )
    cup += badge.paint(color(g, BRIGHT)) if maybe(g) else ball(0.01)
    step = g.uniform(40, 70)
    square = maybe(g)
    plinth = (
        box(1.7 * r, 1.7 * r, step, 4) + box(1.4 * r, 1.4 * r, 16, 3).move(z=step - 4)
        if square
        else cylinder(0.95 * r, step, 0.85 * r) + cylinder(0.75 * r, 14).move(z=step - 2)
    )
    plate = box(r, 10, 0.5 * step, 2).move(0, -0.85 * r if square else -0.87 * r, 0.25 * step).paint(gold)
    high = step + 10
    return (
        plinth.paint(color(g, (*DARK, *WOOD)))
        + plate
        + stem.move(z=high).paint(gold)
        + cup.move(z=high + stem_tall - 2)
    )
