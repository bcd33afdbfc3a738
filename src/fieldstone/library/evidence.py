"""How two shapes are the same, judged from what a library keeps of them: fingerprints, surface points, bodies.

The first line that holds decides. D is the moment distance (moment_match.py) in the best proper or improper pose, r the
residual of the points in that pose beyond their sampling floor, as a share of the query's diagonal.

    identical    D(proper) <= EXACT, and the sizes agree to SAME_SIZE (in real size where both units are known)
    rescaled     D(proper) <= EXACT, any other size
    mirrored     D(improper) <= EXACT: then the shape is chiral by more than EXACT; `factor` says the size
                 the same three once more with SAME for EXACT: tessellated anew
    part of      a body of the one is the other, whole, at true size: D(proper) <= PART, and the points of the part lie
                 on the points of the whole; either may be the part; `count` says how many copies the whole holds
    remeshed     r <= CLOSE in the better of the proper and improper poses, refined on the points; r <= CLOSER where the
                 sizes are neither equal nor in the ratio of two units
    similar      none of these

Lines with D(proper) or D(improper) also ask that the points agree: r <= CLOSE. Bodies that carry no form of their own
(few faces, or flat) are no parts. A cloud has no surface moments, so a cloud and a mesh are never more than remeshed
("points of the same surface"); two clouds are judged like two meshes, on the moments of position.

The constants were set on measured pairs of real meshes; benchmarks/evidence.py reports on a split of its own.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from jaxtyping import Float32, Float64

from fieldstone.geometry.align import Alignment, Prepared, align_prepared, measured, refine
from fieldstone.geometry.fingerprint import BodyMark, Fingerprint, candidates, keys
from fieldstone.geometry.moment_match import MomentMatch, match_moments
from fieldstone.library.factors import METRES, describe_factor, named_factor
from fieldstone.library.shape import Evidence, Pose
from fieldstone.types import Unit

__all__ = ["BodyMark", "Judgement", "Record", "judge"]

EXACT = 5e-5
"""Moment distance of one tessellation in two files: 2e-8 to 1e-6 in float32. The mirror images of 360 meshes fall in two
heaps, achiral but for the rounding of coordinates or not: 5e-5 parts them, at an exact distance of 5e-6, but for 8."""
SAME = 1e-3
"""Moment distance of two tessellations of one CAD part: up to 9.5e-4 (three STEP files at five tolerances, STL, 3MF).
Decimation to half leaves more in 97 % of 480 meshes."""
SAME_KEY = 0.01
"""Keys of pairs with D <= SAME differ by less (6e-4 at most, measured): others are not tried."""
SAME_SIZE = 1e-3
"""Sizes (root mean square radii) of two tessellations of one CAD part differ by up to 6e-5."""
CLOSE = 0.012
"""Residual beyond the floor: below it for 96 % of decimations to half, and in 3 of 299 unrelated pairs."""
CLOSER = 0.004
"""The same, for two sizes that are neither equal nor in the ratio of two units: a form that comes back in any other size
is more often another form. Halves the pairs of different shapes, nearest by key, that look remeshed (12 % to 6 %)."""
NOT_FAR = 0.035
"""Residual beyond the floor before refinement: below it for 99 % of decimations to half. Others are not refined."""
UNLIKE = 0.35
"""Keys that differ by more are not compared with care: 0.31 is the most of 480 decimations to half."""
HAND = 0.05
"""A mirror image must fit the points better than the proper pose by this share: achiral shapes show up to 0.01."""
PART_KEY = 2e-3
"""Keys of a body and its copy differ by less: files of 16 bits a coordinate move them by up to 1e-3."""
PART = 6e-3
"""Moment distance of a body and its copy; as PART_KEY, summed over the tensors."""
WHOLE = 0.95
"""A body with more than this share of the area is no part but the whole, give or take some crumbs."""
PART_TRIES = 3
"""Bodies whose keys are near that are looked at."""
ON = 2.0
"""Mean distance of a part's points from the whole's, over the whole's mean sampling floor: thin walls are sampled more
densely than a body that stands apart; 1.67 is the most of 141 parts."""
RESOLVED = 1.05
"""Two samples of one surface leave up to this many times the floor."""
REMESHED_SIZE = 0.06
"""Decimation to half leaves the size within this, but for 2 %."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Record:
    """What a library keeps of a shape, enough to judge: everything in the shape's own frame and unit."""

    points: Float32[np.ndarray, "n 3"]
    fingerprint: Fingerprint
    bodies: tuple[BodyMark, ...] = ()
    n_faces: int = 0
    unit: Unit | None = None
    kind: Literal["mesh", "cloud"] = "mesh"

    @cached_property
    def prepared(self) -> Prepared:
        """The points, ready to be aligned; a small cloud's are repeated, and repetitions would hide its floor."""
        return Prepared(self.points if self.kind == "mesh" else np.unique(self.points, axis=0))

    @cached_property
    def key(self) -> Float64[np.ndarray, "16"]:
        """The key of the fingerprint."""
        return np.asarray(keys(self.fingerprint.vector[None])[0])

    @cached_property
    def body_keys(self) -> Float64[np.ndarray, "b 16"]:
        """The keys of the bodies' fingerprints."""
        return keys(np.stack([body.fingerprint.vector for body in self.bodies]))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Judgement:
    """`pose` lays the other on the query; `residual` is what the points leave beyond their sampling floor.

    The residual is the mean distance to the nearest point, both ways, less the sampling floor in quadrature, as a share
    of the query's diagonal: 0 where points cannot tell the surfaces apart. For a part it is one way, part to whole.
    """

    evidence: Evidence
    pose: Pose | None
    residual: float | None


