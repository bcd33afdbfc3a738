"""What changed, moved, went or came since the last look: a plan first, then its application as one operation."""

import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fieldstone.errors import FileError
from fieldstone.files import Entry, Limits, Skipped, scan
from fieldstone.library.describe import open_content
from fieldstone.library.ingest import known_paths
from fieldstone.library.labels import below
from fieldstone.library.log import state
from fieldstone.library.schema import PATHS
from fieldstone.library.store import Store

__all__ = ["SyncPlan", "apply_removals", "plan_sync"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncPlan:
    """What a sync would do; nothing has been done yet."""

    new: tuple[Entry, ...]
    """Files that the library has not met."""
    changed: tuple[Entry, ...]
    """Known paths whose size or time differs."""
    moved: tuple[tuple[str, Entry], ...]
    """A known path that went, and the new file that holds the same bytes: labels go along."""
    gone: tuple[str, ...]
    """Known paths whose file is not there any more."""
    unreachable: tuple[str, ...]
    """Places that are missing, empty or cannot be read: what the library has of them stays."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.new or self.changed or self.moved or self.gone)


def plan_sync(store: Store, roots: Iterable[str], limits: Limits) -> SyncPlan:
    """Compare the folders and files that were added with what is on disk now.

    A folder that is missing, empty or cannot be read counts as unreachable, and what the library has of it stays: only
    `remove` takes it out.
    """
    known = known_paths(store)
    entries, reached, unreachable = _look(list(roots), known, limits)
    under = {
        source: row
        for source, row in known.items()
        if any(below(source, root) for root in reached) and not any(below(source, place) for place in unreachable)
    }
    gone = {source: row for source, row in under.items() if source not in entries and row["outcome"] == "added"}
    taken_out = excluded(store)
    fresh = [entry for source, entry in entries.items() if source not in known and source not in taken_out]
    moved = _moved(gone, fresh, limits)
    arrived = {entry.source for _, entry in moved}
    left = {source for source, _ in moved}
    return SyncPlan(
        new=tuple(entry for entry in fresh if entry.source not in arrived),
        changed=tuple(e for s, e in entries.items() if s in under and _differs(e, under[s])),
        moved=moved,
        gone=tuple(sorted(source for source in gone if source not in left)),
        unreachable=tuple(unreachable),
    )


def _look(
    roots: list[str], known: dict[str, dict[str, Any]], limits: Limits
) -> tuple[dict[str, Entry], list[str], list[str]]:
    """What is there now, the roots that could be looked into, and the places that could not."""
    entries: dict[str, Entry] = {}
    reached: list[str] = []
    unreachable: list[str] = []
    for root in roots:
        skipped: list[Skipped] = []
        try:
            found = list(scan(root, limits, skipped.append))
        except FileError:
            found = []
        if not found and not _emptied(root):
            unreachable.append(root)
            continue
        reached.append(root)
        entries |= {entry.source: entry for entry in found}
        unreachable += [one.source for one in skipped if one.source in known or os.path.isdir(one.source)]
    return entries, reached, unreachable


def _emptied(root: str) -> bool:
    """Whether nothing found means that it went: the place is there and readable, and holds something else.

    An unplugged disk leaves an empty folder, or none, and is no reason to remove anything.
    """
    place = root if os.path.isdir(root) else os.path.dirname(root)
    try:
        return bool(os.listdir(place)) and (os.path.isdir(root) or bool(os.path.splitext(root)[1]))
    except OSError:
        return False


def excluded(store: Store) -> set[str]:
    """Paths that the user took out with `remove`: sync does not bring them back, `add` does."""
    rows = state(store)
    return set(rows.filter(pc.equal(rows["outcome"], "excluded"))["source"].to_pylist())


def _differs(entry: Entry, row: dict[str, Any]) -> bool:
    return (row["bytes"], row["mtime_ns"]) != (entry.size, entry.mtime_ns)


def _moved(gone: dict[str, Any], fresh: list[Entry], limits: Limits) -> tuple[tuple[str, Entry], ...]:
    """Pair each path that went with a new file of the same bytes; only files of a size that went are read."""
    by_content: dict[str, list[str]] = defaultdict(list)
    for source, row in sorted(gone.items()):
        if row["content"] is not None:
            by_content[row["content"]].append(source)
    sizes = {row["bytes"] for row in gone.values() if row["content"] is not None}
    pairs = []
    for entry in fresh:
        if entry.size not in sizes:
            continue
        try:
            candidates = by_content.get(open_content(entry, limits)[1])
        except FileError:
            continue  # unreadable: the ingest reports it as such
        if candidates:
            pairs.append((candidates.pop(0), entry))
    return tuple(pairs)


def apply_removals(store: Store, op: int, sources: Iterable[str], outcome: str) -> int:
    """Log that the paths are "removed" (they went) or "excluded" (the user took them out); returns how many were there.

    Files on disk are never touched.
    """
    known = known_paths(store)
    rows = [
        {**known[source], "op": op, "outcome": outcome, "reason": None, "seconds": 0.0}
        for source in sources
        if source in known
    ]
    if rows:
        store.append("paths", pa.Table.from_pylist(rows, schema=PATHS))
    return len(rows)
