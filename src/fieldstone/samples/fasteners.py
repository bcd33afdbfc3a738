"""Bolts, nuts, screws and what else holds things together."""

import numpy as np

from fieldstone.samples.curves import Outline, circle, path, points, polygon, rectangle, spline, star
from fieldstone.samples.draw import BRIGHT, DARK, METAL, STEEL, color, maybe, one_of
from fieldstone.samples.solid import (
    NOTHING,
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
    turned,
    union,
)

__all__ = ["bolt", "eyebolt", "key", "nail", "nut", "screw", "thread", "washer"]


def thread(radius: float, pitch: float, length: float, sides: int = 20) -> Solid:
    """A threaded rod: every cross-section is one turn of the thread, and the section turns as it rises."""
    angle = 2 * np.pi * np.arange(sides) / sides
    depth = 0.55 * pitch
    profile = radius - depth * np.clip(np.abs(np.linspace(-1, 1, sides, endpoint=False)) * 1.5 - 0.25, 0, 1)
    section: Outline = np.stack([profile * np.cos(angle), profile * np.sin(angle)], 1)
    turns = length / pitch
    rod = extrude(section, length, 360 * turns, divisions=max(2, int(7 * turns)))
    tip = 0.35 * radius
    room = cylinder(radius + 1, length - tip, segments=24) + cylinder(1.02 * radius, tip, 0.7 * radius, 24).move(
        z=length - tip
    )
    return rod & room


def drive(g: np.random.Generator, r: float) -> Solid:
    """The recess of a screw's head, cut down from z = 0."""
    style = one_of(g, ("hex", "slot", "cross", "star"))
    if style == "hex":
        shape = extrude(polygon(6, 0.55 * r), r)
    elif style == "slot":
        shape = box(3 * r, 0.28 * r, 0.4 * r)
    elif style == "star":
        shape = extrude(star(6, 0.62 * r, 0.42 * r), r)
    else:
        shape = box(1.3 * r, 0.26 * r, 0.45 * r) + box(0.26 * r, 1.3 * r, 0.45 * r)
    return shape.move(z=-0.4 * r)


def bolt(g: np.random.Generator) -> Solid:
    """A machine bolt standing on its head: hexagon, socket, square, button or carriage head."""
    m = one_of(g, (5.0, 6.0, 8.0, 10.0, 12.0, 16.0))
    r, length, pitch = m / 2, m * g.uniform(2.5, 4.5), m * g.uniform(0.2, 0.26)
    style = one_of(g, ("hex", "hex", "flange", "socket", "button", "square"))
    tall = m * g.uniform(0.6, 0.75)
    if style == "socket":
        tall = m
        head = cylinder(0.76 * m, tall) + cylinder(0.76 * m, 0.1 * m, 0.68 * m).move(z=tall)
        head = head - extrude(polygon(6, 0.5 * m), tall).move(z=0.5 * tall)
    elif style == "button":
        head = (ball(0.95 * m, 0.95 * m, 0.65 * m) & box(3 * m, 3 * m, m)) - drive(g, 0.7 * m).move(z=0.66 * m)
        tall = 0.6 * m
    else:
        corners = 4 if style == "square" else 6
        dome = turned(points((1.2 * m, 0), (1.2 * m, 0.75 * tall), (0.8 * m, tall)))
        head = extrude(polygon(corners, (1.05 if corners == 4 else 0.92) * m, 30), tall) & dome
        head += cylinder(1.15 * m, 0.22 * m, 1.05 * m) if style == "flange" else NOTHING
    shank = length * one_of(g, (0.0, 0.0, 0.3, 0.5))
    rod = thread(r, pitch, length - shank)
    steel = color(g, one_of(g, (STEEL, DARK, METAL)))
    body = head.turn(x=180) + cylinder(0.97 * r, shank + 0.1 * m).move(z=-0.1 * m) + rod.move(z=shank)
    return body.move(z=tall).paint(steel)


