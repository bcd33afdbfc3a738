"""What drives, sails and flies. The front points towards -x."""

import numpy as np

from fieldstone.samples.curves import circle, points, polygon, rectangle, soften, spline, superellipse
from fieldstone.samples.draw import BRIGHT, DARK, FABRIC, METAL, PASTEL, STEEL, WOOD, color, maybe, one_of
from fieldstone.samples.solid import Color, Solid, around, ball, box, cylinder, extrude, hull, loft, revolve, tube, union

__all__ = ["boat", "car", "helicopter", "plane", "rocket", "train", "truck"]

PANE: Color = (92, 118, 138)
LIGHT: Color = (250, 236, 180)


def body_of(stations: np.ndarray, power: float = 2.4, sides: int = 32) -> Solid:
    """A smooth hull along x through rows of (x, half width, half height, centre z)."""
    section = superellipse(1, 1, power, sides)
    x, wide, tall, z = (column[:, None] for column in stations.T)
    rings = np.stack([np.broadcast_to(x, (len(x), sides)), wide * section[:, 0], z + tall * section[:, 1]], 2)
    return loft(rings)


def road_wheel(r: float, wide: float, spokes: int, metal: Color) -> Solid:
    """A wheel in the plane y = 0 that stands on z = 0, its outer side towards -y."""
    rubber = cylinder(r, wide, segments=36).paint((46, 47, 52))
    rim = cylinder(0.68 * r, wide + 12, segments=36).paint(metal)
    cut = around(cylinder(0.15 * r, 60, segments=14).move(0.42 * r, 0, wide + 2), spokes)
    return (rubber + (rim - cut)).turn(x=90).move(0, wide / 2, r)


def car(g: np.random.Generator) -> Solid:
    """A saloon, hatchback, estate, pickup, van or sports car."""
    style = one_of(g, ("saloon", "hatch", "estate", "pickup", "van", "sport"))
    long = {"saloon": 4500, "hatch": 3700, "estate": 4600, "pickup": 4900, "van": 4400, "sport": 4200}[style] * g.uniform(0.95, 1.05)
    wide, r, low = g.uniform(1680, 1820), g.uniform(300, 350), g.uniform(180, 240)
    waist, roof = {"van": (1150, 1950), "sport": (820, 1180), "pickup": (1050, 1700)}.get(style, (930, 1440))
    paint, metal = color(g, (*BRIGHT, *METAL, (240, 240, 238), (60, 66, 80))), color(g, STEEL)
    nose = {"sport": 0.72, "van": 0.9}.get(style, 0.8)
    side = points((-0.5, low / waist), (-0.5, 0.6), (-0.47, nose), (-0.2, 0.97), (0.1, 1), (0.47, 0.98), (0.5, 0.7), (0.5, low / waist)) * (long, waist)
    shell = extrude(soften(side, 70), wide).turn(x=90).move(y=wide / 2)
    shell = shell & box(long * 2, wide, 9999, 0) & hull(box(0.9 * long, wide, 10), box(long * 1.1, 0.9 * wide, 10).move(z=waist)).scale(1.06, 1, 1)
    base = {"saloon": (-0.18, 0.34), "hatch": (-0.2, 0.47), "estate": (-0.18, 0.48), "pickup": (-0.2, 0.12), "van": (-0.36, 0.49), "sport": (-0.08, 0.36)}[style]
    top = {"saloon": (-0.04, 0.2), "hatch": (-0.06, 0.36), "estate": (-0.05, 0.43), "pickup": (-0.09, 0.1), "van": (-0.24, 0.48), "sport": (0.06, 0.2)}[style]
    glass, cabin = cabin_of(long, 0.92 * wide, waist - 20, roof, base, top)
    result = shell.paint(paint) + cabin.paint(paint) + glass.paint(PANE)
    if style == "pickup":
        result -= box(0.33 * long, 0.84 * wide, waist).move(0.31 * long, 0, 0.55 * waist)
    axle = (-0.31 * long, 0.3 * long)
    arch = cylinder(r * 1.13, 3 * wide, segments=40).turn(x=90).move(0, 1.5 * wide, r)
    result -= union(arch.move(x) - box(9999, 1.1 * wide, 9999).move(z=-10) if False else (arch - box(4 * r, wide - 560, 4 * r)).move(x) for x in axle)
    wheel_ = road_wheel(r, 210, int(g.integers(4, 9)), metal)
    result += union(wheel_.move(x, -wide / 2 + 110) for x in axle) + union(wheel_.turn(z=180).move(x, wide / 2 - 110) for x in axle)
    bar = box(60, wide - 500, 3 * r * 0.3).move(0, 0, 0.8 * r).paint((46, 47, 52))
    result += union(bar.move(x) for x in axle)
    lamp = ball(60, 130, 70, 20).move(-0.475 * long, wide * 0.34, 0.62 * waist).both(y=1).paint(LIGHT)
    tail = box(80, 260, 90, 20).move(0.485 * long, wide * 0.34, 0.66 * waist).both(y=1).paint((196, 44, 40))
    grille = box(60, 0.4 * wide, 110, 20).move(-0.492 * long, 0, 0.4 * waist).paint((46, 47, 52))
    bumper = box(110, wide * 0.94, 130, 50).move(0.485 * long, 0, low + 30).both(x=1).paint(one_of(g, (paint, (60, 62, 66))))
    return result + lamp + tail + grille + bumper


