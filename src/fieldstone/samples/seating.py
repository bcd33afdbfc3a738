"""Things to sit on."""

import numpy as np

from fieldstone.samples.curves import path, points, polygon, rectangle, shift, spline
from fieldstone.samples.draw import DARK, FABRIC, STEEL, WOOD, color, maybe, one_of
from fieldstone.samples.solid import NOTHING, Color, Solid, around, ball, box, cylinder, extrude, revolve, sweep, union

__all__ = ["bench", "chair", "four_legs", "sofa", "stool"]


def four_legs(g: np.random.Generator, x: float, y: float, height: float, paint: Color) -> Solid:
    """Four equal legs, straight or splayed, whose upper ends stand within the rectangle x by y."""
    width = g.uniform(0.06, 0.1) * min(x, y) + 6
    style = one_of(g, ("square", "tapered", "round", "turned"))
    if style == "square":
        leg = box(width, width, height, 0.12 * width)
    elif style == "tapered":
        leg = extrude(rectangle(0.55 * width, 0.55 * width, 0.1 * width), height, top=1.9)
    elif style == "round":
        leg = cylinder(0.3 * width, height, 0.55 * width, 20)
    else:
        radii = width * np.array([0.42, 0.3, 0.5, 0.34, 0.55, 0.35, 0.55, 0.55])
        side = spline(np.stack([radii, height * np.array([0, 0.08, 0.2, 0.32, 0.55, 0.75, 0.82, 1])], 1), 22)
        leg = revolve(np.concatenate([side, points((0, height), (0, 0))]), segments=20)
    splay = 0.0 if style == "square" else one_of(g, (0.0, 0.06, 0.13))
    leg = leg.warp(lambda p: p + (height - p[:, 2:]) * (splay, splay * 0.7, 0))
    leg = leg.paint(paint).move((x - width) / 2, (y - width) / 2)
    return leg.both(x=1).both(y=1)


def star_base(g: np.random.Generator, reach: float, height: float) -> Solid:
    """An office chair's column on five or so castors."""
    steel = color(g, DARK)
    arm = extrude(rectangle(reach, 40, 10), 26).move(reach / 2, 0, 62)
    castor = cylinder(28, 34, segments=20).turn(x=90).move(reach - 20, 17, 28).paint(color(g, DARK))
    star = around(
        (arm + cylinder(13, 50, segments=16).move(reach - 20, 0, 28)).paint(steel) + castor, int(g.integers(4, 7))
    )
    column = cylinder(34, 130).move(z=58).paint(steel) + cylinder(22, height - 70).move(z=70).paint(color(g, STEEL))
    return star + column + box(220, 200, 26, 8).move(z=height - 24).paint(steel)


def sled_base(g: np.random.Generator, x: float, y: float, height: float) -> Solid:
    """Two bent tubes that run along the floor."""
    r = g.uniform(10, 14)
    bend = points(
        (y / 2, height),
        (y / 2 + 8, r + 50),
        (y / 2 - 40, r),
        (0, r),
        (40 - y / 2, r),
        (-y / 2 - 8, r + 50),
        (-y / 2, height),
    )
    tube = sweep(polygon(14, r), path(spline(bend, 40), "yz"), up=(1, 0, 0)).move(x=x / 2 - 24)
    rail = cylinder(r, x - 40, segments=14).turn(y=90).move(20 - x / 2, y / 2 - 10, height - r)
    return (tube.both(x=1) + rail.both(y=1)).paint(color(g, STEEL))


