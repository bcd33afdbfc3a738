"""Tables, beds and storage."""

import numpy as np

from fieldstone.samples.curves import points, rectangle, spline, superellipse
from fieldstone.samples.draw import (
    BRIGHT,
    CERAMIC,
    DARK,
    FABRIC,
    METAL,
    PASTEL,
    STEEL,
    STONE,
    WOOD,
    color,
    maybe,
    one_of,
)
from fieldstone.samples.seating import four_legs
from fieldstone.samples.solid import NOTHING, Solid, around, ball, box, cylinder, extrude, hull, revolve, union

__all__ = ["bed", "cabinet", "desk", "shelf", "table"]


def table(g: np.random.Generator) -> Solid:
    """A dining or coffee table: round, oval or rectangular; four legs, a pedestal or trestles."""
    x, height = g.uniform(700, 1900), one_of(g, (g.uniform(380, 460), g.uniform(700, 760)))
    y = x * g.uniform(0.5, 0.75)
    wood, thick = color(g, WOOD), g.uniform(24, 46)
    style = one_of(g, ("rectangle", "rectangle", "round", "oval"))
    if style == "rectangle":
        outline = rectangle(x, y, one_of(g, (8, 60, 120)))
    else:
        y = x if style == "round" else y
        outline = superellipse(x / 2, y / 2, 2 if style == "round" else 2.6, 64)
    top = extrude(outline, thick).move(z=height).paint(wood if maybe(g, 0.7) else color(g, one_of(g, (STONE, CERAMIC))))
    inset = 0.92 if style == "rectangle" else 0.66
    under = one_of(g, ("legs", "legs", "pedestal", "trestle"))
    if under == "legs":
        legs = four_legs(g, inset * x, inset * y, height + 2, wood)
        return top + legs + box(inset * x * 0.9, inset * y * 0.9, 70, 6).move(z=height - 68).paint(wood)
    if under == "pedestal":
        return top + pedestal(g, 0.32 * min(x, y), height).paint(color(g, one_of(g, (WOOD, DARK, METAL))))
    trestle = (
        box(60, 0.75 * y * inset, 50, 10)
        + box(56, 90, height + 2, 10)
        + box(60, 0.7 * y * inset, 50, 10).move(z=height - 48)
    )
    beam = box(inset * x * 0.8, 34, 80, 8).move(z=height * 0.35)
    return top + (trestle.move(x=inset * x * 0.4).both(x=1) + beam).paint(wood)


def pedestal(g: np.random.Generator, reach: float, height: float) -> Solid:
    """A turned column on a disc or on three to five feet."""
    r = g.uniform(34, 60)
    knots = points(
        (1.4 * r, 0), (r, 0.12 * height), (1.5 * r, 0.35 * height), (0.8 * r, 0.6 * height), (1.5 * r, height + 2)
    )
    column = revolve(np.concatenate([spline(knots, 24), points((0, height + 2), (0, 0))]))
    if maybe(g, 0.4):
        return column + cylinder(reach, 20) + cylinder(reach, 22, 0.4 * reach).move(z=18)
    foot = hull(
        ball(24, segments=20).move(z=120),
        ball(26, 26, 22, 20).move(reach, 0, 20),
        box(reach * 0.5, 44, 10).move(reach * 0.25, 0, 30),
    )
    return column + around(foot, int(g.integers(3, 6)))


def desk(g: np.random.Generator) -> Solid:
    """A writing desk with one or two stacks of drawers."""
    x, y, height = g.uniform(1100, 1700), g.uniform(550, 750), g.uniform(710, 750)
    wood, front, knob = color(g, WOOD), color(g, one_of(g, (WOOD, PASTEL))), color(g, METAL)
    top = box(x, y, 32, 8).move(z=height).paint(wood)
    rows, wide, tall = int(g.integers(2, 5)), g.uniform(340, 420), height - one_of(g, (0, 120))
    each = tall / rows
    drawer = box(wide - 30, 30, each - 20, 6).move(0, -y * 0.46, 10).paint(front)
    drawer += handle(g, 120).move(0, -y * 0.46 - 15, each / 2).paint(knob)
    stack = box(wide, y * 0.92, tall + 4, 8).paint(wood) + union(drawer.move(z=i * each) for i in range(rows))
    stack = stack.move((x - wide) / 2 - 30, 0, height - tall - 2)
    leg = box(50, 50, height + 2, 6).paint(wood).move(x / 2 - 50, y / 2 - 50).both(y=1)
    result = top + stack + leg.mirror(x=1) + (stack.mirror(x=1) if maybe(g) else NOTHING)
    if tall < height:
        result += leg + leg.move(x=-wide + 20)
    if maybe(g, 0.5):
        result += box(x * 0.9, 20, height * 0.4, 6).move(0, y * 0.42, height * 0.6).paint(wood)
    return result


def handle(g: np.random.Generator, width: float) -> Solid:
    """A knob or a bar that sticks out towards -y."""
    if maybe(g):
        return ball(16, segments=16).move(0, -16) + cylinder(7, 20, segments=12).turn(x=90)
    post = box(12, 26, 12, 3).move(width / 2 - 10, -12, -6).both(x=1)
    return post + box(width, 12, 14, 5).move(0, -26, -7)


