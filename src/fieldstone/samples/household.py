"""What else stands about a house or a workshop."""

import numpy as np

from fieldstone.samples.curves import arc, circle, path, points, polygon, rectangle, spline, superellipse
from fieldstone.samples.draw import BRIGHT, CERAMIC, DARK, FABRIC, METAL, PASTEL, STEEL, WOOD, color, maybe, one_of
from fieldstone.samples.solid import Solid, around, ball, box, cylinder, extrude, hull, loft, revolve, ring, sweep, tube, union, vessel

__all__ = ["barrel", "book", "bucket", "clock", "crate", "hat", "headphones", "ladder", "laptop", "umbrella"]


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
        brace = box(float(np.hypot(x - 100, z)), t, 46, 3).move(z=-23).turn(y=float(np.degrees(np.arctan2(z - 50, x - 100)))).move(0, -y / 2 - t + 3, z / 2)
        result += (batten + (brace & box(x, 4 * y, z))).both(y=1).paint(dark)
    return result


def barrel(g: np.random.Generator) -> Solid:
    """A barrel of staves with iron hoops, some with a tap; or a steel drum."""
    r, tall = g.uniform(210, 300), g.uniform(650, 900)
    if maybe(g, 0.25):
        paint = color(g, BRIGHT)
        ribs = union(ring(r, 12, 64, 10).move(z=u * tall) for u in (0.02, 0.34, 0.67, 0.98))
        bung = cylinder(40, 26, segments=24).move(0.6 * r, 0, tall - 22) + cylinder(22, 20, segments=20).move(-0.6 * r, 0, tall - 20)
        lid = cylinder(0.93 * r, 60, segments=64).move(z=tall - 16)
        return (cylinder(r, tall, segments=64) + ribs).paint(paint) - lid + bung.paint(color(g, STEEL))
    bulge, staves = g.uniform(1.12, 1.3), int(g.integers(14, 22))
    curve = spline(points((r, 0), (r * (1 + 0.75 * (bulge - 1)), 0.25 * tall), (r * bulge, 0.5 * tall), (r * (1 + 0.75 * (bulge - 1)), 0.75 * tall), (r, tall)), 17)
    body = vessel(curve, 0.08 * r, 64).paint(color(g, WOOD))
    groove = sweep(rectangle(8, 16), path(curve), up=(0, 1, 0))
    body -= around(groove, staves)
    top = cylinder(0.95 * r, 20).move(z=0.94 * tall).paint(color(g, WOOD)) if maybe(g, 0.8) else union([])
    iron = color(g, DARK)
    for u in (0.04, 0.24, 0.72, 0.92):
        low, high = (float(np.interp(v * tall, curve[:, 1], curve[:, 0])) for v in (u, u + 0.045))
        skirt = points((low + 5, u * tall), (high + 5, (u + 0.045) * tall), (high - 12, (u + 0.045) * tall), (low - 12, u * tall))
        body += revolve(skirt, segments=64).paint(iron)
    if maybe(g, 0.3):
        tap = cylinder(18, 110, segments=20).turn(x=90) + cylinder(12, 60, segments=16).move(0, -80, -55) + box(16, 60, 20, 5).move(0, -80, 20)
        body += tap.move(0, -r, 0.14 * tall).paint(color(g, METAL))
    return body + top


