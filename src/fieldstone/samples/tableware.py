"""What stands on a laid table."""

import numpy as np

from fieldstone.samples.curves import Outline, circle, fillet, path, points, shift, spline, superellipse
from fieldstone.samples.draw import BRIGHT, CERAMIC, GLASS, METAL, PASTEL, WOOD, color, maybe, one_of
from fieldstone.samples.solid import NOTHING, Solid, ball, cylinder, revolve, ring, sweep, tube, turned, union, vessel

__all__ = ["bottle", "bowl", "cup", "flute", "glass", "jug", "lug", "mug", "plate", "teapot", "vase"]


def lug(profile: Outline, low: float, high: float, reach: float, thick: float, square: bool = False) -> Solid:
    """A handle in the plane y = 0, from the profile at height `high` out by `reach` and back at height `low`."""
    upper, lower = np.interp([high, low], profile[:, 1], profile[:, 0])
    out, rise = max(upper, lower) + reach, high - low
    ear = points(
        (upper - 1, high), (upper + 0.45 * reach, high + 0.08 * rise), (out, high - 0.3 * rise),
        (out - 0.25 * reach, low + 0.2 * rise), (lower - 1, low),
    )  # fmt: skip
    loop = points((upper - 1, high), (out, high), (out, low), (lower - 1, low))
    way = fillet(loop, 2 * thick) if square else spline(ear, 32)
    return sweep(superellipse(thick, 1.5 * thick, 2.5, 16), path(way), up=(0, 1, 0))


def flute(part: Solid, waves: int, depth: float, twist: float = 0) -> Solid:
    """Ripples round the z axis: the radius swings by the share `depth`, and the ripples turn by `twist` degrees a mm."""

    def ripple(p: np.ndarray) -> np.ndarray:
        angle = np.arctan2(p[:, 1], p[:, 0]) + np.radians(twist) * p[:, 2]
        swing = 1 + depth * np.cos(waves * angle)
        return p * np.stack([swing, swing, np.ones(len(p))], 1)

    return part.warp(ripple)


def mug(g: np.random.Generator) -> Solid:
    """A mug with one handle: straight, tapered, barrel or bulging; some hold coffee."""
    r, height, wall = g.uniform(36, 48), g.uniform(75, 115), g.uniform(3.5, 5)
    foot, belly, lip = one_of(g, ((1, 1, 1), (0.8, 0.92, 1), (0.85, 1.12, 0.95), (1.05, 0.95, 0.92), (0.7, 1.08, 1)))
    profile = points((foot * r * 0.96, 0), (foot * r, 3))
    profile = np.concatenate(
        [profile, spline(points((foot * r, 4), (belly * r, 0.45 * height), (lip * r, height)), 16)]
    )
    glaze = color(g, one_of(g, (CERAMIC, BRIGHT)))
    body = vessel(profile, wall).paint(glaze)
    handle = lug(
        profile,
        height * g.uniform(0.14, 0.25),
        height * g.uniform(0.75, 0.86),
        g.uniform(20, 32),
        g.uniform(4, 5.5),
        maybe(g, 0.4),
    )
    result = body + handle.paint(glaze if maybe(g, 0.7) else color(g, CERAMIC))
    if maybe(g, 0.5):
        low, high = height * 0.3, height * g.uniform(0.45, 0.65)
        band = np.concatenate([profile[(profile[:, 1] > low) & (profile[:, 1] < high)] + (0.35, 0)])
        inner = band[::-1] - (1.2, 0)
        result += revolve(np.concatenate([band, inner])).paint(color(g, one_of(g, (BRIGHT, PASTEL))))
    if maybe(g, 0.5):
        level = height * 0.82
        at = float(np.interp(level, profile[:, 1], profile[:, 0]))
        result += cylinder(at - wall / 2, 3, segments=48).move(z=level).paint((92, 58, 36))
    return result


