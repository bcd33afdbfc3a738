"""Houses and towers; the front faces -y."""

import numpy as np

from fieldstone.samples.curves import arc, points, polygon, rectangle, shift
from fieldstone.samples.draw import BRIGHT, DARK, METAL, PASTEL, STONE, WOOD, color, maybe, one_of
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
    revolve,
    rod,
    union,
)

__all__ = ["castle", "church", "house", "lighthouse", "windmill"]

PANE: Color = (112, 146, 168)
ROOFS: tuple[Color, ...] = ((168, 76, 58), (122, 70, 56), (86, 90, 98), (66, 82, 98), (150, 98, 62))


def gable(x: float, y: float, rise: float, over: float = 300, hip: float = 0) -> Solid:
    """A pitched roof, its ridge along x; `hip` draws the ridge's ends in."""
    foot = box(x + 2 * over, y + 2 * over, 160)
    return hull(foot, box(max(x + 2 * over - 2 * hip, 100), 120, 100).move(z=rise))


def window(wide: float, tall: float, trim: Color, deep: float = 160) -> Solid:
    """A window in the plane y = 0, facing -y, its sill at z = 0."""
    frame = box(wide, deep, tall).paint(trim)
    pane = (wide - 220) / 2
    glass = box(pane, deep, (tall - 220) / 2).move((pane + 60) / 2, -40, 80).paint(PANE)
    glass += glass.move(z=(tall - 220) / 2 + 60)
    return frame + glass.both(x=1) + box(wide + 200, deep + 160, 90).move(0, -40, -80).paint(trim)


def house(g: np.random.Generator) -> Solid:
    """A house of one or two floors: gabled, hipped or L-shaped, with windows, door and chimney."""
    x, y, floors = g.uniform(7500, 12000), g.uniform(6000, 8000), int(g.integers(1, 3))
    storey = g.uniform(2700, 3100)
    wall, roof, trim = color(g, (*PASTEL, *STONE)), color(g, ROOFS), color(g, ((248, 246, 240), *WOOD))
    tall, rise = floors * storey, g.uniform(2200, 3800)
    body = box(x, y, tall).paint(wall)
    style = one_of(g, ("gable", "gable", "hip", "cross"))
    top = gable(x, y, rise, hip=0.35 * y if style == "hip" else 0).move(z=tall - 80).paint(roof)
    result = body + top
    if style != "hip":
        pediment = hull(box(x, y, 10), box(x, 100, 10).move(z=rise - 350)).move(z=tall - 20).paint(wall)
        result = body + pediment + (top - box(9 * x, y * 0.94, 60).move(z=tall - 90))
    columns = int(g.integers(2, 5))
    door_at, opening = int(g.integers(columns)), window(1250, 1450, trim)
    for k in range(floors):
        for i in range(columns):
            at = x * ((i + 0.5) / columns - 0.5)
            if k == 0 and i == door_at:
                result += door(g, trim).move(at, -y / 2)
            else:
                result += opening.move(at, -y / 2, k * storey + 950)
        result += union(opening.turn(z=90).move(x / 2, y * u, k * storey + 950) for u in (-0.25, 0.25))
    if style == "cross":
        wide, deep, at = 0.38 * x, 2600.0, x * one_of(g, (-0.3, 0.3))
        ell = box(wide, y / 2 + deep, tall).paint(wall) + gable(y / 2 + deep, wide, 0.7 * rise).turn(z=90).move(
            z=tall - 80
        ).paint(roof)
        ell += window(1250, 1450, trim).move(0, -(y / 2 + deep) / 2, 950)
        result += ell.move(at, -(y / 2 + deep) / 2)
    if maybe(g, 0.75):
        result += chimney(g, tall + rise).move(x * g.uniform(0.15, 0.4) * one_of(g, (-1, 1)), y * 0.14)
    return result + box(x + 300, y + 300, 250).paint(color(g, STONE))


def door(g: np.random.Generator, trim: Color) -> Solid:
    """A front door with a step, some with a little roof."""
    leaf = box(1000, 200, 2150, 20).paint(color(g, (*BRIGHT, *WOOD)))
    frame = box(1250, 160, 2280).paint(trim)
    knob = ball(60, segments=12).move(360, -120, 1050).paint(color(g, METAL))
    step = box(1600, 1300, 230).paint(color(g, STONE))
    canopy = (
        hull(box(1900, 1400, 60), box(1900, 60, 60).move(y=0, z=550)).move(z=2500).paint(color(g, ROOFS))
        if maybe(g, 0.4)
        else NOTHING
    )
    return (leaf + frame + knob).move(z=220) + step + canopy


def chimney(g: np.random.Generator, height: float) -> Solid:
    """A brick stack with a pot."""
    brick = color(g, ((150, 84, 66), (166, 150, 136), (130, 74, 60)))
    pot = cylinder(170, 500, 140, 20).move(z=height + 550).paint((188, 110, 78))
    return (box(800, 800, height + 600) + box(950, 950, 160).move(z=height + 440)).paint(brick) + pot