def bucket(g: np.random.Generator) -> Solid:
    """A bucket with its bail up or down, or a watering can."""
    r, tall = g.uniform(120, 160), g.uniform(220, 300)
    paint, steel = color(g, (*BRIGHT, *STEEL)), color(g, STEEL)
    body = vessel(points((0.72 * r, 0), (0.86 * r, 0.5 * tall), (r, tall)), 4, 64).paint(paint)
    if maybe(g, 0.4):
        neck = path(spline(points((0.7, 0.2), (1.3, 0.45), (1.75, 0.95), (2.0, 1.15)) * (r, tall), 20))
        spout = sweep(circle(0.14 * r, sides=20), neck, up=(0, 1, 0), scale=np.linspace(1.3, 0.8, 20))
        rose = hull(cylinder(0.1 * r, 4, segments=24), cylinder(0.3 * r, 8, segments=32).move(z=0.3 * r)).turn(y=60).move(*(neck[-1] - (0.04 * r, 0, 0)).tolist())
        loop = path(spline(points((-0.86, 0.35), (-1.5, 0.7), (-1.2, 1.25), (-0.3, 1.3), (0.5, 1.02)) * (r, tall), 32))
        lid = cylinder(0.98 * r, 5).move(z=tall - 8) - box(9 * r, 9 * r, 99).move(-4.5 * r)
        handle = sweep(circle(0.07 * r, sides=14), loop, up=(0, 1, 0))
        return body + (spout - cylinder(0.6 * r, 0.8 * tall).move(z=6) + rose + lid).paint(paint) + handle.paint(steel)
    lip = ring(r, 6, 64, 12).move(z=tall - 3).paint(paint)
    angle = np.radians(np.linspace(0, 180, 40))
    bail = np.stack([1.03 * r * np.cos(angle), 0 * angle, 0.95 * r * np.sin(angle)], 1)
    wire = sweep(circle(4.5, sides=10), bail, up=(0, 1, 0)).turn(x=one_of(g, (0.0, 55.0, 80.0))).move(z=0.9 * tall)
    ear = box(14, 40, 44, 5).move(1.0 * r, 0, 0.9 * tall - 22).both(x=1)
    bands = union(ring(float(np.interp(u, (0, 1), (0.72 * r, r))), 4, 64, 10).move(z=u * tall) for u in (0.25, 0.75)[: int(g.integers(0, 3))])
    return body + lip + (bands + ball(0.01)).paint(paint) + (wire + ear).paint(steel)


def book(g: np.random.Generator) -> Solid:
    """A closed book, a stack of books, or an open one."""
    style = one_of(g, ("stack", "stack", "one", "open"))
    if style == "open":
        x, y, t = g.uniform(130, 170), g.uniform(200, 250), g.uniform(12, 24)
        bulge = spline(points((0, 0.75), (0.15, 1.25), (0.6, 1.0), (1, 0.55)), 20) * (x, t)
        pages = extrude(np.concatenate([points((0, 0), (x, 0)), bulge[::-1]]), y).turn(x=90).move(y=y / 2).both(x=1)
        cover = box(x + 8, y + 14, 5, 1).move((x + 8) / 2 - 1, 0, -4).both(x=1)
        lines = union(box(0.62 * x, 2.5, t).move(0.52 * x, 0.36 * y - 0.08 * y * i, 0) for i in range(9)).both(x=1)
        top = extrude(np.concatenate([points((0, 0), (x, 0)), bulge[::-1] + (0, 0.6)]), y).turn(x=90).move(y=y / 2).both(x=1)
        return pages.paint((246, 240, 226)) + cover.paint(color(g, BRIGHT)) + (lines & top).paint((96, 96, 100))
    at, result = 0.0, union([])
    for _ in range(1 if style == "one" else int(g.integers(2, 6))):
        x, y, t = g.uniform(130, 180), g.uniform(190, 260), g.uniform(16, 46)
        result += volume(g, x, y, t).turn(z=float(g.uniform(-14, 14)) + 0.0).move(z=at - 0.05)
        at += t - 0.05
    return result.turn(z=20)


def volume(g: np.random.Generator, x: float, y: float, t: float) -> Solid:
    """One book lying on z = 0 with its spine towards -y's left."""
    paint = color(g, (*BRIGHT, *FABRIC, *DARK))
    cover = box(x, y, t, 2) - box(x, y * 2, t - 7).move(9, 0, 3.5)
    spine = cylinder(t / 2, y, segments=32).scale(0.5, 1, 1).turn(x=90).move(-x / 2 + 3, y / 2, t / 2)
    pages = box(x - 14, y - 10, t - 6).move(2, 0, 3).paint((244, 238, 222))
    trim = color(g, (*METAL, *PASTEL))
    label = box(0.5 * x, 0.3 * y, 1.2).move(0.05 * x, 0.12 * y, t - 0.6) + box(0.5 * x, 0.05 * y, 1.2).move(0.05 * x, -0.2 * y, t - 0.6)
    bands = union(spine.scale(1.03, 1, 1.02) & box(99, 6, 999).move(-x / 2, u * y, -300) for u in (-0.35, 0.35)) & box(9 * x, 9 * y, t - 0.4).move(z=0.2)
    return (cover + (spine & box(9 * x, y, t))).paint(paint) + pages + (label + bands).paint(trim)