def nut(g: np.random.Generator) -> Solid:
    """A hexagon, square, flange, cap, wing or castle nut with its thread."""
    m = one_of(g, (5.0, 6.0, 8.0, 10.0, 12.0, 16.0, 20.0))
    r, tall = 0.86 * m, m * g.uniform(0.7, 0.95)
    style = one_of(g, ("hex", "hex", "square", "flange", "wing", "castle", "cap"))
    sides = 4 if style == "square" else 6
    bevel = turned(points((0.84 * r, 0), (1.03 * r, 0.14 * tall), (1.03 * r, 0.86 * tall), (0.84 * r, tall)))
    body = extrude(polygon(sides, r * (1.12 if sides == 4 else 1)), tall) & (
        bevel if sides == 6 else bevel.scale(1.12, 1.12, 1)
    )
    if style == "flange":
        body += turned(points((1.25 * r, 0), (1.25 * r, 0.12 * tall), (0.8 * r, 0.4 * tall)))
    if style == "wing":
        wing = hull(
            cylinder(0.5 * r, 0.3 * m).turn(x=90).move(1.7 * r, 0.15 * m, 1.35 * tall),
            box(0.2 * r, 0.35 * m, 0.6 * tall).move(0.4 * r),
        )
        body = cylinder(0.85 * r, tall, 0.7 * r) + wing.both(x=1)
    if style == "castle":
        body += cylinder(0.8 * r, 0.95 * tall).move(z=0.5 * tall)
        body -= around(box(2 * r, 0.22 * m, tall).move(r, 0, 1.1 * tall), 6)
    bore = thread(0.57 * m, m * 0.24, 2.6 * tall, 24).move(z=-0.4 * tall)
    if style == "cap":
        body += ball(0.78 * r).move(z=0.95 * tall) & box(4 * r, 4 * r, 3 * tall)
        bore = cylinder(m / 2, 0.8 * tall + 5).move(z=-5)
        body = body.turn(x=180).move(z=1.9 * tall) if maybe(g, 0.3) else body
        return (body - bore).paint(color(g, one_of(g, (STEEL, METAL))))
    return (body - bore).paint(color(g, one_of(g, (STEEL, METAL, DARK))))


def washer(g: np.random.Generator) -> Solid:
    """A plain, spring, toothed, tabbed or conical washer."""
    m = one_of(g, (5.0, 8.0, 10.0, 12.0, 16.0, 24.0))
    inner, outer, t = 0.54 * m, m * g.uniform(0.95, 1.6), m * g.uniform(0.12, 0.22)
    paint = color(g, one_of(g, (STEEL, METAL)))
    style = one_of(g, ("plain", "spring", "toothed", "square", "cone"))
    if style == "spring":
        lead = helical(0.77 * m, 0.23 * m, 0.2 * m)
        return lead.paint(paint).turn(x=90)
    if style == "toothed":
        teeth, count = box(0.28 * outer, 0.2 * outer, t).turn(x=22), int(g.integers(8, 17))
        teeth = around(teeth.move(0.98 * outer), count)
        return (tube(0.92 * outer, inner, t, 64) + teeth).paint(paint).turn(x=90)
    if style == "square":
        return (
            (extrude(rectangle(2 * outer, 2 * outer, 0.15 * outer), t) - cylinder(inner, 9 * t, segments=64).move(z=-t))
            .paint(paint)
            .turn(x=90)
        )
    edge = 0.08 * (outer - inner)
    rise = 0.0 if style == "plain" else 0.35 * (outer - inner)
    section = points(
        (inner, rise + edge),
        (inner + edge, rise),
        (outer - edge, 0),
        (outer, edge),
        (outer, t),
        (outer - edge, t + edge),
        (inner + edge, rise + t + edge),
        (inner, rise + t),
    )
    return revolve(section, segments=96).paint(paint).turn(x=90)


def helical(radius: float, half: float, rise: float) -> Solid:
    """A split ring of square wire whose ends stand `rise` apart."""
    angle = np.radians(np.linspace(6, 354, 72))
    way = np.stack([radius * np.cos(angle), radius * np.sin(angle), rise * angle / 6.28], 1)
    return sweep(rectangle(2 * half, 1.7 * half, 0.15 * half, 8), way)


def screw(g: np.random.Generator) -> Solid:
    """A wood screw, point up: a coarse tapered thread and a countersunk or round head."""
    r, length = g.uniform(1.8, 3.2), g.uniform(28, 60)
    plain, pitch = length * one_of(g, (0.0, 0.3)), r * g.uniform(1, 1.3)
    tall = 1.1 * r
    wide = 2.1 * r
    if maybe(g, 0.6):
        head = cylinder(wide, 0.25 * r).move(z=-0.25 * r) + cylinder(wide, tall, 0.7 * r)
    else:
        head = (ball(wide, wide, tall) & box(5 * r, 5 * r, 2 * tall).move(z=-2 * tall)) + cylinder(
            wide, 0.3 * r, 0.9 * wide
        )
    low = float(head.bounds()[0][2])
    head -= drive(g, wide * 0.8).turn(x=180).move(z=low)
    taper = 0.3 * length
    rod = thread(r, pitch, length - plain)

    def sharpen(p: np.ndarray) -> np.ndarray:
        size = np.clip((length - plain - p[:, 2:]) / taper, 0.04, 1) ** 0.7
        return p * np.concatenate([size, size, np.ones_like(size)], 1)

    body = head + cylinder(0.78 * r, plain + tall) + rod.warp(sharpen).move(z=plain + 0.3)
    return body.paint(color(g, one_of(g, (METAL, DARK, STEEL))))


