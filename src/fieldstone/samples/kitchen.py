"""Cutlery and cookware. Cutlery stands upright, facing -y, its business end up."""

import numpy as np

from fieldstone.samples.curves import circle, path, points, polygon, rectangle, slot, soften, spline, superellipse
from fieldstone.samples.draw import BRIGHT, DARK, METAL, STEEL, WOOD, color, maybe, one_of
from fieldstone.samples.solid import (
    Color,
    Solid,
    around,
    ball,
    box,
    cylinder,
    extrude,
    hull,
    loft,
    sweep,
    union,
    vessel,
)

__all__ = ["fork", "knife", "pan", "pot", "spatula", "spoon"]


def upright(part: Solid) -> Solid:
    """A tool that lies along x with its face up and its head towards -x: stood on its handle, facing -y."""
    return part.turn(y=90).turn(z=-90)


def bow(part: Solid, depth: float, length: float) -> Solid:
    """Cutlery's curve: `part`, lying along x from 0 to `length`, lifted in the middle by `depth`."""

    def lift(p: np.ndarray) -> np.ndarray:
        u = p[:, 0] / length
        return p + np.stack([0 * u, 0 * u, depth * np.sin(np.pi * np.clip(u, -1, 1))], 1)

    return part.warp(lift)


def stem(g: np.random.Generator, length: float, thick: float, paint: Color) -> Solid:
    """A cutlery handle along +x: all metal with a widening end, or a wood or plastic grip on a thin neck."""
    width = np.array([3, 2.7, 2.6, 2.8, 3.4, 4.4, 5.6, 6.4, 4.5])
    y, z = superellipse(1, thick, 3, 20).T
    x, y, z = np.broadcast_arrays(np.linspace(-4, length, 9)[:, None], width[:, None] * y, z)
    flat = loft(np.stack([x, y, z], 2))
    flat = bow(flat, g.uniform(4, 8), length).paint(paint)
    if maybe(g, 0.6):
        return flat
    wood = color(g, one_of(g, (WOOD, BRIGHT, DARK)))
    haft = hull(ball(5.5, 5, 3.5, 16).move(length * 0.4), ball(8, 7.5, 4.5, 16).move(length * 0.95)).move(z=5)
    return flat + haft.paint(wood)


def spoon(g: np.random.Generator) -> Solid:
    """A tablespoon, soup spoon, ladle or wooden spoon."""
    length, deep = g.uniform(110, 150), g.uniform(6, 10)
    long, wide = g.uniform(26, 33), g.uniform(17, 24)
    wooden = maybe(g, 0.25)
    paint = color(g, WOOD if wooden else METAL)
    angle = 2 * np.pi * np.arange(40) / 40
    rise = np.linspace(0.04, 1, 12)
    outer = np.stack(
        [
            np.stack([-long + long * s * np.cos(angle), wide * s * np.sin(angle), 0 * angle - deep * (1 - s * s)], 1)
            for s in rise
        ]
    )
    wall = 2.4
    inner = outer[::-1] + np.array([0, 0, wall])
    bowl = loft(np.concatenate([outer, inner])).paint(paint)
    if wooden:
        handle = hull(ball(4.5, 6, 4, 16).move(-2, 0, 0.5), ball(6, 7, 5, 16).move(length * 1.4, 0, 10)).paint(paint)
        return upright(bowl + handle)
    return upright(bowl + stem(g, length, 1.7, paint).move(z=1))


def fork(g: np.random.Generator) -> Solid:
    """A fork of two to five tines."""
    tines, length = int(g.integers(2, 6)), g.uniform(110, 145)
    gap, prong, long = g.uniform(2.4, 3.2), g.uniform(2.6, 3.2), g.uniform(38, 52)
    wide = tines * prong + (tines - 1) * gap
    paint = color(g, METAL)
    tine = hull(box(1, prong, 2.4), box(1, prong * 0.45, 1.4).move(x=-long))
    row = union(tine.move(-26, (i - (tines - 1) / 2) * (prong + gap)) for i in range(tines))
    side = spline(points((-29, wide / 2), (-16, wide / 2), (-4, 0.3 * wide), (6, 2.6)), 16)
    palm = extrude(np.concatenate([side, (side * (1, -1))[::-1]]), 2.4)
    flat = Solid((row + palm).manifold.refine_to_length(9))
    head = flat.warp(lambda p: p + np.stack([0 * p[:, 0], 0 * p[:, 0], 0.003 * p[:, 0] * (p[:, 0] + 20) - 1.2], 1))
    return upright(head.paint(paint) + stem(g, length, 1.7, paint))


