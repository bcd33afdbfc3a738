"""What lies or stands on a desk."""

import numpy as np

from fieldstone.samples.curves import arc, circle, points, rectangle, spline
from fieldstone.samples.draw import BRIGHT, DARK, FABRIC, METAL, PASTEL, STEEL, WOOD, color, maybe, one_of
from fieldstone.samples.solid import (
    Color,
    Solid,
    around,
    ball,
    box,
    cylinder,
    extrude,
    hull,
    ring,
    tube,
    union,
)

__all__ = ["book", "clock", "laptop", "monitor"]

SCREENS: tuple[Color, ...] = ((70, 120, 170), (60, 66, 82), (90, 150, 150), (130, 110, 170))


def book(g: np.random.Generator) -> Solid:
    """A closed book, a stack of books, or an open one."""
    style = one_of(g, ("stack", "stack", "one", "open"))
    if style == "open":
        x, y, t = g.uniform(130, 170), g.uniform(200, 250), g.uniform(12, 24)
        bulge = spline(points((0, 0.75), (0.15, 1.25), (0.6, 1.0), (1, 0.55)), 20) * (x, t)
        pages = extrude(np.concatenate([points((0, 0), (x, 0)), bulge[::-1]]), y).turn(x=90).move(y=y / 2).both(x=1)
        cover = box(x + 8, y + 14, 5, 1).move((x + 8) / 2 - 1, 0, -4).both(x=1)
        lines = union(box(0.62 * x, 2.5, t).move(0.52 * x, 0.36 * y - 0.08 * y * i, 0) for i in range(9)).both(x=1)
        top = (
            extrude(np.concatenate([points((0, 0), (x, 0)), bulge[::-1] + (0, 0.6)]), y)
            .turn(x=90)
            .move(y=y / 2)
            .both(x=1)
        )
        return pages.paint((246, 240, 226)) + cover.paint(color(g, BRIGHT)) + (lines & top).paint((96, 96, 100))
    at, result = 0.0, union([])
    for _ in range(1 if style == "one" else int(g.integers(2, 6))):
        x, y, t = g.uniform(130, 180), g.uniform(190, 260), g.uniform(16, 46)
        result += volume(g, x, y, t).turn(z=float(g.uniform(-14, 14))).move(z=at - 0.05)
        at += t - 0.05
    return result.turn(z=20)


def volume(g: np.random.Generator, x: float, y: float, t: float) -> Solid:
    """One book lying on z = 0 with its spine towards -y's left."""
    paint = color(g, (*BRIGHT, *FABRIC, *DARK))
    cover = box(x, y, t, 2) - box(x, y * 2, t - 7).move(9, 0, 3.5)
    spine = cylinder(t / 2, y, segments=32).scale(0.5, 1, 1).turn(x=90).move(-x / 2 + 3, y / 2, t / 2)
    pages = box(x - 14, y - 10, t - 6).move(2, 0, 3).paint((244, 238, 222))
    trim = color(g, (*METAL, *PASTEL))
    label = box(0.5 * x, 0.3 * y, 1.2).move(0.05 * x, 0.12 * y, t - 0.6) + box(0.5 * x, 0.05 * y, 1.2).move(
        0.05 * x, -0.2 * y, t - 0.6
    )
    bands = union(spine.scale(1.03, 1, 1.02) & box(99, 6, 999).move(-x / 2, u * y, -300) for u in (-0.35, 0.35)) & box(
        9 * x, 9 * y, t - 0.4
    ).move(z=0.2)
    return (cover + (spine & box(9 * x, y, t))).paint(paint) + pages + (label + bands).paint(trim)