def cabin_of(long: float, wide: float, low: float, high: float, base: tuple[float, float], top: tuple[float, float]) -> tuple[Solid, Solid]:
    """The glass of a car's cabin, and its roof and pillars."""
    def greenhouse(swell: float, z0: float, z1: float) -> Solid:
        u0, u1 = (z0 - low) / (high - low), (z1 - low) / (high - low)
        def slab(u: float, z: float) -> Solid:
            start, end = (base[i] + (top[i] - base[i]) * u for i in (0, 1))
            x, y = (end - start) * long + swell, wide * (1 - 0.18 * u) + swell
            return extrude(rectangle(x, y, 60), 1).move((start + end) / 2 * long, 0, z)
        return hull(slab(u0, z0), slab(u1, z1 - 1))
    glass = greenhouse(0, low, high - 30)
    frame = greenhouse(24, low, high)
    middle = (base[0] + top[0] + base[1] + top[1]) / 4 * long
    span = (top[1] - top[0]) * long
    post = box(0.09 * span + 40, 3 * wide, high).move(middle)
    side = box(1.05 * span, 3 * wide, 0.7 * (high - low)).move(middle, 0, low + 0.14 * (high - low))
    front = box(4 * long, 0.62 * wide, 0.68 * (high - low)).move(0, 0, low + 0.16 * (high - low))
    return glass, frame - (side - post) - front


