"""Toys, games, sport and music."""

import numpy as np

from fieldstone.samples.curves import arc, circle, path, points, polygon, rectangle, soften, spline, star, superellipse
from fieldstone.samples.draw import BRIGHT, DARK, METAL, PASTEL, STEEL, WOOD, color, maybe, one_of
from fieldstone.samples.solid import Color, Solid, around, ball, box, cylinder, extrude, hull, revolve, ring, sweep, tube, union, vessel
from fieldstone.samples.tableware import filled

__all__ = ["chess_piece", "die", "donut", "drum", "dumbbell", "finger_ring", "guitar", "trophy"]


def chess_piece(g: np.random.Generator) -> Solid:
    """A pawn, rook, bishop, knight, queen or king."""
    style = one_of(g, ("pawn", "rook", "bishop", "knight", "queen", "king"))
    r = g.uniform(13, 17)
    tall = r * {"pawn": 2.3, "rook": 2.5, "bishop": 3.4, "knight": 1.2, "queen": 4.0, "king": 4.3}[style] * g.uniform(0.95, 1.1)
    paint = color(g, ((236, 222, 192), (70, 52, 44), (40, 42, 48), (150, 96, 58), (196, 60, 52)))
    waist = g.uniform(0.36, 0.5)
    foot = points((1, 0), (1, 0.14), (0.9, 0.26), (0.95, 0.36), (0.72, 0.5)) * r
    column = spline(points((0.66 * r, 0.55 * r), (waist * r, 0.5 * tall), (0.42 * r, tall)), 14)
    collar = points((0.72 * r, tall), (0.76 * r, tall + 0.1 * r), (0.5 * r, tall + 0.2 * r))
    body = filled(np.concatenate([foot, column, collar]))
    top = tall + 0.15 * r
    if style == "pawn":
        head = ball(0.62 * r).move(z=top + 0.45 * r)
    elif style == "rook":
        head = cylinder(0.62 * r, 0.9 * r, 0.78 * r) - cylinder(0.5 * r, r).move(z=0.6 * r)
        head = (head - around(box(0.26 * r, 3 * r, r).move(z=0.62 * r), 3)).move(z=top - 0.05 * r)
    elif style == "bishop":
        mitre = filled(spline(points((0.4, 0), (0.6, 0.4), (0.36, 0.95), (0.05, 1.25)) * r, 18))
        slit = box(0.16 * r, 3 * r, r).turn(y=28).move(0.2 * r, 0, 0.62 * r)
        head = (mitre - slit + ball(0.14 * r, segments=16).move(z=1.3 * r)).move(z=top - 0.02 * r)
    elif style == "knight":
        head = horse(r).move(z=top - 0.25 * r)
    elif style == "queen":
        crown = cylinder(0.42 * r, 0.75 * r, 0.82 * r) - around(cylinder(0.17 * r, 2 * r, segments=14).turn(y=70).move(0.3 * r, 0, 0.68 * r), int(g.integers(6, 10)))
        head = (crown + ball(0.42 * r, 0.42 * r, 0.34 * r, 24).move(z=0.72 * r) + ball(0.16 * r, segments=16).move(z=1.12 * r)).move(z=top - 0.05 * r)
    else:
        cross = box(0.2 * r, 0.2 * r, 0.75 * r) + box(0.56 * r, 0.2 * r, 0.2 * r).move(z=0.32 * r)
        crown = filled(spline(points((0.42, 0), (0.7, 0.6), (0.6, 0.75), (0.12, 0.95)) * r, 16))
        head = (crown + cross.move(z=0.88 * r)).move(z=top - 0.05 * r)
    return (body + head).paint(paint)


def horse(r: float) -> Solid:
    """A knight's head, in profile towards -x."""
    side = points(
        (0.62, 0), (0.7, 0.7), (0.62, 1.4), (0.35, 1.95), (0.1, 2.12), (0.02, 2.4), (-0.1, 2.1), (-0.45, 1.85), (-0.95, 1.3), (-0.98, 1.08), (-0.75, 0.98),
        (-0.35, 1.2), (-0.12, 1.12), (-0.35, 0.7), (-0.62, 0),
    )  # fmt: skip
    flat = extrude(soften(spline(side[:-1], 56), 0.05) * r, 0.7 * r).turn(x=90).move(y=0.35 * r)
    wedge = hull(box(2.6 * r, 0.85 * r, 10), box(2.6 * r, 0.3 * r, 10).move(z=2.4 * r)).move(-0.1 * r)
    mane = extrude(spline(points((0.66, 0.3), (0.84, 0.9), (0.7, 1.6), (0.36, 2.1), (0.3, 1.8), (0.5, 0.9)), 30) * r, 0.24 * r).turn(x=90).move(y=0.12 * r)
    eye = cylinder(0.07 * r, 3 * r, segments=12).turn(x=90).move(-0.3 * r, 1.5 * r, 1.66 * r)
    return (flat & wedge) + mane - eye


