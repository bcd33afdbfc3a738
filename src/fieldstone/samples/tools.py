"""Hand tools. Each lies along x, or stands on its handle where it would hang on a wall."""

import numpy as np

from fieldstone.samples.curves import (
    arc,
    circle,
    fillet,
    path,
    points,
    polygon,
    rectangle,
    ribbon,
    slot,
    soften,
    spline,
    superellipse,
)
from fieldstone.samples.draw import BRIGHT, DARK, STEEL, WOOD, color, maybe, one_of
from fieldstone.samples.solid import (
    Solid,
    around,
    ball,
    box,
    cylinder,
    extrude,
    hull,
    loft,
    panel,
    sweep,
    turned,
    union,
)

__all__ = ["axe", "hammer", "saw", "screwdriver", "shovel", "wrench"]


def haft(g: np.random.Generator, length: float, wide: float, thick: float) -> Solid:
    """A wooden or rubber-gripped handle standing on z = 0, wider along x than along y."""
    wood = color(g, WOOD)
    at = np.array([0, 0.03, 0.12, 0.3, 0.55, 0.8, 1.0])
    width = np.array([0.8, 1.05, 1.1, 0.95, 0.78, 0.75, 0.75]) * g.uniform(0.95, 1.1, 7)
    knots = spline(np.stack([width, at], 1), 18)
    oval = superellipse(wide / 2, thick / 2, 2.6, 24)
    rings = [np.column_stack([oval * w, np.full(24, length * z)]) for w, z in knots]
    body = loft(np.stack(rings)).paint(wood)
    if maybe(g, 0.5):
        cut = box(200, 200, length * g.uniform(0.3, 0.45))
        sleeve = loft(np.stack([r * (1.12, 1.12, 1) for r in rings])) & cut
        return body + sleeve.move(z=-1).paint(color(g, one_of(g, (BRIGHT, DARK))))
    return body


def hammer(g: np.random.Generator) -> Solid:
    """A claw hammer, ball-peen hammer, sledge or mallet."""
    style = one_of(g, ("claw", "claw", "peen", "sledge", "mallet"))
    length, r = g.uniform(260, 330), g.uniform(12, 16)
    steel = color(g, one_of(g, (STEEL, DARK)))
    stick = haft(g, length, 34, 24)
    if style == "mallet":
        head = box(g.uniform(110, 140), 62, 70, 8).paint(color(g, one_of(g, (WOOD, DARK))))
        head = (
            head
            if maybe(g)
            else cylinder(38, 120).turn(y=90).move(-60, 0, 38).paint(color(g, one_of(g, (WOOD, DARK, BRIGHT))))
        )
        return stick + head.move(z=length - 40)
    if style == "sledge":
        block = extrude(polygon(8, 30, 22.5), g.uniform(100, 130)).turn(y=90)
        return (
            stick
            + block.move(-float(block.bounds()[1][0]) / 2, 0, length - 18).paint(steel)
            + cylinder(12, 12).move(z=length)
        )
    middle = box(34, 26, 32, 5).move(z=-16)
    neck = cylinder(0.85 * r, 38, segments=24).turn(y=90).move(10)
    face = (cylinder(r * 1.25, 20, segments=32) + cylinder(r * 1.25, 3, r * 1.1).move(z=20)).turn(y=90).move(44)
    if style == "peen":
        tail = cylinder(0.8 * r, 30, segments=24).turn(y=-90).move(-10) + ball(r * 1.15, segments=28).move(-48)
    else:
        bend = spline(points((-8, 0), (-30, 1), (-58, -10), (-82, -36)), 20)
        claw = panel(ribbon(bend, np.linspace(24, 4, 20)), 34)
        slit = hull(box(1, 1.5, 90), box(60, 13, 90).move(-58)).move(-38, 0, -70)
        tail = claw - slit
    head = middle + neck + face + tail
    return stick + head.move(z=length - 14).paint(steel) + box(14, 10, 10).move(z=length - 6).paint(color(g, WOOD))


def screwdriver(g: np.random.Generator) -> Solid:
    """A screwdriver, its tip up: slotted, crossed or hexagonal."""
    grip, blade, r = g.uniform(85, 115), g.uniform(70, 160), g.uniform(12, 17)
    knots = points((0.7, 0), (0.98, 0.06), (1, 0.25), (0.95, 0.55), (0.72, 0.75), (0.85, 0.86), (0.6, 1)) * (r, grip)
    handle = turned(spline(knots, 28))
    flutes = int(g.integers(3, 9))
    groove = hull(
        ball(0.32 * r, segments=14).move(1.14 * r, 0, 0.16 * grip),
        ball(0.32 * r, segments=14).move(1.14 * r, 0, 0.56 * grip),
    )
    handle -= around(groove, flutes)
    paint = color(g, BRIGHT)
    cap = color(g, DARK) if maybe(g) else paint
    handle = handle.paint(paint) + cylinder(0.45 * r, 3, segments=20).move(z=-2).paint(cap)
    collar = cylinder(0.62 * r, 8, 0.5 * r, 24).move(z=grip - 1).paint(color(g, DARK))
    w = g.uniform(2.6, 4)
    style = one_of(g, ("slot", "cross", "hex"))
    shaft = cylinder(w, blade, segments=6 if style == "hex" else 20)
    if style == "slot":
        flat = hull(cylinder(w, 1, segments=20), box(2.9 * w, 1.3, 4).move(z=26))
        shaft += flat.move(z=blade - 8)
    elif style == "cross":
        point = cylinder(w, 14, 0.25 * w, 20).move(z=blade - 1)
        notch = box(0.7 * w, 0.7 * w, 30).turn(z=45).move(0.75 * w, 0.75 * w, blade)
        shaft += point - around(notch, 4)
    return handle + collar + shaft.move(z=grip).paint(color(g, STEEL))


