"""Things that give light."""

import numpy as np

from fieldstone.samples.curves import path, points, polygon, shift, spline
from fieldstone.samples.draw import BRIGHT, CERAMIC, DARK, METAL, PASTEL, STEEL, WOOD, color, maybe, one_of
from fieldstone.samples.solid import NOTHING, Solid, around, ball, box, cylinder, revolve, sweep, tube, union, vessel

__all__ = ["candle", "desk_lamp", "floor_lamp", "lantern", "table_lamp"]

GLOW = (255, 236, 176)


def shade(g: np.random.Generator, radius: float, height: float) -> Solid:
    """A lampshade, open above and below, on a spider of three arms with a bulb."""
    style = one_of(g, ("drum", "cone", "bell", "pleated"))
    top = radius * {"drum": 0.92, "cone": 0.45, "bell": 0.5, "pleated": 0.6}[style]
    sides = 16 if style == "pleated" else 48
    rise = np.linspace(0, 1, 9)
    width = radius + (top - radius) * (rise**0.5 if style == "bell" else rise)
    wall = 0.025 * radius
    skirt = np.concatenate([np.stack([width, rise * height], 1), np.stack([width - wall, rise * height], 1)[::-1]])
    cloth = revolve(skirt, segments=sides).paint(color(g, PASTEL))
    spider = around(box(top - wall / 2, 3, 3).move(x=(top - wall / 2) / 2), 3).move(z=height * 0.75)
    if style != "drum":
        spider = around(box(radius * 0.62, 3, 3).move(x=radius * 0.31), 3).move(z=height * 0.55)
        spider = spider & cylinder(radius - wall / 2, height, top - wall / 2)
    bulb = ball(0.2 * radius, segments=20).move(z=height * 0.45).paint(GLOW)
    return cloth + (spider + cylinder(5, height * 0.8, segments=12)).paint(color(g, METAL)) + bulb


def table_lamp(g: np.random.Generator) -> Solid:
    """A turned foot under a shade."""
    height, r = g.uniform(220, 340), g.uniform(45, 80)
    bumps = int(g.integers(3, 6))
    radii = np.concatenate([[r * g.uniform(0.9, 1.2)], r * g.uniform(0.25, 1, bumps), [8]])
    profile = spline(np.stack([radii, np.linspace(0, height, bumps + 2)], 1), 40)
    profile[:, 0] = np.maximum(profile[:, 0], 8)
    foot = revolve(np.concatenate([profile, points((0, height), (0, 0))])).paint(
        color(g, one_of(g, (CERAMIC, METAL, WOOD)))
    )
    plinth = cylinder(r * 1.15, 14).paint(color(g, one_of(g, (WOOD, METAL))))
    return foot + plinth + shade(g, g.uniform(130, 190), g.uniform(150, 220)).move(z=height - 30)


def desk_lamp(g: np.random.Generator) -> Solid:
    """A jointed arm with a metal reflector."""
    lower, upper, lean, bow = g.uniform(200, 280), g.uniform(180, 260), g.uniform(15, 35), g.uniform(50, 75)
    paint, steel = color(g, one_of(g, (BRIGHT, DARK, PASTEL))), color(g, STEEL)
    base = (cylinder(g.uniform(80, 105), 16, 76) + cylinder(22, 40)).paint(paint)
    elbow = lower * np.array([-np.sin(np.radians(lean)), np.cos(np.radians(lean))]) + (0, 34)
    wrist = elbow + upper * np.array([np.sin(np.radians(bow)), np.cos(np.radians(bow))])
    rods = cylinder(7, lower, segments=16).turn(y=-lean).move(z=34).move(y=9).both(y=1)
    rods += cylinder(7, upper, segments=16).turn(y=bow).move(elbow[0], 9, elbow[1]).both(y=1)
    joint = cylinder(17, 44, segments=24).turn(x=90).move(y=22)
    joints = union(joint.move(x=float(x), z=float(z)) for x, z in ((0.0, 36.0), elbow, wrist))
    wide, tall = g.uniform(65, 90), g.uniform(95, 130)
    bell = vessel(spline(points((14, 0), (24, 0.25 * tall), (0.8 * wide, 0.7 * tall), (wide, tall)), 16), 4).paint(
        paint
    )
    bulb = ball(24, segments=20).move(z=tall * 0.62).paint(GLOW) + cylinder(10, tall * 0.5, segments=16).paint(steel)
    head = (bell + bulb).turn(y=180 - g.uniform(20, 45)).move(wrist[0] + 8, 0, wrist[1] + 6)
    return base + (rods + joints).paint(steel) + head


