"""What flies. The front points towards +x; each is built with its nose towards -x and turned at the end."""

import numpy as np

from fieldstone.samples.curves import points, spline, superellipse
from fieldstone.samples.draw import BRIGHT, METAL, PASTEL, STEEL, WOOD, color, maybe, one_of
from fieldstone.samples.solid import (
    NOTHING,
    Color,
    Solid,
    around,
    ball,
    box,
    cylinder,
    hull,
    loft,
    panel,
    rod,
    tube,
    turned,
    union,
)

__all__ = ["helicopter", "plane", "rocket"]

PANE: Color = (92, 118, 138)
DARK: Color = (62, 64, 70)
TYRE: Color = (46, 47, 52)


def fuselage(stations: np.ndarray, long: float, r: float, power: float) -> Solid:
    """A smooth body through rows of (x, half width, half height, centre z), x times `long` and the rest times `r`."""
    section = superellipse(1, 1, power, 36)
    x, wide, tall, z = ((stations * (long, r, r, r)).T)[:, :, None]
    return loft(np.stack([np.broadcast_to(x, (len(x), 36)), wide * section[:, 0], z + tall * section[:, 1]], 2))


def wing(root: float, tip: float, span: float, back: float, rise: float, thick: float = 0.1) -> Solid:
    """A wing along +y from the origin: chord from `root` to `tip`, its tip `back` and `rise` away."""
    section = superellipse(0.5, thick / 2, 2.3, 28)
    u = np.linspace(0, 1, 6)[:, None]
    chord = (root + (tip - root) * u) * np.where(u > 0.99, 0.75, 1)
    x, z = back * u + chord * section[:, 0], rise * u + chord * section[:, 1]
    return loft(np.stack([x, np.broadcast_to(span * u, x.shape), z], 2))


def plane(g: np.random.Generator) -> Solid:
    """An airliner, a propeller plane, a jet fighter or a biplane."""
    style = one_of(g, ("liner", "liner", "prop", "fighter", "biplane"))
    typical, slim, nose = {
        "liner": (36000, 0.055, 0.06), "fighter": (15000, 0.05, 0.06), "prop": (8200, 0.075, 0.72), "biplane": (7200, 0.075, 0.72),
    }[style]  # fmt: skip
    long = typical * g.uniform(0.9, 1.1)
    r = slim * long
    jet = nose < 0.5
    paint, trim = color(g, ((240, 241, 242), *PASTEL, *METAL) if jet else BRIGHT), color(g, BRIGHT)
    blunt = max(nose, 0.34)
    stations = points(
        (-0.5, nose, nose, -0.1), (-0.485, blunt, blunt, -0.08), (-0.44, 0.78, 0.74, 0), (-0.36, 1, 1, 0), (0.1, 1, 1, 0),
        (0.3, 0.72, 0.72, 0.18), (0.44, 0.36, 0.34, 0.45), (0.5, 0.1, 0.12, 0.6),
    )  # fmt: skip
    fin = wing(0.15 * long, 0.07 * long, (0.15 if style == "liner" else 0.13) * long, 0.1 * long, 0, 0.09)
    stabiliser = wing(0.1 * long, 0.05 * long, 0.17 * long, 0.06 * long, 0, 0.09).move(0.42 * long, 0, 0.45 * r)
    tail = fin.turn(x=90).move(0.38 * long, 0, 0.3 * r).paint(trim) + stabiliser.both(y=1).paint(paint)
    body = fuselage(stations, long, r, 2).paint(paint) + tail
    if style == "liner":
        body += airliner_parts(g, long, r, paint, trim)
    elif style == "fighter":
        body += fighter_parts(long, r, paint)
    else:
        body += propeller_parts(g, long, r, trim)
        body = biplane_parts(g, body, long, r, trim) if style == "biplane" else body + single_wing(g, long, r, trim)
    return body.turn(z=180)


def fighter_parts(long: float, r: float, paint: Color) -> Solid:
    """Delta wings, canopy and exhaust."""
    delta = wing(0.42 * long, 0.08 * long, 0.3 * long, 0.19 * long, 0, 0.05).move(0.1 * long).both(y=1)
    canopy = ball(0.1 * long, 0.5 * r, 0.75 * r).move(-0.25 * long, 0, 0.85 * r)
    exhaust = cylinder(0.6 * r, 0.09 * long, 0.5 * r, 32) - cylinder(0.48 * r, long, segments=32).move(z=0.05 * long)
    return delta.paint(paint) + canopy.paint(PANE) + exhaust.turn(y=90).move(0.44 * long, 0, 0.45 * r).paint(DARK)


def propeller_parts(g: np.random.Generator, long: float, r: float, trim: Color) -> Solid:
    """Propeller with spinner, and a fixed undercarriage."""
    paddle = box(0.012 * long, 0.024 * long, 0.17 * long, 0.004 * long).turn(z=25)
    count = int(g.integers(2, 4))
    propeller = union(paddle.turn(x=360 * i / count + 20) for i in range(count)).paint(DARK)
    spinner = ball(0.035 * long, 0.3 * r, 0.3 * r, 24).paint(trim)
    at = -0.22 * long
    leg = rod((at, 0.3 * r, -0.4 * r), (at, 0.95 * r, -2.1 * r), 0.008 * long, segments=12).paint(color(g, STEEL))
    tyre = cylinder(0.035 * long, 0.02 * long, segments=24).turn(x=90).move(at, 1.02 * r, -2.0 * r).paint(TYRE)
    return (propeller + spinner).move(-0.51 * long, 0, -0.1 * r) + (leg + tyre).both(y=1)


