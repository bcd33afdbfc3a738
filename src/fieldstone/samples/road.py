"""What drives on wheels. The front points towards +x; each is built facing -x and turned at the end."""

import numpy as np

from fieldstone.samples.curves import points, rectangle, soften
from fieldstone.samples.draw import BRIGHT, FABRIC, METAL, PASTEL, STEEL, WOOD, color, maybe, one_of
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
    rod,
    tube,
    turned,
    union,
)

__all__ = ["car", "train", "truck"]

PANE: Color = (92, 118, 138)
LIGHT: Color = (250, 236, 180)
DARK: Color = (50, 52, 58)
CARS = {
    "saloon": (4500, 930, 1440, 0.8, (-0.18, 0.34), (-0.04, 0.2)),
    "hatch": (3700, 930, 1440, 0.8, (-0.2, 0.47), (-0.06, 0.36)),
    "estate": (4600, 930, 1440, 0.8, (-0.18, 0.48), (-0.05, 0.43)),
    "pickup": (4900, 1050, 1700, 0.8, (-0.2, 0.12), (-0.09, 0.1)),
    "van": (4400, 1150, 1950, 0.9, (-0.36, 0.49), (-0.24, 0.48)),
    "sport": (4200, 820, 1180, 0.72, (-0.08, 0.36), (0.06, 0.2)),
}
"""Length, height of waist and roof; height of the bonnet over the waist; the cabin's ends over the length, below and above."""


def car(g: np.random.Generator) -> Solid:
    """A saloon, hatchback, estate, pickup, van or sports car."""
    style = one_of(g, tuple(CARS))
    typical, waist, roof, bonnet, base, top = CARS[style]
    long, wide, r, low = (
        typical * g.uniform(0.95, 1.05),
        g.uniform(1680, 1820),
        g.uniform(300, 350),
        g.uniform(180, 240),
    )
    paint = color(g, (*BRIGHT, *METAL, (240, 240, 238), (60, 66, 80)))
    side = points(
        (-0.5, low / waist), (-0.5, 0.6), (-0.47, bonnet), (-0.2, 0.97), (0.1, 1), (0.47, 0.98), (0.5, 0.7), (0.5, low / waist),
    )  # fmt: skip
    taper = hull(box(0.95 * long, 1.06 * wide, 10), box(1.17 * long, 0.92 * wide, 10).move(z=1.05 * waist))
    shell = panel(soften(side * (long, waist), 70), wide) & taper
    glass, cabin = cabin_of(long, 0.92 * wide, waist - 20, roof, base, top)
    body = (shell + cabin).paint(paint) + glass.paint(PANE)
    if style == "pickup":
        body -= box(0.33 * long, 0.84 * wide, waist).move(0.31 * long, 0, 0.55 * waist)
    axles = (-0.31 * long, 0.3 * long)
    arch = rod((0, -wide, r), (0, wide, r), 1.13 * r, segments=40) - box(4 * r, wide - 560, 4 * r)
    axle = wheel_pair(g, r, 210, wide + 20)
    body = body - union(arch.move(x) for x in axles) + union(axle.move(x) for x in axles)
    return (body + car_trim(g, long, wide, waist, low, paint)).turn(z=180)


def cabin_of(
    long: float, wide: float, low: float, high: float, base: tuple[float, float], top: tuple[float, float]
) -> tuple[Solid, Solid]:
    """The glass of a car's cabin, and its roof and pillars."""

    def greenhouse(swell: float, height: float) -> Solid:
        lower = extrude(rectangle((base[1] - base[0]) * long + swell, wide + swell, 60), 1)
        upper = extrude(rectangle((top[1] - top[0]) * long + swell, 0.82 * wide + swell, 60), 1)
        return hull(lower.move(sum(base) / 2 * long, 0, low), upper.move(sum(top) / 2 * long, 0, height - 1))

    middle, span, tall = (sum(base) + sum(top)) / 4 * long, (top[1] - top[0]) * long, high - low
    pillar = box(0.09 * span + 40, 3 * wide, high).move(middle)
    side = box(1.05 * span, 3 * wide, 0.7 * tall).move(middle, 0, low + 0.14 * tall)
    front = box(4 * long, 0.62 * wide, 0.68 * tall).move(0, 0, low + 0.16 * tall)
    return greenhouse(0, high - 30), greenhouse(24, high) - (side - pillar) - front


