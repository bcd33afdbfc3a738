"""What grows, and a snowman."""

import numpy as np

from fieldstone.samples.curves import circle, fillet, path, points, shift, spline
from fieldstone.samples.draw import BRIGHT, CERAMIC, LEAF, PASTEL, color, maybe, one_of
from fieldstone.samples.solid import (
    NOTHING,
    Color,
    Solid,
    around,
    ball,
    box,
    cylinder,
    revolve,
    sweep,
    turned,
    union,
    vessel,
)
from fieldstone.samples.tableware import flute

__all__ = ["cactus", "flower", "mushroom", "pine", "snowman", "tree"]

BARK: tuple[Color, ...] = ((110, 78, 54), (128, 96, 70), (92, 68, 52), (200, 196, 186))


def tree(g: np.random.Generator) -> Solid:
    """A broad-leaved tree: a trunk, some limbs, and a crown of several clumps."""
    tall, thick = g.uniform(2600, 4200), g.uniform(170, 280)
    bark, leaf = color(g, BARK), color(g, LEAF)
    sway = g.uniform(-0.08, 0.08, (4, 2)) * tall
    knots = np.column_stack([sway, np.array([0, 0.35, 0.7, 1]) * tall])
    knots[0, :2] = 0
    trunk = sweep(
        circle(thick, sides=16),
        spline(knots, 16),
        up=(1, 0.05, 0),
        scale=np.linspace(1.25, 0.6, 16) + 0.5 * np.linspace(1, 0, 16) ** 6,
    )
    count, spread = int(g.integers(3, 8)), g.uniform(900, 1500)
    limbs, clumps = [], []
    for i in range(count):
        angle = 2 * np.pi * (i + g.uniform(-0.2, 0.2)) / count
        at = knots[2 + i % 2] * (1, 1, g.uniform(0.85, 0.98))
        end = at + np.array([np.cos(angle) * spread, np.sin(angle) * spread, g.uniform(500, 1100)])
        limbs.append(limb(at, end, 0.45 * thick, np.array([0.0, 0.0, -140.0])))
        clumps.append(clump(g, g.uniform(700, 1050)).move(*end.tolist()))
    crown = union([*clumps, clump(g, g.uniform(1000, 1400)).move(*(knots[3] + (0, 0, 700)).tolist())])
    result = (trunk + union(limbs)).paint(bark) + crown.paint(leaf)
    if maybe(g, 0.3):
        result += union(_fruit(g, c) for c in clumps).paint(color(g, BRIGHT))
    return result


def limb(start: np.ndarray, end: np.ndarray, thick: float, bend: np.ndarray) -> Solid:
    """A branch between two points, thinning towards its end."""
    way = spline(np.stack([start, (start + end) / 2 + bend, end]), 10)
    return sweep(circle(thick, sides=12), way, up=(1.0, 0.05, 0.0), scale=np.linspace(1, 0.4, 10))


def _fruit(g: np.random.Generator, crown: Solid) -> Solid:
    low, high = crown.bounds()
    middle, half = (low + high) / 2, (high - low) / 2
    way = g.normal(size=(3, 3))
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    return union(ball(120, segments=12).move(*(middle + 0.93 * half * w).tolist()) for w in way)


def clump(g: np.random.Generator, r: float) -> Solid:
    """A lumpy ball of leaves."""
    wave, phase = g.integers(2, 5, 3), g.uniform(0, 6.28, 3)

    def lump(p: np.ndarray) -> np.ndarray:
        u = p / np.linalg.norm(p, axis=1, keepdims=True)
        return p * (1 + 0.09 * np.sin(2.1 * wave * u + phase).sum(1, keepdims=True))

    return ball(r, r, r * g.uniform(0.75, 0.95), 28).warp(lump)


def pine(g: np.random.Generator) -> Solid:
    """A conifer in tiers, some with snow or with ornaments."""
    tall, r, tiers = g.uniform(2500, 6000), g.uniform(800, 1300), int(g.integers(3, 7))
    leaf = color(g, ((52, 104, 66), (44, 88, 62), (74, 120, 70), (60, 108, 96)))
    trunk = cylinder(0.13 * r, 0.5 * tall, segments=20).paint(color(g, BARK))
    low, crown = 0.14 * tall, NOTHING
    each = (tall - low) / tiers
    ripple, sides = int(g.integers(7, 12)), maybe(g, 0.6)
    for i in range(tiers):
        wide = r * (1 - 0.72 * i / tiers)
        skirt = spline(points((wide, 0), (0.52 * wide, 0.55 * each), (0.06 * wide, 1.55 * each)), 8)
        cone = turned(np.concatenate([points((0.86 * wide, 0.06 * each)), skirt]))
        cone = flute(cone, ripple, 0.06) if sides else cone
        crown += cone.turn(z=17 * i).move(z=low + i * each)
    result = trunk + crown.paint(leaf)
    if maybe(g, 0.4):
        top = tall + 0.5 * each
        bauble = color(g, BRIGHT)
        for i in range(tiers):
            wide = 0.9 * r * (1 - 0.72 * i / tiers)
            result += (
                around(ball(0.07 * r, segments=12).move(wide), 5 + (i + 1) % 2, 30 * i)
                .move(z=low + i * each + 0.05 * r)
                .paint(bauble)
            )
        result += ball(0.1 * r, segments=20).move(z=top).paint((246, 200, 70))
    return result


