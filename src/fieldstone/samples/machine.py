"""Parts that turn: gears, bearings, wheels, springs, propellers."""

import numpy as np

from fieldstone.samples.curves import arc, circle, helix, path, points, rectangle, shift, spline, superellipse
from fieldstone.samples.draw import BRIGHT, DARK, METAL, STEEL, color, maybe, one_of
from fieldstone.samples.fasteners import thread
from fieldstone.samples.solid import (
    NOTHING,
    Color,
    Solid,
    around,
    ball,
    box,
    cylinder,
    extrude,
    loft,
    revolve,
    ring,
    sweep,
    tube,
    union,
)

__all__ = ["bearing", "chain", "gear", "impeller", "propeller", "pulley", "shaft", "spring", "wheel"]


def cog(teeth: int, module: float) -> np.ndarray:
    """The outline of a spur gear: flanks narrowing from root to tip."""
    r = module * teeth / 2
    root, tip = r - 1.25 * module, r + module
    at = np.array([-0.5, -0.29, -0.2, -0.11, 0.11, 0.2, 0.29]) * 2 * np.pi / teeth
    radius = np.array([root, root, 0.5 * (root + r), tip, tip, 0.5 * (root + r), root])
    radius[[2, 5]] = r
    angle = (2 * np.pi * np.arange(teeth)[:, None] / teeth + at).ravel()
    return np.tile(radius, teeth)[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)


def gear(g: np.random.Generator) -> Solid:
    """A spur, helical, bevel or ring gear with hub, keyway, and spokes or holes."""
    teeth, module = int(g.integers(10, 41)), g.uniform(1.5, 4)
    r, wide = module * teeth / 2, module * g.uniform(4, 8)
    style = one_of(g, ("spur", "spur", "helical", "bevel", "internal"))
    outline = cog(teeth, module)
    metal = color(g, one_of(g, (STEEL, METAL, DARK, BRIGHT)))
    if style == "internal":
        return (
            (cylinder(r + 3.5 * module, wide, segments=96) - extrude(outline, 3 * wide).move(z=-wide))
            .paint(metal)
            .turn(x=90)
        )
    if style == "helical":
        body = extrude(outline, wide, twist=g.uniform(12, 28) * one_of(g, (-1, 1)), divisions=8)
    elif style == "bevel":
        body = extrude(outline, wide, top=g.uniform(0.55, 0.75))
    else:
        body = extrude(outline, wide)
    bore, hub = max(0.16 * r, 2.5), max(0.3 * r, 5)
    inside = r - 3.2 * module
    if style != "bevel" and inside - hub > 6:
        body -= tube(inside, hub, wide).move(z=0.72 * wide)
        body -= cut_web(g, hub, inside, wide)
    body += cylinder(hub, wide * g.uniform(1.05, 1.5)) if maybe(g, 0.7) else NOTHING
    body -= cylinder(bore, 5 * wide, segments=32).move(z=-wide)
    if maybe(g, 0.6):
        body -= box(0.6 * bore, 0.6 * bore, 5 * wide).move(bore, 0, -wide)
    return body.paint(metal).turn(x=90)


def cut_web(g: np.random.Generator, hub: float, rim: float, wide: float) -> Solid:
    """What is cut from the disc between hub and rim: holes, windows between spokes, or nothing."""
    middle, room, count = (hub + rim) / 2, rim - hub, int(g.integers(3, 8))
    style = one_of(g, ("holes", "spokes", "solid"))
    if style == "holes":
        size = min(0.36 * room, 0.7 * np.pi * middle / count)
        return around(cylinder(size, 5 * wide, segments=28).move(middle, 0, -wide), count)
    if style == "spokes":
        half = 180 / count - np.degrees(min(0.16 * room / middle, 0.9 / count))
        near, far = hub + 0.12 * room, rim - 0.12 * room
        window = np.concatenate([arc(far, -half, half, 16), arc(near, half * 0.8, -half * 0.8, 16)])
        return around(extrude(window, 5 * wide).move(z=-wide), count)
    return NOTHING