def single_wing(g: np.random.Generator, long: float, r: float, trim: Color) -> Solid:
    """A high or low wing and a canopy."""
    chord = g.uniform(0.17, 0.22) * long
    both = wing(chord, chord * g.uniform(0.6, 0.95), 0.55 * long, 0, 0.04 * long, 0.13).both(y=1)
    canopy = ball(0.13 * long, 0.82 * r, 0.72 * r).move(-0.14 * long, 0, 0.72 * r)
    return both.move(-0.16 * long, 0, 0.9 * r if maybe(g) else -0.55 * r).paint(trim) + canopy.paint(PANE)


def biplane_parts(g: np.random.Generator, body: Solid, long: float, r: float, trim: Color) -> Solid:
    """The body with two wings, their struts and an open cockpit."""
    chord = g.uniform(0.17, 0.22) * long
    both = wing(chord, 0.85 * chord, 0.55 * long, 0, 0.04 * long, 0.13).both(y=1)
    wings = both.move(-0.16 * long, 0, -0.55 * r) + both.move(-0.19 * long, 0, 2.3 * r)
    strut = cylinder(0.006 * long, 2.9 * r, segments=10).move(-0.17 * long, 0, -0.5 * r)
    struts = union(strut.move(u * long, v * long) for u in (-0.04, 0.04) for v in (0.1, 0.38)).both(y=1)
    cockpit = ball(0.07 * long, 0.55 * r, 0.5 * r).move(0.02 * long, 0, r).paint((60, 50, 44))
    return body + wings.paint(trim) + struts.paint(color(g, WOOD)) - cockpit


def airliner_parts(g: np.random.Generator, long: float, r: float, paint: Color, trim: Color) -> Solid:
    """Swept wings, two or four engines, a row of windows and the cockpit's."""
    swept = wing(0.2 * long, 0.055 * long, 0.47 * long, g.uniform(0.15, 0.24) * long, 0.04 * long, 0.11)
    wings = swept.move(-0.03 * long, 0, -0.5 * r).both(y=1).paint(paint)
    nacelle = rod((0, 0, 0), (0.1 * long, 0, 0), 0.48 * r, 0.36 * r, 28)
    nacelle -= rod((-0.01 * long, 0, 0), (0.03 * long, 0, 0), 0.38 * r, segments=28)
    engine = nacelle.paint(trim) + box(0.06 * long, 0.1 * r, 0.8 * r).move(0.05 * long).paint(paint)
    engines = engine.move(-0.07 * long, 0.14 * long, -0.95 * r)
    engines += engine.move(0.01 * long, 0.27 * long, -0.85 * r) if maybe(g, 0.35) else NOTHING
    shell = rod((-0.36 * long, 0, 0), (0.64 * long, 0, 0), 1.006 * r, segments=48)
    strip = box(0.68 * long, 2.02 * r, 0.22 * r).move(-0.03 * long, 0, 0.12 * r) & shell
    gaps = union(box(0.008 * long, 9 * r, r).move((-0.3 + 0.04 * i) * long) for i in range(15))
    brow = ball(0.16 * long, 0.9 * r, 0.8 * r).move(-0.33 * long)
    visor = box(0.02 * long, 1.2 * r, 0.3 * r).move(-0.455 * long, 0, 0.3 * r) & brow
    return wings + engines.both(y=1) + (strip - gaps + visor).paint(PANE)


def helicopter(g: np.random.Generator) -> Solid:
    """A helicopter on skids, with two to five blades."""
    long, r = g.uniform(3600, 4800), g.uniform(780, 950)
    paint, tail = color(g, BRIGHT), g.uniform(0.9, 1.15) * long
    stations = points(
        (-0.5, 0.1, 0.1, -0.2), (-0.46, 0.5, 0.45, -0.18), (-0.3, 0.9, 0.88, 0), (0, 1, 1, 0), (0.3, 0.8, 0.82, 0.1), (0.5, 0.3, 0.35, 0.4),
    )  # fmt: skip
    cabin = fuselage(stations, long, r, 2.3)
    front = box(0.1 * long, 9 * r, r).move(-0.5 * long, 0, -0.3 * r)
    glass = cabin.scale(1.004, 1.006, 1.006) & hull(front, box(0.3 * long, 9 * r, 10).move(-0.25 * long, 0, 0.75 * r))
    boom = rod((0.38 * long, 0, 0.4 * r), (0.38 * long + tail, 0, 0.4 * r), 0.32 * r, 0.13 * r, 28)
    mast = cylinder(0.4 * r, 0.35 * r, 0.3 * r).move(z=0.85 * r)
    shaft = cylinder(0.09 * r, r, segments=20).move(z=0.9 * r) + cylinder(0.2 * r, 0.2 * r, segments=24).move(z=1.7 * r)
    blade = box(1.05 * long, 0.26 * r, 50, 20).turn(x=6).move(0.52 * long)
    rotor = around(blade, int(g.integers(2, 6)), g.uniform(0, 90)).move(z=1.75 * r)
    skid = rod((-0.55 * long, 0.85 * r, -1.45 * r), (0.55 * long, 0.85 * r, -1.45 * r), 50)
    leg = rod((0, 0.48 * r, -0.5 * r), (0, 0.85 * r, -1.45 * r), 36, segments=12)
    under = (skid + leg.move(-0.22 * long) + leg.move(0.2 * long)).both(y=1).paint(color(g, STEEL))
    body = (cabin + boom + mast).paint(paint) + glass.paint(PANE) + (shaft + rotor).paint(DARK) + under
    return (body + tail_rotor(r, color(g, PASTEL)).move(0.38 * long + tail, 0, 0.4 * r)).turn(z=180)