def cup(g: np.random.Generator) -> Solid:
    """A teacup on its saucer."""
    r, height = g.uniform(40, 52), g.uniform(48, 66)
    glaze, trim = color(g, CERAMIC), color(g, one_of(g, (METAL, BRIGHT, CERAMIC)))
    shape = one_of(
        g,
        (
            points((0.5, 0.05), (0.78, 0.3), (0.9, 0.65), (1, 1)),
            points((0.6, 0.05), (0.9, 0.3), (0.93, 0.6), (1.02, 1)),
        ),
    )
    profile = spline(np.concatenate([points((0.45, 0)), shape]) * (r, height), 20)
    bowl_ = vessel(profile, 3.2)
    handle = lug(profile, height * 0.3, height * 0.82, g.uniform(16, 24), 3.4)
    tea = (
        cylinder(float(np.interp(0.8 * height, profile[:, 1], profile[:, 0])) - 1.6, 3)
        .move(z=0.8 * height)
        .paint((150, 92, 40))
    )
    wide = r * g.uniform(1.5, 1.8)
    saucer = vessel(spline(points((0.5 * wide, 0), (0.6 * wide, 3), (0.85 * wide, 8), (wide, 14)), 14), 3).paint(glaze)
    rim = ring(wide - 1.6, 1.9, sides=10).move(z=13.4).paint(trim)
    return saucer + rim + (bowl_.paint(glaze) + handle.paint(one_of(g, (glaze, trim))) + tea).move(z=2.7)


def glass(g: np.random.Generator) -> Solid:
    """A wine, champagne, cocktail or beer glass, some of them filled."""
    style = one_of(g, ("wine", "wine", "flute", "cocktail", "tumbler", "beer", "goblet"))
    tint, scale = color(g, GLASS), g.uniform(0.9, 1.15)
    bowls = {
        "wine": points((6, 0), (24, 10), (36, 36), (35, 62), (29, 92)),
        "flute": points((5, 0), (16, 18), (23, 60), (24, 100), (21, 140)),
        "cocktail": points((5, 0), (20, 16), (38, 36), (57, 58)),
        "tumbler": points((30, 0), (34, 30), (36, 60), (39, 96)),
        "beer": points((28, 0), (26, 50), (32, 110), (40, 150)),
        "goblet": points((8, 0), (33, 12), (39, 40), (38, 64), (40, 84)),
    }
    profile = spline(bowls[style] * (scale * g.uniform(0.92, 1.08), scale * g.uniform(0.92, 1.12)), 22)
    cup_ = vessel(profile, 2.6).paint(tint)
    drink = one_of(g, ((150, 36, 58), (236, 200, 110), (240, 226, 160), (226, 130, 60), (130, 186, 120)))
    level = float(profile[-1, 1]) * g.uniform(0.75, 0.9)
    if maybe(g, 0.65):
        inside = profile[(profile[:, 1] > 4) & (profile[:, 1] < level)] - (1.3, 0)
        cup_ += turned(np.maximum(inside, 0.5)).paint(drink)
    if style in ("tumbler", "beer"):
        base = cylinder(float(profile[0, 0]) * 1.02, 7).paint(tint)
        return cup_.move(z=4) + base
    stem = g.uniform(50, 85) * (0.7 if style == "goblet" else 1)
    wide = float(profile[:, 0].max()) * g.uniform(0.8, 0.95)
    knob = 0.5 * float(profile[0, 0]) + g.uniform(1, 6)
    foot = points(
        (wide, 0),
        (wide, 1.5),
        (0.5 * wide, 4.5),
        (5, 12),
        (3.4, 0.4 * stem),
        (knob, 0.6 * stem),
        (3.4, 0.8 * stem),
        (6, stem + 2),
    )
    return cup_.move(z=stem) + turned(
        foot if maybe(g, 0.3) else np.concatenate([foot[:2], spline(foot[2:], 24)])
    ).paint(tint)


def bottle(g: np.random.Generator) -> Solid:
    """A wine, beer, water or sauce bottle with cap or cork, some with a label."""
    r, height = g.uniform(28, 42), g.uniform(190, 310)
    neck, shoulder = r * g.uniform(0.3, 0.48), g.uniform(0.5, 0.72)
    slope = g.uniform(0.06, 0.2)
    body = points((0.9 * r, 0), (r, 4), (r, shoulder * height * 0.5), (r, shoulder * height))
    bend = spline(
        points(
            (r, shoulder * height),
            (0.88 * r, (shoulder + 0.35 * slope) * height),
            (neck * 1.1, (shoulder + slope) * height),
            (neck, height * 0.92),
        ),
        18,
    )
    profile = np.concatenate([body, bend[1:], points((neck, height))])
    if maybe(g, 0.25):
        waist = spline(points((r, 4), (0.84 * r, 0.35 * shoulder * height), (r, shoulder * height)), 10)
        profile = np.concatenate([body[:1], waist, bend[1:], points((neck, height))])
    tint = color(g, one_of(g, (GLASS, GLASS, CERAMIC)))
    result = vessel(profile, 2.6).paint(tint) + tube(neck + 2.2, neck - 1, 8).move(z=height - 14).paint(tint)
    if maybe(g, 0.7) and len(profile) < 25:
        low, high = 0.18 * shoulder * height, g.uniform(0.7, 0.9) * shoulder * height
        result += tube(r + 0.5, r - 1, high - low).move(z=low).paint(color(g, one_of(g, (PASTEL, BRIGHT))))
    if maybe(g, 0.4):
        return result + cylinder(neck - 1, 26, neck + 0.6, 24).move(z=height - 12).paint((196, 158, 112))
    sides = one_of(g, (12, 16, 48))
    return result + cylinder(neck + 3, g.uniform(14, 26), neck + 2, sides).move(z=height - 8).paint(
        color(g, one_of(g, (BRIGHT, METAL)))
    )