def bearing(g: np.random.Generator) -> Solid:
    """A ball or roller bearing: two races, a cage and its rolling elements."""
    inner = g.uniform(5, 25)
    outer, wide = inner * g.uniform(1.9, 2.5), inner * g.uniform(0.5, 0.9)
    race = (outer - inner) * 0.27
    middle, size = (inner + outer) / 2, (outer - inner) * 0.29
    steel = color(g, STEEL)
    balls = maybe(g, 0.65)
    raceways = tube(outer, outer - race, wide, 96) + tube(inner + race, inner, wide, 72)
    count = int(np.pi * middle / size / g.uniform(1.15, 1.5))
    if balls:
        rolling = ball(size, segments=20).move(middle, 0, wide / 2)
        raceways -= ring(middle, size * 0.985, 64, 16).move(z=wide / 2)
    else:
        rolling = cylinder(size * 0.92, 0.86 * wide, segments=24).move(middle, 0, 0.07 * wide)
    cage = (
        tube(middle + 0.35 * size, middle - 0.35 * size, 0.4 * wide, 72)
        .move(z=0.3 * wide)
        .paint(color(g, one_of(g, (METAL, BRIGHT, DARK))))
    )
    return (raceways.paint(steel) + cage + around(rolling, count).paint(color(g, STEEL))).turn(x=90)


def pulley(g: np.random.Generator) -> Solid:
    """A V-belt, flat, rope or toothed pulley with one to three grooves."""
    r, grooves = g.uniform(25, 80), int(g.integers(1, 4))
    each = 0.22 * r + 4
    style = one_of(g, ("v", "rope", "toothed"))
    wide = grooves * each + 6
    metal = color(g, one_of(g, (STEEL, DARK, METAL, BRIGHT)))
    body = cylinder(r, wide, segments=72)
    if style == "toothed":
        teeth = int(r * 0.8)
        groove = around(cylinder(0.045 * r, wide, segments=10).move(r), teeth)
        body = body - groove + cylinder(1.1 * r, 3, segments=72) + cylinder(1.1 * r, 3, segments=72).move(z=wide - 3)
    else:
        cut = points(
            (r + 1, -0.46 * each), (r + 1, 0.46 * each), (r - 0.5 * each, 0.16 * each), (r - 0.5 * each, -0.16 * each)
        )
        if style == "rope":
            cut = shift(circle(0.42 * each, sides=20), r + 0.02)
        body -= union(revolve(cut, segments=72).move(z=3 + each * (i + 0.5)) for i in range(grooves))
    hub, rim = 0.34 * r, 0.6 * r if style == "v" else 0.68 * r
    body -= tube(rim, hub, wide).move(z=0.65 * wide) + tube(rim, hub, wide).move(z=-0.65 * wide)
    body -= cut_web(g, hub, rim, wide)
    body += cylinder(hub, wide * g.uniform(1, 1.4))
    return (body - cylinder(0.17 * r, 5 * wide, segments=32).move(z=-wide)).paint(metal).turn(x=90)


def spring(g: np.random.Generator) -> Solid:
    """A coil: compression, conical, barrel, or an extension spring with hooks."""
    r, wire, turns = g.uniform(8, 20), g.uniform(0.09, 0.17), g.uniform(5, 11)
    wire *= r
    style = one_of(g, ("compression", "conical", "barrel", "extension"))
    pitch = 2.15 * wire if style == "extension" else wire * g.uniform(3, 5.5)
    way = helix(r, pitch, turns, 24)
    u = np.linspace(0, 1, len(way))
    size = {"conical": 1 - 0.55 * u, "barrel": 0.65 + 0.35 * np.sin(np.pi * u)}.get(style, np.ones(len(way)))
    way[:, :2] *= size[:, None]
    coil = sweep(circle(wire, sides=10), way)
    if style == "extension":
        top = float(way[-1, 2])
        hook = ring(0.75 * r, wire, 32, 12).turn(x=90)
        stub = cylinder(wire, r + 0.2 * wire, segments=12).turn(y=90)
        low = stub.move(0, 0, 0)
        last = np.degrees(np.arctan2(way[-1, 1], way[-1, 0]))
        coil += low + hook.move(z=-0.75 * r) + (stub + hook.move(z=0.75 * r)).turn(z=float(last)).move(z=top)
    return coil.paint(color(g, one_of(g, (STEEL, DARK, BRIGHT))))


def tyre(radius: float, wide: float, inner: float, blocks: int, rubber: Color) -> Solid:
    """A tyre about the z axis, centred at the origin, with a block tread."""
    side = shift(superellipse((radius - inner) / 2, wide / 2, 3.2, 24), (radius + inner) / 2)
    body = revolve(side, segments=64)
    groove = box(0.12 * (radius - inner) + 4, 2.2 * radius / blocks, wide * 0.3).turn(x=25).move(radius, 0, 0.12 * wide)
    cuts = around(groove, blocks) + around(groove.mirror(z=1), blocks, 180 / blocks)
    return (body - cuts).paint(rubber)


