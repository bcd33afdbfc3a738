"""What a library answers with: a shape, the evidence that ties two shapes, a hit, and the report of an ingest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Float

from fieldstone.types import Axis, Unit

__all__ = ["Evidence", "EvidenceKind", "Hit", "Pose", "Report", "Shape"]

EvidenceKind: TypeAlias = Literal["identical", "rescaled", "mirrored", "remeshed", "part of", "similar"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One row of a library: one content, however many paths hold it. Lengths are in the file's own unit."""

    id: str
    """The first 32 hex digits of the SHA-256 of the content; a part's also tells its parent."""
    name: str
    """The file's stem, or the part's own name."""
    source: str
    """The first path that holds it, or `archive.zip!/member`; a part's is `path#part name`."""
    sources: tuple[str, ...]
    """Every path that holds it."""
    kind: Literal["mesh", "cloud"]
    parent: str | None
    """The assembly's id, where this is a part of one."""
    count: int
    """How often the parent holds it; 1 otherwise."""
    category: str | None
    tags: tuple[str, ...]
    unit: Unit | None
    up: Axis | None
    n_vertices: int
    n_faces: int
    """0 for a cloud."""
    extents: tuple[float, float, float]
    """Sides of the bounding box along the file's axes."""
    diagonal: float
    area: float | None
    """None for a cloud."""
    volume: float | None
    """None unless the surface encloses one (watertight and oriented)."""
    watertight: bool
    oriented: bool
    """Neighbouring faces agree which side is out."""
    n_bodies: int
    n_degenerate: int
    """Faces without area."""
    n_non_manifold: int
    """Edges of more than two faces."""
    n_boundary: int
    """Edges of one face only."""
    sign_confidence: float | None
    """Share of sampled space where inside and outside are plain (1: certain); None for a cloud."""
    notes: tuple[str, ...]
    """What was found wrong or odd in the file."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    added: str = ""
    """When, ISO 8601, UTC."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pose:
    """A similarity: `x -> scale * rotation @ x + translation` lays the hit's frame onto the query's.

    `rotation` is orthogonal; its determinant is -1 where the match is a mirror image.
    """

    rotation: Float[np.ndarray, "3 3"]
    translation: Float[np.ndarray, "3"]
    scale: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why two shapes belong together."""

    kind: EvidenceKind
    factor: float = 1.0
    """Size of the query over size of the hit (in real size where both units are known)."""
    count: int = 0
    """For `part of`: how many copies of the one the other holds."""
    mirrored: bool = False
    text: str = ""
    """One line for a person: "rescaled by 25.4 (inch / mm)"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One answer of a search."""

    shape: Shape
    score: float
    """Share of unrelated pairs of this library that are farther apart than query and hit, in [0, 1]."""
    distance: float
    """The distance that ranked it: of embeddings, or the re-ranking's."""
    evidence: Evidence
    pose: Pose | None
    residual: float | None
    """Symmetric mean distance between the two surfaces in the best pose, as a share of the query's diagonal."""


@dataclass(slots=True, kw_only=True)
class Report:
    """The sum of an ingest. `added`: contents new to the library; `known`: new paths of contents it had."""

    added: int = 0
    known: int = 0
    relabelled: int = 0
    """Known paths of which only the labels changed."""
    unchanged: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    removed: int = 0
    moved: int = 0
    seconds: float = 0.0
    skipped: int = 0
    """Files without a reader."""
    op: int | None = None
    """The operation's number in the history; None where nothing changed."""