def floor_lamp(g: np.random.Generator) -> Solid:
    """A tall lamp: a straight pole, a tripod or an arc."""
    height, paint = g.uniform(1250, 1600), color(g, one_of(g, (METAL, DARK)))
    style = one_of(g, ("pole", "tripod", "arc"))
    head = shade(g, g.uniform(180, 250), g.uniform(200, 300))
    disc = cylinder(g.uniform(130, 170), 24, 120).paint(paint)
    if style == "pole":
        return disc + cylinder(13, height, segments=20).paint(paint) + head.move(z=height - 60)
    if style == "tripod":
        wood = color(g, WOOD)
        leg = cylinder(14, height, 20, 16).warp(lambda p: p + (height - p[:, 2:]) * (0.27, 0, 0))
        hub = cylinder(46, 60).move(z=height - 40).paint(paint)
        return around(leg.move(x=18), 3).paint(wood) + hub + head.move(z=height - 10)
    reach = g.uniform(500, 800)
    bow = spline(
        points((0, 10), (-20, height * 0.5), (reach * 0.3, height), (reach * 0.8, height), (reach, height * 0.86)), 48
    )
    dome = vessel(spline(points((20, 200), (90, 185), (150, 110), (170, 0)) * (1, -1) + (0, 200), 16), 8).turn(x=180)
    dome = dome.paint(paint) + ball(60, segments=20).move(z=-110).paint(GLOW)
    arm = sweep(polygon(16, 12), path(bow), up=(0, 1, 0)).paint(paint)
    return disc.scale(1.2, 1.2, 2) + arm + dome.move(reach, 0, height * 0.86 + 12)


def lantern(g: np.random.Generator) -> Solid:
    """A lantern of four to eight panes with a carrying ring."""
    sides, r, height = int(g.integers(4, 9)), g.uniform(60, 90), g.uniform(150, 220)
    iron = color(g, one_of(g, (DARK, METAL)))
    post = cylinder(5, height, segments=12).move(x=r - 6)
    start = 180 / sides
    cage = around(post, sides, start) + cylinder(r + 8, 18, segments=sides).turn(z=start)
    roof = cylinder(r + 18, 60, 20, sides).turn(z=start) + cylinder(20, 24, 14, sides).move(z=58)
    hoop = revolve(shift(polygon(12, 4), 26)).turn(x=90).move(z=100)
    glass = cylinder(r - 6, height, segments=sides).turn(z=start).paint((214, 226, 226)) - cylinder(
        r - 10, height, segments=sides
    ).turn(z=start)
    window = glass if maybe(g, 0.4) else NOTHING
    wax = candle(g).scale(0.7, 0.7, 0.7).move(z=10)
    return (cage + (roof + hoop).move(z=height - 4)).paint(iron) + window + wax


def candle(g: np.random.Generator) -> Solid:
    """A burning candle on a saucer or a stick."""
    r, height = g.uniform(14, 30), g.uniform(90, 160)
    wax = cylinder(r, height).paint(color(g, one_of(g, (PASTEL, BRIGHT)))) - ball(r * 0.85, r * 0.85, 7).move(z=height)
    wick = cylinder(1.6, 20, segments=10).move(z=height - 8).paint((60, 50, 44))
    tear = spline(points((0.2, 0), (5.5, 6), (6, 12), (3, 22), (0.2, 34)), 20)
    tear[:, 0] = np.maximum(tear[:, 0], 0.2)
    flame = (
        revolve(np.concatenate([tear, points((0, 34), (0, 0))]), segments=24).move(z=height + 8).paint((252, 186, 60))
    )
    stick = color(g, METAL)
    if maybe(g):
        dish = vessel(points((2.2 * r, 0), (2.6 * r, 6), (2.9 * r, 16)), 4) + tube(1.25 * r, r - 1, 24)
        grip = revolve(shift(polygon(12, 4), 14)).turn(x=90).move(x=2.9 * r + 10, z=14)
        return (wax + wick + flame).move(z=3) + (dish + grip).paint(stick)
    tall = g.uniform(60, 130)
    knots = points(
        (2.2 * r, 0), (2 * r, 8), (0.5 * r, 22), (0.7 * r, 0.5 * tall), (0.4 * r, 0.8 * tall), (1.4 * r, tall)
    )
    return (wax + wick + flame).move(z=tall - 2) + revolve(
        np.concatenate([spline(knots, 32), points((0, tall), (0, 0))])
    ).paint(stick)