def bowl(g: np.random.Generator) -> Solid:
    """A bowl, plain, fluted or scalloped, on a foot; some hold fruit."""
    r, deep = g.uniform(65, 130), g.uniform(0.35, 0.7)
    glaze = color(g, one_of(g, (CERAMIC, CERAMIC, WOOD, BRIGHT)))
    shape = one_of(g, (
        points((0.4, 0), (0.75, 0.3), (0.95, 0.7), (1, 1)), points((0.35, 0), (0.6, 0.3), (0.8, 0.65), (1, 1)),
        points((0.45, 0), (0.85, 0.25), (0.93, 0.6), (0.9, 0.85), (1, 1)),
    ))  # fmt: skip
    wall = r * g.uniform(0.035, 0.06)
    hollow = vessel(spline(shape * (r, r * deep), 18), wall, 64)
    if maybe(g, 0.4):
        hollow = flute(hollow, int(g.integers(5, 14)), g.uniform(0.015, 0.05))
    foot = tube(0.46 * r, 0.36 * r, g.uniform(0.08, 0.16) * r)
    result = (hollow.move(z=0.05 * r) + foot).paint(glaze)
    if maybe(g, 0.4):
        size, paint = r * 0.29, one_of(g, ((206, 62, 48), (232, 148, 40), (150, 176, 60), (226, 190, 70)))
        fruit = union(ball(size, segments=24).move(size * 1.12).turn(z=a) for a in (10, 130, 250))
        pile = fruit + ball(size, segments=24).move(z=size * 1.3)
        result += pile.move(z=max(r * deep * 0.8, 1.35 * size)).paint(paint)
    return result


def vase(g: np.random.Generator) -> Solid:
    """A vase from a random smooth profile: round, fluted or twisted, some with two handles."""
    height, r = g.uniform(160, 380), g.uniform(40, 80)
    bumps = int(g.integers(1, 4))
    middle = g.uniform(0.55, 1.15, bumps)
    middle[0] = g.uniform(0.95, 1.25)
    radii = np.concatenate([[g.uniform(0.5, 0.75)], middle, [g.uniform(0.3, 0.55), g.uniform(0.45, 0.9)]])
    profile = spline(
        np.stack([radii * r, height * np.concatenate([np.linspace(0, 0.75, bumps + 1), [0.86, 1]])], 1), 26
    )
    hollow = vessel(profile, g.uniform(3, 5))
    style = one_of(g, ("plain", "plain", "fluted", "twisted", "facets"))
    if style == "facets":
        hollow = vessel(profile, 4, int(g.integers(5, 10)))
    elif style != "plain":
        hollow = flute(
            hollow, int(g.integers(5, 15)), g.uniform(0.03, 0.07), 0 if style == "fluted" else g.uniform(0.2, 0.6)
        )
    glaze = color(g, one_of(g, (CERAMIC, GLASS, PASTEL)))
    result = hollow.paint(glaze)
    if style == "plain" and maybe(g, 0.5):
        ear = lug(profile, height * g.uniform(0.4, 0.55), height * 0.84, g.uniform(14, 24), 5).paint(glaze)
        result += ear.both(x=1)
    if style == "plain" and maybe(g, 0.5):
        at = height * g.uniform(0.2, 0.6)
        result += (
            ring(float(np.interp(at, profile[:, 1], profile[:, 0])) - 0.5, 3, sides=10)
            .move(z=at)
            .paint(color(g, METAL))
        )
    return result


