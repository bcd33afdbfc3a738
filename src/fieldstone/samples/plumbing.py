"""Pipes, flanges, brackets, hinges: cast, bent and drilled parts."""

import numpy as np

from fieldstone.samples.curves import arc, path, points, polygon, rectangle, shift, slot, soften
from fieldstone.samples.draw import BRIGHT, DARK, METAL, STEEL, color, maybe, one_of
from fieldstone.samples.solid import (
    NOTHING,
    Solid,
    around,
    ball,
    box,
    cylinder,
    extrude,
    hull,
    panel,
    revolve,
    rod,
    sweep,
    tube,
    union,
)

__all__ = ["block", "bracket", "elbow", "flange", "hinge", "tee", "valve"]


def collar(g: np.random.Generator, r: float) -> Solid:
    """The end of a pipe of radius `r`, standing on z = 0 with its face up: flange with bolt holes, socket or hexagon."""
    style = one_of(g, ("flange", "flange", "socket", "hex", "plain"))
    if style == "flange":
        wide, tall = r * g.uniform(1.75, 2.1), 0.3 * r
        holes = around(cylinder(0.14 * r, 4 * r, segments=20).move((wide + r) / 2, 0, -2 * r), one_of(g, (4, 6, 8)))
        return cylinder(wide, tall, segments=56).move(z=-tall) - holes
    if style == "socket":
        return cylinder(1.22 * r, 0.9 * r).move(z=-0.9 * r)
    if style == "hex":
        return extrude(polygon(6, 1.4 * r), 0.7 * r).move(z=-0.7 * r) + cylinder(1.1 * r, 0.5 * r).move(z=-0.9 * r)
    return cylinder(1.08 * r, 0.15 * r).move(z=-0.15 * r)


def elbow(g: np.random.Generator) -> Solid:
    """A bent pipe of 45 to 180 degrees with straight ends and collars."""
    r, wall, degrees = g.uniform(15, 40), g.uniform(0.12, 0.2), one_of(g, (45.0, 90.0, 90.0, 90.0, 180.0))
    bend, straight = r * g.uniform(2.4, 3.5), r * g.uniform(0.8, 1.6)
    paint = color(g, one_of(g, (STEEL, METAL, BRIGHT, DARK)))

    turn = np.radians(np.linspace(0, degrees, 8 + int(degrees / 6)))
    curve = bend * np.stack([np.cos(turn), np.sin(turn)], 1)
    leave = np.array([-np.sin(turn[-1]), np.cos(turn[-1])])

    def run(size: float, extra: float) -> Solid:
        way = np.concatenate([curve[:1] - (0, straight + extra), curve, curve[-1:] + leave * (straight + extra)])
        return sweep(polygon(32, size), path(way, "xy"))

    head = collar(g, r)
    first = head.turn(x=90).move(bend, -straight)
    last = head.turn(x=-90).move(bend, straight).turn(z=degrees)
    return (run(r, 0) + first + last - run(r * (1 - wall), 2)).paint(paint).turn(x=90)


def tee(g: np.random.Generator) -> Solid:
    """A T, Y or cross of pipes."""
    r, wall, long = g.uniform(15, 40), g.uniform(0.12, 0.2), g.uniform(2, 2.8)
    style = one_of(g, ("tee", "tee", "cross", "wye"))
    small = g.uniform(0.7, 1)
    angles = {"tee": (0, 90, 180), "cross": (0, 90, 180, 270), "wye": (0, 135, 180)}[style]
    head, side_head = collar(g, r), collar(g, r * small)
    through = cylinder(r, 2 * long * r, segments=40).move(z=-long * r).turn(y=90)
    outside = through
    inside = cylinder(r * (1 - wall), 3 * long * r, segments=40).move(z=-1.5 * long * r).turn(y=90)
    for angle in angles:
        size = r * small if angle in (90, 135, 270) else r
        end = head if size == r else side_head
        reach = long * r * (1.25 if angle == 135 else 1)
        outside += end.move(z=reach).turn(y=90 - angle)
        if angle not in (0, 180):
            outside += cylinder(0.995 * size, reach, segments=40).turn(y=90 - angle)
            inside += cylinder(size * (0.99 - wall), reach + 5, segments=40).turn(y=90 - angle)
    return (outside - inside).paint(color(g, one_of(g, (STEEL, METAL, BRIGHT, DARK))))