def ladder(g: np.random.Generator) -> Solid:
    """A straight ladder or a step ladder."""
    tall, wide, rungs = g.uniform(1600, 2800), g.uniform(360, 480), int(g.integers(5, 10))
    paint = color(g, (*WOOD, *STEEL, *BRIGHT))
    if maybe(g, 0.5):
        rail = box(26, 62, tall, 6).move(x=wide / 2).both(x=1)
        rung = cylinder(17, wide + 8, segments=16).turn(y=90).move(-wide / 2 - 4)
        feet = box(44, 80, 60, 12).move(x=wide / 2).both(x=1).paint(color(g, DARK))
        return (rail + union(rung.move(z=tall * (i + 0.7) / (rungs + 0.4)) for i in range(rungs))).paint(paint).turn(x=-g.uniform(8, 16)) + feet.turn(x=-12)
    tall *= 0.6
    lean, rungs = g.uniform(0.2, 0.3), min(rungs, 6)
    rail = hull(box(26, 60, 10).move(wide / 2 + 50), box(26, 60, 10).move(wide / 2 - 20, lean * tall, tall)).both(x=1)
    steps = union(box(wide - 10 + 110 * (1 - u), 90, 24, 5).move(0, lean * tall * u, tall * u - 20) for u in (np.arange(rungs) + 1) / (rungs + 0.5))
    back = hull(box(24, 40, 10).move(wide / 2 + 70, 2.1 * lean * tall), box(24, 40, 10).move(wide / 2 - 20, 1.08 * lean * tall, tall - 40)).both(x=1)
    braces = union(box(wide + 110 * (1 - u), 22, 40, 4).move(0, lean * tall * (2.1 - 1.02 * u), tall * u) for u in (0.25, 0.6))
    top = box(wide + 20, 260, 34, 8).move(0, 1.03 * lean * tall, tall - 6).paint(color(g, BRIGHT))
    return (rail + steps + back + braces).paint(paint) + top


def clock(g: np.random.Generator) -> Solid:
    """An alarm clock, a wall clock or a mantel clock, facing -y."""
    r, style = g.uniform(55, 85), one_of(g, ("alarm", "alarm", "wall", "mantel"))
    paint, trim = color(g, (*BRIGHT, *METAL, *WOOD)), color(g, METAL)
    rim = tube(r, 0.88 * r, 44, 64).paint(paint) + cylinder(0.94 * r, 34, segments=64).paint((250, 246, 236))
    big, count = extrude(rectangle(3, 0.13 * r), 4).move(y=0.75 * r), one_of(g, (12, 12, 4))
    marks = around(big, count, 360 / count).move(z=32).paint((54, 54, 58))
    hour, minute = float(g.uniform(0, 360)), float(g.uniform(0, 360))
    hand = extrude(points((-0.05, -0.12), (0.05, -0.12), (0.025, 0.5), (-0.025, 0.5)) * r, 3)
    hands = hand.turn(z=hour).move(z=34.5) + hand.scale(0.8, 1.35, 1).turn(z=minute).move(z=36.5) + cylinder(0.06 * r, 9, segments=20).move(z=32)
    face = (rim + marks + hands.paint((54, 54, 58))).turn(x=90).move(y=20)
    if style == "wall":
        if maybe(g):
            bob = cylinder(4, 1.6 * r, segments=12).move(z=-2.5 * r) + cylinder(0.3 * r, 12, segments=32).turn(x=90).move(0, 6, -2.5 * r)
            case = box(1.1 * r, 24, 2.2 * r, 5).move(0, 18, -2.9 * r).paint(paint)
            return face + case + bob.move(y=-4).paint(trim)
        return face
    if style == "mantel":
        arch = extrude(np.concatenate([points((-1.5 * r, -1.4 * r), (1.5 * r, -1.4 * r), (1.25 * r, -0.4 * r)), arc(1.18 * r, 12, 168, 32), points((-1.25 * r, -0.4 * r))]), 60)
        foot = box(3.4 * r, 110, 0.28 * r, 6).move(z=-1.62 * r)
        return face.move(y=-18) + (arch.turn(x=90).move(y=40) + foot.move(y=10)).paint(color(g, WOOD))
    leg = hull(ball(6, segments=14).move(0.5 * r, 0, -0.85 * r), ball(8, segments=14).move(0.85 * r, 0, -1.3 * r)).both(x=1)
    bell = (ball(0.42 * r, segments=32) & box(9 * r, 9 * r, r)).move(z=1.06 * r) + cylinder(4, 0.4 * r, segments=12).move(z=0.85 * r) + ball(5, segments=12).move(z=1.5 * r)
    bells = bell.turn(y=34) + bell.turn(y=-34)
    hammer_ = cylinder(3.5, 0.55 * r, segments=12).move(z=0.9 * r) + ball(9, segments=16).move(z=1.42 * r)
    loop = ring(0.22 * r, 4, 28, 10).turn(x=90).move(z=1.65 * r) if maybe(g) else union([])
    back = cylinder(0.86 * r, 30, segments=48).turn(x=90).move(y=40).paint(paint)
    return face + back + (leg + bells + hammer_ + loop).paint(trim)


