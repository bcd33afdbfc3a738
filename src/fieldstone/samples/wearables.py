"""What one wears or carries."""

import numpy as np

from fieldstone.samples.curves import circle, path, points, polygon, rectangle, spline, star, superellipse
from fieldstone.samples.draw import BRIGHT, DARK, FABRIC, METAL, PASTEL, STEEL, WOOD, color, maybe, one_of
from fieldstone.samples.solid import (
    Solid,
    around,
    ball,
    box,
    cylinder,
    extrude,
    hull,
    revolve,
    ring,
    sweep,
    tube,
    union,
)

__all__ = ["finger_ring", "hat", "headphones", "umbrella"]


def hat(g: np.random.Generator) -> Solid:
    """A top hat, bowler, straw hat, cap or party hat."""
    r, style = g.uniform(78, 92), one_of(g, ("top", "bowler", "straw", "cap", "party"))
    paint, band = color(g, (*DARK, *FABRIC, *BRIGHT)), color(g, BRIGHT)
    oval = 1.12
    if style == "party":
        cone = cylinder(0.85 * r, 2.2 * r, 2, 48)
        hollow = cylinder(0.8 * r, 1.9 * r, 2, 48).move(z=-1)
        dots = union(
            ball(0.11 * r, segments=14).move(0.85 * r * (1 - u) * 0.98, 0, 2.2 * r * u).turn(z=137.5 * i)
            for i, u in enumerate(np.linspace(0.1, 0.82, 14))
        )
        pom = ball(0.22 * r, segments=20).move(z=2.2 * r)
        return (cone.paint(band) - hollow) + (dots - hollow + pom).paint(color(g, PASTEL))
    if style == "cap":
        crown = (ball(r, oval * r, 0.9 * r, 48) - ball(0.95 * r, oval * 0.95 * r, 0.85 * r, 48)) & box(
            9 * r, 9 * r, 9 * r
        )
        peak = extrude(superellipse(0.72 * r, 1.0 * r, 2.6, 40), 5).move(y=-1.15 * r) - cylinder(0.93 * r, 40).scale(
            1, oval, 1
        ).move(z=-10)
        seams = (
            around(box(2 * r, 3, 2 * r).move(), 3)
            & (ball(1.012 * r, 1.012 * oval * r, 0.914 * r, 48) - ball(0.97 * r, 0.97 * oval * r, 0.87 * r, 48))
            & box(9 * r, 9 * r, 9 * r)
        )
        return (
            crown.paint(band)
            + peak.warp(lambda p: p - np.stack([0 * p[:, 0], 0 * p[:, 0], (p[:, 0] / r) ** 2 * 0.2 * r], 1))
            .move(z=3)
            .paint(band)
            + seams.paint(paint)
            + ball(7, 7, 5, 16).move(z=0.92 * r).paint(paint)
        )
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
    rim = revolve(
        np.concatenate(
            [
                spline(points((0.9 * r, 0), (0.5 * (r + wide), 1), (wide, 0.12 * r)), 12),
                spline(points((wide, 0.12 * r + 5), (0.5 * (r + wide), 6), (0.9 * r, 6)), 12),
            ]
        ),
        segments=56,
    )
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
    band = sweep(superellipse(4, g.uniform(10, 16), 4, 20), bow, up=(0, 1, 0))
    pad = sweep(superellipse(8, 15, 3, 20), bow[14:34] * (0.93, 1, 0.94), up=(0, 1, 0)).paint(soft)
    shell = hull(cylinder(cup, 6, segments=48), cylinder(0.8 * cup, 24, segments=48))
    ear = ring(0.72 * cup, 0.3 * cup, 48, 16).scale(1, 1, 0.9).move(z=-0.2 * cup).paint(soft)
    cover = cylinder(0.5 * cup, 3, segments=40).move(z=23).paint(color(g, METAL))
    oval = one_of(g, (1.0, 1.25))
    side = (shell.paint(paint) + ear + cover).scale(oval, 1, 1).turn(y=90).move(r * 0.93, 0, -0.42 * r)
    arm = box(9, 16, 0.8 * cup, 3).move(r * 0.99, 0, -0.5 * r)
    boom = union([])
    if maybe(g, 0.35):
        way = spline(
            points((r * 1.05, 0, -0.5 * r), (r * 0.95, -0.75 * r, -0.8 * r), (0.3 * r, -1.15 * r, -1.0 * r)), 20
        )
        boom = sweep(circle(3, sides=10), way) + ball(9, segments=16).move(*way[-1].tolist())
    return band.paint(paint) + pad + side.both(x=1) + (arm.both(x=1) + boom).paint(soft)


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
    sector = extrude(
        points(
            (0, 0),
            (3 * r * np.cos(np.radians(half)), -3 * r * np.sin(np.radians(half))),
            (3 * r * np.cos(np.radians(half)), 3 * r * np.sin(np.radians(half))),
        ),
        9 * deep,
    ).move(z=-deep)
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
        return (hoop + (seal - engraved + shoulder - cylinder(r, 40).turn(x=90).move(0, 20, -top)).move(z=top)).paint(
            gold
        )
    stones = [(0.0, g.uniform(2.4, 3.6))] if style == "stone" else [(0.0, 2.2), (-24.0, 1.6), (24.0, 1.6)]
    gem_paint = color(g, ((196, 228, 238), (190, 44, 66), (52, 110, 190), (46, 150, 100), (150, 90, 180)))
    result = hoop.paint(gold)
    for tilt, size in stones:
        facets = int(g.integers(6, 12)) if style == "stone" else 8
        gem = cylinder(0.1 * size, 0.8 * size, size, facets) + cylinder(size, 0.15 * size, segments=facets).move(
            z=0.79 * size
        )
        gem += cylinder(size, 0.35 * size, 0.6 * size, facets).move(z=0.93 * size)
        claw = cylinder(0.16 * size, 1.35 * size, segments=12).turn(y=22).move(0.62 * size, 0, -0.2 * size)
        setting = around(claw, one_of(g, (4, 6))) + cylinder(0.55 * size, 0.4 * size, 0.7 * size, 24).move(
            z=-0.3 * size
        )
        result += (gem.paint(gem_paint) + setting.paint(gold)).move(z=top + 0.2 * t).turn(y=tilt)
    return result