def flange(g: np.random.Generator) -> Solid:
    """A pipe flange: round, square or two-eared, with a hub and a circle of bolt holes."""
    bore, count = g.uniform(15, 45), int(g.integers(4, 13))
    r, thick = bore * g.uniform(1.9, 2.5), bore * g.uniform(0.28, 0.5)
    style = one_of(g, ("round", "round", "square", "eared"))
    metal = color(g, one_of(g, (STEEL, METAL, DARK, BRIGHT)))
    size, middle = min(0.16 * r, 0.55 * np.pi * r / count / 2), 0.5 * (r + 1.25 * bore)
    hole = cylinder(size, 9 * thick, segments=24).move(0, 0, -thick)
    if style == "round":
        plate, holes = cylinder(r, thick, segments=80), around(hole.move(middle), count)
    elif style == "square":
        plate, holes = extrude(rectangle(1.9 * r, 1.9 * r, 0.3 * r), thick), around(hole.move(1.05 * r), 4, 45)
        holes += around(hole.move(0.74 * r), 4) if maybe(g, 0.3) else NOTHING
    else:
        plate = hull(cylinder(1.35 * bore, thick), cylinder(2.2 * size, thick).move(1.05 * r).both(x=1))
        holes = hole.move(1.05 * r).both(x=1)
    neck = cylinder(1.35 * bore, bore * g.uniform(0.5, 1.3) + thick, 1.2 * bore, 64)
    raised = cylinder(1.5 * bore, 1.12 * thick, segments=64)
    body = plate + (neck if maybe(g, 0.7) else raised)
    return (body - holes - cylinder(bore, 99 * thick, segments=64).move(z=-thick)).paint(metal)


def bracket(g: np.random.Generator) -> Solid:
    """An angle, U or T bracket: drilled leaves, some with a gusset."""
    x, y, z, t = g.uniform(30, 80), g.uniform(40, 90), g.uniform(40, 100), g.uniform(3, 7)
    style, corner, rows = one_of(g, ("L", "L", "U", "T")), one_of(g, (0.05, 0.3, 0.49)) * x, int(g.integers(1, 4))
    drill = cylinder(min(0.13 * x, 5), 60, segments=28) if maybe(g, 0.7) else extrude(slot(0.2 * x, 0.08 * x), 60)
    flat, wall = drilled_leaf(x, y, t, corner, rows, drill), drilled_leaf(x, z, t, corner, rows, drill)
    wall = wall.turn(x=90).move(y=t)
    body = flat + wall
    if style == "U":
        square = extrude(rectangle(x, y), t).move(y=y / 2)
        body = flat + square + wall + wall.turn(z=180).move(y=y)
    elif style == "T":
        body += flat.mirror(y=1).move(y=t)
    if style != "U" and maybe(g, 0.65):
        gusset = points((0, 0), (0.7 * y, 0), (0.62 * y, 0.1 * z), (0.1 * y, 0.62 * z), (0, 0.7 * z))
        rib = panel(gusset, t).turn(z=90).move(0, 0.5 * t, 0.5 * t)
        body += rib if rows > 1 or maybe(g) else rib.move(0.42 * x).both(x=1)
    return body.paint(color(g, one_of(g, (STEEL, DARK, METAL, BRIGHT)))).turn(z=180)


def drilled_leaf(x: float, long: float, t: float, corner: float, rows: int, drill: Solid) -> Solid:
    """A plate from y = 0 to `long` with two round corners, holes by twos and ones in turn."""
    right = shift(arc(corner, 0, 90, 10), x / 2 - corner, long - corner)
    sheet = extrude(np.concatenate([points((-x / 2, 0), (x / 2, 0)), right, (right * (-1, 1))[::-1]]), t)
    places = [
        (u * x, long * (i + 0.8) / (rows + 0.6)) for i in range(rows) for u in ((0.0,) if i % 2 else (-0.24, 0.24))
    ]
    return sheet - union(drill.move(*place, -30) for place in places)


def hinge(g: np.random.Generator) -> Solid:
    """A butt, strap or round-leaved hinge, opened at some angle, with its pin."""
    tall, wide, t = g.uniform(50, 110), g.uniform(22, 45), g.uniform(2, 3.2)
    r, angle, knuckles = t * g.uniform(1.5, 2.1), g.uniform(100, 180), one_of(g, (3, 5, 7))
    leaf = hinge_leaf(g, tall, wide, t).move(0.4 * r)
    each = tall / knuckles
    bottoms = [i * each - tall / 2 for i in range(knuckles)]
    knuckle = [cylinder(r, each - 0.5, segments=28).move(z=z + 0.25) for z in bottoms]
    room = [cylinder(r + 0.5, each + 0.8, segments=28).move(z=z - 0.4) for z in bottoms]
    left = leaf - union(room[1::2]) + union(knuckle[0::2])
    right = leaf - union(room[0::2]) + union(knuckle[1::2])
    pin = rod((0, 0, -tall / 2 - 2), (0, 0, tall / 2 + 2), 0.5 * r) + ball(0.9 * r, segments=20).move(
        z=tall / 2 + 2
    ).both(z=1)
    leaves = left.turn(z=90 - angle / 2) + right.turn(z=90 + angle / 2)
    return (leaves.paint(color(g, one_of(g, (METAL, DARK, STEEL)))) + pin.paint(color(g, STEEL))).turn(z=30)