def plate(g: np.random.Generator) -> Solid:
    """A dinner plate: coupe, rimmed or scalloped, with a painted ring."""
    r, wall = g.uniform(85, 150), g.uniform(3.5, 5)
    well = g.uniform(0.55, 0.7)
    rim = points((0.5, 0), (well, 0.02), (well + 0.08, 0.09), (0.86, 0.12), (1, g.uniform(0.14, 0.2)))
    hollow = vessel(spline(rim * r, 24), wall, 72)
    if maybe(g, 0.35):
        hollow = flute(hollow, int(g.integers(8, 18)), g.uniform(0.01, 0.025))
        return hollow.paint(color(g, CERAMIC)) + tube(0.52 * r, 0.46 * r, 5).move(z=wall - 2).paint(color(g, BRIGHT))
    trim = color(g, one_of(g, (BRIGHT, METAL, CERAMIC)))
    edge = ring(r - wall / 2, wall * 0.62, 72, 10).move(z=float(rim[-1, 1]) * r - wall * 0.3).paint(trim)
    band = tube(0.5 * r, 0.44 * r, 1).move(z=wall - 0.5).paint(trim)
    return hollow.paint(color(g, CERAMIC)) + edge + (band if maybe(g) else NOTHING)


def teapot(g: np.random.Generator) -> Solid:
    """A teapot with lid, spout and handle."""
    r, tall = g.uniform(62, 80), g.uniform(0.8, 1.5)
    glaze, trim = color(g, one_of(g, (CERAMIC, BRIGHT))), color(g, one_of(g, (CERAMIC, METAL, WOOD)))
    trim = one_of(g, (glaze, trim))
    height = r * tall * 1.25
    profile = spline(points((0.6, 0), (0.92, 0.22), (1, 0.5), (0.8, 0.82), (0.45, 1)) * (r, height), 24)
    if maybe(g, 0.3):
        profile = spline(points((0.9, 0), (0.95, 0.3), (0.8, 0.7), (0.5, 1)) * (r, height), 24)
    lid = turned(spline(points((0.47, 0), (0.4, 0.12), (0.2, 0.2), (0.08, 0.22)) * r, 12)).move(z=height - 2)
    knob = ball(0.13 * r, 0.13 * r, 0.11 * r, 24).move(z=height + 0.3 * r)
    neck = spline(points((0.75, 0.3), (1.2, 0.42), (1.45, 0.75), (1.75, 0.98)) * (r, height), 24)
    spout = sweep(circle(0.2 * r, sides=20), path(neck), up=(0, 1, 0), scale=np.linspace(1.15, 0.55, 24))
    hole = sweep(
        circle(0.14 * r, sides=20), path(shift(neck[16:], 1, 0.4)), up=(0, 1, 0), scale=np.linspace(0.5, 0.62, 8)
    )
    style = maybe(g, 0.7)
    loop = spline(points((-0.9, 0.25), (-1.5, 0.35), (-1.6, 0.75), (-0.75, 0.85)) * (r, height), 28)
    if not style:
        loop = spline(points((-0.7, 0.85), (-0.8, 1.4), (0, 1.75), (0.8, 1.4), (0.7, 0.85)) * (r, height), 36)
    handle = sweep(superellipse(0.1 * r, 0.08 * r, 2.5, 14), path(loop), up=(0, 1, 0)).paint(trim)
    return turned(profile).paint(glaze) + (spout - hole).paint(glaze) + (lid + knob).paint(trim) + handle


def jug(g: np.random.Generator) -> Solid:
    """A jug with a pouring lip and a tall handle."""
    r, height = g.uniform(48, 66), g.uniform(140, 230)
    shape = one_of(g, (
        points((0.75, 0), (1, 0.3), (0.72, 0.72), (0.85, 1)), points((0.7, 0), (0.95, 0.25), (0.62, 0.66), (0.75, 1)),
        points((0.95, 0), (1, 0.3), (0.85, 0.75), (0.9, 1)),
    ))  # fmt: skip
    profile = spline(shape * (r, height), 24)

    def pour(p: np.ndarray) -> np.ndarray:
        lip = np.clip(p[:, 2] / height - 0.72, 0, 1) ** 2 * 9
        front = np.clip(-p[:, 0] / np.maximum(np.hypot(p[:, 0], p[:, 1]), 1e-9), 0, 1) ** 6
        return p + np.stack([-0.55 * r * lip * front, np.zeros(len(p)), 0.12 * r * lip * front], 1)

    glaze = color(g, one_of(g, (CERAMIC, GLASS, METAL)))
    body = vessel(profile, g.uniform(3.5, 5), 64).warp(pour).paint(glaze)
    handle = lug(profile, height * g.uniform(0.2, 0.4), height * 0.9, g.uniform(28, 44), g.uniform(5, 7)).paint(glaze)
    if maybe(g, 0.5):
        at = height * 0.3
        handle += (
            ring(float(np.interp(at, profile[:, 1], profile[:, 0])) - 0.5, 2.5, sides=10)
            .move(z=at)
            .paint(color(g, BRIGHT))
        )
    return body + handle