def judge(query: Record, other: Record) -> Judgement:
    """What ties two shapes, by the table above: 3 ms where they are the same, 6 ms unlike, 10 ms decimated (medians)."""
    ratio = _unit_ratio(query, other)
    gap = float(np.nanmax(np.abs(query.key - other.key)[:-1]))
    matches = _Matches(query.fingerprint, other.fingerprint)
    found = _same(query, other, matches, ratio) if gap <= SAME_KEY else None
    found = found or _part(query, other, ratio)
    found = found or (_remeshed(query, other, matches, ratio) if gap <= UNLIKE else None)
    return found or _similar(query, other, matches, ratio)


class _Matches:
    """The poses that the moments of two shapes lead to, each found when first asked for."""

    def __init__(self, query: Fingerprint, other: Fingerprint) -> None:
        self.query, self.other = query, other

    @cached_property
    def proper(self) -> MomentMatch:
        return match_moments(self.query.moments, self.other.moments, mirror=False)

    @cached_property
    def improper(self) -> MomentMatch:
        return match_moments(self.query.moments, self.other.moments, mirror=True)

    def start(self, *, mirror: bool) -> Alignment:
        return _pose(self.query, self.other, self.improper if mirror else self.proper)


def _unit_ratio(query: Record, other: Record) -> float:
    """By what a ratio of numbers is multiplied to be one of real sizes; 1 unless both units are known."""
    if query.unit is None or other.unit is None:
        return 1.0
    return METRES[query.unit] / METRES[other.unit]


def _pose(a: Fingerprint, b: Fingerprint, match: MomentMatch) -> Alignment:
    """The pose that lays b on a by their moments; its residual is not measured."""
    scale = a.size / b.size
    translation = a.centroid - scale * match.rotation @ b.centroid
    return Alignment(rotation=match.rotation, translation=translation, scale=scale, residual=np.nan)


def _beyond(found: Alignment, query: Record, other: Record) -> float:
    """The residual less the mean of both sampling floors, in quadrature; 0 within what the points resolve."""
    mine, yours = query.prepared, other.prepared
    floor = 0.5 * (mine.floor * mine.size + yours.floor * yours.size * found.scale) / mine.diagonal
    if found.residual <= RESOLVED * floor:
        return 0.0
    return float(np.sqrt(found.residual**2 - floor**2))


def _judgement(evidence: Evidence, found: Alignment, residual: float) -> Judgement:
    pose = Pose(rotation=found.rotation, translation=found.translation, scale=found.scale)
    return Judgement(evidence=evidence, pose=pose, residual=residual)


def _same(query: Record, other: Record, matches: _Matches, ratio: float) -> Judgement | None:
    """Identical, rescaled or mirrored: where the moments agree, and the points do."""
    if query.kind != other.kind:
        return None
    for mirror, tolerance in ((False, EXACT), (True, EXACT), (False, SAME), (True, SAME)):
        match = matches.improper if mirror else matches.proper
        if match.distance > tolerance:
            continue
        found = measured(query.prepared, other.prepared, matches.start(mirror=mirror))
        residual = _beyond(found, query, other)
        if residual > 0.0:  # moments leave the turn of a many-toothed wheel open
            found = align_prepared(query.prepared, other.prepared, mirror=mirror, scale=True)
            residual = _beyond(found, query, other)
        if residual <= CLOSE:
            factor = query.fingerprint.size / other.fingerprint.size * ratio
            return _judgement(_same_evidence(factor, match.distance, mirror), found, residual)
    return None


def _same_evidence(factor: float, distance: float, mirror: bool) -> Evidence:
    resized = abs(np.log(factor)) > SAME_SIZE
    words = describe_factor(factor, 2 * SAME_SIZE)
    if mirror:
        text = f"mirror image, rescaled by {words}" if resized else "mirror image"
        return Evidence(kind="mirrored", factor=factor if resized else 1.0, mirrored=True, text=text)
    if resized:
        return Evidence(kind="rescaled", factor=factor, text=f"rescaled by {words}")
    text = "the same surface" if distance <= EXACT else "the same surface, tessellated anew"
    return Evidence(kind="identical", text=text)