def eyebolt(g: np.random.Generator) -> Solid:
    """A lifting eye, a hook or a U-bolt on threaded shanks."""
    m = g.uniform(6, 14)
    steel = color(g, one_of(g, (STEEL, DARK, BRIGHT)))
    length = m * g.uniform(2, 4)
    shank = thread(m / 2, 0.26 * m, length)
    style = one_of(g, ("eye", "hook", "u"))
    if style == "eye":
        big = m * g.uniform(1.2, 1.6)
        loop = ring(big, 0.42 * m).turn(x=90).move(z=-big - 0.3 * m)
        body = shank + loop + cylinder(1.1 * m, 0.4 * m, 0.9 * m).move(z=-0.4 * m)
    elif style == "hook":
        bend = spline(points((0, 0.5), (0, -0.8), (1.1, -2), (0, -3.3), (-1.3, -2.3), (-1.2, -1.5)) * m, 48)
        size = np.concatenate([np.full(36, 1.0), np.linspace(1, 0.35, 12)])
        body = shank + sweep(circle(0.44 * m, sides=20), path(bend), up=(0, 1, 0), scale=size)
    else:
        wide = m * g.uniform(1.6, 2.4)
        angle = np.radians(np.linspace(180, 360, 32))
        bow = np.stack([wide * np.cos(angle), wide * np.sin(angle)], 1)
        leg = shank.move(x=wide, z=m) + cylinder(0.47 * m, 1.2 * m).move(x=wide, z=-0.1)
        flat = box(2 * wide + 3 * m, 1.8 * m, 0.4 * m, 0.1 * m).move(z=1.4 * m)
        nuts = extrude(polygon(6, 0.95 * m), 0.8 * m).move(x=wide, z=1.7 * m).both(x=1)
        body = sweep(circle(0.47 * m, sides=20), path(bow), up=(0, 1, 0)) + leg.both(x=1) + flat + nuts
    return body.turn(x=180).paint(steel)


def nail(g: np.random.Generator) -> Solid:
    """A nail or a rivet, head up."""
    r, length = g.uniform(1.5, 4), g.uniform(20, 60)
    wide = r * g.uniform(1.8, 2.4)
    style = one_of(g, ("dome", "flat", "cone"))
    if style == "dome":
        head = ball(wide, wide, 0.9 * wide) & box(4 * wide, 4 * wide, wide)
    else:
        head = cylinder(wide, 0.4 * r if style == "flat" else 1.1 * r, wide if style == "flat" else 0.7 * r)
    shaft = cylinder(r, length).move(z=-length + 0.1) + cylinder(0.05 * r, 2.5 * r, r).move(z=-length - 2.4 * r)
    return (head + shaft).paint(color(g, METAL))


def key(g: np.random.Generator) -> Solid:
    """A flat lock key or an old bit key, hanging from its bow."""
    metal = color(g, METAL)
    if maybe(g, 0.6):
        t, length, wide = g.uniform(2, 2.8), g.uniform(26, 34), g.uniform(7.5, 9)
        cuts = g.uniform(0.1, 0.5, int(g.integers(4, 7))) * wide
        x = np.linspace(0.12, 0.86, len(cuts)) * length
        step = 0.3 * length / len(cuts)
        bits = np.stack([np.stack([x - step, x + step], 1).ravel(), np.repeat(cuts, 2) - wide / 2], 1)
        outline = np.concatenate(
            [
                points((-4, -wide / 2)),
                bits,
                points((length, -0.1 * wide), (length - 0.25 * wide, wide / 2), (-4, wide / 2)),
            ]
        )
        blade = extrude(outline, t) - box(0.9 * length, 0.12 * wide, t).move(0.5 * length, 0.16 * wide, 0.6 * t)
        bow = one_of(g, (circle(12), rectangle(20, 24, 6), polygon(6, 13), circle(10, 14), rectangle(22, 22, 10)))
        head = extrude(bow, 1.2 * t).move(-12, 0, -0.1 * t) - cylinder(2.8, 9 * t, segments=24).move(-19 + 2, 0, -2 * t)
        cover = color(g, BRIGHT) if maybe(g, 0.4) else metal
        return (blade.paint(metal) + head.paint(cover)).turn(x=90).turn(y=90)
    r, length = g.uniform(3, 4.2), g.uniform(50, 75)
    shaft = cylinder(r, length, segments=24).turn(y=90) + ring(1.2 * r, 0.5 * r).turn(y=90).move(3)
    bit = box(4.5 * r, 0.8 * r, 5 * r).move(length - 3.2 * r, 0, -5.6 * r)
    notch = box(0.8 * r, 4 * r, 2.4 * r)
    bit -= union(notch.move(length - x * r, 0, -6 * r) for x in ((2.4, 4.2) if maybe(g) else (3.2,)))
    loops = int(g.integers(1, 4))
    if loops == 1:
        bow_ = ring(3 * r, 0.8 * r).turn(x=90).scale(1, 1, 1.25).move(-3.2 * r)
    else:
        loop = ring(2 * r, 0.7 * r).turn(x=90)
        bow_ = union(loop.move(2.2 * r).turn(y=90 + 180 * (i - (loops - 1) / 2) * 0.75) for i in range(loops)).turn(
            y=90
        ).move(-1.2 * r) + ball(1.3 * r, segments=20)
    return (shaft + bit + bow_).paint(metal).turn(y=90)