def wrench(g: np.random.Generator) -> Solid:
    """A spanner: open ends, ring ends, one of each, or adjustable."""
    length, size = g.uniform(140, 240), g.uniform(10, 19)
    thick, steel = 0.36 * size + 2, color(g, STEEL)
    shank = extrude(rectangle(length, 0.95 * size, 0.3 * size), thick)
    groove = extrude(slot(0.62 * length, 0.26 * size), thick).move(z=thick - 1)
    shank -= groove
    kinds = one_of(g, (("open", "ring"), ("open", "open"), ("ring", "ring"), ("adjustable", "hole")))
    tilt = one_of(g, (0.0, 15.0))
    ends = [
        _jaw(kind, size * (1 if i == 0 else g.uniform(0.75, 1)), thick).turn(z=tilt) for i, kind in enumerate(kinds)
    ]
    left, right = _jaw_cut(kinds[0], size).turn(z=tilt), _jaw_cut(kinds[1], size * 0.86).turn(z=tilt)
    body = shank + ends[0].move(length / 2) + ends[1].turn(z=180).move(-length / 2)
    body = body - left.move(length / 2) - right.turn(z=180).move(-length / 2)
    return body.paint(steel).turn(x=90).turn(y=-90)


def _jaw(kind: str, size: float, thick: float) -> Solid:
    """The metal of a spanner's end, about the origin, open towards +x."""
    tall = thick * 1.35
    low = (thick - tall) / 2
    if kind == "hole":
        return cylinder(0.62 * size, thick)
    if kind == "ring":
        return cylinder(0.98 * size, tall, segments=48).move(z=low)
    head = extrude(
        soften(
            np.concatenate(
                [arc(1.18 * size, 60, 300, 28), points((0.95 * size, -0.95 * size), (0.95 * size, 0.95 * size))]
            ),
            1.2,
        ),
        tall,
    )
    if kind == "adjustable":
        knurl = cylinder(0.34 * size, 0.7 * size, segments=16).turn(y=90).move(-0.95 * size, -0.35 * size, tall / 2)
        head += knurl + box(1.0 * size, 0.5 * size, tall, 1.5).move(0.62 * size, 0.78 * size)
    return head.move(z=low)


def _jaw_cut(kind: str, size: float) -> Solid:
    """What a spanner's end leaves out."""
    if kind == "hole":
        return cylinder(0.3 * size, 60, segments=24).move(z=-20)
    if kind == "ring":
        teeth = extrude(polygon(6, 0.66 * size), 60) + extrude(polygon(6, 0.66 * size, 30), 60)
        return teeth.move(z=-20)
    return (box(2 * size, 1.0 * size, 60).move(0.72 * size) + extrude(polygon(6, 0.577 * size, 0), 60)).move(z=-20)


def saw(g: np.random.Generator) -> Solid:
    """A hand saw with a closed handle, or a hacksaw."""
    length, teeth = g.uniform(330, 460), int(g.integers(24, 48))
    steel, wood = color(g, STEEL), color(g, one_of(g, (WOOD, BRIGHT)))
    x = np.linspace(-length, 0, 2 * teeth + 1)
    if maybe(g, 0.3):
        rim = fillet(points((6, 10), (6, 104), (-length - 6, 104), (-length - 6, 4)), 24)
        frame = sweep(superellipse(8, 6, 4, 14), path(rim), up=(0, 1, 0)).paint(color(g, one_of(g, (BRIGHT, STEEL))))
        zig = np.stack([x, 4.0 * (np.arange(len(x)) % 2)], 1)
        blade = extrude(np.concatenate([zig, points((0, 16), (-length - 10, 16), (-length - 10, 0))]), 1.6).turn(x=90)
        grip_ = hull(ball(13, segments=20).move(20, 0, 0), ball(16, segments=20).move(70, 0, -60)).paint(wood)
        arm = hull(ball(9, 9, 12, 16).move(4, 0, 12), ball(9, segments=16).move(22, 0, 0)).paint(wood)
        return frame + blade.move(y=0.8).paint(steel) + grip_ + arm
    tip, heel = g.uniform(40, 70), g.uniform(100, 130)
    low = np.stack([x, 5.0 * (np.arange(len(x)) % 2)], 1)
    blade = extrude(np.concatenate([low, points((10, heel), (-length, tip))]), 2).turn(x=90).move(y=1).paint(steel)
    shape = points(
        (-40, heel - 14),
        (-24, heel + 14),
        (40, heel + 16),
        (82, heel + 26),
        (96, heel - 10),
        (84, 0.45 * heel),
        (98, 0),
        (78, -12),
        (20, 8),
        (-30, 12),
    )
    window = points((22, heel - 22), (52, heel - 16), (60, heel - 30), (52, 28), (36, 24), (22, 34))
    plate = extrude(soften(spline(shape, 64, closed=True), 4), 22) - extrude(soften(window, 7), 60).move(z=-20)
    handle = plate.turn(x=90).move(y=11).paint(wood)
    bolt = cylinder(6, 26, segments=20).turn(x=90).move(y=13).paint(color(g, STEEL))
    return blade + handle + bolt.move(-4, 0, heel - 14) + bolt.move(2, 0, 22)