def knife(g: np.random.Generator) -> Solid:
    """A chef's knife, cleaver, bread knife or dagger."""
    style = one_of(g, ("chef", "cleaver", "bread", "paring"))
    length, wide = g.uniform(150, 230), g.uniform(36, 50)
    if style == "cleaver":
        length, edge = g.uniform(150, 180), points((0, 0), (0, -58), (1, -64), (1, 0)) * (1, 1.2)
    elif style == "bread":
        wide = 30
        teeth = np.stack([np.linspace(0.02, 0.9, 32), -1 + 0.1 * (np.arange(32) % 2)], 1) * (1, wide)
        edge = np.concatenate([teeth, points((0.98, -0.6 * wide), (1, -0.2 * wide), (1, 0), (0, 0))])
    else:
        scale = 1.0 if style == "chef" else 0.62
        length, wide = length * scale, wide * scale
        edge = spline(points((0.02, -1), (0.45, -0.95), (0.8, -0.6), (1, 0)) * (1, wide), 24)
        edge = np.concatenate([edge, points((0.7, 0.04 * wide), (0, 0.04 * wide))])
    outline = edge * (-length, 1)
    flat = extrude(outline, 3).move(z=-1.5)
    bevel = hull(
        box(length * 2, 4, 3.2).move(0, 2, -1.6), box(length * 2, wide * 2.2, 0.5).move(0, -wide * 1.08, -0.25)
    )
    blade = (flat & bevel if style != "cleaver" else flat).paint(color(g, STEEL))
    if style == "cleaver":
        blade -= cylinder(6, 20, segments=24).move(18 - length, -16, -10)
    haft_paint, haft = color(g, one_of(g, (WOOD, DARK, BRIGHT))), g.uniform(95, 120)
    back = spline(points((0, 3), (0.5, 2), (0.85, 5), (1, -2)) * (haft, 1), 16)
    belly = spline(points((1, -20), (0.85, -26), (0.5, -20), (0.12, -22), (0, -17)) * (haft, 1), 20)
    grip_ = extrude(soften(np.concatenate([back, belly]), 4), g.uniform(13, 18))
    thick = float(grip_.bounds()[1][2])
    rivet = cylinder(3.4, thick + 1.6, segments=16).move(z=-thick / 2 - 0.8).paint(color(g, METAL))
    rivets = union(rivet.move(haft * u, -9) for u in np.linspace(0.2, 0.8, int(g.integers(2, 4))))
    return upright(
        blade
        + box(10, 24, 16, 2).move(1, -8, -8).paint(color(g, STEEL))
        + grip_.move(z=-thick / 2).paint(haft_paint)
        + rivets
    )


def pan(g: np.random.Generator) -> Solid:
    """A frying pan or skillet; some hold a fried egg."""
    r, deep = g.uniform(100, 150), g.uniform(34, 60)
    iron = color(g, one_of(g, (DARK, STEEL, BRIGHT)))
    profile = spline(points((0.76 * r, 0), (0.82 * r, 0.1 * deep), (0.95 * r, 0.6 * deep), (r, deep)), 14)
    body = vessel(profile, 4, 64).paint(iron)
    length, lift = g.uniform(150, 210), g.uniform(20, 50)
    arm = path(
        spline(
            points(
                (0.97 * r, 0.75 * deep), (r + 0.3 * length, 0.8 * deep + 0.6 * lift), (r + length, 0.8 * deep + lift)
            ),
            20,
        )
    )
    size = np.concatenate([np.linspace(0.75, 1, 14), np.linspace(1, 0.85, 6)])
    handle = sweep(superellipse(8, 14, 2.6, 20), arm, up=(0, 1, 0), scale=size).paint(color(g, one_of(g, (DARK, WOOD))))
    hole = cylinder(5, 100, segments=20).move(r + length - 14, 0, deep)
    result = body + (handle - hole)
    if maybe(g, 0.4):
        white = extrude(soften(polygon(9, 1) * (g.uniform(0.35, 0.5, (9, 1)) * r), 0.1 * r), 4).paint((246, 244, 236))
        result += (white + ball(0.15 * r, 0.15 * r, 10, 24).move(z=4).paint((244, 180, 48))).move(0, 0, 3.2)
    return result