def wheel(g: np.random.Generator) -> Solid:
    """A car, cart or bicycle-like wheel, standing upright."""
    style = one_of(g, ("car", "car", "cart", "wire"))
    r = g.uniform(250, 350)
    spokes = int(g.integers(5, 13))
    if style == "cart":
        wood, iron = color(g, ((150, 104, 62), (176, 124, 74), (120, 78, 46))), color(g, DARK)
        rim = tube(0.96 * r, 0.82 * r, 50, 64).paint(wood) + tube(r, 0.95 * r, 54, 64).move(z=-2).paint(iron)
        spoke = cylinder(15, 0.85 * r, 11, 16).turn(y=90).move(z=25).paint(wood)
        hub = cylinder(60, 100, 50).move(z=-25).paint(wood) + tube(54, 20, 12).move(z=74).paint(iron)
        return (rim + around(spoke, spokes + 3) + hub).turn(x=90)
    wide = g.uniform(150, 220) if style == "car" else g.uniform(40, 60)
    inner = r * (g.uniform(0.6, 0.72) if style == "car" else 0.86)
    rubber = tyre(r, wide, inner, int(g.integers(20, 34)), color(g, DARK))
    rim = tube(inner + 6, inner - 14, 0.8 * wide, 64).move(z=-0.4 * wide)
    if style == "wire":
        rod = cylinder(4, inner, segments=8).turn(y=90)
        star_ = around(rod.move(z=10), spokes * 2) + cylinder(26, 60).move(z=-30)
    else:
        flat = extrude(points((0, 34), (inner, 20), (inner, -20), (0, -34)) * (1, g.uniform(0.6, 1.1)), 26)
        star_ = around(flat.move(z=0.28 * wide), spokes) + cylinder(0.3 * inner, 40).move(z=0.24 * wide)
        star_ -= around(cylinder(8, 60, segments=16).move(0.2 * inner, 0, 0.3 * wide), 5)
        star_ += tube(inner - 8, 0.5 * inner, 12).move(z=-0.3 * wide) if maybe(g) else NOTHING
    return (rubber + (rim + star_).paint(color(g, one_of(g, (STEEL, DARK, BRIGHT))))).turn(x=90)


def blade(
    length: float, root: float, tip: float, twist: float, pitch: float, thick: float = 0.13, sweep_back: float = 0
) -> Solid:
    """A twisted aerofoil along +x from the origin; chord `root` at the hub and `tip` at the end."""
    u = np.linspace(0, 1, 12)
    chord = (root + (tip - root) * u) * (1 - 0.55 * np.clip(u - 0.82, 0, 1) / 0.18)
    section = superellipse(0.5, thick / 2, 2.2, 20)
    angle = np.radians(pitch - twist * u)[:, None]
    y, z = chord[:, None] * section[:, 0], chord[:, None] * section[:, 1]
    y = y - (sweep_back * length * u**2)[:, None]
    rings = np.stack(
        [
            np.broadcast_to((length * u)[:, None], y.shape),
            y * np.cos(angle) - z * np.sin(angle),
            y * np.sin(angle) + z * np.cos(angle),
        ],
        2,
    )
    return loft(rings)


def propeller(g: np.random.Generator) -> Solid:
    """A ship's or aircraft propeller of two to six blades, seen along its shaft."""
    count, r = int(g.integers(2, 7)), g.uniform(80, 240)
    ship = count > 3
    hub = r * (0.22 if ship else 0.11)
    metal, cone = color(g, METAL if ship else (*DARK, (150, 104, 62))), color(g, one_of(g, (METAL, BRIGHT)))
    if ship:
        wide = 1.9 * r / count
        vane = blade(r, 0.6 * wide, wide * 1.15, 22, 48, 0.07, g.uniform(0, 0.3))
    else:
        vane = blade(r, 0.17 * r, g.uniform(0.09, 0.14) * r, 26, 42, 0.16)
    nose = spline(points((1, 0), (0.96, 0.5), (0.7, 1.1), (0.05, 1.5)), 16) * hub
    boss = np.concatenate([points((0, -0.8 * hub), (hub, -0.8 * hub)), nose, points((0, 1.5 * hub))])
    blades = around(vane, count, 90).paint(metal)
    return (blades + revolve(boss).paint(cone if not ship else metal)).turn(x=90)


