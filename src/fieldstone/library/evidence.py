"""How two shapes are the same, judged from what a library keeps of them: fingerprints, surface points, bodies.

The first line that holds decides. D is the moment distance (moment_match.py) in the best proper or improper pose, r the
residual of the points in that pose beyond their sampling floor, as a share of the query's diagonal.

    identical    D(proper) <= SAME, and the sizes agree to SAME_SIZE (in real size where both units are known)
    rescaled     D(proper) <= SAME, any other size
    mirrored     D(improper) <= SAME: so the shape is chiral by more than SAME; `factor` says the size
    part of      a body of the one has the fingerprint of the other, whole, at true size, and the points of the part lie on
                 the points of the whole; either may be the part, and `count` says how many copies the whole holds
    remeshed     r <= CLOSE in the best of the proper and improper poses, refined on the points
    similar      none of these

A line with D also asks that the points agree: r <= CLOSE. A cloud has no surface moments, so a cloud and a mesh are never
more than remeshed ("points of the same surface"); two clouds are judged like two meshes, on the moments of position.
Constants were chosen on measured pairs (benchmarks/evidence.py), not on the pairs that the benchmark reports.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from jaxtyping import Float32

from fieldstone.geometry.align import Alignment, Prepared, align_prepared, place
from fieldstone.geometry.fingerprint import BodyMark, Fingerprint, candidates, keys
from fieldstone.geometry.moment_match import MomentMatch, match_moments
from fieldstone.library.factors import METRES, describe_factor
from fieldstone.library.shape import Evidence, Pose
from fieldstone.types import Unit

__all__ = ["BodyMark", "Judgement", "Record", "judge"]

SAME = 1e-3
"""Moment distance of one surface in two files: 2e-8 to 1e-6 for float32 files, 2e-4 to 8e-4 for two tessellations of one
CAD part (featuretype STL, 3MF, STEP at three tolerances). Decimation to half leaves more in 97 % of 280 meshes."""
SAME_SIZE = 1e-3
"""Sizes (root mean square radii) of two tessellations of one CAD part differ by up to 6e-5."""
CLOSE = 0.01
"""Residual beyond the floor: below it for 96 % of decimations to half, above 0.0217 for all of 240 unrelated pairs."""
UNLIKE = 0.2
"""Keys further apart than this are not aligned with care: 0.18 is the largest of 280 decimations to half."""
PART = 2e-3
"""Moment distance of a body and its copy: files of 16 bits a coordinate move it by up to 1e-3."""
ON = 1.35
"""Mean distance of a part's points from the whole's, over the whole's sampling floor."""
REMESHED_SIZE = 0.05
"""Decimation changes the size by up to 5 %."""


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
        """The points, ready to be aligned."""
        return Prepared(self.points)

    @cached_property
    def key(self) -> np.ndarray:
        """The key of the fingerprint."""
        return keys(self.fingerprint.vector[None])[0]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Judgement:
    """`pose` lays the other on the query; `residual` is what the points leave beyond their sampling floor.

    The residual is the mean distance to the nearest point, both ways, less the sampling floor in quadrature, as a share of
    the query's diagonal: 0 where the points cannot tell the surfaces apart. For a part it is one way, part to whole.
    """

    evidence: Evidence
    pose: Pose | None
    residual: float | None


def judge(query: Record, other: Record) -> Judgement:
    """What ties two shapes, by the table above; about 10 ms for alike shapes, and less for unlike ones."""
    ratio = _unit_ratio(query, other)
    gap = _gap(query, other)
    if gap <= UNLIKE:
        same = _same(query, other, ratio)
        if same is not None:
            return same
    part = _part(query, other, ratio)
    if part is not None:
        return part
    return _by_points(query, other, ratio, careful=gap <= UNLIKE)


def _unit_ratio(query: Record, other: Record) -> float:
    """By what a ratio of numbers is multiplied to be one of real sizes; 1 unless both units are known."""
    if query.unit is None or other.unit is None:
        return 1.0
    return METRES[query.unit] / METRES[other.unit]


def _gap(query: Record, other: Record) -> float:
    return float(np.nanmax(np.abs(query.key - other.key)[:-1]))


def _start(a: Fingerprint, b: Fingerprint, match: MomentMatch) -> Alignment:
    """The pose that lays b on a by their moments; its residual is not measured."""
    scale = a.size / b.size
    translation = a.centroid - scale * match.rotation @ b.centroid
    return Alignment(rotation=match.rotation, translation=translation, scale=scale, residual=np.nan)


def _beyond(found: Alignment, query: Record, other: Record) -> float:
    """The residual less the mean of both sampling floors, in quadrature."""
    mine, yours = query.prepared, other.prepared
    floor = 0.5 * (mine.floor * mine.size + yours.floor * yours.size * found.scale) / mine.diagonal
    return float(np.sqrt(max(found.residual**2 - floor**2, 0.0)))


def _judgement(evidence: Evidence, found: Alignment, residual: float) -> Judgement:
    pose = Pose(rotation=found.rotation, translation=found.translation, scale=found.scale)
    return Judgement(evidence=evidence, pose=pose, residual=residual)