def church(g: np.random.Generator) -> Solid:
    """A church with nave, steeple and cross."""
    x, y, tall, rise = g.uniform(7000, 9000), g.uniform(12000, 18000), g.uniform(5000, 6500), g.uniform(3500, 5000)
    wall, roof, trim = color(g, (*STONE, *PASTEL)), color(g, ROOFS), color(g, ((248, 246, 240), *STONE))
    nave = box(x, y, tall).paint(wall) + gable(y, x, rise, 200).turn(z=90).move(z=tall - 80).paint(roof)
    side, high = g.uniform(3200, 4400), tall + g.uniform(3500, 6500)
    tower = box(side, side, high).paint(wall) + box(side + 400, side + 400, 300).move(z=high - 200).paint(trim)
    spire = cylinder(side * 0.72, g.uniform(4500, 9000), 30, one_of(g, (4, 8))).turn(z=45)
    peak = high + float(spire.bounds()[1][2])
    cross = (box(180, 180, 1700) + box(1000, 180, 180).move(z=1050)).move(z=peak - 200).paint(color(g, METAL))
    tower += spire.move(z=high).paint(roof) + cross
    arched = panel(np.concatenate([points((-400, 0), (400, 0)), shift(arc(400, 0, 180, 12), 0, 1500)]), 200)
    glass = arched.paint(color(g, (PANE, *BRIGHT)))
    count = int(g.integers(3, 6))
    panes = union(glass.turn(z=90).move(x / 2, y * ((i + 0.5) / count - 0.5), 1500) for i in range(count)).both(x=1)
    gate = arched.scale(1.7, 1.5, 1.5).paint(color(g, WOOD))
    clock = (cylinder(700, 200, segments=32).paint(trim) + cylinder(590, 240, segments=32).paint((250, 248, 240))).turn(
        x=90
    )
    front = -y / 2 - side * 0.35
    face = front - side / 2
    return (
        nave
        + panes
        + tower.move(0, front)
        + gate.move(0, face)
        + clock.move(0, face + 100, high - 1700)
        + glass.move(0, face, tall)
    )


def castle(g: np.random.Generator) -> Solid:
    """A castle: walls with battlements, four towers, a gate and a keep with a flag."""
    size, tall, r = g.uniform(14000, 20000), g.uniform(4200, 5600), g.uniform(1700, 2400)
    stone, step = color(g, STONE), size / 15
    wall = box(size, 1100, tall) + union(
        box(step, 1100, 800).move((i - 7) * step, 0, tall - 10) for i in range(1, 15, 2)
    )
    arch = np.concatenate([points((-1200, 0), (1200, 0)), shift(arc(1200, 0, 180, 16), 0, 1700)])
    gate = panel(arch, 6000).move(y=-size / 2)
    front = around(wall.move(y=-size / 2), 4) + box(4600, 2000, tall + 900).move(y=-size / 2) - gate
    doors = (gate & box(9999, 300, 9999).move(y=-size / 2)).paint(color(g, WOOD))
    side, high = g.uniform(0.3, 0.42) * size, g.uniform(1.6, 2.4) * tall
    merlons = union(
        box(0.14 * side, 600, 900).move((i - 1.5) * 0.28 * side, 300 - side / 2, high - 10) for i in range(4)
    )
    keep = box(side, side, high) + around(merlons, 4) + box(size, size, 300)
    pole = rod((0, 100, high - 50), (0, 100, high + 3500), 90, segments=12).paint(color(g, WOOD))
    flag = box(1600, 100, 1000).move(850, 100, high + 2400).paint(color(g, BRIGHT))
    corners = around(castle_tower(g, r, tall + g.uniform(1200, 3000), stone).move(size / 2, size / 2), 4)
    return (front + keep).paint(stone) + doors + corners + pole + flag


def castle_tower(g: np.random.Generator, r: float, high: float, stone: Color) -> Solid:
    """A round tower with loopholes, under a pointed roof or battlements."""
    tower = cylinder(r, high, segments=28) + cylinder(1.15 * r, 1300, segments=28).move(z=high)
    slits = box(260, 9 * r, 1200).move(z=0.62 * high) & tower.scale(1.004, 1.004, 1)
    roof = cylinder(1.3 * r, g.uniform(2.2, 3.2) * r, 20, 32).paint(color(g, ROOFS))
    merlons = around(box(2.6 * r, 0.36 * r, 700), 5) - cylinder(0.85 * r, 9999).move(z=5)
    top = roof if maybe(g, 0.55) else merlons.paint(stone)
    return tower.paint(stone) + slits.paint((60, 56, 54)) + top.move(z=high + 1290)