def axe(g: np.random.Generator) -> Solid:
    """An axe with one or two bits."""
    length, wide = g.uniform(360, 620), g.uniform(95, 140)
    stick = haft(g, length, 40, 26)
    side = points(
        (18, 26),
        (60, 22 + 0.06 * wide),
        (wide, 0.5 * wide),
        (1.06 * wide, 0),
        (0.98 * wide, -0.55 * wide),
        (66, -26),
        (18, -26),
    )
    edge = spline(side[[2, 3, 4]], 12)
    upper, lower = spline(side[:3], 8), spline(side[4:], 8)
    outline = np.concatenate([upper[:-1], edge, lower[1:]])
    wedge = hull(box(1, 34, 400).move(16, 0, -200), box(1, 1.2, 400).move(1.08 * wide, 0, -200))
    bit = extrude(outline, 60).turn(x=90).move(y=30) & wedge
    eye = extrude(superellipse(31, 20, 3, 32), 58).move(z=-28)
    poll = box(26, 32, 46, 6).move(-34, 0, -23)
    head = bit + eye + (bit.mirror(x=1) if maybe(g, 0.35) else poll)
    steel = color(g, one_of(g, (STEEL, DARK, BRIGHT)))
    return stick + head.paint(steel).move(z=length - 36)


def shovel(g: np.random.Generator) -> Solid:
    """A spade, shovel or garden fork with a D, T or ball grip, its blade down."""
    shaft, blade, wide = g.uniform(560, 760), g.uniform(250, 310), g.uniform(170, 220)
    steel, wood = color(g, one_of(g, (STEEL, DARK, BRIGHT))), color(g, WOOD)
    style = one_of(g, ("round", "square", "fork"))
    if style == "fork":
        count = int(g.integers(3, 5))
        tine = hull(box(16, 10, 10), cylinder(1.5, 1, segments=8).move(z=-blade)).move(z=0)
        metal = union(tine.move(wide * ((i + 0.5) / count - 0.5)) for i in range(count)) + box(
            wide * 0.9, 16, 18, 4
        ).move(z=-2)
    else:
        low = (
            points((wide / 2, 0.45), (0.42 * wide, 0.75), (0, 1))
            if style == "round"
            else points((wide / 2, 0.5), (0.47 * wide, 1), (0, 1))
        )
        side = np.concatenate([points((0.48 * wide, 0)), spline(low, 12) if style == "round" else low[:2]]) * (
            1,
            -blade,
        )
        left = (side * (-1, 1))[::-1]
        outline = np.concatenate([side, left[1:] if style == "round" else left])
        sheet = extrude(soften(outline, 10), 5).turn(x=90).move(y=2.5)
        sheet = Solid(sheet.manifold.refine_to_length(22), sheet.colors)
        metal = sheet.warp(lambda p: p + np.stack([0 * p[:, 0], -0.0022 * p[:, 0] ** 2 + 12, 0 * p[:, 0]], 1))
        metal += box(wide * 0.96, 26, 7, 2).move(z=-4)
    socket = cylinder(22, 120, 18, 24).move(z=-10) + hull(
        ball(14, 11, 20, 16).move(z=-10), ball(4, 9, 4, 12).move(z=-0.45 * blade)
    )
    stick = cylinder(16, shaft, segments=24).move(z=60).paint(wood)
    return (metal + socket).paint(steel) + stick + _grip(g).move(z=shaft + 56).paint(one_of(g, (wood, color(g, DARK))))


def _grip(g: np.random.Generator) -> Solid:
    """The end of a spade's stick."""
    style = one_of(g, ("D", "T", "ball"))
    if style == "ball":
        return ball(24, segments=24)
    if style == "T":
        return cylinder(15, 130, segments=24).turn(y=90).move(-65)
    fork = path(spline(points((0, -20), (-34, 10), (-52, 60), (-52, 80)), 20))
    side = sweep(circle(11, sides=16), fork, up=(0, 1, 0))
    return side.both(x=1) + cylinder(14, 124, segments=24).turn(y=90).move(-62, 0, 80)