def pot(g: np.random.Generator) -> Solid:
    """A saucepan or casserole with a lid: one long handle or two ears."""
    r, deep = g.uniform(85, 130), g.uniform(90, 170)
    steel = color(g, one_of(g, (STEEL, BRIGHT, CERAMIC_POT)))
    grips = color(g, one_of(g, (DARK, STEEL, WOOD)))
    body = (vessel(points((0.94 * r, 0), (0.99 * r, 5), (r, 14), (r, deep * 0.5), (r, deep)), 4, 64)).paint(steel)
    result = body
    if maybe(g, 0.8):
        rise = g.uniform(0.12, 0.3) * r
        side = spline(points((1.02 * r, 0), (0.95 * r, 0.35 * rise), (0.5 * r, 0.85 * rise), (0.05 * r, rise)), 16)
        lid = cylinder(1.03 * r, 6, segments=64).move(z=-4) + _dome(side)
        knob = cylinder(8, 16, segments=20) + cylinder(20, 12, 16, 24).move(z=13)
        result += lid.move(z=deep).paint(steel if maybe(g, 0.6) else color(g, STEEL)) + knob.move(
            z=deep + rise - 4
        ).paint(grips)
    if maybe(g, 0.45):
        arm = path(points((r - 2, 0.85 * deep), (r + 60, 0.87 * deep), (r + 170, 0.95 * deep)))
        long = path(spline(arm[:, [0, 2]], 12))
        return result + sweep(superellipse(7, 11, 3, 16), long, up=(0, 1, 0), scale=np.linspace(0.8, 1.1, 12)).paint(
            grips
        )
    ear = path(spline(points((r - 2, -38), (r + 26, -34), (r + 34, 0), (r + 26, 34), (r - 2, 38)), 28), "xy")
    return result + sweep(circle(6.5, sides=14), ear).move(z=0.8 * deep).both(x=1).paint(grips)


CERAMIC_POT: tuple[Color, ...] = ((196, 70, 50), (60, 100, 120), (226, 168, 60), (236, 230, 218))


def _dome(side: np.ndarray) -> Solid:
    rings = side[:, :1, None] * circle(1, sides=64)
    return loft(np.concatenate([rings, np.broadcast_to(side[:, 1, None, None], (*rings.shape[:2], 1))], 2))


def spatula(g: np.random.Generator) -> Solid:
    """A turner with slots or holes, or a whisk-like skimmer."""
    long, wide, length = g.uniform(80, 110), g.uniform(66, 90), g.uniform(180, 240)
    paint = color(g, one_of(g, (STEEL, DARK, WOOD)))
    blade = extrude(
        soften(
            points((-long, wide / 2), (-long, -wide / 2), (-16, -0.4 * wide), (4, -7), (4, 7), (-16, 0.4 * wide)), 5
        ),
        2.6,
    )
    count = int(g.integers(2, 6))
    if maybe(g, 0.7):
        cut = extrude(slot(0.5 * long, min(3.5, wide / count / 4), 16), 20).move(-0.55 * long, 0, -8)
        blade -= union(cut.move(y=0.72 * wide * ((i + 0.5) / count - 0.5)) for i in range(count))
    else:
        hole = cylinder(4, 20, segments=20).move(z=-8)
        blade -= around(hole.move(x=18), count + 3).move(x=-0.55 * long) + hole.move(x=-0.55 * long)
    neck = hull(box(10, 10, 2.6).move(0), box(10, 8, 8).move(50, 0, 22))
    arm = hull(box(10, 8, 8, 2).move(48, 0, 22), box(10, 9, 8, 2).move(length * 0.55, 0, 40))
    haft = extrude(rectangle(0.5 * length, 24, 11), 12).turn(y=-6).move(length * 0.75, 0, 38)
    return upright((blade + neck + arm).paint(paint) + haft.paint(color(g, one_of(g, (WOOD, DARK, BRIGHT)))))
