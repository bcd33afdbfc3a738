"""Which shapes of a library are the same, in groups, with the evidence; and a plan that a person may act on.

    fingerprint keys + embeddings -> pairs worth judging -> evidence -> groups -> plan (CSV)

Nothing is ever deleted by it: the plan names what to keep and what is a copy, and the files stay where they are.
"""

import csv
import io
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Int64

from fieldstone.library.evidence import Judgement, judge
from fieldstone.library.save import spreadsheet_safe, write_text
from fieldstone.library.shape import Evidence, Shape
from fieldstone.library.snapshot import Snapshot
from fieldstone.progress import Progress

__all__ = ["Group", "Member", "find", "plan_rows", "write_plan"]

SAME = ("identical", "rescaled", "mirrored")
NO_COLORS = ("STL", "STEP")
NEIGHBOURS = 8
"""Nearest keys and embeddings of each shape that are judged; chains of them make a group."""
CLOSER_THAN = 0.999
"""Embeddings farther apart than this share of unrelated pairs are not judged."""
BLOCK = 64  # rows judged between two steps of the progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A shape of a group and what ties it to the group's first member (which is `identical` to itself)."""

    shape: Shape
    evidence: Evidence
    residual: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Shapes that are the same. The first is the one to keep: a whole, of known unit, of the most faces."""

    members: tuple[Member, ...]


def find(snapshot: Snapshot, progress: Progress) -> list[Group]:
    """Groups of shapes that are the same, largest first; a content at several paths is a group of its own."""
    same = _judged(snapshot, _pairs(snapshot), progress) if len(snapshot.catalog) > 1 else {}
    groups = [
        group for rows in _components(len(snapshot.catalog), list(same)) for group in _groups(snapshot, rows, same)
    ]
    grouped = {member.shape.id for group in groups for member in group.members}
    several = [i for i, sources in enumerate(snapshot.catalog.table["sources"].to_pylist()) if len(sources) > 1]
    copies = [shape for shape in snapshot.catalog.shapes(several) if shape.id not in grouped and shape.parent is None]
    itself = Evidence(kind="identical", text="the same bytes")
    groups += [Group(members=(Member(shape=shape, evidence=itself, residual=0.0),)) for shape in copies]
    return sorted(groups, key=lambda g: (-len(g.members), g.members[0].shape.source))


def _is_same(judgement: Judgement) -> bool:
    """Twins: the same surface at any size, or remeshed at the same size."""
    evidence = judgement.evidence
    return evidence.kind in SAME or (evidence.kind == "remeshed" and evidence.factor == 1.0)


def _pairs(snapshot: Snapshot) -> Int64[np.ndarray, "p 2"]:
    """Pairs of rows that may be the same: near fingerprint keys, or nearest embeddings.

    No row is paired with its own part, and no two parts of one whole are.
    """
    near = [snapshot.key_pairs(NEIGHBOURS), snapshot.neighbour_pairs(NEIGHBOURS, CLOSER_THAN)]
    pairs = np.unique(np.sort(np.concatenate(near), axis=1), axis=0)
    parents = snapshot.catalog.table["parent"].to_pylist()
    ids = snapshot.catalog.ids
    kin = [
        parents[a] == ids[b] or parents[b] == ids[a] or (parents[a] is not None and parents[a] == parents[b])
        for a, b in pairs
    ]
    return pairs[~np.array(kin, dtype=bool)]


def _judged(
    snapshot: Snapshot, pairs: Int64[np.ndarray, "p 2"], progress: Progress
) -> dict[tuple[int, int], Judgement]:
    """The pairs that are the same, with the judgement of the second as seen from the first."""
    found: dict[tuple[int, int], Judgement] = {}
    progress.start("Comparing shapes", len(pairs))
    for start in range(0, len(pairs), BLOCK):
        block = pairs[start : start + BLOCK]
        rows = np.unique(block)
        record = dict(zip(rows.tolist(), snapshot.records(rows), strict=True))
        for a, b in block.tolist():
            judgement = judge(record[a], record[b])
            if _is_same(judgement):
                found[a, b] = judgement
        progress.advance(len(block))
    progress.finish()
    return found


def _components(n: int, pairs: Sequence[tuple[int, int]]) -> list[list[int]]:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not pairs:
        return []
    a, b = np.array(pairs).T
    _, label = connected_components(coo_array((np.ones(len(a)), (a, b)), shape=(n, n)), directed=False)
    rows = np.unique(np.concatenate([a, b]))
    order = rows[np.argsort(label[rows], kind="stable")]
    ends = np.flatnonzero(np.diff(label[order])) + 1
    return [part.tolist() for part in np.split(order, ends)]


def _preference(shape: Shape) -> tuple[bool, bool, int, bool, str]:
    """What sorts first is kept: a whole, of known unit, of the most faces, in a format with colours; then by path."""
    plain = shape.metadata.get("format") in NO_COLORS
    return shape.parent is not None, shape.unit is None, -shape.n_faces, plain, shape.source


def _groups(snapshot: Snapshot, rows: list[int], same: dict[tuple[int, int], Judgement]) -> list[Group]:
    """A chain of likenesses as groups whose members are all the same as their first."""
    shapes = dict(zip(rows, snapshot.catalog.shapes(rows), strict=True))
    record = dict(zip(rows, snapshot.records(rows), strict=True))
    left = sorted(rows, key=lambda row: _preference(shapes[row]))
    groups = []
    while len(left) > 1:
        first, *others = left
        seen = {row: same.get((first, row)) or judge(record[first], record[row]) for row in others}
        twins = [row for row in others if _is_same(seen[row])]
        left = [row for row in others if row not in twins]
        if twins:
            of_itself = Evidence(kind="identical", text="the first of its group")
            members = [Member(shape=shapes[first], evidence=of_itself, residual=0.0)]
            members += [Member(shape=shapes[r], evidence=seen[r].evidence, residual=seen[r].residual) for r in twins]
            groups.append(Group(members=tuple(members)))
    return groups


PLAN = ("group", "action", "evidence", "factor", "residual", "bytes", "path", "id")


def plan_rows(groups: Sequence[Group], protected: Iterable[str | Path] = ()) -> list[dict[str, object]]:
    """One row a path: `keep` for one of each group, `protected` below those folders, `copy` where the same surface at the
    same size is kept, `look` for what a person should compare first (rescaled, mirrored, remeshed, parts)."""
    folders = [os.path.abspath(os.path.expanduser(folder)) for folder in protected]
    return [row for number, group in enumerate(groups, 1) for row in _plan_group(number, group, folders)]


def _plan_group(number: int, group: Group, folders: list[str]) -> list[dict[str, object]]:
    paths = [(member, source) for member in group.members for source in member.shape.sources]
    safe = [_below(source, folders) for _, source in paths]
    keep = safe.index(True) if any(safe) else 0
    kept = paths[keep][0]
    rows: list[dict[str, object]] = []
    for i, (member, source) in enumerate(paths):
        same = member.shape.id == kept.shape.id or member.evidence.kind == kept.evidence.kind == "identical"
        whole = member.shape.parent is None and kept.shape.parent is None
        action = "keep" if i == keep else "protected" if safe[i] else "copy" if same and whole else "look"
        rows.append(
            {
                "group": number,
                "action": action,
                "evidence": member.evidence.text,
                "factor": f"{member.evidence.factor:.6g}",
                "residual": "" if member.residual is None else f"{member.residual:.2e}",
                "bytes": _size(source),
                "path": source,
                "id": member.shape.id,
            }
        )
    return rows


def _below(source: str, folders: list[str]) -> bool:
    path = source.split("!/")[0]
    return any(path == folder or path.startswith(folder.rstrip(os.sep) + os.sep) for folder in folders)


def _size(source: str) -> str:
    try:
        return str(os.path.getsize(source))
    except OSError:  # a member of an archive, a part, or a file that went
        return ""


def write_plan(groups: Sequence[Group], path: str | Path, protected: Iterable[str | Path] = ()) -> int:
    """Write the plan as CSV; returns its rows. Nothing else is touched."""
    rows = plan_rows(groups, protected)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, PLAN)
    writer.writeheader()
    writer.writerows({key: spreadsheet_safe(str(value)) for key, value in row.items()} for row in rows)
    write_text(path, out.getvalue())
    return len(rows)