def _same(query: Record, other: Record, ratio: float) -> Judgement | None:
    """Identical, rescaled or mirrored: where the moments agree, and the points do."""
    if query.kind != other.kind:
        return None
    mine, yours = query.fingerprint.moments, other.fingerprint.moments
    for mirror in (False, True):
        match = match_moments(mine, yours, mirror=mirror)
        if match.distance > SAME:
            continue
        found = place(query.prepared, other.prepared, _start(query.fingerprint, other.fingerprint, match), refine=False)
        residual = _beyond(found, query, other)
        if residual > CLOSE:  # moments leave the turn of a many-toothed wheel open
            found = align_prepared(query.prepared, other.prepared, mirror=mirror, scale=True)
            residual = _beyond(found, query, other)
        if residual <= CLOSE:
            return _judgement(_same_evidence(found.scale * ratio, mirror), found, residual)
    return None


def _same_evidence(factor: float, mirror: bool) -> Evidence:
    resized = abs(np.log(factor)) > SAME_SIZE
    words = describe_factor(factor, 2 * SAME_SIZE)
    if mirror:
        text = f"mirror image, rescaled by {words}" if resized else "mirror image"
        return Evidence(kind="mirrored", factor=factor if resized else 1.0, mirrored=True, text=text)
    if resized:
        return Evidence(kind="rescaled", factor=factor, text=f"rescaled by {words}")
    return Evidence(kind="identical", text="the same surface")


def _part(query: Record, other: Record, ratio: float) -> Judgement | None:
    """One of the two as a body of the other, at true size."""
    if other.bodies:
        found = _body_of(query, other, ratio)
        if found is not None:
            body, match, distance = found
            evidence = Evidence(kind="part of", count=body.count, text=f"the other holds it {_times(body.count)}")
            return _judgement(evidence, _start(query.fingerprint, body.fingerprint, match), distance)
    if query.bodies:
        found = _body_of(other, query, 1.0 / ratio)
        if found is not None:
            body, match, distance = found
            evidence = Evidence(kind="part of", count=body.count, text=f"holds the other {_times(body.count)}")
            return _judgement(evidence, _start(body.fingerprint, other.fingerprint, match), distance)
    return None


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _body_of(part: Record, whole: Record, ratio: float) -> tuple[BodyMark, MomentMatch, float] | None:
    """The body of `whole` that `part` is, with the match and the distance of the part's points from the whole's."""
    if part.kind != "mesh":
        return None
    key = part.key.copy()
    key[-1] += np.log(ratio)
    table = keys(np.stack([body.fingerprint.vector for body in whole.bodies]))
    for row in candidates(key, table, same_size=True, tolerance=PART)[:3]:
        body = whole.bodies[row]
        match = match_moments(part.fingerprint.moments, body.fingerprint.moments, mirror=False)
        if match.distance > PART:
            continue
        laid = _start(body.fingerprint, part.fingerprint, _inverse(match))
        points = part.points @ (laid.scale * laid.rotation.T) + laid.translation
        mine = whole.prepared
        away = float(mine.index.query(((points - mine.centroid) / mine.size).astype(np.float32))[0].mean())
        if away <= ON * mine.floor:
            return body, match, float(np.sqrt(max(away**2 - mine.floor**2, 0.0))) * mine.size / mine.diagonal
    return None


def _inverse(match: MomentMatch) -> MomentMatch:
    return MomentMatch(rotation=match.rotation.T, distance=match.distance)


def _by_points(query: Record, other: Record, ratio: float, *, careful: bool) -> Judgement:
    """Remeshed or similar: by the residual of the points in the best pose that moments and principal axes lead to."""
    mine, yours = query.fingerprint, other.fingerprint
    tries: list[tuple[float, Alignment]] = []
    for mirror in (False, True) if careful else (False,):
        start = _start(mine, yours, match_moments(mine.moments, yours.moments, mirror=mirror))
        found = place(query.prepared, other.prepared, start, refine=careful)
        if careful and _beyond(found, query, other) > CLOSE:
            again = align_prepared(query.prepared, other.prepared, mirror=mirror, scale=True)
            found = min(found, again, key=lambda one: one.residual)
        tries.append((_beyond(found, query, other), found))
        if tries[0][0] == 0.0:
            break
    residual, found = min(tries, key=lambda one: one[0])
    if residual > CLOSE:
        return _judgement(Evidence(kind="similar", factor=found.scale * ratio), found, residual)
    return _judgement(_remeshed_evidence(query, other, found, ratio), found, residual)


def _remeshed_evidence(query: Record, other: Record, found: Alignment, ratio: float) -> Evidence:
    factor, mirror = found.scale * ratio, bool(np.linalg.det(found.rotation) < 0)
    resized = abs(np.log(factor)) > REMESHED_SIZE
    text = "remeshed" if query.kind == other.kind == "mesh" else "points of the same surface"
    if mirror:
        text += ", mirror image"
    if resized:
        text += f", rescaled by {describe_factor(factor, REMESHED_SIZE)}"
    return Evidence(kind="remeshed", factor=factor if resized else 1.0, mirrored=mirror, text=text)