def car_trim(g: np.random.Generator, long: float, wide: float, waist: float, low: float, paint: Color) -> Solid:
    """Lamps, grille, bumpers."""
    lamps = ball(70, 150, 80, 20).move(-0.49 * long, 0.34 * wide, 0.6 * waist).both(y=1).paint(LIGHT)
    tails = box(80, 260, 90, 20).move(0.485 * long, 0.34 * wide, 0.66 * waist).both(y=1).paint((196, 44, 40))
    grille = box(60, 0.4 * wide, 130, 20).move(-0.499 * long, 0, 0.45 * waist).paint(DARK)
    bumper = box(110, 0.94 * wide, 130, 50).move(0.485 * long, 0, low + 30).both(x=1)
    return lamps + tails + grille + bumper.paint(one_of(g, (paint, (60, 62, 66))))


def wheel_pair(g: np.random.Generator, r: float, thick: float, track: float) -> Solid:
    """Two wheels on an axle along y, standing on z = 0, their outer sides `track` apart."""
    rim = cylinder(0.68 * r, thick + 12, segments=36)
    holes = around(cylinder(0.15 * r, 60, segments=14).move(0.42 * r, 0, thick + 2), int(g.integers(4, 9)))
    wheel = cylinder(r, thick, segments=36).paint(DARK) + (rim - holes).paint(color(g, STEEL))
    left = wheel.turn(x=90).move(0, thick - track / 2, r)
    return left + left.turn(z=180) + rod((0, 150 - track / 2, r), (0, track / 2 - 150, r), 0.2 * r).paint(DARK)


def truck(g: np.random.Generator) -> Solid:
    """A lorry with a box, a tank, a tipper or a flat bed."""
    r, wide, low, load = 480.0, 2400.0, 560.0, g.uniform(3600, 6200)
    long, tall = g.uniform(1700, 2100), g.uniform(2100, 2500)
    cab = box(long, wide, tall, 160).move(z=low)
    lamps = rod((30, 0.36 * wide, low + 420), (-45, 0.36 * wide, low + 420), 120, segments=20).both(y=1)
    if maybe(g, 0.35):
        cab += box(1100, wide * 0.8, 1050, 200).move(-long / 2 - 400, 0, low)
        lamps = lamps.move(-920)
    screen = box(400, wide - 340, 0.34 * tall, 90).move(-long / 2 + 170, 0, low + 0.52 * tall)
    window = box(0.5 * long, wide + 40, 0.3 * tall, 15).move(-0.05 * long, 0, low + 0.54 * tall)
    front = cab.paint(color(g, BRIGHT)) + (screen + window).paint(PANE) + lamps.move(-long / 2).paint(LIGHT)
    arch = rod((-0.25 * long, -5000, r), (-0.25 * long, 5000, r), 1.1 * r, segments=36)
    start = long / 2 + 120
    frame = box(load + long, 0.5 * wide, 260).move(start + load / 2 - long / 2, 0, 560).paint(DARK)
    axle = wheel_pair(g, r, 300, wide + 20)
    rear = [start + load - 750 - 1060 * i for i in range(int(g.integers(1, 4)))]
    body = (front - arch) + frame + cargo(g, load, wide).move(start)
    return (body + union(axle.move(x) for x in (-0.25 * long, *rear))).turn(z=180)


