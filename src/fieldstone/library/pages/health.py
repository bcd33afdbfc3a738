"""What is wrong with which shapes, from their rows alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fieldstone.library.pages.words import count, length
from fieldstone.library.shape import Shape
from fieldstone.types import Unit

__all__ = ["Finding", "findings", "millimetres"]

FAR = 1000.0
"""A shape this many times smaller or larger than the median (of those whose unit is known, or of those whose unit is
not) is tiny or gigantic."""

_MM: dict[Unit, float] = {"um": 1e-3, "mm": 1.0, "cm": 10.0, "m": 1000.0, "inch": 25.4, "ft": 304.8}


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of trouble: its anchor, its name, what it means, and the shapes that have it, each with a detail."""

    key: str
    title: str
    meaning: str
    shapes: tuple[tuple[Shape, str], ...]


def millimetres(shape: Shape) -> float | None:
    """The diagonal in mm; None where the unit is unknown."""
    return None if shape.unit is None else shape.diagonal * _MM[shape.unit]


def findings(shapes: Sequence[Shape]) -> list[Finding]:
    """Every kind of trouble that at least one shape has, the commonest first."""
    meshes = [s for s in shapes if s.kind == "mesh"]
    typical = {known: _median([s for s in shapes if (s.unit is not None) == known]) for known in (True, False)}

    def collect(
        key: str,
        title: str,
        meaning: str,
        has: Callable[[Shape], bool],
        detail: Callable[[Shape], str],
        of: list[Shape],
    ) -> Finding:
        return Finding(key, title, meaning, tuple((s, detail(s)) for s in of if has(s)))

    def size(s: Shape) -> str:
        return f"diagonal {length(s.diagonal, s.unit)}"

    found = [
        collect("open", "Not watertight", "The surface has open edges: it encloses no volume.",
                lambda s: not s.watertight, lambda s: count(s.n_boundary, "open edge"), meshes),
        collect("flipped", "Faces disagree", "Neighbouring faces do not agree which side is out.",
                lambda s: not s.oriented, lambda s: count(s.n_bodies, "body", "bodies"), meshes),
        collect("degenerate", "Degenerate faces", "Faces without area: needles and points.",
                lambda s: s.n_degenerate > 0, lambda s: f"{s.n_degenerate:,} of {count(s.n_faces, 'face')}", meshes),
        collect("nonmanifold", "Non-manifold edges", "Edges that more than two faces share.",
                lambda s: s.n_non_manifold > 0, lambda s: count(s.n_non_manifold, "edge"), meshes),
        collect("tiny", "Tiny", f"Over {FAR:,.0f} times smaller than the library's median: often metres read as mm.",
                lambda s: _extent(s) * FAR < typical[s.unit is not None], size, list(shapes)),
        collect("gigantic", "Gigantic", f"Over {FAR:,.0f} times larger than the library's median: often a wrong unit.",
                lambda s: _extent(s) > FAR * typical[s.unit is not None], size, list(shapes)),
    ]  # fmt: skip
    return sorted((f for f in found if f.shapes), key=lambda f: -len(f.shapes))


def _extent(shape: Shape) -> float:
    """The diagonal in mm, or as written where the unit is unknown."""
    return shape.diagonal if shape.unit is None else shape.diagonal * _MM[shape.unit]


def _median(shapes: Sequence[Shape]) -> float:
    return float(np.median([_extent(s) for s in shapes])) if shapes else 0.0