def umbrella(g: np.random.Generator) -> Solid:
    """An open umbrella with a crook or straight handle, or a parasol on a foot."""
    r, panels = g.uniform(430, 560), int(g.integers(6, 11))
    deep, pair = r * g.uniform(0.32, 0.5), (color(g, BRIGHT), color(g, (*BRIGHT, *PASTEL)))
    if maybe(g, 0.4):
        pair = (pair[0], pair[0])
    angle = np.linspace(0.02, np.pi / 2 * 0.86, 9)
    outer = np.stack([r * np.sin(angle), deep * (np.cos(angle) - np.cos(angle[-1])) / (1 - np.cos(angle[-1]))], 1)
    dome = np.concatenate([points((0, outer[0, 1])), outer, outer[::-1] - (0, 9), points((0, outer[0, 1] - 9))])
    canopy = revolve(dome, segments=panels * 6)

    def sag(p: np.ndarray) -> np.ndarray:
        turn = np.arctan2(p[:, 1], p[:, 0]) * panels / 2
        dip = 0.1 * np.abs(np.sin(turn)) * (np.hypot(p[:, 0], p[:, 1]) / r) ** 2
        return p * np.stack([1 - dip, 1 - dip, 1 - 0 * dip], 1)

    canopy = canopy.warp(sag)
    half = 180 / panels
    sector = extrude(points((0, 0), (3 * r * np.cos(np.radians(half)), -3 * r * np.sin(np.radians(half))), (3 * r * np.cos(np.radians(half)), 3 * r * np.sin(np.radians(half)))), 9 * deep).move(z=-deep)
    wedges = around(sector.turn(z=half), panels // 2) if panels % 2 == 0 else around(sector.turn(z=half), 1)
    cloth = canopy.paint(pair[0])
    if panels % 2 == 0 and pair[0] != pair[1]:
        cloth = (canopy & wedges).paint(pair[0]) + (canopy - wedges).paint(pair[1])
    long, steel = r * g.uniform(1.45, 1.7), color(g, (*STEEL, *DARK, *WOOD))
    pole = cylinder(7, long + 40, segments=16).move(z=deep - long) + cylinder(5, 40, 1, 12).move(z=deep + 38)
    rib = cylinder(2.5, 0.62 * r, segments=8).turn(y=90 - 28).move(z=deep - 0.5 * r)
    ribs = around(rib, panels)
    low = deep - long
    if maybe(g, 0.6):
        bend = path(spline(points((0, low + 30), (0, low - 30), (34, low - 80), (72, low - 40), (70, low - 10)), 24))
        handle = sweep(circle(11, sides=16), bend, up=(0, 1, 0))
    else:
        handle = cylinder(14, 120, 17, 20).move(z=low - 60)
    return cloth + (pole + (ribs & canopy_room(r, deep))).paint(steel) + handle.paint(color(g, WOOD))


def canopy_room(r: float, deep: float) -> Solid:
    """The space in which an umbrella's stretchers stay."""
    return cylinder(0.8 * r, 4 * deep).move(z=-3.2 * deep)


def laptop(g: np.random.Generator) -> Solid:
    """An open laptop, or a monitor on a foot."""
    x, y = g.uniform(290, 370), g.uniform(200, 250)
    case, screen = color(g, (*STEEL, *DARK, *PASTEL)), one_of(g, ((70, 120, 170), (60, 66, 82), (90, 150, 150), (130, 110, 170)))
    if maybe(g, 0.3):
        panel = extrude(rectangle(1.6 * x, x, 8), 22).turn(x=90).move(0, 11, 0.75 * x).paint(case)
        glass = box(1.6 * x - 24, 2, x - 40).move(0, -11.5, 0.25 * x + 26).paint(screen)
        foot = extrude(one_of(g, (circle(110, 90, 48), rectangle(240, 170, 20))), 10) + box(56, 16, 0.6 * x).move(0, 26, 0)
        arm = box(90, 40, 60, 8).move(0, 24, 0.5 * x)
        return panel + glass + (foot + arm).paint(case)
    base = extrude(rectangle(x, y, 12), 15).paint(case)
    columns, rows = 13, 5
    cap = box(x * 0.88 / columns - 3, 0.52 * y / rows - 3, 3, 0.8)
    keys = union(cap.move(x * 0.88 * ((i + 0.5) / columns - 0.5), 0.06 * y + 0.52 * y * (k / rows) - 0.0 * y, 13.6) for i in range(columns) for k in range(rows))
    pad = box(0.3 * x, 0.25 * y, 1.2).move(0, -0.3 * y, 14.4)
    lid = extrude(rectangle(x, y, 12), 7) .paint(case)
    glass = box(x - 18, y - 22, 1.6).move(0, 2, 6.2).paint(screen)
    tiles = union(box(0.14 * x, 0.18 * y, 1).move(x * u, y * v, 7.4).paint(color(g, (*BRIGHT, *PASTEL))) for u, v in ((-0.3, 0.22), (-0.1, 0.22), (0.18, -0.1)))
    opening = g.uniform(95, 125)
    cover = (lid + glass + tiles).move(y=y / 2).turn(x=180 - opening).move(0, y / 2 - 4, 12) if False else (lid + glass + tiles).move(y=y / 2).turn(x=180 - opening).move(0, y / 2 - 5, 13)
    joint = cylinder(7, 0.7 * x, segments=20).turn(y=90).move(-0.35 * x, y / 2 - 4, 12).paint((60, 62, 68))
    return base + keys.paint((56, 58, 64)) + pad.paint((120, 124, 130)) + cover + joint


def hat(g: np.random.Generator) -> Solid:
    """A top hat, bowler, straw hat, cap or party hat."""
    r, style = g.uniform(78, 92), one_of(g, ("top", "bowler", "straw", "cap", "party"))
    paint, band = color(g, (*DARK, *FABRIC, *BRIGHT)), color(g, BRIGHT)
    oval = 1.12
    if style == "party":
        cone = vessel(points((0.8, 0), (0.03, 2.4))[::1] * r, 3) if False else cylinder(0.85 * r, 2.2 * r, 2, 48)
        hollow = cylinder(0.8 * r, 1.9 * r, 2, 48).move(z=-1)
        dots = union(ball(0.11 * r, segments=14).move(0.85 * r * (1 - u) * 0.98, 0, 2.2 * r * u).turn(z=137.5 * i) for i, u in enumerate(np.linspace(0.1, 0.82, 14)))
        pom = ball(0.22 * r, segments=20).move(z=2.2 * r)
        return (cone.paint(band) - hollow) + (dots - hollow + pom).paint(color(g, PASTEL))
    if style == "cap":
        crown = (ball(r, oval * r, 0.9 * r, 48) - ball(0.95 * r, oval * 0.95 * r, 0.85 * r, 48)) & box(9 * r, 9 * r, 9 * r)
        peak = extrude(superellipse(0.72 * r, 1.0 * r, 2.6, 40), 5).move(y=-1.15 * r) - cylinder(0.93 * r, 40).scale(1, oval, 1).move(z=-10)
        seams = around(box(2 * r, 3, 2 * r).move(), 3) & (ball(1.012 * r, 1.012 * oval * r, 0.914 * r, 48) - ball(0.97 * r, 0.97 * oval * r, 0.87 * r, 48)) & box(9 * r, 9 * r, 9 * r)
        return crown.paint(band) + peak.warp(lambda p: p - np.stack([0 * p[:, 0], 0 * p[:, 0], (p[:, 0] / r) ** 2 * 0.2 * r], 1)).move(z=3).paint(band) + seams.paint(paint) + ball(7, 7, 5, 16).move(z=0.92 * r).paint(paint)
    tall = r * {"top": g.uniform(1.5, 2.0), "bowler": 1.15, "straw": g.uniform(0.8, 1.0)}[style]
    wide = r * {"top": 1.45, "bowler": 1.4, "straw": g.uniform(1.8, 2.2)}[style]
    side = {
        "top": points((1, 0), (0.94, 0.4), (0.98, 0.8), (1.06, 1)),
        "bowler": points((1, 0), (1.02, 0.35), (0.85, 0.8), (0.05, 1)),
        "straw": points((1, 0), (0.98, 0.5), (0.9, 0.9), (0.8, 1)),
    }[style] * (r, tall)
    curve = spline(side, 22)
    body = revolve(np.concatenate([curve, points((0, float(curve[-1, 1])), (0, 0))]), segments=56)
    inner = cylinder(0.9 * r, 0.7 * tall, 0.8 * r).move(z=-1)
    rim = revolve(np.concatenate([spline(points((0.9 * r, 0), (0.5 * (r + wide), 1), (wide, 0.12 * r)), 12), spline(points((wide, 0.12 * r + 5), (0.5 * (r + wide), 6), (0.9 * r, 6)), 12)]), segments=56)
    ribbon = tube(1.0 * r + 3, 0.9 * r, 0.26 * r, 56).move(z=5)
    straw = ((226, 196, 130), (206, 170, 110))
    cloth = color(g, straw) if style == "straw" else paint
    return ((body + rim).paint(cloth) + ribbon.paint(band) - inner).scale(1, oval, 1)


def headphones(g: np.random.Generator) -> Solid:
    """Headphones, facing -y."""
    r, cup = g.uniform(78, 88), g.uniform(34, 44)
    paint, soft = color(g, (*BRIGHT, *DARK, *PASTEL)), color(g, DARK)
    angle = np.radians(np.linspace(-18, 198, 48))
    bow = np.stack([r * np.cos(angle), 0 * angle, r * 1.12 * np.sin(angle)], 1)
    band = sweep(rectangle(g.uniform(18, 30), 6, 2.5, 12), bow, up=(0, 1, 0)) if False else sweep(superellipse(4, g.uniform(10, 16), 4, 20), bow, up=(0, 1, 0))
    pad = sweep(superellipse(8, 15, 3, 20), bow[14:34] * (0.93, 1, 0.94), up=(0, 1, 0)).paint(soft)
    shell = hull(cylinder(cup, 6, segments=48), cylinder(0.8 * cup, 24, segments=48))
    ear = ring(0.72 * cup, 0.3 * cup, 48, 16).scale(1, 1, 0.9).move(z=-0.2 * cup).paint(soft)
    cover = cylinder(0.5 * cup, 3, segments=40).move(z=23).paint(color(g, METAL))
    oval = one_of(g, (1.0, 1.25))
    side = (shell.paint(paint) + ear + cover).scale(oval, 1, 1).turn(y=90).move(r * 0.93, 0, -0.42 * r)
    arm = box(9, 16, 0.8 * cup, 3).move(r * 0.99, 0, -0.5 * r)
    boom = union([])
    if maybe(g, 0.35):
        way = spline(points((r * 1.05, 0, -0.5 * r), (r * 0.95, -0.75 * r, -0.8 * r), (0.3 * r, -1.15 * r, -1.0 * r)), 20)
        boom = sweep(circle(3, sides=10), way) + ball(9, segments=16).move(*way[-1].tolist())
    return band.paint(paint) + pad + side.both(x=1) + (arm.both(x=1) + boom).paint(soft)