def tail_rotor(r: float, trim: Color) -> Solid:
    """A helicopter's fins and tail rotor, about the end of its boom."""
    fin = wing(0.55 * r, 0.32 * r, 1.1 * r, 0.45 * r, 0, 0.14).turn(x=90).move(-0.35 * r)
    flaps = wing(0.4 * r, 0.3 * r, 0.8 * r, 0, 0, 0.14).move(-0.8 * r).both(y=1)
    blades = around(box(0.75 * r, 60, 24, 6).move(0.37 * r), 4).turn(x=90).move(y=-0.28 * r)
    axle = rod((0, -0.35 * r, 0), (0, 0.15 * r, 0), 50)
    return (fin + flaps).paint(trim) + (blades + axle).move(-0.05 * r, 0, 0.1 * r).paint(DARK)


def rocket(g: np.random.Generator) -> Solid:
    """A toy-box rocket with fins, or a launcher with boosters."""
    r, tall = g.uniform(1500, 2200), g.uniform(12000, 22000)
    body, trim = color(g, ((244, 244, 242), *METAL, *PASTEL)), color(g, BRIGHT)
    nozzle = cylinder(0.62 * r, 0.9 * r, 0.4 * r).paint(DARK)
    if maybe(g, 0.55):
        return nozzle + spindle_rocket(g, r, 0.6 * tall, body, trim).move(z=0.7 * r)
    return nozzle + launcher(g, r, tall, body, trim).move(z=0.8 * r)


def spindle_rocket(g: np.random.Generator, r: float, tall: float, body: Color, trim: Color) -> Solid:
    """A spindle with a painted nose, a porthole and curved fins."""
    side = spline(points((0.6, 0), (0.9, 0.2), (1, 0.4), (0.85, 0.68), (0.5, 0.88), (0.03, 1)) * (1.15 * r, tall), 32)
    shell = turned(side)
    nose = shell.scale(1.004, 1.004, 1.001).above(g.uniform(0.7, 0.82) * tall)
    port = (cylinder(0.36 * r, 0.5 * r).paint(trim) + cylinder(0.27 * r, 0.53 * r).paint(PANE)).turn(x=90)
    edge = spline(points((0.7, 0.32), (1.5, 0.2), (2.0, -0.12)), 14)
    fin = panel(np.concatenate([edge, points((1.75, -0.12), (1.4, 0.03), (0.6, 0.06))]) * (r, tall), 0.16 * r)
    fins = around(fin, int(g.integers(3, 6)), 30)
    return shell.paint(body) + (nose + fins).paint(trim) + port.move(0, -0.72 * r, 0.6 * tall)


def launcher(g: np.random.Generator, r: float, tall: float, body: Color, trim: Color) -> Solid:
    """A cylindrical stage with bands and a nose cone, and boosters or fins."""
    ogive = np.concatenate([points((1, -0.02)), spline(points((1, 0), (0.92, 0.8), (0.6, 1.8), (0.04, 2.6)), 16)]) * r
    heights = np.sort(g.uniform(0.15, 0.9, int(g.integers(1, 4)))) * tall
    bands = union(tube(1.015 * r, 0.9 * r, 0.35 * r).move(z=float(z)) for z in heights).paint(DARK)
    stage = cylinder(r, tall).paint(body) + bands + turned(ogive).move(z=tall).paint(trim)
    count = int(g.integers(2, 5))
    if maybe(g, 0.4):
        fin = panel(points((0, 0), (1.1, -0.4), (1.1, 0.5), (0, 2.2)) * r, 0.12 * r).move(0.9 * r, 0, 0.1 * r)
        return stage + around(fin, count + 1, 45).paint(trim)
    long = g.uniform(0.4, 0.75) * tall
    booster = cylinder(0.5 * r, long, segments=28).paint(body) + turned(0.5 * ogive, 28).move(z=long).paint(trim)
    booster += cylinder(0.36 * r, 0.5 * r, 0.25 * r, 24).move(z=-0.4 * r).paint(DARK)
    return stage + around(booster.move(1.42 * r), count, 45)