def clock(g: np.random.Generator) -> Solid:
    """An alarm clock, a wall clock or a mantel clock, facing -y."""
    r, style = g.uniform(55, 85), one_of(g, ("alarm", "alarm", "wall", "mantel"))
    paint, trim = color(g, (*BRIGHT, *METAL, *WOOD)), color(g, METAL)
    rim = tube(r, 0.88 * r, 44, 64).paint(paint) + cylinder(0.94 * r, 34, segments=64).paint((250, 246, 236))
    big, count = extrude(rectangle(3, 0.13 * r), 4).move(y=0.75 * r), one_of(g, (12, 12, 4))
    marks = around(big, count, 360 / count).move(z=32).paint((54, 54, 58))
    hour, minute = float(g.uniform(0, 360)), float(g.uniform(0, 360))
    hand = extrude(points((-0.05, -0.12), (0.05, -0.12), (0.025, 0.5), (-0.025, 0.5)) * r, 3)
    hands = (
        hand.turn(z=hour).move(z=34.5)
        + hand.scale(0.8, 1.35, 1).turn(z=minute).move(z=36.5)
        + cylinder(0.06 * r, 9, segments=20).move(z=32)
    )
    face = (rim + marks + hands.paint((54, 54, 58))).turn(x=90).move(y=20)
    if style == "wall":
        if maybe(g):
            bob = cylinder(4, 1.6 * r, segments=12).move(z=-2.5 * r) + cylinder(0.3 * r, 12, segments=32).turn(
                x=90
            ).move(0, 6, -2.5 * r)
            case = box(1.1 * r, 24, 2.2 * r, 5).move(0, 18, -2.9 * r).paint(paint)
            return face + case + bob.move(y=-4).paint(trim)
        return face
    if style == "mantel":
        arch = extrude(
            np.concatenate(
                [
                    points((-1.5 * r, -1.4 * r), (1.5 * r, -1.4 * r), (1.25 * r, -0.4 * r)),
                    arc(1.18 * r, 12, 168, 32),
                    points((-1.25 * r, -0.4 * r)),
                ]
            ),
            60,
        )
        foot = box(3.4 * r, 110, 0.28 * r, 6).move(z=-1.62 * r)
        return face.move(y=-18) + (arch.turn(x=90).move(y=40) + foot.move(y=10)).paint(color(g, WOOD))
    leg = hull(ball(6, segments=14).move(0.5 * r, 0, -0.85 * r), ball(8, segments=14).move(0.85 * r, 0, -1.3 * r)).both(
        x=1
    )
    bell = (
        (ball(0.42 * r, segments=32) & box(9 * r, 9 * r, r)).move(z=1.06 * r)
        + cylinder(4, 0.4 * r, segments=12).move(z=0.85 * r)
        + ball(5, segments=12).move(z=1.5 * r)
    )
    bells = bell.turn(y=34) + bell.turn(y=-34)
    hammer_ = cylinder(3.5, 0.55 * r, segments=12).move(z=0.9 * r) + ball(9, segments=16).move(z=1.42 * r)
    loop = ring(0.22 * r, 4, 28, 10).turn(x=90).move(z=1.65 * r) if maybe(g) else union([])
    back = cylinder(0.86 * r, 30, segments=48).turn(x=90).move(y=40).paint(paint)
    return face + back + (leg + bells + hammer_ + loop).paint(trim)


def monitor(g: np.random.Generator) -> Solid:
    """A flat screen on a foot, facing -y."""
    x, y = g.uniform(420, 720), g.uniform(280, 380)
    case, screen = color(g, (*STEEL, *DARK, *PASTEL)), one_of(g, SCREENS)
    panel = extrude(rectangle(x, y, 8), 22).turn(x=90).move(0, 11, 130 + y / 2).paint(case)
    chin = one_of(g, (12, 12, 46))
    glass = box(x - 24, 2, y - 12 - chin).move(0, -11.5, 130 + chin).paint(screen)
    style = one_of(g, ("disc", "slab", "legs"))
    if style == "legs":
        leg = hull(ball(9, 60, 7, 20).move(0.32 * x, 0, 7), ball(8, segments=16).move(0.32 * x, 4, 135))
        return panel + glass + leg.both(x=1).paint(case)
    foot = extrude(circle(110, 90, 48) if style == "disc" else rectangle(240, 170, 20), 10)
    arm = box(56, 16, 0.6 * y + 60).move(0, 22) + box(90, 30, 60, 8).move(0, 20, 100 + 0.4 * y)
    return panel + glass + (foot + arm).paint(case)


def laptop(g: np.random.Generator) -> Solid:
    """An open laptop."""
    x, y = g.uniform(290, 370), g.uniform(200, 250)
    case, screen = color(g, (*STEEL, *DARK, *PASTEL)), one_of(g, SCREENS)
    base = extrude(rectangle(x, y, 12), 15).paint(case)
    columns, rows = 13, 5
    cap = box(x * 0.88 / columns - 3, 0.52 * y / rows - 3, 3)
    keys = union(
        cap.move(x * 0.88 * ((i + 0.5) / columns - 0.5), 0.06 * y + 0.52 * y * (k / rows), 13.6)
        for i in range(columns)
        for k in range(rows)
    )
    pad = box(0.3 * x, 0.25 * y, 1.2).move(0, -0.3 * y, 14.4)
    lid = extrude(rectangle(x, y, 12), 7).paint(case)
    glass = box(x - 18, y - 22, 1.6).move(0, 2, 6.2).paint(screen)
    tiles = union(
        box(0.14 * x, 0.18 * y, 1).move(x * u, y * v, 7.4).paint(color(g, (*BRIGHT, *PASTEL)))
        for u, v in ((-0.3, 0.22), (-0.1, 0.22), (0.18, -0.1))
    )
    opening = g.uniform(95, 125)
    cover = (lid + glass + tiles).move(y=y / 2).turn(x=180 - opening).move(0, y / 2 - 5, 13)
    joint = cylinder(7, 0.7 * x, segments=20).turn(y=90).move(-0.35 * x, y / 2 - 4, 12).paint((60, 62, 68))
    return base + keys.paint((56, 58, 64)) + pad.paint((120, 124, 130)) + cover + joint