def truck(g: np.random.Generator) -> Solid:
    """A lorry with a box, a tank, a tipper or a flat bed."""
    r, wide, axles = 480.0, 2400.0, int(g.integers(1, 4))
    load, cab_long = g.uniform(3600, 6200), g.uniform(1700, 2100)
    paint, cargo, metal = color(g, BRIGHT), color(g, (*PASTEL, *BRIGHT, *METAL)), color(g, STEEL)
    cab_tall, low = g.uniform(2100, 2500), 560.0
    cab = box(cab_long, wide, cab_tall, 160).move(0, 0, low)
    if maybe(g, 0.35):
        cab += box(1100, wide * 0.8, 1050, 200).move(-cab_long / 2 - 400, 0, low)
    windscreen = box(400, wide - 340, 0.34 * cab_tall, 90).move(-cab_long / 2 + 170, 0, low + 0.52 * cab_tall).paint(PANE)
    window = box(0.5 * cab_long, wide + 40, 0.3 * cab_tall, 15).move(-0.05 * cab_long, 0, low + 0.54 * cab_tall).paint(PANE)
    start = cab_long / 2 + 120
    frame = box(load + cab_long, 0.5 * wide, 260).move(start + load / 2 - cab_long / 2, 0, 560).paint((62, 64, 70))
    style = one_of(g, ("box", "tank", "tipper", "flat"))
    bed = box(load, wide, 160, 30).move(start + load / 2, 0, 800).paint(metal)
    if style == "box":
        bed += box(load, wide * 1.02, g.uniform(2000, 2500), 60).move(start + load / 2, 0, 900).paint(cargo)
    elif style == "tank":
        bed += cylinder(0.46 * wide, load * 0.98, segments=48).scale(1, 1.08, 1).turn(y=90).move(start + 0.01 * load, 0, 2000).paint(cargo)
        bed += union(cylinder(280, 200, segments=24).move(start + u * load, 0, 2950).paint(metal) for u in (0.25, 0.75))
    elif style == "tipper":
        side = points((-0.5, 0), (0.42, 0), (0.5, 1), (-0.5, 1)) * (load, 1300)
        hopper = extrude(side, wide).turn(x=90).move(y=wide / 2) - extrude(side * (0.94, 1), wide - 200).turn(x=90).move(0, wide / 2 - 100, 120)
        bed += hopper.move(start + load / 2, 0, 920).paint(cargo)
    else:
        bed += union(box(1000, 1000, 900, 30).move(start + 600 + 1150 * i, 0, 950).paint(color(g, WOOD)) for i in range(int(load // 1300)))
    wheel_ = road_wheel(r, 300, 6, metal)
    pair = wheel_.move(0, -wide / 2 + 140) + wheel_.turn(z=180).move(0, wide / 2 - 140) + box(120, wide - 500, 120).move(0, 0, r - 60).paint((62, 64, 70))
    at = [-0.25 * cab_long] + [start + load - 750 - 1060 * i for i in range(axles)]
    arch = cylinder(r * 1.1, 9999, segments=36).turn(x=90).move(-0.25 * cab_long, 5000, r)
    lamp = cylinder(120, 60, segments=20).turn(y=-90).move(-cab_long / 2 + 30, 0.36 * wide, low + 420).both(y=1).paint(LIGHT)
    front = cab.paint(paint) + windscreen + window + (lamp if cab.bounds()[0][0] > -cab_long / 2 - 100 else union([]))
    return (front - arch) + frame + bed + union(pair.move(x) for x in at)


def boat(g: np.random.Generator) -> Solid:
    """A sailing boat, a rowing boat, a motor boat or a tug."""
    long, style = g.uniform(4500, 9000), one_of(g, ("sail", "sail", "row", "motor", "tug"))
    wide, deep = long * g.uniform(0.28, 0.36), long * g.uniform(0.12, 0.17)
    paint, deck, trim = color(g, (*BRIGHT, *PASTEL)), color(g, WOOD), color(g, (*BRIGHT, (244, 242, 236)))
    u = np.linspace(0, 1, 14)
    beam = np.maximum(np.sin(np.pi * np.clip(0.06 + 0.78 * u**0.8, 0, 1)) ** 0.7, 0.05) * wide / 2
    sheer = deep * (1 + 0.35 * (1 - u) ** 2)
    half = np.stack([np.linspace(-1, 1, 17), -np.sqrt(np.clip(1 - np.abs(np.linspace(-1, 1, 17)) ** 2.6, 0, 1))], 1)

    def skin(shrink: float, floor: float) -> Solid:
        y = half[:, 0] * np.maximum(beam - shrink, 10)[:, None]
        z = sheer[:, None] + np.minimum(half[:, 1] * (sheer - floor)[:, None], -1e-3 * deep * (np.abs(half[:, 0]) < 1))
        x = np.broadcast_to((u * long - long / 2)[:, None], y.shape)
        return loft(np.stack([x, y, z], 2))

    t = 0.02 * long
    shell = skin(0, 0).paint(paint)
    if style in ("row", "motor"):
        shell -= (skin(t, 1.4 * t).move(z=2) & box(0.9 * long, 9999, 9999)).paint(deck)
        seats = union(box(0.07 * long, wide, 0.6 * t).move((i - 0.8) * 0.22 * long, 0, 0.6 * deep) for i in range(3))
        shell += (seats & skin(0.3 * t, t)).paint(deck)
    if style == "row":
        oar = cylinder(0.35 * t, 0.75 * wide, segments=14).turn(y=90) + box(0.22 * wide, 2 * t, 0.4 * t).move(0.78 * wide, 0, -0.2 * t)
        return shell + oar.turn(y=12).turn(z=90 + g.uniform(-20, 20)).move(0, 0.38 * wide, 1.1 * deep).both(y=1).paint(trim)
    if style == "motor":
        screen = hull(box(0.02 * long, 0.8 * wide, 10).move(-0.1 * long), box(0.02 * long, 0.6 * wide, 10).move(-0.04 * long, 0, 0.6 * deep))
        engine = box(0.08 * long, 0.14 * long, 0.8 * deep, 0.02 * long).move(0.5 * long, 0, 0.75 * deep) + box(0.03 * long, 0.05 * long, 0.9 * deep).move(0.51 * long)
        hood = skin(0.5 * t, t) & box(0.4 * long, 9999, 9999).move(-0.32 * long, 0, 0.8 * deep)
        return shell + hood.paint(trim) + screen.move(0, 0, 0.98 * deep).paint(PANE) + engine.paint((56, 58, 64))
    cabin = box(0.3 * long, 0.5 * wide, 0.75 * deep, 0.02 * long).move(0.08 * long, 0, deep * 0.8)
    panes = union(box(0.05 * long, 0.505 * wide, 0.2 * deep, 0.002 * long).move((0.0 + 0.08 * i) * long, 0, 1.22 * deep) for i in range(3)).paint(PANE)
    result = shell + cabin.paint(trim) + panes
    if style == "tug":
        bridge = box(0.18 * long, 0.42 * wide, deep, 0.02 * long).move(0.04 * long, 0, 1.4 * deep).paint(trim)
        glass = box(0.182 * long, 0.425 * wide, 0.3 * deep, 0.003 * long).move(0.04 * long, 0, 1.9 * deep).paint(PANE)
        stack = cylinder(0.045 * long, 1.4 * deep, 0.04 * long, 32).move(0.24 * long, 0, 1.2 * deep).paint(color(g, BRIGHT))
        tyres = around(tube(0.03 * long, 0.015 * long, 0.02 * long, 24).turn(x=90), 1)
        rows = union(tyres.move(x * long, -wide * 0.47 + 0.01 * long, 0.75 * deep) for x in (-0.05, 0.1, 0.25)).both(y=1).paint((46, 47, 52))
        return result + bridge + glass + stack + rows
    tall, cloth = long * g.uniform(1.0, 1.25), color(g, ((246, 242, 232), *PASTEL, *BRIGHT))
    mast = cylinder(0.011 * long, tall, 0.007 * long, 20).move(-0.12 * long, 0, 0.5 * deep).paint(deck)
    boom = cylinder(0.008 * long, 0.5 * long, segments=16).turn(y=90).move(-0.12 * long, 0, 1.75 * deep).paint(deck)
    main = sail_of(points((0.02 * long, 1.85 * deep), (0.48 * long, 1.9 * deep), (0.02 * long, 0.97 * tall)), 0.06 * long)
    jib = sail_of(points((-0.34 * long, 1.5 * deep), (-0.02 * long, 1.9 * deep), (-0.01 * long, 0.85 * tall)), 0.08 * long)
    sails = main.move(-0.12 * long) + (jib.move(-0.13 * long) if maybe(g, 0.75) else union([]))
    keel = hull(box(0.25 * long, 40, 10).move(0.02 * long, 0, 20), box(0.14 * long, 40, 10).move(0.06 * long, 0, -0.9 * deep))
    return result + mast + boom + sails.paint(cloth) + keel.paint(paint)


def sail_of(corners: np.ndarray, belly: float) -> Solid:
    """A triangular sail in the plane y = 0 (corners as x, z), blown out towards -y."""
    low, high = corners.min(0), corners.max(0)
    sheet = extrude(corners, 24).turn(x=90).move(y=12)
    sheet = Solid(sheet.manifold.refine_to_length(float(high[1] - low[1]) / 9))

    def blow(p: np.ndarray) -> np.ndarray:
        u = np.clip((p[:, 2] - low[1]) / (high[1] - low[1]), 0, 1)
        v = np.clip((p[:, 0] - low[0]) / (high[0] - low[0]), 0, 1)
        return p - np.stack([0 * u, belly * np.sin(np.pi * v) * np.sin(np.pi * np.sqrt(u)), 0 * u], 1)

    return sheet.warp(blow)


def wing(root: float, tip: float, span: float, back: float, rise: float, thick: float = 0.1) -> Solid:
    """A wing along +y from the origin: chord from `root` to `tip`, its tip `back` and `rise` away."""
    section = superellipse(0.5, thick / 2, 2.3, 28)
    u = np.linspace(0, 1, 6)[:, None]
    chord = (root + (tip - root) * u) * np.where(u > 0.99, 0.75, 1)
    return loft(np.stack([back * u + chord * section[:, 0], np.broadcast_to(span * u, (6, 28)), rise * u + chord * section[:, 1]], 2))


def plane(g: np.random.Generator) -> Solid:
    """An airliner, a propeller plane, a jet fighter or a biplane."""
    style = one_of(g, ("liner", "liner", "prop", "fighter", "biplane"))
    long = {"liner": 36000, "prop": 8200, "fighter": 15000, "biplane": 7200}[style] * g.uniform(0.9, 1.1)
    r = long * {"liner": 0.055, "prop": 0.075, "fighter": 0.05, "biplane": 0.075}[style]
    paint, trim = color(g, ((240, 241, 242), *PASTEL, *METAL)), color(g, BRIGHT)
    if style in ("prop", "biplane"):
        paint = color(g, BRIGHT)
    nose = 0.06 if style in ("liner", "fighter") else 0.72
    rows = points((-0.5, nose, nose, -0.1), (-0.485, max(nose, 0.34), max(nose, 0.34), -0.08), (-0.44, 0.78, 0.74, 0), (-0.36, 1, 1, 0), (0.1, 1, 1, 0), (0.3, 0.72, 0.72, 0.18), (0.44, 0.36, 0.34, 0.45), (0.5, 0.1, 0.12, 0.6))
    fuselage = body_of(np.column_stack([rows[:, :1] * long, rows[:, 1:] * r]), 2.0, 36).paint(paint)
    fin_tall, fin = (0.15 if style == "liner" else 0.13) * long, one_of(g, (0.09, 0.12)) * long
    tail = wing(0.15 * long, 0.07 * long, fin_tall, 0.1 * long, 0, 0.09).turn(x=90).move(0.38 * long, 0, 0.3 * r).paint(trim)
    stabiliser = wing(0.1 * long, 0.05 * long, 0.17 * long, 0.06 * long, 0, 0.09).move(0.42 * long, 0, 0.45 * r).both(y=1).paint(paint)
    result = fuselage + tail + stabiliser
    if style == "fighter":
        result += wing(0.42 * long, 0.08 * long, 0.3 * long, 0.19 * long, 0, 0.05).move(0.1 * long).both(y=1).paint(paint)
        canopy = ball(0.1 * long, 0.5 * r, 0.75 * r).move(-0.25 * long, 0, 0.85 * r).paint(PANE)
        exhaust = (cylinder(0.6 * r, 0.09 * long, 0.5 * r, 32) - cylinder(0.48 * r, long, segments=32).move(z=0.05 * long)).turn(y=90).move(0.44 * long, 0, 0.45 * r)
        return result + canopy + exhaust.paint((62, 64, 70)) + tail.turn(x=0).move(z=fin * 0)
    if style == "liner":
        return result + liner_wings(g, long, r, paint, trim)
    span, chord = 0.55 * long, g.uniform(0.17, 0.22) * long
    panel = wing(chord, chord * g.uniform(0.6, 0.95), span, 0, 0.04 * long, 0.13).both(y=1)
    high = maybe(g) and style == "prop"
    result += panel.move(-0.16 * long, 0, 0.9 * r if high else -0.55 * r).paint(trim)
    if style == "biplane":
        result += panel.move(-0.19 * long, 0, 2.3 * r).paint(trim)
        strut = cylinder(0.006 * long, 2.9 * r, segments=10).move(-0.17 * long, 0, -0.5 * r)
        struts = union(strut.move(dx, y) for dx in (-0.04 * long, 0.04 * long) for y in (0.1 * long, 0.38 * long))
        result += struts.both(y=1).paint(color(g, WOOD))
        result -= ball(0.07 * long, 0.55 * r, 0.5 * r).move(0.02 * long, 0, r).paint((60, 50, 44))
    else:
        result += ball(0.13 * long, 0.82 * r, 0.72 * r).move(-0.14 * long, 0, 0.72 * r).paint(PANE)
    blade_ = box(0.012 * long, 0.024 * long, 0.17 * long, 0.004 * long).turn(z=25)
    spinner = ball(0.035 * long, 0.3 * r, 0.3 * r, 24)
    prop = union(blade_.turn(x=360 * i / 3 + 20) for i in range(3)).paint((62, 64, 70)) + spinner.paint(trim)
    leg = cylinder(0.008 * long, 1.9 * r, segments=12).turn(x=160).move(-0.22 * long, 0.3 * r, -0.4 * r).paint(color(g, STEEL))
    tyre = cylinder(0.035 * long, 0.02 * long, segments=24).turn(x=90).move(-0.22 * long, 1.02 * r, -2.0 * r).paint((46, 47, 52))
    return result + prop.move(-0.51 * long, 0, -0.1 * r) + (leg + tyre).both(y=1)


def liner_wings(g: np.random.Generator, long: float, r: float, paint: Color, trim: Color) -> Solid:
    """An airliner's wings, engines and windows."""
    back = g.uniform(0.15, 0.24) * long
    main = wing(0.2 * long, 0.055 * long, 0.47 * long, back, 0.04 * long, 0.11).move(-0.03 * long, 0, -0.5 * r).both(y=1).paint(paint)
    engine = cylinder(0.48 * r, 0.1 * long, 0.36 * r, 28).turn(y=90) - cylinder(0.38 * r, 0.04 * long, segments=28).turn(y=90).move(-0.01 * long)
    pylon = box(0.06 * long, 0.1 * r, 0.8 * r).move(0.05 * long)
    engines = (engine.paint(trim) + pylon.paint(paint)).move(-0.07 * long, 0.14 * long, -0.95 * r)
    if maybe(g, 0.35):
        engines += (engine.paint(trim) + pylon.paint(paint)).move(0.01 * long, 0.27 * long, -0.85 * r)
    strip = box(0.68 * long, 2.02 * r, 0.22 * r).move(-0.03 * long, 0, 0.12 * r) & cylinder(1.006 * r, long, segments=48).turn(y=90).move(-0.36 * long)
    gaps = union(box(0.008 * long, 9 * r, r).move((-0.3 + 0.04 * i) * long) for i in range(15))
    visor = box(0.02 * long, 1.2 * r, 0.3 * r).move(-0.455 * long, 0, 0.3 * r) & ball(0.16 * long, 0.9 * r, 0.8 * r).move(-0.33 * long)
    return main + engines.both(y=1) + (strip - gaps).paint(PANE) + visor.paint(PANE)


def helicopter(g: np.random.Generator) -> Solid:
    """A helicopter on skids or wheels, with two to five blades."""
    long, r = g.uniform(3600, 4800), g.uniform(780, 950)
    paint, trim, dark = color(g, BRIGHT), color(g, PASTEL), (62, 64, 70)
    rows = points((-0.5, 0.1, 0.1, -0.2), (-0.46, 0.5, 0.45, -0.18), (-0.3, 0.9, 0.88, 0), (0, 1, 1, 0), (0.3, 0.8, 0.82, 0.1), (0.5, 0.3, 0.35, 0.4))
    cabin = body_of(np.column_stack([rows[:, :1] * long, rows[:, 1:] * r]), 2.3, 36)
    glass = cabin.scale(1.004, 1.006, 1.006).paint(PANE) & hull(box(0.1 * long, 9 * r, r).move(-0.5 * long, 0, -0.3 * r), box(0.3 * long, 9 * r, 10).move(-0.25 * long, 0, 0.75 * r))
    tail = g.uniform(0.9, 1.15) * long
    boom = cylinder(0.32 * r, tail, 0.13 * r, 28).turn(y=90).move(0.38 * long, 0, 0.4 * r).paint(paint)
    end = 0.38 * long + tail
    fin = wing(0.55 * r, 0.32 * r, 1.1 * r, 0.45 * r, 0, 0.14).turn(x=90).move(end - 0.35 * r, 0, 0.35 * r).paint(trim)
    flap = wing(0.4 * r, 0.3 * r, 0.8 * r, 0, 0, 0.14).move(end - 0.8 * r, 0, 0.4 * r).both(y=1).paint(trim)
    rotor = around(box(0.75 * r, 60, 24, 6).move(0.37 * r), 4).turn(x=90).move(end - 0.05 * r, -0.28 * r, 0.5 * r) + cylinder(50, 0.5 * r, segments=16).turn(x=90).move(end - 0.05 * r, 0.15 * r, 0.5 * r)
    mast = cylinder(0.4 * r, 0.35 * r, 0.3 * r).move(z=0.85 * r).paint(paint) + cylinder(0.09 * r, r, segments=20).move(z=0.9 * r).paint(dark)
    blade_ = box(1.05 * long, 0.26 * r, 50, 20).turn(x=6).move(0.52 * long)
    blades = around(blade_, int(g.integers(2, 6)), g.uniform(0, 90)).move(z=1.75 * r).paint(dark) + cylinder(0.2 * r, 0.2 * r, segments=24).move(z=1.7 * r).paint(dark)
    skid = cylinder(50, 1.1 * long, segments=16).turn(y=90).move(-0.55 * long, 0.85 * r, -1.45 * r)
    leg = cylinder(36, 0.9 * r, segments=12).turn(x=-25).move(0, 0.48 * r, -1.46 * r)
    under = (skid + leg.move(-0.22 * long) + leg.move(0.2 * long)).both(y=1).paint(color(g, STEEL))
    return cabin.paint(paint) + glass + boom + fin + flap + rotor.paint(dark) + mast + blades + under


def rocket(g: np.random.Generator) -> Solid:
    """A toy-box rocket with fins, or a launcher with boosters."""
    r, tall = g.uniform(1500, 2200), g.uniform(12000, 22000)
    body, trim = color(g, ((244, 244, 242), *METAL, *PASTEL)), color(g, BRIGHT)
    classic = maybe(g, 0.55)
    nozzle = cylinder(0.62 * r, 0.9 * r, 0.4 * r).paint((70, 72, 78))
    if classic:
        tall *= 0.6
        knots = points((0.6, 0), (0.9, 0.2), (1, 0.4), (0.85, 0.68), (0.5, 0.88), (0.03, 1)) * (r * 1.15, tall)
        curve = spline(knots, 32)
        shell = revolve(np.concatenate([curve, points((0, tall), (0, 0))])).paint(body)
        tip = shell.scale(1.004, 1.004, 1.001) & box(9 * r, 9 * r, tall).move(z=0.76 * tall)
        shell += Solid(tip.manifold).paint(trim)
        port = (cylinder(0.36 * r, 0.5 * r).paint(trim) + cylinder(0.27 * r, 0.53 * r).paint(PANE)).turn(x=90).move(0, -0.72 * r, 0.6 * tall)
        shape = spline(points((0.7, 0.32), (1.5, 0.2), (2.0, -0.12)), 14)
        fin = extrude(np.concatenate([shape, points((1.75, -0.12), (1.4, 0.03), (0.6, 0.06))]) * (r, tall), 0.16 * r).turn(x=90).move(y=0.08 * r)
        return (shell + port).move(z=0.7 * r) + nozzle + around(fin.move(z=0.7 * r), int(g.integers(3, 6)), 30).paint(trim)
    ogive = spline(points((1, 0), (0.92, 0.8), (0.6, 1.8), (0.04, 2.6)), 20) * r
    stage = cylinder(r, tall, segments=56).paint(body)
    bands = union(tube(1.015 * r, 0.9 * r, 0.35 * r, 56).move(z=u * tall) for u in np.sort(g.uniform(0.15, 0.9, int(g.integers(1, 4))))).paint((60, 62, 68))
    nose = revolve(np.concatenate([ogive, points((0, 2.6 * r), (0, -0.1), (r, -0.1))])).move(z=tall).paint(trim)
    result = (stage + bands + nose).move(z=0.8 * r) + nozzle
    count = int(g.integers(2, 7))
    if maybe(g, 0.6):
        long = g.uniform(0.4, 0.75) * tall
        cone = np.concatenate([ogive[:, :], points((0, 2.6 * r), (0, -0.1), (r, -0.1))]) * 0.5
        booster = cylinder(0.5 * r, long, segments=32).paint(body) + revolve(cone, segments=32).move(z=long).paint(trim)
        booster += cylinder(0.36 * r, 0.5 * r, 0.25 * r, 24).move(z=-0.4 * r).paint((70, 72, 78))
        return result + around(booster.move(1.42 * r, 0, 0.8 * r), count, 45)
    fin = extrude(points((0, 0), (1.1, -0.4), (1.1, 0.5), (0, 2.2)) * r, 0.12 * r).turn(x=90).move(0.9 * r, 0.06 * r, 0.9 * r)
    return result + around(fin, max(3, count), 45).paint(trim)


def train(g: np.random.Generator) -> Solid:
    """A steam locomotive."""
    r, long = g.uniform(650, 850), g.uniform(4200, 6000)
    paint, trim, dark = color(g, (*BRIGHT, *FABRIC)), color(g, BRIGHT), (54, 56, 62)
    axis = 1750 + 0.3 * r
    boiler = cylinder(r, long, segments=48).turn(y=90).move(-long, 0, axis).paint(paint)
    hoops = union(tube(1.03 * r, 0.9 * r, 90, 48).turn(y=90).move(-u * long, 0, axis) for u in np.linspace(0.1, 0.8, int(g.integers(2, 5)))).paint(trim)
    face = cylinder(1.04 * r, 300, segments=48).turn(y=90).move(-long - 160, 0, axis).paint(dark) + cylinder(0.6 * r, 120, segments=32).turn(y=90).move(-long - 240, 0, axis).paint(color(g, STEEL))
    flue = one_of(g, (points((0.32, 0), (0.26, 0.6), (0.3, 1.3), (0.42, 1.32), (0.42, 1.5)), points((0.25, 0), (0.25, 0.5), (0.62, 1.2), (0.62, 1.35), (0.4, 1.6))))
    stack = revolve(np.concatenate([flue, points((0, flue[-1, 1]), (0, 0))]) * r, segments=32).move(-0.86 * long, 0, axis + 0.9 * r).paint(dark)
    domes = union((cylinder(0.34 * r, 0.35 * r, segments=28) + ball(0.34 * r, segments=28).move(z=0.35 * r)).move(-u * long, 0, axis + 0.85 * r) for u in (0.32, 0.6)[: int(g.integers(1, 3))]).paint(color(g, METAL))
    tall = 3.1 * r
    house = box(1700, 2.3 * r, tall, 40).move(700, 0, axis - r)
    house -= box(900, 9 * r, 0.3 * tall, 60).move(700, 0, axis - r + 0.55 * tall)
    roof = (cylinder(1.6 * r, 2100, segments=64).turn(y=90) & box(9999, 2.6 * r, 9999)).move(-350, 0, axis - r + tall - 1.18 * r) & box(9999, 9999, 9999).move(z=axis - r + tall - 60)
    frame = box(long + 1900, 1.7 * r, 380).move(-long / 2 + 700, 0, 900).paint(dark)
    catcher = hull(box(100, 2.2 * r, 480).move(0, 0, 550), box(50, 1.2 * r, 100).move(-800, 0, 180)).move(-long - 150).paint(trim)
    drivers, big = int(g.integers(2, 4)), g.uniform(620, 760)
    driver = driving_wheel(big, int(g.integers(8, 13)), trim)
    at = [150 - i * 2.15 * big for i in range(drivers)]
    small = driving_wheel(400, 6, trim)
    lead = [x for x in np.arange(at[-1] - big - 520, -long - 300, -900)]
    wheels = union([driver.move(x) for x in at] + [small.move(float(x)) for x in lead]).move(y=-0.85 * r)
    rod = box(at[0] - at[-1] + 300, 90, 130, 30).move((at[0] + at[-1]) / 2, -0.85 * r - 190, big * 0.75).paint(color(g, STEEL))
    return boiler + hoops + face + stack + domes + house.paint(paint) + roof.paint(dark) + frame + catcher + (wheels + rod).both(y=1)


def driving_wheel(r: float, spokes: int, paint: Color) -> Solid:
    """A spoked iron wheel in the plane y = 0 that stands on z = 0."""
    rim = tube(r, 0.82 * r, 160, 40) + cylinder(0.22 * r, 260, segments=24).move(z=-40)
    spoke = box(0.85 * r, 0.1 * r, 100).move(0.43 * r, 0, 20)
    return (rim + around(spoke, spokes)).turn(x=90).move(0, 80, r).paint(paint)