def impeller(g: np.random.Generator) -> Solid:
    """A fan or pump wheel: curved vanes on a disc, or a desk fan's rotor in its ring."""
    r, count = g.uniform(40, 90), int(g.integers(5, 13))
    deep, paint = r * g.uniform(0.25, 0.45), color(g, one_of(g, (STEEL, METAL, BRIGHT)))
    if maybe(g, 0.4):
        vane = blade(0.94 * r, 0.36 * r, 0.62 * r, 14, 38, 0.06)
        hub = cylinder(0.24 * r, 0.36 * r).move(z=-0.18 * r) + ball(0.24 * r, 0.24 * r, 0.1 * r).move(z=0.18 * r)
        hoop = tube(r, 0.93 * r, 0.34 * r, 72).move(z=-0.17 * r)
        return (around(vane, count).paint(paint) + hub.paint(color(g, DARK)) + hoop.paint(paint)).turn(x=90)
    curve = spline(points((0.22, 0), (0.5, 0.22), (0.72, 0.28), (0.97, 0.16)) * r, 16)
    vane = sweep(rectangle(0.05 * r, deep), path(curve, "xy"))
    disc = cylinder(r, 0.08 * r, segments=72)
    body = disc + around(vane.move(z=deep / 2 + 0.05 * r), count) + cylinder(0.26 * r, 0.8 * deep, 0.2 * r)
    body += tube(r, 0.55 * r, 0.06 * r, 72).move(z=deep) if maybe(g, 0.35) else NOTHING
    return (body - cylinder(0.11 * r, 9 * deep, segments=32).move(z=-deep)).paint(paint)


def chain(g: np.random.Generator) -> Solid:
    """Some links of a chain."""
    wire, links = g.uniform(3, 6), int(g.integers(4, 8))
    long, wide = wire * g.uniform(5.5, 8), wire * g.uniform(1.55, 1.9)
    half = ring(wide, wire, 28, 12) & box(9 * wire, 9 * wire, 4 * wire).move(4.5 * wire, 0, -2 * wire)
    straight = cylinder(wire, long - 2 * wide, segments=12).turn(y=90).move(y=wide).both(y=1)
    link = half.move(long / 2 - wide).both(x=1) + straight.move(wide - long / 2)
    pitch = long - 2.12 * wire
    paints = [color(g, one_of(g, (METAL, STEEL)))] * 2
    if maybe(g, 0.4):
        paints[1] = color(g, one_of(g, (BRIGHT, DARK)))
    return union(link.turn(x=45 + 90 * (i % 2)).move(x=i * pitch).paint(paints[i % 2]) for i in range(links))


def shaft(g: np.random.Generator) -> Solid:
    """A crankshaft or a stepped, keyed or threaded shaft."""
    r = g.uniform(12, 22)
    steel = color(g, STEEL)
    if maybe(g, 0.55):
        throws, reach = int(g.integers(1, 5)), r * g.uniform(1.4, 2)
        web = extrude(shift(circle(1.15 * r), reach), 0.6 * r) + extrude(rectangle(reach, 2 * r), 0.6 * r).move(
            reach / 2
        )
        web += cylinder(1.9 * r, 0.6 * r) & box(4 * r, 4 * r, r).move(0.1 * r - 2 * r)
        pin = cylinder(0.8 * r, 1.2 * r, segments=32).move(reach, 0, 0.5 * r)
        throw = web + pin + web.move(z=1.6 * r)
        turns = {1: (0,), 2: (0, 180), 3: (0, 120, 240), 4: (0, 180, 180, 0)}[throws]
        journal = cylinder(r, 1.1 * r, segments=32)
        pitch = 3.2 * r
        body = union((throw.turn(z=a) + journal.move(z=2.15 * r)).move(z=i * pitch) for i, a in enumerate(turns))
        ends = (
            cylinder(r, 2.5 * r).move(z=-2.4 * r)
            + cylinder(1.5 * r, 0.5 * r).move(z=throws * pitch)
            + cylinder(0.7 * r, 2 * r).move(z=throws * pitch)
        )
        return (body + ends).turn(y=90).paint(steel)
    at, body = 0.0, NOTHING
    for _ in range(int(g.integers(3, 7))):
        size, long = r * g.uniform(0.7, 1.6), r * g.uniform(1, 3.5)
        step = cylinder(size, long, segments=40)
        step = step - box(0.45 * size, 0.5 * size, 0.7 * long).move(size, 0, 0.15 * long) if maybe(g, 0.3) else step
        body += step.move(z=at - 0.2)
        at += long - 0.2
    body += thread(0.6 * r, 0.25 * r, 2 * r).move(z=at - 0.4)
    return body.turn(y=90).paint(steel)