def _part(query: Record, other: Record, ratio: float) -> Judgement | None:
    """One of the two as a body of the other, at true size."""
    found = _body_of(query, other, ratio)
    if found is not None:
        body, laid, away = found
        evidence = Evidence(kind="part of", count=body.count, text=f"the other holds it {_times(body.count)}")
        return _judgement(evidence, _inverse(laid), away * laid.scale / query.prepared.diagonal)
    found = _body_of(other, query, 1.0 / ratio)
    if found is not None:
        body, laid, away = found
        evidence = Evidence(kind="part of", count=body.count, text=f"holds the other {_times(body.count)}")
        return _judgement(evidence, laid, away / query.prepared.diagonal)
    return None


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _body_of(part: Record, whole: Record, ratio: float) -> tuple[BodyMark, Alignment, float] | None:
    """The body of `whole` that `part` is, the pose that lays the part there, and how far its points are from the whole's.

    `ratio` turns the part's numbers into the whole's unit; the distance is in the whole's own, less the sampling floor.
    """
    if not whole.bodies or part.kind != "mesh":
        return None
    key = part.key.copy()
    key[-1] += np.log(ratio)
    for row in candidates(key, whole.body_keys, same_size=True, tolerance=PART_KEY)[:PART_TRIES]:
        body = whole.bodies[row]
        if body.fingerprint.area > WHOLE * whole.fingerprint.area:
            continue
        match = match_moments(body.fingerprint.moments, part.fingerprint.moments, mirror=False)
        if match.distance > PART:
            continue
        laid = _pose(body.fingerprint, part.fingerprint, match)
        target = whole.prepared
        points = (part.points @ (laid.scale * laid.rotation.T) + laid.translation - target.centroid) / target.size
        away = float(target.index.query(points.astype(np.float32))[0].mean())
        if away <= ON * target.floor:
            return body, laid, float(np.sqrt(max(away**2 - target.floor**2, 0.0))) * target.size
    return None


def _inverse(pose: Alignment) -> Alignment:
    """The pose that lays the other way round."""
    turn, scale = pose.rotation.T, 1.0 / pose.scale
    return Alignment(rotation=turn, translation=-scale * turn @ pose.translation, scale=scale, residual=np.nan)


def _remeshed(query: Record, other: Record, matches: _Matches, ratio: float) -> Judgement | None:
    """One form in two triangulations: by the residual of the points in the refined pose."""
    proper = _refined(query, other, matches, mirror=False)
    far = proper is None or _beyond(proper, query, other) > CLOSE
    improper = None
    if far or matches.improper.distance < 0.5 * matches.proper.distance:
        improper = _refined(query, other, matches, mirror=True)
    found = proper
    if improper is not None and (proper is None or improper.residual < (1 - HAND) * proper.residual):
        found = improper
    if found is None or _beyond(found, query, other) > _tolerance(found.scale * ratio):
        return None
    return _judgement(_remeshed_evidence(query, other, found, ratio), found, _beyond(found, query, other))


def _tolerance(factor: float) -> float:
    """How close the points of two triangulations of one form must be, where their sizes are in this ratio."""
    expected = abs(np.log(factor)) <= REMESHED_SIZE or named_factor(factor, REMESHED_SIZE) is not None
    return CLOSE if expected else CLOSER


def _refined(query: Record, other: Record, matches: _Matches, *, mirror: bool) -> Alignment | None:
    """The pose of the moments after iterated closest points; None where it is too far off to begin with."""
    start = measured(query.prepared, other.prepared, matches.start(mirror=mirror))
    if _beyond(start, query, other) > NOT_FAR:
        return None
    found = refine(query.prepared, other.prepared, start, scale=True)
    if not CLOSE < _beyond(found, query, other) <= 2 * CLOSE:
        return found
    again = align_prepared(query.prepared, other.prepared, mirror=mirror, scale=True)
    return min(found, again, key=lambda pose: pose.residual)


def _similar(query: Record, other: Record, matches: _Matches, ratio: float) -> Judgement:
    """No tie but the resemblance that brought them together: the pose of the moments, as it is."""
    found = measured(query.prepared, other.prepared, matches.start(mirror=False))
    return _judgement(Evidence(kind="similar", factor=found.scale * ratio), found, _beyond(found, query, other))


def _remeshed_evidence(query: Record, other: Record, found: Alignment, ratio: float) -> Evidence:
    factor, mirror = found.scale * ratio, bool(np.linalg.det(found.rotation) < 0)
    resized = abs(np.log(factor)) > REMESHED_SIZE
    meshes = query.kind == other.kind == "mesh"
    text = f"remeshed, {query.n_faces:,} against {other.n_faces:,} faces" if meshes else "points of the same surface"
    if mirror:
        text += ", mirror image"
    if resized:
        text += f", rescaled by {describe_factor(factor, REMESHED_SIZE)}"
    return Evidence(kind="remeshed", factor=factor if resized else 1.0, mirrored=mirror, text=text)
