"""What lies or stands on a desk."""

import numpy as np

from fieldstone.samples.curves import arc, circle, points, rectangle, shift, spline
from fieldstone.samples.draw import BRIGHT, DARK, FABRIC, METAL, PASTEL, STEEL, WOOD, color, maybe, one_of
from fieldstone.samples.solid import (
    NOTHING,
    Color,
    Solid,
    around,
    ball,
    box,
    cylinder,
    extrude,
    hull,
    panel,
    ring,
    rod,
    tube,
    union,
)

__all__ = ["book", "clock", "laptop", "monitor"]

SCREENS: tuple[Color, ...] = ((70, 120, 170), (60, 66, 82), (90, 150, 150), (130, 110, 170))
INK: Color = (56, 56, 60)
PAPER: Color = (246, 240, 226)


def book(g: np.random.Generator) -> Solid:
    """A closed book, a stack of books, or an open one."""
    style = one_of(g, ("stack", "stack", "one", "open"))
    if style == "open":
        return open_book(g)
    at, result = 0.0, NOTHING
    for _ in range(1 if style == "one" else int(g.integers(2, 6))):
        thick = g.uniform(16, 46)
        one = closed_book(g, g.uniform(130, 180), g.uniform(190, 260), thick)
        result += one.turn(z=float(g.uniform(-14, 14))).move(z=at)
        at += thick
    return result.turn(z=20)


def open_book(g: np.random.Generator) -> Solid:
    """Two curved stacks of pages with lines of text, on their cover."""
    x, y, thick = g.uniform(130, 170), g.uniform(200, 250), g.uniform(12, 24)
    curve = spline(points((1, 0.55), (0.6, 1.0), (0.15, 1.25), (0, 0.75)), 20) * (x, thick)
    stack = np.concatenate([points((0, 0), (x, 0)), curve])
    raised = np.concatenate([points((0, 0), (x, 0)), shift(curve, 0, 0.6)])
    row = box(0.62 * x, 2.5, 3 * thick)
    rows = union(row.move(0.52 * x, (0.36 - 0.08 * i) * y) for i in range(9)) & panel(raised, y)
    cover = box(x + 8, y + 14, 5, 1).move(x / 2 + 3, 0, -4).paint(color(g, BRIGHT))
    return (panel(stack, y).paint(PAPER) + rows.paint((96, 96, 100)) + cover).both(x=1)


def closed_book(g: np.random.Generator, x: float, y: float, thick: float) -> Solid:
    """One book lying on z = 0 with its spine towards -x."""
    board = box(x, y, 3.5).paint(color(g, (*BRIGHT, *FABRIC, *DARK)))
    oval = circle(0.25 * thick, thick / 2, 24)
    spine = panel(oval, y).move(3 - x / 2, 0, thick / 2)
    cover = board + board.move(z=thick - 3.5) + spine.paint(next(iter(board.colors.values())))
    pages = box(x - 14, y - 10, thick - 2).move(2, 0, 1).paint(PAPER)
    label = box(0.5 * x, 0.3 * y, 1.2).move(0.05 * x, 0.12 * y, thick - 0.6)
    label += box(0.5 * x, 0.05 * y, 1.2).move(0.05 * x, -0.2 * y, thick - 0.6)
    band = panel(oval * (1.04, 0.97), 6).move(3 - x / 2, 0, thick / 2)
    trim = label + band.move(y=0.35 * y) + band.move(y=-0.35 * y)
    return cover + pages + trim.paint(color(g, (*METAL, *PASTEL)))


def clock(g: np.random.Generator) -> Solid:
    """An alarm clock, a wall clock or a mantel clock, facing -y."""
    r, style = g.uniform(55, 85), one_of(g, ("alarm", "alarm", "wall", "mantel"))
    paint, trim = color(g, (*BRIGHT, *METAL, *WOOD)), color(g, METAL)
    face = clock_face(g, r, paint)
    if style == "mantel":
        low = points((-1.5, -1.4), (1.5, -1.4), (1.25, -0.4))
        arch = np.concatenate([low, arc(1.18, 12, 168, 32), points((-1.25, -0.4))]) * r
        case = panel(arch, 60).move(y=10) + box(3.4 * r, 110, 0.28 * r, 6).move(0, 10, -1.62 * r)
        return face.move(y=-18) + case.paint(color(g, WOOD))
    if style == "wall":
        bob = rod((0, -4, -0.8 * r), (0, -4, -2.5 * r), 4) + rod(
            (0, -10, -2.5 * r), (0, 2, -2.5 * r), 0.3 * r, segments=32
        )
        pendulum = bob.paint(trim) + box(1.1 * r, 24, 2.2 * r, 5).move(0, 18, -2.9 * r).paint(paint)
        return face + (pendulum if maybe(g, 0.6) else NOTHING)
    leg = hull(ball(6, segments=14).move(0.5 * r, 0, -0.85 * r), ball(8, segments=14).move(0.85 * r, 0, -1.3 * r))
    bell = ball(0.42 * r, segments=32).above(0).move(z=1.06 * r) + rod((0, 0, 0.85 * r), (0, 0, 1.5 * r), 4)
    bell += ball(5, segments=12).move(z=1.5 * r)
    striker = rod((0, 0, 0.9 * r), (0, 0, 1.42 * r), 3.5) + ball(9, segments=16).move(z=1.42 * r)
    loop = ring(0.22 * r, 4, 28, 10).turn(x=90).move(z=1.65 * r) if maybe(g) else NOTHING
    back = rod((0, 10, 0), (0, 40, 0), 0.86 * r, segments=40).paint(paint)
    return face + back + (leg.both(x=1) + bell.turn(y=34).both(x=1) + striker + loop).paint(trim)