def cargo(g: np.random.Generator, load: float, wide: float) -> Solid:
    """A lorry's bed from x = 0 on, and what stands on it."""
    paint = color(g, (*PASTEL, *BRIGHT, *METAL))
    bed = box(load, wide, 160, 30).move(load / 2, 0, 800).paint(color(g, STEEL))
    style = one_of(g, ("box", "tank", "tipper", "crates"))
    if style == "box":
        return bed + box(load, wide * 1.02, g.uniform(2000, 2500), 60).move(load / 2, 0, 900).paint(paint)
    if style == "tank":
        tank = cylinder(0.46 * wide, load * 0.98).scale(1, 1.08, 1).turn(y=90).move(0.01 * load, 0, 2000)
        hatch = cylinder(280, 200, segments=24).move(0, 0, 2950).paint(color(g, STEEL))
        return bed + tank.paint(paint) + hatch.move(0.25 * load) + hatch.move(0.75 * load)
    if style == "tipper":
        side = points((-0.5, 0), (0.42, 0), (0.5, 1), (-0.5, 1)) * (load, 1300)
        hopper = panel(side, wide) - panel(side * (0.94, 1), wide - 200).move(z=120)
        return bed + hopper.move(load / 2, 0, 920).paint(paint)
    crate = box(1000, 1000, 900, 30).move(600, 0, 950)
    return bed + union(crate.move(1150 * i).paint(color(g, WOOD)) for i in range(int(load // 1300)))


def train(g: np.random.Generator) -> Solid:
    """A steam locomotive."""
    r, long = g.uniform(650, 850), g.uniform(4200, 6000)
    paint, trim, axis = color(g, (*BRIGHT, *FABRIC)), color(g, BRIGHT), 1750 + 0.3 * r
    boiler = rod((0, 0, axis), (-long, 0, axis), r, segments=40).paint(paint)
    hoop = tube(1.03 * r, 0.9 * r, 90, 32).turn(y=90).move(z=axis)
    hoops = union(hoop.move(float(-u * long)) for u in np.linspace(0.1, 0.8, int(g.integers(2, 5)))).paint(trim)
    face = rod((140 - long, 0, axis), (-long - 160, 0, axis), 1.04 * r, segments=40).paint(DARK)
    face += rod((-long, 0, axis), (-long - 240, 0, axis), 0.6 * r, segments=32).paint(color(g, STEEL))
    straight = points((0.32, 0), (0.26, 0.6), (0.3, 1.3), (0.42, 1.32), (0.42, 1.5))
    balloon = points((0.25, 0), (0.25, 0.5), (0.62, 1.2), (0.62, 1.35), (0.4, 1.6))
    funnel = turned(one_of(g, (straight, balloon)) * r, 28).move(-0.86 * long, 0, axis + 0.9 * r).paint(DARK)
    dome = (cylinder(0.34 * r, 0.35 * r, segments=24) + ball(0.34 * r, segments=24).move(z=0.35 * r)).move(
        z=axis + 0.85 * r
    )
    domes = (dome.move(-0.32 * long) + (dome.move(-0.6 * long) if maybe(g) else NOTHING)).paint(color(g, METAL))
    frame = box(long + 1900, 1.7 * r, 380).move(-long / 2 + 700, 0, 900).paint(DARK)
    catcher = hull(box(100, 2.2 * r, 480).move(z=550), box(50, 1.2 * r, 100).move(-800, 0, 180)).move(-long - 150)
    body = boiler + hoops + face + funnel + domes + frame + catcher.paint(trim)
    return (body + drivers_cab(r, axis, paint) + running_gear(g, r, long, trim).both(y=1)).turn(z=180)


def drivers_cab(r: float, axis: float, paint: Color) -> Solid:
    """A locomotive's cab with a curved roof."""
    tall, low = 3.1 * r, axis - r
    house = box(1700, 2.3 * r, tall, 40).move(700, 0, low) - box(900, 9 * r, 0.3 * tall).move(700, 0, low + 0.55 * tall)
    vault = rod((-350, 0, 0), (1750, 0, 0), 1.6 * r, segments=56) & box(9999, 2.6 * r, 9999)
    return house.paint(paint) + vault.move(z=low + tall - 1.18 * r).above(low + tall - 60).paint(DARK)


def running_gear(g: np.random.Generator, r: float, long: float, paint: Color) -> Solid:
    """The wheels on one side, and the rod that couples the driving ones."""
    big = g.uniform(620, 760)
    drivers = [150 - i * 2.15 * big for i in range(int(g.integers(2, 4)))]
    leading = np.arange(drivers[-1] - big - 520, -long - 300, -900).tolist()
    driver, small = iron_wheel(big, int(g.integers(8, 11)), paint), iron_wheel(400, 6, paint)
    bar = box(drivers[0] - drivers[-1] + 300, 90, 130, 30).move((drivers[0] + drivers[-1]) / 2, -190, 0.75 * big)
    wheels = union([driver.move(x) for x in drivers] + [small.move(x) for x in leading])
    return (wheels + bar.paint(color(g, STEEL))).move(y=-0.85 * r)


def iron_wheel(r: float, spokes: int, paint: Color) -> Solid:
    """A spoked wheel in the plane y = 0 that stands on z = 0."""
    rim = tube(r, 0.82 * r, 160, 24) + cylinder(0.22 * r, 260, segments=16).move(z=-40)
    spoke = box(0.85 * r, 0.1 * r, 100).move(0.43 * r, 0, 20)
    return (rim + around(spoke, spokes)).turn(x=90).move(0, 80, r).paint(paint)