def cactus(g: np.random.Generator) -> Solid:
    """A ribbed cactus in a pot, with arms, offsets or a flower."""
    r, tall, ribs = g.uniform(34, 50), g.uniform(110, 220), int(g.integers(7, 13))
    green = color(g, ((86, 140, 84), (70, 124, 92), (110, 150, 80)))
    shape = spline(points((0.75, 0), (1, 0.3), (0.95, 0.75), (0.6, 0.96), (0.06, 1)) * (r, tall), 22)
    body = flute(revolve(np.concatenate([shape, points((0, tall), (0, 0))]), segments=ribs * 6), ribs, 0.08)
    for k in range(int(g.integers(0, 4))):
        reach, high = g.uniform(1.6, 2.1) * r, g.uniform(0.3, 0.55) * tall
        corners = points((0.5 * r, high), (reach, high + 4), (reach, high + g.uniform(1.2, 2.2) * r))
        bend = path(fillet(corners, 0.6 * r))
        end = bend[-1]
        arm = sweep(circle(0.36 * r, sides=20), bend, up=(0, 1, 0)) + ball(0.36 * r, segments=20).move(*end.tolist())
        body += arm.turn(z=130 * k + float(g.uniform(-20, 20)))
    result = body.paint(green)
    if maybe(g):
        petal = ball(0.3 * r, 0.14 * r, 0.06 * r, 16).turn(y=-25).move(0.26 * r)
        bloom = around(petal, 7) + ball(0.15 * r, segments=16)
        result += bloom.move(z=tall + 0.04 * r).paint(color(g, ((226, 92, 130), (240, 190, 70), (230, 110, 60))))
    return result.move(z=66) + plant_pot(g, 1.35 * r, 80)


def plant_pot(g: np.random.Generator, r: float, tall: float) -> Solid:
    """A flower pot full of earth."""
    clay = color(g, ((186, 104, 72), (200, 126, 92), *CERAMIC))
    outside = points((0.72 * r, 0), (0.96 * r, 0.78 * tall), (1.1 * r, 0.79 * tall), (1.12 * r, tall))
    pot = vessel(outside, 0.08 * r).paint(clay)
    return pot + cylinder(0.7 * r, 0.72 * tall, 0.92 * r).move(z=0.1 * tall).paint((84, 62, 50))


def flower(g: np.random.Generator) -> Solid:
    """A daisy, tulip or sunflower with leaves, in a pot."""
    tall, r = g.uniform(170, 280), g.uniform(28, 44)
    green, petals = color(g, LEAF[:4]), color(g, (*BRIGHT, *PASTEL))
    way = path(spline(points((0, 0), (g.uniform(-14, 14), 0.5 * tall), (0, tall)), 14))
    stalk = sweep(circle(3.4, sides=12), way, up=(0, 1, 0))
    leaf = ball(36, 11, 3.5, 20).turn(y=-38).move(26)
    leaves = union(
        leaf.turn(z=float(a)).move(z=tall * h) for a, h in zip((20, 200, 110), (0.25, 0.4, 0.55), strict=True)
    )
    style = one_of(g, ("daisy", "sunflower", "tulip"))
    if style == "tulip":
        petal = ball(0.55 * r, 0.22 * r, 0.95 * r, 20).turn(x=10).move(0, 0.42 * r, 0.8 * r)
        head = around(petal, 3) + around(petal.turn(x=-6), 3, 60)
        bloom = head.paint(petals)
    else:
        count = int(g.integers(7, 12)) if style == "daisy" else int(g.integers(12, 18))
        long = 0.75 * r if style == "daisy" else 0.6 * r
        petal = ball(long, 2.9 * r / count, 2.6, 18).turn(y=-12).move(0.4 * r + long * 0.8)
        middle = ball(0.55 * r, 0.55 * r, 0.26 * r, 28).move(z=2)
        bloom = around(petal, count).paint(petals) + middle.paint(one_of(g, ((238, 190, 60), (98, 66, 44))))
        bloom = bloom.turn(x=g.uniform(25, 55))
    return (stalk + leaves).move(z=56).paint(green) + bloom.move(z=tall + 54) + plant_pot(g, g.uniform(48, 66), 76)