def clock_face(g: np.random.Generator, r: float, paint: Color) -> Solid:
    """A dial with marks and hands in a rim, facing -y."""
    dial = tube(r, 0.88 * r, 44, 56).paint(paint) + cylinder(0.94 * r, 34, segments=56).paint((250, 246, 236))
    count = one_of(g, (12, 12, 4))
    marks = around(box(3, 0.13 * r, 4).move(0, 0.75 * r, 32), count)
    hand = extrude(points((-0.05, -0.12), (0.05, -0.12), (0.025, 0.5), (-0.025, 0.5)) * r, 3)
    hour, minute = hand.turn(z=g.uniform(0, 360)), hand.scale(0.8, 1.35, 1).turn(z=g.uniform(0, 360))
    hands = hour.move(z=34.5) + minute.move(z=36.5) + cylinder(0.06 * r, 9, segments=20).move(z=32)
    return (dial + (marks + hands).paint(INK)).turn(x=90).move(y=20)


def monitor(g: np.random.Generator) -> Solid:
    """A flat screen on a foot, facing -y."""
    x, y, chin = g.uniform(420, 720), g.uniform(280, 380), one_of(g, (12, 12, 46))
    case = color(g, (*STEEL, *DARK, *PASTEL))
    frame = panel(rectangle(x, y, 8), 22).move(z=130 + y / 2).paint(case)
    glass = box(x - 24, 2, y - 12 - chin).move(0, -11.5, 130 + chin).paint(one_of(g, SCREENS))
    button = rod((0.44 * x, -10, 136), (0.44 * x, -13, 136), 3).paint((70, 190, 110))
    slots = union(box(0.4 * x, 9, 4).move(0, 10, 130 + y * u) for u in (0.6, 0.65, 0.7, 0.75, 0.8))
    style = one_of(g, ("disc", "slab", "legs", "disc"))
    if style == "legs":
        leg = hull(ball(9, 60, 7, 20).move(0.32 * x, 0, 7), ball(8, segments=16).move(0.32 * x, 4, 135)).both(x=1)
        return frame - slots + glass + button + leg.paint(case)
    foot = extrude(circle(110, 90, 48) if style == "disc" else rectangle(240, 170, 20), 10)
    arm = box(56, 16, 0.6 * y + 60).move(0, 22) + box(90, 30, 60, 8).move(0, 20, 100 + 0.4 * y)
    return frame - slots + glass + button + (foot + arm).paint(case)


def laptop(g: np.random.Generator) -> Solid:
    """An open laptop."""
    x, y = g.uniform(290, 370), g.uniform(200, 250)
    case = color(g, (*STEEL, *DARK, *PASTEL))
    columns, rows = int(g.integers(11, 15)), 5
    cap = box(0.88 * x / columns - 3, 0.52 * y / rows - 3, 3)
    line = union(cap.move(0.88 * x * ((i + 0.5) / columns - 0.5)) for i in range(columns))
    keys = union(line.move(0, y * (0.06 + 0.52 * k / rows), 13.6) for k in range(rows)).paint(INK)
    pad = box(0.3 * x, 0.25 * y, 1.2).move(0, -0.3 * y, 14.4).paint((120, 124, 130))
    glass = box(x - 18, y - 22, 1.6).move(0, 2, 6.2).paint(one_of(g, SCREENS))
    tile = box(0.14 * x, 0.18 * y, 1).move(z=7.4)
    places = ((-0.3, 0.22), (-0.1, 0.22), (0.18, -0.1), (0.2, 0.2), (-0.25, -0.15))[: int(g.integers(1, 6))]
    tiles = union(tile.move(x * u, y * v).paint(color(g, (*BRIGHT, *PASTEL))) for u, v in places)
    lid = (extrude(rectangle(x, y, 12), 7).paint(case) + glass + tiles).move(y=y / 2).turn(x=180 - g.uniform(95, 125))
    joint = rod((-0.35 * x, y / 2 - 4, 12), (0.35 * x, y / 2 - 4, 12), 7, segments=20).paint(DARK[0])
    return extrude(rectangle(x, y, 12), 15).paint(case) + keys + pad + lid.move(0, y / 2 - 5, 13) + joint
