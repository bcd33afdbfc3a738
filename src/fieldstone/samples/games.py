"""Chess pieces and dice."""

from itertools import product

import numpy as np

from fieldstone.samples.curves import points, soften, spline
from fieldstone.samples.draw import BRIGHT, DARK, color, maybe, one_of
from fieldstone.samples.solid import Solid, around, ball, box, cylinder, hull, panel, rod, turned, union

__all__ = ["chess_piece", "die"]


def chess_piece(g: np.random.Generator) -> Solid:
    """A pawn, rook, bishop, knight, queen or king."""
    style = one_of(g, ("pawn", "rook", "bishop", "knight", "queen", "king"))
    tall, head = {
        "pawn": (2.3, pawn_head), "rook": (2.5, rook_head), "bishop": (3.4, bishop_head),
        "knight": (1.2, knight_head), "queen": (4.0, queen_head), "king": (4.3, king_head),
    }[style]  # fmt: skip
    r, tall = g.uniform(13, 17), tall * g.uniform(0.95, 1.1)
    foot = points((1, 0), (1, 0.14), (0.9, 0.26), (0.95, 0.36), (0.72, 0.5))
    column = spline(points((0.66, 0.55), (g.uniform(0.36, 0.5), 0.5 * tall), (0.42, tall)), 14)
    collar = points((0.72, tall), (0.76, tall + 0.1), (0.5, tall + 0.2))
    piece = turned(np.concatenate([foot, column, collar])) + head(g).move(z=tall + 0.1)
    return piece.scale(r, r, r).paint(
        color(g, ((236, 222, 192), (70, 52, 44), (40, 42, 48), (150, 96, 58), (196, 60, 52)))
    )


def pawn_head(g: np.random.Generator) -> Solid:
    """A ball, in units of the foot's radius as all heads are."""
    return ball(g.uniform(0.58, 0.68)).move(z=0.5)


def rook_head(g: np.random.Generator) -> Solid:
    """A tower with battlements."""
    tower = cylinder(0.62, 0.9, 0.78) - cylinder(0.5, 1).move(z=0.6)
    return tower - around(box(0.26, 3, 1).move(z=0.62), int(g.integers(2, 4)))


def bishop_head(g: np.random.Generator) -> Solid:
    """A mitre with its slit."""
    mitre = turned(spline(points((0.4, 0), (0.6, 0.4), (0.36, 0.95), (0.05, 1.25)), 18))
    slit = box(0.16, 3, 1).turn(y=g.uniform(22, 34)).move(0.2, 0, 0.62)
    return mitre - slit + ball(0.14, segments=16).move(z=1.3)


def queen_head(g: np.random.Generator) -> Solid:
    """A coronet of six to nine points."""
    notch = rod((0.3, 0, 0.68), (2.3, 0, 1.4), 0.17, segments=14)
    crown = cylinder(0.42, 0.75, 0.82) - around(notch, int(g.integers(6, 10)))
    return crown + ball(0.42, 0.42, 0.34, 24).move(z=0.72) + ball(0.16, segments=16).move(z=1.12)


def king_head(g: np.random.Generator) -> Solid:
    """A crown under a cross."""
    crown = turned(spline(points((0.42, 0), (0.7, 0.6), (0.6, 0.75), (0.12, 0.95)), 16))
    cross = box(0.2, 0.2, 0.75) + box(g.uniform(0.5, 0.62), 0.2, 0.2).move(z=0.32)
    return crown + cross.move(z=0.88)


def knight_head(g: np.random.Generator) -> Solid:
    """A horse's head, in profile towards -x."""
    side = points(
        (0.62, 0), (0.7, 0.7), (0.62, 1.4), (0.35, 1.95), (0.1, 2.12), (0.02, 2.4), (-0.1, 2.1), (-0.45, 1.85),
        (-0.95, 1.3), (-0.98, 1.08), (-0.75, 0.98), (-0.35, 1.2), (-0.12, 1.12), (-0.35, 0.7),
    )  # fmt: skip
    wedge = hull(box(3, 0.85, 0.01), box(3, g.uniform(0.25, 0.4), 0.01).move(z=2.4))
    crest = points((0.66, 0.3), (0.84, 0.9), (0.7, 1.6), (0.36, 2.1), (0.3, 1.8), (0.5, 0.9))
    eye = rod((-0.3, -1, 1.66), (-0.3, 1, 1.66), 0.07, segments=12)
    return (panel(soften(spline(side, 56), 0.05), 0.7) & wedge) + panel(spline(crest, 30), 0.24) - eye


GOLDEN = (1 + 5**0.5) / 2


def solids() -> dict[int, np.ndarray]:
    """Corners of the regular solids by their number of faces, near unit size."""
    signs = np.array(list(product((-1, 1), repeat=3)), dtype=np.float64)
    flat = np.array(list(product((0,), (-1, 1), (-1, 1))), dtype=np.float64)

    def cycles(y: float, z: float) -> np.ndarray:
        return np.concatenate([np.roll(flat * (1, y, z), k, axis=1) for k in range(3)])

    return {
        4: signs[signs.prod(1) > 0] * 0.9,
        8: np.concatenate([np.eye(3), -np.eye(3)]) * 1.4,
        12: np.concatenate([signs, cycles(1 / GOLDEN, GOLDEN)]) * 0.75,
        20: cycles(1, GOLDEN) * 0.7,
    }


def die(g: np.random.Generator) -> Solid:
    """A die of 4, 6, 8, 12 or 20 faces; the cube has pips."""
    sides, r = one_of(g, (6, 20, 6, 6, 12, 6, 8, 6, 4, 6)), g.uniform(8, 12)
    paint = color(g, (*BRIGHT, (244, 240, 230), *DARK))
    mark = (250, 248, 244) if sum(paint) < 500 else (44, 44, 48)
    if sides == 6:
        cube = box(2 * r, 2 * r, 2 * r, g.uniform(0.22, 0.4) * r).move(z=-r)
        cube = cube & ball(g.uniform(1.42, 1.55) * r, segments=48) if maybe(g) else cube
        return (cube.paint(paint) - pips(r).paint(mark)).turn(x=90 * int(g.integers(4)), z=20)
    corners = solids()[sides] * r
    knob = ball(0.14 * r, segments=14)
    gem = hull(*[knob.move(*corner) for corner in corners.tolist()])
    return gem.turn(x=g.uniform(0, 90), y=g.uniform(0, 90)).paint(paint)


def pips(r: float) -> Solid:
    """The pits of a cube of half side r: 1 against 6, 2 against 5, 3 against 4."""
    one, two = [(0.0, 0.0)], [(-0.5, -0.5), (0.5, 0.5)]
    four = [*two, (-0.5, 0.5), (0.5, -0.5)]
    layout = {1: one, 2: two, 3: one + two, 4: four, 5: one + four, 6: [*four, (-0.5, 0.0), (0.5, 0.0)]}
    turns = {1: (0, 0), 6: (180, 0), 2: (90, 0), 5: (-90, 0), 3: (0, 90), 4: (0, -90)}
    pit = ball(0.19 * r, segments=14)
    faces = [union(pit.move(x * r, y * r, 1.06 * r) for x, y in places) for places in layout.values()]
    return union(face.turn(x=turns[n][0], y=turns[n][1]) for n, face in zip(layout, faces, strict=True))