def backrest(g: np.random.Generator, x: float, rise: float, frame: Color, cushion: Color) -> Solid:
    """An upright back, standing on z = 0 in the plane y = 0."""
    style = one_of(g, ("panel", "slats", "ladder", "spindles", "frame"))
    post = box(34, 30, rise, 8).move(x=x / 2 - 17).both(x=1).paint(frame)
    top = box(x, 30, g.uniform(50, 90), 10).paint(frame)
    crown = top.move(z=rise - float(top.bounds()[1][2]))
    if style == "panel":
        return box(x, g.uniform(26, 50), rise, 22).paint(cushion)
    if style == "slats":
        count = int(g.integers(3, 6))
        slat = box(0.55 * x / count, 16, rise - 20, 4).paint(frame)
        return post + crown + union(slat.move(x * ((i + 0.5) / count - 0.5) * 0.86) for i in range(count))
    if style == "ladder":
        count = int(g.integers(2, 5))
        rung = box(x - 20, 18, 0.42 * rise / count, 5).paint(frame)
        return post + crown + union(rung.move(z=rise * (i + 0.35) / count) for i in range(count))
    if style == "spindles":
        count = int(g.integers(4, 8))
        rod = cylinder(7, rise - 10, segments=12).paint(frame)
        return post + crown + union(rod.move(x * ((i + 0.5) / count - 0.5) * 0.88) for i in range(count))
    pad = box(x - 40, 26, 0.55 * rise, 12).move(z=0.3 * rise).paint(cushion)
    return post + crown + pad


def chair(g: np.random.Generator) -> Solid:
    """A dining, sled or office chair, with or without arms."""
    x, y, height, thick = g.uniform(400, 490), g.uniform(400, 470), g.uniform(420, 480), g.uniform(26, 60)
    frame, cushion = color(g, WOOD), color(g, one_of(g, (FABRIC, WOOD)))
    base = one_of(g, ("legs", "legs", "legs", "sled", "star"))
    if base == "legs":
        under = four_legs(g, x - 16, y - 16, height, frame)
        if maybe(g, 0.4):
            under += box(x - 60, 18, 24, 4).move(0, y / 2 - 26, height * 0.35).both(y=1).paint(frame)
    elif base == "sled":
        under = sled_base(g, x, y - 40, height)
    else:
        under = star_base(g, g.uniform(270, 320), height)
    seat = box(x, y, thick, min(20, thick * 0.45)).move(z=height - 8).paint(cushion)
    tilt = g.uniform(4, 13)
    back = backrest(g, x - 10, g.uniform(380, 540), frame, cushion).turn(x=-tilt).move(0, y / 2 - 24, height + 4)
    return under + seat + back + (armrests(g, x, y, height, frame) if maybe(g, 0.35) else NOTHING)


def armrests(g: np.random.Generator, x: float, y: float, height: float, frame: Color) -> Solid:
    """A pair of arms on posts at the sides of a seat."""
    rise = g.uniform(190, 240)
    post = box(28, 34, rise + 20, 6).move(0, -y * 0.3, height)
    arm = box(48, y * 0.92, 26, 10).move(z=height + rise)
    return (post + arm).move(x=x / 2 - 6).both(x=1).paint(frame)


def stool(g: np.random.Generator) -> Solid:
    """A round or square stool on three to five legs, or on a column."""
    radius, height = g.uniform(140, 200), g.uniform(420, 780)
    frame, top = color(g, one_of(g, (WOOD, STEEL))), color(g, one_of(g, (WOOD, FABRIC)))
    thick = g.uniform(30, 80)
    round_seat = cylinder(radius, thick) if maybe(g, 0.3) else cylinder(radius, thick, 0.93 * radius)
    seat = (round_seat if maybe(g, 0.7) else box(1.8 * radius, 1.8 * radius, thick, 16)).move(z=height - 6).paint(top)
    if maybe(g, 0.25):
        foot = cylinder(radius * 1.1, 22, radius * 0.95) + cylinder(26, height)
        rest = sweep_ring(radius * 0.85, 9, height * 0.35) + box(radius * 1.7, 14, 14).move(z=height * 0.35 - 7)
        return (foot + rest).paint(color(g, STEEL)) + seat
    count, splay = int(g.integers(3, 6)), g.uniform(0.04, 0.16)
    leg = cylinder(g.uniform(11, 16), height, g.uniform(16, 20), 20).warp(
        lambda p: p + (height - p[:, 2:]) * (splay, 0, 0)
    )
    legs = around(leg.move(x=radius * 0.72), count, start=45).paint(frame)
    at = height * g.uniform(0.25, 0.4)
    return legs + seat + sweep_ring(radius * 0.72 + splay * (height - at), 8, at).paint(frame)