def die(g: np.random.Generator) -> Solid:
    """A die of 4, 6, 8, 12 or 20 faces; the cube has pips."""
    sides, r = one_of(g, (6, 6, 6, 4, 8, 12, 20)), g.uniform(8, 12)
    paint = color(g, (*BRIGHT, (244, 240, 230), *DARK))
    if sides == 6:
        cube = box(2 * r, 2 * r, 2 * r, g.uniform(0.12, 0.35) * r).move(z=-r).paint(paint)
        if maybe(g):
            cube = cube & ball(1.5 * r, segments=48).paint(paint)
        return (cube - pips(r).paint((250, 248, 244) if sum(paint) < 500 else (44, 44, 48))).turn(x=90 * int(g.integers(4)), z=20)
    golden = (1 + 5**0.5) / 2
    corners = {
        4: points((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)),
        8: np.concatenate([np.eye(3), -np.eye(3)]) * 1.5,
        20: np.concatenate([np.roll(points((0, 1, golden), (0, 1, -golden), (0, -1, golden), (0, -1, -golden)), k, 1) for k in range(3)]),
        12: np.concatenate([points(*[(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]), *[np.roll(points((0, 1 / golden, golden), (0, 1 / golden, -golden), (0, -1 / golden, golden), (0, -1 / golden, -golden)), k, 1) for k in range(3)]]),
    }[sides]  # fmt: skip
    soft = ball(0.14 * r, segments=14)
    gem = hull(*[soft.move(*(0.9 * r * c).tolist()) for c in corners]).paint(paint)
    grooves = union(ring(0.3 * r, 0.06 * r, 24, 8).move(z=0) for _ in range(1))
    return gem.turn(x=g.uniform(0, 90), y=g.uniform(0, 90)) + (grooves.paint(paint) & gem)


def pips(r: float) -> Solid:
    """The pits of a cube of half side r: 1 against 6, 2 against 5, 3 against 4."""
    a = 0.5
    layout = {
        1: [(0, 0)], 2: [(-a, -a), (a, a)], 3: [(-a, -a), (0, 0), (a, a)], 4: [(-a, -a), (a, a), (-a, a), (a, -a)],
        5: [(-a, -a), (a, a), (-a, a), (a, -a), (0, 0)], 6: [(-a, y) for y in (-a, 0, a)] + [(a, y) for y in (-a, 0, a)],
    }  # fmt: skip
    turns = {1: (0, 0), 6: (180, 0), 2: (90, 0), 5: (-90, 0), 3: (0, 90), 4: (0, -90)}
    pit = ball(0.19 * r, segments=14)
    return union(
        union(pit.move(x * r, y * r, 1.06 * r) for x, y in layout[face]).turn(x=turns[face][0], y=turns[face][1]) for face in turns
    )


def dumbbell(g: np.random.Generator) -> Solid:
    """A dumbbell with hexagonal or round heads or plates, or a kettlebell."""
    style, paint = one_of(g, ("hex", "round", "plates", "kettle")), color(g, (*DARK, *BRIGHT))
    r, grip = g.uniform(40, 75), g.uniform(110, 140)
    steel = color(g, STEEL)
    if style == "kettle":
        body = ball(1.3 * r, segments=48).move(z=1.15 * r) & box(9 * r, 9 * r, 9 * r)
        bend = spline(points((-0.75, 1.9), (-0.95, 2.75), (-0.5, 3.2), (0.5, 3.2), (0.95, 2.75), (0.75, 1.9)) * r, 40)
        return body.paint(paint) + sweep(circle(0.24 * r, sides=20), path(bend), up=(0, 1, 0)).paint(steel if maybe(g) else paint)
    bar = cylinder(14, grip + 60).turn(y=90).move(-grip / 2 - 30).paint(steel)
    knurl = union(tube(15.2, 12, 3, 32).turn(y=90).move(-40 + 11 * i) for i in range(8)).paint(color(g, DARK))
    if style == "hex":
        head = extrude(polygon(6, r, 30), r * 1.2) & filled(points((0.8 * r, 0), (r * 1.02, 0.2 * r), (r * 1.02, r), (0.8 * r, 1.2 * r)))
        heads = head.turn(y=90).move(grip / 2)
    elif style == "round":
        side = spline(points((0.6, 0), (0.95, 0.15), (1, 0.6), (0.95, 1.05), (0.6, 1.2)) * r, 20)
        heads = filled(side).turn(y=90).move(grip / 2)
    else:
        count = int(g.integers(2, 5))
        heads = union((cylinder(r * (1.25 - 0.17 * i), 22) - tube(r * (1.1 - 0.17 * i), 0.55 * r, 9).move(z=17)).turn(y=90).move(grip / 2 + 23.5 * i) for i in range(count))
        bar += cylinder(14, 2 * (grip / 2 + 26 * count + 34)).turn(y=90).move(-grip / 2 - 26 * count - 34).paint(steel)
        bar += extrude(polygon(6, 26), 18).turn(y=90).move(grip / 2 + 24 * count - 1).both(x=1).paint(steel)
    return bar + knurl + heads.both(x=1).paint(paint)


def donut(g: np.random.Generator) -> Solid:
    """A doughnut with icing and sprinkles."""
    r = g.uniform(30, 38)
    t = r * g.uniform(0.45, 0.6)
    dough = ring(r, t, 64, 28).scale(1, 1, 0.82).paint(color(g, ((206, 150, 92), (186, 124, 70), (222, 172, 112))))
    icing_paint = color(g, ((236, 150, 180), (98, 62, 46), (246, 236, 220), (150, 200, 220), (240, 206, 110)))
    drips, depth = int(g.integers(6, 13)), g.uniform(0.1, 0.28) * t
    phase = g.uniform(0, 6.28)

    def run(p: np.ndarray) -> np.ndarray:
        angle = np.arctan2(p[:, 1], p[:, 0])
        drop = depth * (np.sin(drips * angle + phase) + 0.4 * np.sin((drips + 3) * angle))
        return p + np.stack([0 * drop, 0 * drop, drop * (p[:, 2] < 1)], 1)

    wave = Solid(box(6 * r, 6 * r, 3 * t).manifold.refine_to_length(r * 0.22)).warp(run)
    icing = ring(r, 1.07 * t, 64, 28).scale(1, 1, 0.84) & wave
    result = dough + icing.paint(icing_paint)
    if maybe(g, 0.7):
        paints = [color(g, BRIGHT) for _ in range(3)]
        for i in range(int(g.integers(14, 26))):
            around_, tilt = g.uniform(0, 360), g.uniform(-50, 50)
            grain = box(0.26 * r, 0.08 * r, 0.08 * r, 0.03 * r).turn(z=float(g.uniform(0, 180))).move(z=1.05 * t)
            result += grain.turn(y=float(tilt)).scale(1, 1, 0.84).move(x=r).turn(z=float(around_)).paint(paints[i % 3])
    elif maybe(g):
        way = np.linspace(0, 2 * np.pi, 160)[:-2]
        zig = np.stack([(r + 0.75 * t * np.sin(9 * way)) * np.cos(way), (r + 0.75 * t * np.sin(9 * way)) * np.sin(way), 0.84 * 1.07 * t * np.cos(np.arcsin(0.7 * np.sin(9 * way)))], 1)
        result += sweep(circle(0.055 * r, sides=8), zig).paint(color(g, PASTEL))
    return result


def finger_ring(g: np.random.Generator) -> Solid:
    """A ring, standing: a plain or faceted band, a signet or a set stone."""
    r, t = g.uniform(8.2, 10.5), g.uniform(0.8, 1.3)
    gold = color(g, ((226, 186, 96), (206, 208, 212), (214, 160, 128)))
    style = one_of(g, ("stone", "stone", "three", "signet", "band"))
    wide = t * (g.uniform(2, 3) if style == "band" else 1.2)
    hoop = revolve(superellipse(t, wide, 2.6, 24) + (r + t, 0), segments=96).turn(x=90)
    top = r + 1.7 * t
    if style == "band":
        facets = around(box(3 * t, 3 * t, 9 * wide).turn(z=45).move(r + 3.7 * t, 0, -4 * wide), int(g.integers(8, 24)))
        return (hoop - facets.turn(x=90)).paint(gold)
    if style == "signet":
        seal = extrude(one_of(g, (circle(4.6, 3.8, 40), rectangle(8, 7, 1.5), polygon(8, 4.6))), 1.8)
        engraved = extrude(star(int(g.integers(4, 8)), 2.4, 1.2), 3).move(z=1.2)
        shoulder = hull(extrude(circle(4, 3.2, 32), 0.5), box(9, 2.2, 0.5).move(z=-3))
        return (hoop + (seal - engraved + shoulder - cylinder(r, 40).turn(x=90).move(0, 20, -top)).move(z=top)).paint(gold)
    stones = [(0.0, g.uniform(2.4, 3.6))] if style == "stone" else [(0.0, 2.2), (-24.0, 1.6), (24.0, 1.6)]
    gem_paint = color(g, ((196, 228, 238), (190, 44, 66), (52, 110, 190), (46, 150, 100), (150, 90, 180)))
    result = hoop.paint(gold)
    for tilt, size in stones:
        facets = int(g.integers(6, 12)) if style == "stone" else 8
        gem = cylinder(0.1 * size, 0.8 * size, size, facets) + cylinder(size, 0.15 * size, segments=facets).move(z=0.79 * size)
        gem += cylinder(size, 0.35 * size, 0.6 * size, facets).move(z=0.93 * size)
        claw = cylinder(0.16 * size, 1.35 * size, segments=12).turn(y=22).move(0.62 * size, 0, -0.2 * size)
        setting = around(claw, one_of(g, (4, 6))) + cylinder(0.55 * size, 0.4 * size, 0.7 * size, 24).move(z=-0.3 * size)
        result += (gem.paint(gem_paint) + setting.paint(gold)).move(z=top + 0.2 * t).turn(y=tilt)
    return result


def trophy(g: np.random.Generator) -> Solid:
    """A cup on a stem and a plinth, with two handles; some bear a star."""
    r, tall = g.uniform(50, 75), g.uniform(110, 160)
    gold = color(g, ((226, 186, 84), (200, 202, 206), (190, 130, 84)))
    shape = one_of(g, (points((0.16, 0), (0.7, 0.25), (0.92, 0.6), (1, 1)), points((0.16, 0), (0.85, 0.2), (0.85, 0.6), (1.05, 1)), points((0.16, 0), (0.5, 0.35), (0.75, 0.7), (1, 1))))
    profile = spline(shape * (r, tall), 22)
    stem_tall = g.uniform(50, 90)
    stem = filled(spline(points((0.62 * r, 0), (0.3 * r, 0.15 * stem_tall), (0.14 * r, 0.5 * stem_tall), (0.26 * r, 0.62 * stem_tall), (0.13 * r, 0.78 * stem_tall), (0.22 * r, stem_tall + 4)), 32))
    reach = g.uniform(0.3, 0.55) * r
    out = np.interp([0.9 * tall, 0.3 * tall], profile[:, 1], profile[:, 0])
    bend = spline(points((out[0] - 2, 0.9 * tall), (out[0] + reach, 0.95 * tall), (out[0] + 0.9 * reach, 0.5 * tall), (out[1] + 0.2 * reach, 0.38 * tall), (out[1] - 3, 0.3 * tall)), 36)
    handle = sweep(circle(0.07 * r, sides=14), path(bend), up=(0, 1, 0)).both(x=1)
    cup = vessel(profile, 3.5).paint(gold) + handle.paint(gold)
    badge = extrude(star(5, 0.36 * r, 0.15 * r), 8).turn(z=90).turn(x=90).move(0, -float(np.interp(0.62 * tall, profile[:, 1], profile[:, 0])) + 3, 0.62 * tall)
    cup += badge.paint(color(g, BRIGHT)) if maybe(g) else ball(0.01)
    step = g.uniform(40, 70)
    square = maybe(g)
    plinth = box(1.7 * r, 1.7 * r, step, 4) + box(1.4 * r, 1.4 * r, 16, 3).move(z=step - 4) if square else cylinder(0.95 * r, step, 0.85 * r) + cylinder(0.75 * r, 14).move(z=step - 2)
    plate = box(r, 10, 0.5 * step, 2).move(0, -0.85 * r if square else -0.87 * r, 0.25 * step).paint(gold)
    high = step + 10
    return plinth.paint(color(g, (*DARK, *WOOD))) + plate + stem.move(z=high).paint(gold) + cup.move(z=high + stem_tall - 2)


def guitar(g: np.random.Generator) -> Solid:
    """An acoustic or electric guitar, upright, facing -y."""
    electric = maybe(g, 0.45)
    wood, dark = color(g, WOOD), (60, 44, 38)
    paint = color(g, BRIGHT) if electric else wood
    w, deep = g.uniform(170, 200), (45.0 if electric else g.uniform(90, 110))
    if electric:
        half = points((0, -0.02), (0.6, 0.02), (0.95, 0.3), (0.72, 0.75), (0.82, 1.15), (0.62, g.uniform(1.3, 1.6)), (0.42, 1.25), (0.2, 1.1))
        left = points((-0.2, 1.1), (-0.42, 1.25), (-0.66, g.uniform(1.4, 1.75)), (-0.84, 1.15), (-0.74, 0.75), (-0.95, 0.3), (-0.6, 0.02))
        body_line = spline(np.concatenate([half, left]), 80, closed=True) * w
    else:
        pinch = g.uniform(0.6, 0.72)
        half = points((0, 0), (0.7, 0.08), (1, 0.6), (pinch, 1.22), (0.76, 1.75), (0.4, 2.08), (0, 2.12))
        body_line = spline(np.concatenate([half, (half[1:-1] * (-1, 1))[::-1]]), 72, closed=True) * w
    top = float(body_line[:, 1].max()) if not electric else 1.12 * w
    body = extrude(soften(body_line, 0.04 * w), deep).turn(x=90).paint(paint)
    neck_long = g.uniform(300, 360)
    face = -deep
    neck = box(46, 24, neck_long + 60, 8).move(0, face + 6, top - 50).paint(wood) + box(48, 9, neck_long + 130).move(0, face - 5, top - 120).paint(dark)
    frets = union(box(48, 3, 3).move(0, face - 9.5, top + neck_long - 22 - 340 * (1 - 0.86**i)) for i in range(1, 11)).paint(color(g, METAL))
    shape = points((-26, 0), (26, 0), (40, 60), (34, 150), (-34, 150), (-40, 60))
    head = extrude(soften(shape, 8), 18).turn(x=90).move(0, face + 14, top + neck_long).paint(dark if maybe(g) else wood)
    peg = (cylinder(4, 34, segments=12).turn(y=90) + ball(10, 6, 8, 14).move(38)).move(24, face + 5, 0)
    pegs = union(peg.move(z=top + neck_long + 40 + 38 * i) for i in range(3)).both(x=1).paint(color(g, METAL))
    bridge = box(0.7 * w, 14, 26, 4).move(0, face - 4, 0.5 * w).paint(dark)
    strings = union(cylinder(1.6, top + neck_long - 0.5 * w + 30, segments=6).move(-17 + 6.8 * i, face - 13, 0.5 * w + 8) for i in range(6)).paint((206, 208, 212))
    if electric:
        extra = union(box(0.48 * w, 12, 34, 5).move(0, face - 3, z * w) for z in (0.72, 0.98)[: int(g.integers(1, 3))]).paint((50, 50, 54))
        extra += union(cylinder(12, 14, segments=20).turn(x=90).move(0.5 * w + 22 * i, face + 3, (0.4 - 0.12 * i) * w) for i in range(2)).paint(color(g, METAL))
        return body + neck + frets + head + pegs + bridge + strings + extra
    hole = cylinder(0.3 * w, 0.9 * deep, segments=40).turn(x=90).move(0, face + 0.85 * deep, 1.25 * w).paint((48, 34, 28))
    rose = tube(0.36 * w, 0.28 * w, 4, 48).turn(x=90).move(0, face + 1.5, 1.25 * w).paint(dark)
    return body - hole + rose + neck + frets + head + pegs + bridge + strings


def drum(g: np.random.Generator) -> Solid:
    """A drum with hoops, tension rods and two sticks."""
    r, tall, rods = g.uniform(150, 210), g.uniform(130, 320), int(g.integers(6, 11))
    shell = cylinder(r, tall, segments=64).paint(color(g, (*BRIGHT, *WOOD)))
    skin = cylinder(0.97 * r, 6, segments=64).move(z=tall).paint((244, 238, 224)) + cylinder(0.97 * r, 6, segments=64).move(z=-6).paint((244, 238, 224))
    steel = color(g, METAL)
    hoops = tube(1.06 * r, 0.96 * r, 22, 64).move(z=tall - 6) + tube(1.06 * r, 0.96 * r, 22, 64).move(z=-16)
    rod = cylinder(4.5, tall + 10, segments=10).move(1.045 * r, 0, -5) + box(16, 20, 34, 4).move(1.03 * r, 0, tall / 2 - 17)
    stick = (cylinder(7, 340, 5.5, 14) + ball(9, 9, 12, 16).move(z=345)).turn(y=88).paint(color(g, WOOD))
    sticks = stick.turn(z=28).move(-0.8 * r, -0.5 * r, tall + 17) + stick.turn(z=-24).move(-0.8 * r, 0.42 * r, tall + 30)
    return shell + skin + (hoops + around(rod, rods)).paint(steel) + (sticks if maybe(g, 0.7) else union([]))