def bed(g: np.random.Generator) -> Solid:
    """A single or double bed with mattress, pillows and blanket."""
    double = maybe(g, 0.6)
    x, y = (g.uniform(1400, 1800) if double else g.uniform(850, 1000)), g.uniform(1950, 2100)
    wood, low = color(g, one_of(g, (WOOD, DARK, FABRIC))), g.uniform(220, 330)
    frame = box(x + 80, y + 60, 160, 20).move(z=low - 120).paint(wood)
    mattress = box(x, y, 230, 60).move(z=low).paint((240, 238, 232))
    reach = g.uniform(0.55, 0.72)
    blanket = (
        box(x + 36, y * reach, 200, 60)
        .move(0, -y * (1 - reach) / 2 - 10, low + 52)
        .paint(color(g, one_of(g, (FABRIC, PASTEL))))
    )
    count = 2 if double else 1
    pillow = box(x / count * 0.78, 380, 140, 65).turn(x=14).move(0, y / 2 - 240, low + 195).paint((250, 248, 244))
    pillows = union(pillow.move(x * ((i + 0.5) / count - 0.5)) for i in range(count))
    rise = g.uniform(500, 900)
    head = headboard(g, x + 80, rise + low).move(0, y / 2 + 30).paint(wood)
    leg = box(80, 80, low, 10).move(x / 2, y / 2).both(x=1).both(y=1).paint(wood)
    foot = box(x + 80, 50, low + g.uniform(120, 260), 20).move(0, -y / 2 - 30).paint(wood)
    return frame + mattress + blanket + pillows + head + leg + (foot if maybe(g, 0.5) else NOTHING)


def headboard(g: np.random.Generator, x: float, height: float) -> Solid:
    """A panel, an arch or bars between posts."""
    style = one_of(g, ("panel", "arch", "bars"))
    if style == "panel":
        return box(x, 60, height, 25)
    if style == "arch":
        disc = extrude(superellipse(x / 2, height * 0.45, 2.4, 48), 54).turn(x=90).move(0, 27, height * 0.6)
        return disc + box(x - 6, 54, height * 0.6)
    post = (cylinder(34, height, segments=20) + ball(46, segments=20).move(z=height)).move(x=x / 2 - 34).both(x=1)
    count = int(g.integers(5, 10))
    bar = cylinder(14, height - 90, segments=12)
    bars = union(bar.move((x - 70) * ((i + 0.5) / count - 0.5), 0, 30) for i in range(count))
    return post + bars + box(x, 40, 60, 15).move(z=height - 110)


def shelf(g: np.random.Generator) -> Solid:
    """A bookshelf, some of its boards filled with books."""
    x, y, height = g.uniform(600, 1200), g.uniform(240, 320), g.uniform(900, 2000)
    rows, t, wood = int(g.integers(3, 6)), g.uniform(20, 32), color(g, WOOD)
    pitch = (height - t) / rows
    side = box(t, y, height, 4).move(x=(x - t) / 2).both(x=1)
    boards = union(box(x - t, y - 4, t, 3).move(z=i * pitch) for i in range(rows + 1))
    result = (side + boards).paint(wood)
    if maybe(g, 0.6):
        result += box(x - t, 12, height - 8).move(0, y / 2 - 8, 4).paint(color(g, WOOD))
    divider = box(t, y - 8, height - 4).paint(wood) if x > 900 else NOTHING
    return result + divider + union(books(g, x, pitch - t).move(z=i * pitch + t - 1) for i in range(rows))


def books(g: np.random.Generator, x: float, room: float) -> Solid:
    """A run of books from the left end of a board, sometimes none."""
    count = one_of(g, (0, 3, 6, 8))
    at, row = -x / 2 + 40, []
    for _ in range(count):
        wide = g.uniform(28, 55)
        book = box(wide - 3, g.uniform(140, 200), min(room * 0.92, g.uniform(190, 300)))
        row.append(book.move(at + wide / 2).paint(color(g, one_of(g, (BRIGHT, FABRIC, DARK)))))
        at += wide
    return union(row)


def cabinet(g: np.random.Generator) -> Solid:
    """A wardrobe, sideboard or chest of drawers."""
    columns, rows = one_of(g, ((1, 4), (2, 3), (2, 1), (3, 1), (3, 2), (2, 4), (1, 3)))
    x = columns * g.uniform(380, 520)
    height = rows * g.uniform(200, 260) if rows > 1 else g.uniform(800, 1900)
    y, low, wood = g.uniform(400, 560), g.uniform(60, 160), color(g, one_of(g, (WOOD, WOOD, PASTEL)))
    front, knob = (wood if maybe(g) else color(g, one_of(g, (WOOD, PASTEL)))), color(g, one_of(g, (METAL, DARK)))
    body = box(x, y, height, 8).move(z=low).paint(wood) + box(x + 40, y + 40, 28, 8).move(
        0, -8, low + height - 6
    ).paint(wood)
    wide, tall = (x - 20) / columns, (height - 20) / rows
    panel = box(wide - 16, 30, tall - 16, 6).paint(front)
    panel += box(wide - 90, 10, tall - 90, 3).move(0, -14, 37).paint(front) if maybe(g, 0.5) and tall > 140 else NOTHING
    grip = handle(g, wide * 0.3).paint(knob)
    result = body
    for i in range(columns):
        at = (i - (columns - 1) / 2) * wide
        aside = 0 if rows > 1 else (0.36 if i % 2 == 0 else -0.36) * wide
        door = panel + grip.move(aside, -15, tall * 0.5)
        result += union(door.move(at, -y / 2, low + 10 + k * tall + 8) for k in range(rows))
    return result + four_legs(g, x * 0.95, y * 0.95, low + 4, wood if maybe(g) else color(g, STEEL))