def hinge_leaf(g: np.random.Generator, tall: float, wide: float, t: float) -> Solid:
    """A drilled plate in the plane y = 0, from x = 0 on."""
    style, holes, half = one_of(g, ("butt", "butt", "strap", "round")), int(g.integers(2, 5)), tall / 2
    if style == "butt":
        outline = soften(points((0, -half), (wide, -half), (wide, half), (0, half)), 0.08 * wide)
    elif style == "strap":
        upper = points((2.2 * wide, 0.24 * half), (0.55 * wide, 0.8 * half), (0, half))
        outline = soften(np.concatenate([(upper * (1, -1))[::-1], upper]), 2)
    else:
        outline = np.concatenate([points((0, -half)), arc(half, -80, 80, 24) * (wide / half, 1), points((0, half))])
    step = np.arange(holes) / (holes - 1)
    places = np.stack(
        [np.where(np.arange(holes) % 2, 0.45, 0.68) * wide, (0.5 if style == "round" else 0.72) * tall * (step - 0.5)],
        1,
    )
    if style == "strap":
        places = np.stack([wide * (0.66 + 1.2 * step), 0 * step], 1)
    drill = (cylinder(2.4, 60, segments=20).move(z=-30) + cylinder(2.4, 2.2, 4.6, 24).move(z=t / 2 - 1.4)).turn(x=90)
    return panel(outline, t) - union(drill.move(x, 0, z) for x, z in places.tolist())


def block(g: np.random.Generator) -> Solid:
    """A machined block: pockets, bores, steps and bolt holes."""
    x, y, z = g.uniform(60, 120), g.uniform(40, 80), g.uniform(25, 60)
    body = extrude(rectangle(x, y, g.uniform(2, 8)), z)
    bore = g.uniform(0.16, 0.26) * y
    count = int(g.integers(1, 4))
    row = union(
        cylinder(bore, 3 * z, segments=40).move(x * ((i + 0.5) / count - 0.5) * 0.8, 0, -z) for i in range(count)
    )
    drill = cylinder(3, 3 * z, segments=20).move(x / 2 - 7, y / 2 - 7, -z) + cylinder(5.5, z, segments=24).move(
        x / 2 - 7, y / 2 - 7, z - 5
    )
    body -= drill.both(x=1).both(y=1)
    if maybe(g, 0.6):
        body -= extrude(rectangle(0.72 * x, 0.55 * y, 6), z).move(z=z * g.uniform(0.55, 0.75))
    if maybe(g, 0.7):
        body += union(
            tube(bore * 1.45, bore * 0.9, z + 6, 48).move(x * ((i + 0.5) / count - 0.5) * 0.8) for i in range(count)
        )
    cross = cylinder(0.5 * bore, 3 * x, segments=32).turn(y=90).move(-1.5 * x, 0, 0.4 * z)
    step = box(0.3 * x, 2 * y, 0.5 * z).move(x / 2, 0, 0.6 * z) if maybe(g, 0.4) else NOTHING
    return (body - row - cross - step).paint(color(g, one_of(g, (STEEL, METAL, DARK))))


def valve(g: np.random.Generator) -> Solid:
    """A gate valve with a handwheel, or a tap with a lever."""
    r, long = g.uniform(14, 26), g.uniform(2.4, 3.2)
    metal, red = color(g, one_of(g, (METAL, STEEL))), color(g, BRIGHT)
    run = cylinder(r, 2 * long * r, segments=40).turn(y=90).move(-long * r)
    ends = collar(g, r).turn(y=90).move(long * r).both(x=1)
    body = run + ends + ball(1.5 * r) + cylinder(0.9 * r, 2.4 * r)
    body += extrude(polygon(6, 1.15 * r), 0.6 * r).move(z=1.9 * r) + cylinder(0.3 * r, 4 * r)
    body -= cylinder(0.8 * r, 9 * long * r, segments=40).turn(y=90).move(-4.5 * long * r)
    if maybe(g, 0.6):
        spokes = int(g.integers(3, 7))
        wide = g.uniform(1.7, 2.4) * r
        hoop = revolve(shift(polygon(14, 0.24 * r), wide), segments=56)
        knob = around(cylinder(0.16 * r, wide, segments=12).turn(y=90), spokes) + cylinder(0.5 * r, 0.6 * r).move(
            z=-0.3 * r
        )
        return body.paint(metal) + (hoop + knob).move(z=3.8 * r).paint(red)
    lever = hull(cylinder(0.6 * r, 0.4 * r), cylinder(0.45 * r, 0.4 * r).move(4 * r, 0, 0.6 * r))
    return body.paint(metal) + lever.turn(z=g.uniform(0, 90)).move(z=3.8 * r).paint(red)