def mushroom(g: np.random.Generator) -> Solid:
    """A toadstool or a small family of them, on a patch of moss."""
    cap = color(g, ((204, 58, 48), (176, 124, 84), (226, 196, 150), (196, 110, 50), (150, 84, 70)))
    shape = one_of(g, (
        points((1, 0), (0.96, 0.3), (0.6, 0.62), (0.03, 0.75)), points((1, 0), (0.85, 0.2), (0.5, 0.3), (0.03, 0.34)),
        points((0.85, 0), (0.9, 0.5), (0.55, 1.1), (0.03, 1.35)),
    ))  # fmt: skip
    count, spotted = one_of(g, (1, 1, 2, 3)), maybe(g, 0.6)
    result = ball(70, 60, 12).move(z=-2).paint(color(g, LEAF[:4]))
    places = ((1.0, 0, 0.0, 0.0), (0.62, 8, 47.0, -24.0), (0.5, -9, -40.0, -30.0))
    for size, lean, x, y in places[:count]:
        one = toadstool(g, shape, size * g.uniform(30, 48), cap, spotted, 40 if count == 1 else 28)
        result += one.turn(y=lean).move(x, y, -1.5)
    return result.above(-2)


def toadstool(g: np.random.Generator, shape: np.ndarray, r: float, paint: Color, spotted: bool, sides: int) -> Solid:
    """One mushroom of so many sides: `shape` is the cap's profile in units of its radius `r`."""
    tall = r * g.uniform(1.2, 1.9)
    curve = spline(shape * r, 18)
    under = spline(points((0.1, 0.1), (0.5, 0.08), (0.8, 0.0)) * r, 6)
    cap = revolve(np.concatenate([under, curve, points((0, curve[-1, 1]), (0, 0.1 * r))]), segments=sides).paint(paint)
    if spotted:
        spot = ball(0.13 * r, segments=sides // 4)
        rows = [
            around(spot.move(curve[i, 0] * 0.98, 0, curve[i, 1]), n, g.uniform(0, 90))
            for i, n in ((4, 7), (9, 5), (14, 3))
        ]
        cap += union(rows).paint((248, 244, 234))
    stem = turned(spline(points((0.42, 0), (0.5, 0.12), (0.3, 0.5), (0.34, 1)) * (r, tall + 0.15 * r), 12), sides)
    skirt = cylinder(0.5 * r, 0.16 * r, 0.3 * r, sides).move(z=0.66 * tall)
    return (stem + skirt).paint((238, 228, 208)) + cap.move(z=tall)


def snowman(g: np.random.Generator) -> Solid:
    """Two or three balls of snow with carrot, buttons, arms, hat and scarf."""
    r, snow, coal = g.uniform(380, 480), (244, 247, 250), (50, 50, 54)
    sizes = [1.0, 0.72, 0.5] if maybe(g, 0.7) else [1.0, 0.62]
    at, body, centres = 0.86 * r, [], []
    for i, size in enumerate(sizes):
        centres.append(at)
        body.append(ball(size * r, segments=36).move(z=at))
        at += (size + sizes[min(i + 1, len(sizes) - 1)]) * r * 0.82
    head, top = centres[-1], sizes[-1] * r
    nose = cylinder(0.17 * top, 1.0 * top, 6, 16).turn(x=90).move(0, -0.85 * top, head).paint((232, 130, 50))
    eye = ball(0.12 * top, segments=14).move(0.34 * top, -0.84 * top, head + 0.32 * top).both(x=1)
    chest, wide = centres[-2], sizes[-2] * r
    buttons = union(
        ball(0.09 * wide, segments=14).move(0, -wide * np.cos(a) * 0.99, chest + wide * np.sin(a))
        for a in (-0.15, 0.2, 0.55)
    )
    hat_paint = color(g, BRIGHT) if maybe(g) else coal
    hat = cylinder(1.15 * top, 0.12 * top) + cylinder(0.72 * top, g.uniform(0.7, 1.2) * top, 0.66 * top)
    band = (cylinder(0.74 * top, 0.22 * top).move(z=0.12 * top)).paint(color(g, BRIGHT))
    neck = head - 0.78 * top
    scarf = revolve(shift(circle(0.2 * top, 0.16 * top, 14), 0.66 * top)).move(z=neck) + box(
        0.3 * top, 0.2 * top, 0.9 * top, 10
    ).move(0.35 * top, -0.82 * top, neck - 0.85 * top)
    twig = limb(
        np.array([0.8 * wide, 0.0, chest + 0.2 * wide]),
        np.array([2.0 * wide, 0.0, chest + g.uniform(0.2, 1.0) * wide]),
        26,
        np.array([0.0, 0.0, 50.0]),
    )
    cap = hat.paint(hat_paint) + band
    result = union(body).paint(snow) + nose + (eye + buttons).paint(coal) + twig.both(x=1).paint((110, 80, 58))
    result += cap.move(z=head + 0.66 * top) + (scarf.paint(color(g, BRIGHT)) if maybe(g, 0.7) else NOTHING)
    return result - box(4 * r, 4 * r, r).move(z=-r)