def sweep_ring(radius: float, thickness: float, z: float) -> Solid:
    """A horizontal hoop at height z."""
    outline = shift(polygon(12, thickness), radius, z)
    return revolve(outline)


def bench(g: np.random.Generator) -> Solid:
    """A park bench of slats, with or without a back."""
    x, y, height = g.uniform(1100, 1800), g.uniform(380, 460), g.uniform(420, 460)
    wood, frame = color(g, WOOD), color(g, one_of(g, (DARK, STEEL, WOOD)))
    count = int(g.integers(3, 7))
    slat = box(x, 0.82 * y / count, 30, 8).paint(wood)
    seat = union(slat.move(0, y * ((i + 0.5) / count - 0.5), height) for i in range(count))
    leg = box(60, 44, height + 2, 8).move(0, y * 0.38).both(y=1) + box(60, y, 44, 8).move(z=height - 40)
    result = seat
    if maybe(g, 0.7):
        rise, rows = g.uniform(330, 420), int(g.integers(2, 5))
        board = box(x, 26, 0.75 * rise / rows, 8).paint(wood)
        back = union(board.move(z=100 + rise * i / rows) for i in range(rows))
        result += back.turn(x=-12).move(0, y / 2 + 6, height - 10)
        leg += box(56, 36, rise + 90, 8).turn(x=-12).move(0, y / 2 + 30, height - 40)
    if maybe(g, 0.4):
        leg += box(56, y, 30, 10).move(z=height + 200) + box(50, 40, 230, 8).move(0, -y * 0.4, height - 10)
    return result + leg.move(x=x / 2 - g.uniform(80, 220)).both(x=1).paint(frame)


def sofa(g: np.random.Generator) -> Solid:
    """A sofa of one to four seats, some with a chaise."""
    seats = int(g.integers(1, 5))
    each, y, arm = g.uniform(560, 680), g.uniform(820, 950), g.uniform(120, 210)
    x, low = seats * each, g.uniform(70, 150)
    cloth, legs = color(g, FABRIC), color(g, one_of(g, (WOOD, DARK)))
    pillow_cloth = cloth if maybe(g) else color(g, FABRIC)
    base = box(x + arm, y, 220, 30).move(z=low).paint(cloth)
    back = box(x + arm, 220, g.uniform(540, 640), 80).move(0, y / 2 - 110, low + 100).paint(cloth)
    side = box(arm, y, g.uniform(400, 480), min(60, arm * 0.4)).move((x + arm) / 2, 0, low + 20).both(x=1).paint(cloth)
    cushion = box(each - 8, y - 190, 150, 50).move(0, -95, low + 190).paint(pillow_cloth)
    pillow = box(each - 24, 170, 400, 70).turn(x=-12).move(0, y / 2 - 230, low + 320).paint(pillow_cloth)
    places = [each * (i - (seats - 1) / 2) for i in range(seats)]
    result = base + back + side + union((cushion + pillow).move(at) for at in places)
    if seats > 2 and maybe(g, 0.35):
        result += box(each, 700, 330, 50).move(places[-1], -y / 2 - 300, low).paint(cloth)
    foot = cylinder(26, low + 20, 38, 16).move(x / 2, y / 2 - 70).both(x=1).both(y=1).paint(legs)
    knob = ball(70, 70, 50).move(x / 2 + arm / 2, 40 - y / 2, low + 420).both(x=1).paint(cloth)
    return result + foot + (knob if maybe(g, 0.2) else NOTHING)
