"""What changed, moved, went or came since the last look: a plan first, then its application as one operation."""

import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fieldstone.errors import FileError
from fieldstone.files import Entry, Limits, scan
from fieldstone.library.describe import open_content
from fieldstone.library.ingest import known_paths
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
    """Folders that could not be read: an unplugged disk is no reason to remove anything."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.new or self.changed or self.moved or self.gone)


def plan_sync(store: Store, roots: Iterable[str | Path], limits: Limits) -> SyncPlan:
    """Compare the folders and files that were added with what is on disk now.

    A root that cannot be read (unmounted, no permission) counts as unreachable, and the paths below it stay as they are.
    """
    known = known_paths(store)
    names = [os.path.abspath(root) for root in roots]
    unreachable = tuple(name for name in names if not _readable(name))
    reached = [name for name in names if name not in unreachable]
    entries = {entry.source: entry for entry in scan([Path(n) for n in reached if os.path.exists(n)], limits)}
    under = {source: row for source, row in known.items() if _is_under(source, reached)}
    gone = {source: row for source, row in under.items() if source not in entries}
    taken_out = excluded(store)
    fresh = [e for source, e in entries.items() if source not in known and _seen(e) != taken_out.get(source)]
    moved = _moved(gone, fresh, limits)
    arrived = {entry.source for _, entry in moved}
    left = {source for source, _ in moved}
    return SyncPlan(
        new=tuple(entry for entry in fresh if entry.source not in arrived),
        changed=tuple(e for s, e in entries.items() if s in under and _differs(e, under[s])),
        moved=moved,
        gone=tuple(sorted(source for source in gone if source not in left)),
        unreachable=unreachable,
    )


def _readable(root: str) -> bool:
    """A root counts as gone, not as unreachable, only where its parent folder is there and readable."""
    if os.path.isdir(root):
        # an empty mount point looks like a folder that lost everything
        return os.access(root, os.R_OK | os.X_OK) and (bool(os.listdir(root)) or not os.path.ismount(root))
    return os.access(os.path.dirname(root), os.R_OK | os.X_OK)


def _is_under(source: str, roots: list[str]) -> bool:
    path = source.split("!/")[0]
    return any(path == root or path.startswith(root.rstrip(os.sep) + os.sep) for root in roots)


def _seen(entry: Entry) -> tuple[int, int]:
    return entry.size, entry.mtime_ns


def excluded(store: Store) -> dict[str, tuple[int, int]]:
    """Paths that the user took out with `remove`, and their size and time then: sync does not bring them back."""
    rows = state(store)
    rows = rows.filter(pc.equal(rows["outcome"], "excluded"))
    columns = (rows[name].to_pylist() for name in ("source", "bytes", "mtime_ns"))
    return {source: (size, mtime) for source, size, mtime in zip(*columns, strict=True)}


def _differs(entry: Entry, row: dict[str, Any]) -> bool:
    return (row["bytes"], row["mtime_ns"]) != _seen(entry)


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