def lighthouse(g: np.random.Generator) -> Solid:
    """A lighthouse, banded in two colours."""
    r, tall, bands = g.uniform(2600, 3600), g.uniform(15000, 24000), int(g.integers(3, 8))
    top = r * g.uniform(0.5, 0.68)
    pair = (color(g, ((246, 246, 242),)), color(g, BRIGHT))
    sides = one_of(g, (8, 40, 40))
    body = cylinder(r, tall, top, sides).paint(pair[0])
    for i in range(1, bands, 2):
        low, high = (r + (top - r) * u + 25 for u in (i / bands, (i + 1) / bands))
        body += cylinder(low, tall / bands, high, sides).move(z=i * tall / bands).paint(pair[1])
    rail = (
        around(cylinder(45, 1000, segments=8).move(1.42 * top), 12)
        + hoop(1.42 * top, 60, 1000)
        + hoop(1.42 * top, 45, 550)
    )
    gallery = cylinder(1.0 * top, 500, 1.5 * top).move(z=tall - 480).paint(color(g, DARK)) + rail.move(z=tall).paint(
        color(g, DARK)
    )
    lamp = cylinder(0.72 * top, 2300, segments=10).move(z=tall).paint((250, 232, 170))
    bars = around(box(130, 130, 2320).move(0.72 * top), 10).move(z=tall) + cylinder(0.85 * top, 220).move(z=tall + 2250)
    dome = (ball(0.84 * top) & box(9999, 9999, 9999)).move(z=tall + 2400) + ball(260, segments=20).move(
        z=tall + 2400 + 0.98 * top
    )
    entrance = box(1100, 1400, 2200).move(0, -r * 0.9).paint(color(g, WOOD))
    openings = union(box(700, 900, 1000).move(0, -(r + (top - r) * u), u * tall).paint(PANE) for u in (0.35, 0.6, 0.82))
    base = cylinder(1.5 * r, 700, 1.35 * r, 12).move(z=-600).paint(color(g, STONE))
    hut = NOTHING
    if maybe(g, 0.4):
        hut = (box(4500, 4000, 2600).paint(pair[0]) + gable(4500, 4000, 1700).move(z=2550).paint(color(g, ROOFS))).move(
            1.25 * r + 1000
        )
        base += box(9000, 6500, 700).move(1.2 * r + 600, 0, -600).paint(color(g, STONE))
    return body + gallery + lamp + (bars + dome).paint(pair[1]) + entrance + openings + base + hut


def hoop(radius: float, thick: float, z: float) -> Solid:
    """A round rail at height z."""
    return revolve(shift(polygon(8, thick, 22.5), radius, z), segments=40)


def windmill(g: np.random.Generator) -> Solid:
    """A windmill: a tapered tower, a cap and four to eight latticed sails."""
    r, tall, sides = g.uniform(2600, 3400), g.uniform(9000, 12000), one_of(g, (6, 8, 48))
    wall, roof, wood = color(g, (*STONE, *PASTEL, *WOOD)), color(g, ROOFS), color(g, WOOD)
    top = 0.62 * r
    tower = cylinder(r, tall, top, sides).turn(z=180 / sides).paint(wall)
    cap = one_of(
        g, (ball(1.15 * top, 1.15 * top, 1.2 * top) & box(9999, 9999, 9999), cylinder(1.25 * top, 1.6 * top, 60, 24))
    ).move(z=tall - 20)
    span, count = g.uniform(0.55, 0.72) * tall, one_of(g, (4, 4, 4, 6, 8))
    wide = 1500 if count == 4 else 950
    stock = box(span, 220, 220).move(span / 2, 0, -110)
    slats = int(g.integers(4, 8))
    lattice = union(box(90, wide, 110).move(span * (0.24 + 0.74 * i / slats), wide / 2, -55) for i in range(slats + 1))
    lattice += union(box(span * 0.75, 90, 110).move(span * 0.61, v * wide, -55) for v in (0.5, 0.98))
    cloth = (
        box(span * 0.72, 0.47 * wide, 50).move(span * 0.61, 0.26 * wide, -25).paint((240, 232, 214))
        if maybe(g)
        else NOTHING
    )
    vane = (stock + lattice).paint(wood) + cloth
    rotor = around(vane, count, g.uniform(0, 60)) + cylinder(420, 700, segments=24).move(z=-400).paint(wood)
    shaft = cylinder(240, 1.6 * top + 900, segments=20).turn(x=90).move(0, 0, tall + 0.45 * top).paint(wood)
    sails = rotor.turn(x=90).move(0, -1.6 * top - 700, tall + 0.45 * top)
    entry = box(1300, 900, 2300).move(0, -r * 0.86).paint(color(g, WOOD))
    panes = union(box(800, 700, 900).move(0, -(r + (top - r) * u) * 0.97, u * tall).paint(PANE) for u in (0.45, 0.72))
    deck = cylinder(1.35 * r, 250, segments=24).move(z=0.28 * tall).paint(wood) if maybe(g, 0.4) else NOTHING
    return (
        tower
        + cap.paint(roof)
        + shaft
        + sails
        + entry
        + panes
        + deck
        + extrude(rectangle(2.6 * r, 2.6 * r, 500), 300).move(z=-250).paint(color(g, STONE))
    )
