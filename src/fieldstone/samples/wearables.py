"""What one wears or carries."""

import numpy as np

from fieldstone.samples.curves import circle, path, points, polygon, rectangle, shift, spline, star, superellipse
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
    revolve,
    ring,
    rod,
    sweep,
    tube,
    turned,
    union,
)

__all__ = ["finger_ring", "hat", "headphones", "umbrella"]

OVAL = 1.12
"""Length of a head over its width."""


def hat(g: np.random.Generator) -> Solid:
    """A top hat, bowler, straw hat, cap or party hat."""
    r, style = g.uniform(78, 92), one_of(g, ("top", "bowler", "straw", "cap", "party"))
    if style == "party":
        return party_hat(g, r)
    if style == "cap":
        return cap(r, color(g, BRIGHT), color(g, (*DARK, *BRIGHT, *PASTEL)))
    side, wide, cloth = {
        "top": (points((1, 0), (0.94, 0.4), (0.98, 0.8), (1.06, 1)) * (r, r * g.uniform(1.5, 2)), 1.45, DARK),
        "bowler": (points((1, 0), (1.02, 0.35), (0.85, 0.8), (0.05, 1)) * (r, 1.15 * r), 1.4, (*DARK, *FABRIC)),
        "straw": (points((1, 0), (0.98, 0.5), (0.9, 0.9), (0.8, 1)) * (r, 0.9 * r), g.uniform(1.8, 2.2), STRAW),
    }[style]
    edge = points((0.88, 0), (0.5 * (1 + wide), 0.01), (wide, 0.12)) * r
    brim = np.concatenate([spline(edge, 12), shift(spline(edge[::-1], 12), 0, 5)])
    body = (turned(spline(side, 22), 56) + revolve(brim, segments=56)).paint(color(g, cloth))
    ribbon = tube(r + 3, 0.86 * r, 0.26 * r, 56).move(z=5).paint(color(g, BRIGHT))
    inside = cylinder(0.91 * r, 0.7 * float(side[-1, 1]), 0.8 * r).move(z=-1)
    return (body + ribbon - inside).scale(1, OVAL, 1)


STRAW: tuple[Color, ...] = ((226, 196, 130), (206, 170, 110))


def party_hat(g: np.random.Generator, r: float) -> Solid:
    """A paper cone with dots and a pompon."""
    tall = g.uniform(1.9, 2.5) * r
    hollow = cylinder(0.8 * r, 0.9 * tall, 2).move(z=-1)
    dot, turns = ball(0.11 * r, segments=14), np.linspace(0.1, 0.82, 14)
    dots = union(dot.move(0.83 * r * (1 - u), 0, tall * u).turn(z=137.5 * i) for i, u in enumerate(turns.tolist()))
    trim = (dots + ball(0.22 * r, segments=20).move(z=tall)).paint(color(g, PASTEL))
    return cylinder(0.85 * r, tall, 2).paint(color(g, BRIGHT)) + trim - hollow


def cap(r: float, paint: Color, seam_paint: Color) -> Solid:
    """A baseball cap, its peak towards -y."""

    def dome(size: float) -> Solid:
        return ball(size * r, size * OVAL * r, 0.9 * size * r, 40)

    peak = extrude(superellipse(0.72 * r, r, 2.6, 40), 5).move(y=-1.15 * r) - cylinder(0.93 * r, 40).scale(
        1, OVAL, 1
    ).move(z=-10)
    peak = peak.warp(lambda p: p - np.stack([0 * p[:, 0], 0 * p[:, 0], 0.2 * p[:, 0] ** 2 / r], 1)).move(z=3)
    seams = around(box(2.5 * r, 3, 2 * r), 3) & (dome(1.012) - dome(0.97))
    button = ball(7, 7, 5, 16).move(z=0.92 * r)
    crown = (dome(1) - dome(0.95)).above(0) + peak
    return crown.paint(paint) + (seams.above(0.5) + button).paint(seam_paint)


def headphones(g: np.random.Generator) -> Solid:
    """Headphones, facing -y, some with a microphone."""
    r, cup = g.uniform(78, 88), g.uniform(34, 44)
    paint, soft = color(g, (*BRIGHT, *DARK, *PASTEL)), color(g, DARK)
    angle = np.radians(np.linspace(-18, 198, 40))
    bow = path(np.stack([r * np.cos(angle), 1.12 * r * np.sin(angle)], 1))
    band = sweep(superellipse(4, g.uniform(10, 16), 4, 16), bow, up=(0, 1, 0)).paint(paint)
    pad = sweep(superellipse(8, 15, 3, 16), bow[12:28] * (0.93, 1, 0.94), up=(0, 1, 0)).paint(soft)
    shell = hull(cylinder(cup, 6), cylinder(0.8 * cup, 24)).paint(paint)
    cushion = ring(0.72 * cup, 0.3 * cup, 40, 14).scale(1, 1, 0.9).move(z=-0.2 * cup).paint(soft)
    badge = cylinder(0.5 * cup, 3, segments=40).move(z=23).paint(color(g, METAL))
    side = (shell + cushion + badge).scale(one_of(g, (1.0, 1.25))).turn(y=90).move(0.93 * r, 0, -0.42 * r)
    arm = box(9, 16, 0.8 * cup, 3).move(0.99 * r, 0, -0.5 * r).paint(soft)
    boom = NOTHING
    if maybe(g, 0.35):
        way = spline(points((1.05, 0, -0.5), (0.95, -0.75, -0.8), (0.3, -1.15, -1)) * r, 20)
        boom = (sweep(circle(3, sides=10), way) + ball(9, segments=16).move(*way[-1].tolist())).paint(soft)
    return band + pad + (side + arm).both(x=1) + boom


