"""Chess pieces and dice."""

import numpy as np

from fieldstone.samples.curves import points, soften, spline
from fieldstone.samples.draw import BRIGHT, DARK, color, maybe, one_of
from fieldstone.samples.solid import (
    Solid,
    around,
    ball,
    box,
    cylinder,
    extrude,
    hull,
    ring,
    union,
)
from fieldstone.samples.tableware import filled

__all__ = ["chess_piece", "die"]


def chess_piece(g: np.random.Generator) -> Solid:
    """A pawn, rook, bishop, knight, queen or king."""
    style = one_of(g, ("pawn", "rook", "bishop", "knight", "queen", "king"))
    r = g.uniform(13, 17)
    tall = (
        r
        * {"pawn": 2.3, "rook": 2.5, "bishop": 3.4, "knight": 1.2, "queen": 4.0, "king": 4.3}[style]
        * g.uniform(0.95, 1.1)
    )
    paint = color(g, ((236, 222, 192), (70, 52, 44), (40, 42, 48), (150, 96, 58), (196, 60, 52)))
    waist = g.uniform(0.36, 0.5)
    foot = points((1, 0), (1, 0.14), (0.9, 0.26), (0.95, 0.36), (0.72, 0.5)) * r
    column = spline(points((0.66 * r, 0.55 * r), (waist * r, 0.5 * tall), (0.42 * r, tall)), 14)
    collar = points((0.72 * r, tall), (0.76 * r, tall + 0.1 * r), (0.5 * r, tall + 0.2 * r))
    body = filled(np.concatenate([foot, column, collar]))
    top = tall + 0.15 * r
    if style == "pawn":
        head = ball(0.62 * r).move(z=top + 0.45 * r)
    elif style == "rook":
        head = cylinder(0.62 * r, 0.9 * r, 0.78 * r) - cylinder(0.5 * r, r).move(z=0.6 * r)
        head = (head - around(box(0.26 * r, 3 * r, r).move(z=0.62 * r), 3)).move(z=top - 0.05 * r)
    elif style == "bishop":
        mitre = filled(spline(points((0.4, 0), (0.6, 0.4), (0.36, 0.95), (0.05, 1.25)) * r, 18))
        slit = box(0.16 * r, 3 * r, r).turn(y=28).move(0.2 * r, 0, 0.62 * r)
        head = (mitre - slit + ball(0.14 * r, segments=16).move(z=1.3 * r)).move(z=top - 0.02 * r)
    elif style == "knight":
        head = horse(r).move(z=top - 0.25 * r)
    elif style == "queen":
        crown = cylinder(0.42 * r, 0.75 * r, 0.82 * r) - around(
            cylinder(0.17 * r, 2 * r, segments=14).turn(y=70).move(0.3 * r, 0, 0.68 * r), int(g.integers(6, 10))
        )
        head = (
            crown
            + ball(0.42 * r, 0.42 * r, 0.34 * r, 24).move(z=0.72 * r)
            + ball(0.16 * r, segments=16).move(z=1.12 * r)
        ).move(z=top - 0.05 * r)
    else:
        cross = box(0.2 * r, 0.2 * r, 0.75 * r) + box(0.56 * r, 0.2 * r, 0.2 * r).move(z=0.32 * r)
        crown = filled(spline(points((0.42, 0), (0.7, 0.6), (0.6, 0.75), (0.12, 0.95)) * r, 16))
        head = (crown + cross.move(z=0.88 * r)).move(z=top - 0.05 * r)
    return (body + head).paint(paint)


def horse(r: float) -> Solid:
    """A knight's head, in profile towards -x."""
    side = points(
        (0.62, 0), (0.7, 0.7), (0.62, 1.4), (0.35, 1.95), (0.1, 2.12), (0.02, 2.4), (-0.1, 2.1), (-0.45, 1.85), (-0.95, 1.3), (-0.98, 1.08), (-0.75, 0.98),
        (-0.35, 1.2), (-0.12, 1.12), (-0.35, 0.7), (-0.62, 0),
    )  # fmt: skip
    flat = extrude(soften(spline(side[:-1], 56), 0.05) * r, 0.7 * r).turn(x=90).move(y=0.35 * r)
    wedge = hull(box(2.6 * r, 0.85 * r, 10), box(2.6 * r, 0.3 * r, 10).move(z=2.4 * r)).move(-0.1 * r)
    mane = (
        extrude(
            spline(points((0.66, 0.3), (0.84, 0.9), (0.7, 1.6), (0.36, 2.1), (0.3, 1.8), (0.5, 0.9)), 30) * r, 0.24 * r
        )
        .turn(x=90)
        .move(y=0.12 * r)
    )
    eye = cylinder(0.07 * r, 3 * r, segments=12).turn(x=90).move(-0.3 * r, 1.5 * r, 1.66 * r)
    return (flat & wedge) + mane - eye


def die(g: np.random.Generator) -> Solid:
    """A die of 4, 6, 8, 12 or 20 faces; the cube has pips."""
    sides, r = one_of(g, (6, 6, 6, 4, 8, 12, 20)), g.uniform(8, 12)
    paint = color(g, (*BRIGHT, (244, 240, 230), *DARK))
    if sides == 6:
        cube = box(2 * r, 2 * r, 2 * r, g.uniform(0.12, 0.35) * r).move(z=-r).paint(paint)
        if maybe(g):
            cube = cube & ball(1.5 * r, segments=48).paint(paint)
        return (cube - pips(r).paint((250, 248, 244) if sum(paint) < 500 else (44, 44, 48))).turn(
            x=90 * int(g.integers(4)), z=20
        )
    golden = (1 + 5**0.5) / 2
    corners = {
        4: points((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)),
        8: np.concatenate([np.eye(3), -np.eye(3)]) * 1.5,
        20: np.concatenate([np.roll(points((0, 1, golden), (0, 1, -golden), (0, -1, golden), (0, -1, -golden)), k, 1) for k in range(3)]),
        12: np.concatenate([points(*[(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]), *[np.roll(points((0, 1 / golden, golden), (0, 1 / golden, -golden), (0, -1 / golden, golden), (0, -1 / golden, -golden)), k, 1) for k in range(3)]]),
    }[sides]  # fmt: skip
    soft = ball(0.14 * r, segments=14)
    gem = hull(*[soft.move(*(0.9 * r * c).tolist()) for c in corners]).paint(paint)
    grooves = union(ring(0.3 * r, 0.06 * r, 24, 8).move(z=0) for _ in range(1))
    return gem.turn(x=g.uniform(0, 90), y=g.uniform(0, 90)) + (grooves.paint(paint) & gem)


def pips(r: float) -> Solid:
    """The pits of a cube of half side r: 1 against 6, 2 against 5, 3 against 4."""
    a = 0.5
    layout = {
        1: [(0, 0)], 2: [(-a, -a), (a, a)], 3: [(-a, -a), (0, 0), (a, a)], 4: [(-a, -a), (a, a), (-a, a), (a, -a)],
        5: [(-a, -a), (a, a), (-a, a), (a, -a), (0, 0)], 6: [(-a, y) for y in (-a, 0, a)] + [(a, y) for y in (-a, 0, a)],
    }  # fmt: skip
    turns = {1: (0, 0), 6: (180, 0), 2: (90, 0), 5: (-90, 0), 3: (0, 90), 4: (0, -90)}
    pit = ball(0.19 * r, segments=14)
    return union(
        union(pit.move(x * r, y * r, 1.06 * r) for x, y in layout[face]).turn(x=turns[face][0], y=turns[face][1])
        for face in turns
    )