def umbrella(g: np.random.Generator) -> Solid:
    """An open umbrella in one or two colours, with a crook or a straight handle."""
    r, panels = g.uniform(430, 560), int(g.integers(3, 6)) * 2
    deep = r * g.uniform(0.32, 0.5)
    low, paint, other = deep - r * g.uniform(1.45, 1.7), color(g, BRIGHT), color(g, (*BRIGHT, *PASTEL))
    canopy = umbrella_cloth(r, deep, panels)
    half, far = np.radians(180 / panels), 3 * r
    corner = points((0, 0), (far * np.cos(half), -far * np.sin(half)), (far * np.cos(half), far * np.sin(half)))
    wedges = around(extrude(corner, 9 * deep).move(z=-deep).turn(z=180 / panels), panels // 2)
    cloth = canopy.paint(paint)
    if maybe(g, 0.6):
        cloth += (canopy.move(z=2) & wedges).paint(other)
    pole = rod((0, 0, low), (0, 0, deep + 40), 7) + rod((0, 0, deep + 38), (0, 0, deep + 78), 5, 1)
    ribs = around(rod((0, 0, deep - 0.5 * r), (0.55 * r, 0, deep - 0.22 * r), 2.5, segments=8), panels)
    crook = spline(points((0, low + 30), (0, low - 30), (34, low - 80), (72, low - 40), (70, low - 10)), 24)
    straight = rod((0, 0, low + 60), (0, 0, low - 60), 14, 17, 20)
    handle = one_of(g, (sweep(circle(11, sides=16), path(crook), up=(0, 1, 0)), straight)).paint(color(g, WOOD))
    return cloth + (pole + ribs).paint(color(g, (*STEEL, *DARK))) + handle


def umbrella_cloth(r: float, deep: float, panels: int) -> Solid:
    """A dome of cloth that sags inwards between its ribs."""
    angle = np.linspace(0.02, 1.35, 9)
    rise = (np.cos(angle) - np.cos(angle[-1])) / (1 - np.cos(angle[-1]))
    outer = np.stack([r * np.sin(angle), deep * rise], 1)
    crown = points((0, outer[0, 1]))
    dome = revolve(np.concatenate([crown, outer, shift(outer[::-1], 0, -9), shift(crown, 0, -9)]), segments=panels * 6)

    def sag(p: np.ndarray) -> np.ndarray:
        turn = np.arctan2(p[:, 1], p[:, 0]) * panels / 2
        dip = 1 - 0.1 * np.abs(np.sin(turn)) * (np.hypot(p[:, 0], p[:, 1]) / r) ** 2
        return p * np.stack([dip, dip, np.ones_like(dip)], 1)

    return dome.warp(sag)


def finger_ring(g: np.random.Generator) -> Solid:
    """A ring, standing: a faceted band, a signet, or one with a stone or three."""
    r, t = g.uniform(8.2, 10.5), g.uniform(0.8, 1.3)
    gold = color(g, ((226, 186, 96), (206, 208, 212), (214, 160, 128)))
    style = one_of(g, ("stone", "stone", "three", "signet", "band"))
    wide = t * (g.uniform(2, 3) if style == "band" else 1.2)
    hoop = revolve(shift(superellipse(t, wide, 2.6, 20), r + t), segments=80).turn(x=90).paint(gold)
    top = r + 1.7 * t
    if style == "band":
        facet = box(3 * t, 3 * t, 9 * wide).turn(z=45).move(r + 3.7 * t, 0, -4 * wide)
        return hoop - around(facet, int(g.integers(8, 24))).turn(x=90)
    if style == "signet":
        seal = extrude(one_of(g, (circle(4.6, 3.8, 40), rectangle(8, 7, 1.5), polygon(8, 4.6))), 1.8)
        shoulder = hull(extrude(circle(4, 3.2, 32), 0.5), box(9, 2.2, 0.5).move(z=-3))
        seal = seal + shoulder - extrude(star(int(g.integers(4, 8)), 2.4, 1.2), 3).move(z=1.2)
        return hoop + seal.move(z=top).paint(gold) - rod((0, -20, 0), (0, 20, 0), 0.98 * r, segments=80)
    gem_paint = color(g, ((196, 228, 238), (190, 44, 66), (52, 110, 190), (46, 150, 100), (150, 90, 180)))
    stones = [(0.0, g.uniform(2.4, 3.6))] if style == "stone" else [(0.0, 2.2), (-24.0, 1.6), (24.0, 1.6)]
    facets, claws = int(g.integers(6, 12)), one_of(g, (4, 6))
    set_stones = [
        stone(size, facets, claws, gem_paint, gold).move(z=top + 0.2 * t).turn(y=tilt) for tilt, size in stones
    ]
    return hoop + union(set_stones)


def stone(size: float, facets: int, claws: int, paint: Color, gold: Color) -> Solid:
    """A cut stone of radius `size` in its setting."""
    cut = points((0.1, 0), (1, 0.8), (1, 0.94), (0.6, 1.28)) * size
    claw = rod((0.55 * size, 0, -0.2 * size), (1.08 * size, 0, 1.05 * size), 0.16 * size, segments=12)
    setting = around(claw, claws) + cylinder(0.55 * size, 0.4 * size, 0.7 * size, 24).move(z=-0.3 * size)
    return turned(cut, facets).paint(paint) + setting.paint(gold)
