"""From the append-only log of paths to their state: undoing an operation means ignoring its rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fieldstone.errors import QueryError
from fieldstone.library.schema import HISTORY, PATHS
from fieldstone.library.store import Store

__all__ = ["Operation", "begin", "latest", "operation", "operations", "state", "undo"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One line of the history."""

    op: int
    at: str
    """When it began, ISO 8601, UTC."""
    verb: str
    text: str
    target: int | None
    """The operation that an undo undoes."""
    counts: dict[str, int]
    """How many paths it gave which outcome: added, refused, removed."""
    undone: bool


def _history(store: Store) -> pa.Table:
    return store.read("history", HISTORY.names)


def _undone(history: pa.Table) -> set[int]:
    """Operations whose rows do not count. Later undos speak first, so an undone undo undoes nothing."""
    undone: set[int] = set()
    for row in sorted(history.to_pylist(), key=lambda row: -row["op"]):
        if row["verb"] == "undo" and row["op"] not in undone:
            undone.add(row["target"])
    return undone


def state(store: Store) -> pa.Table:
    """The latest row of each path that counts, in the order in which the paths first appeared; columns of PATHS."""
    history = _history(store)
    paths = store.read("paths", PATHS.names)
    undone = _undone(history)
    if undone:
        paths = paths.filter(pc.invert(pc.is_in(paths["op"], pa.array(sorted(undone), pa.int64()))))
    if paths.num_rows == 0:
        return paths
    code = paths["source"].combine_chunks().dictionary_encode().indices.to_numpy()
    latest = np.zeros(code.max() + 1, dtype=np.int64)
    np.maximum.at(latest, code, np.arange(len(code)))
    return paths.take(latest)


def begin(store: Store, verb: str, text: str, target: int | None = None) -> int:
    """Write the operation's line before any row that names it; returns its number."""
    ops = store.read("history", ["op"])["op"]
    op = (pc.max(ops).as_py() or 0) + 1
    at = datetime.now(UTC).isoformat(timespec="seconds")
    row = {"op": [op], "at": [at], "verb": [verb], "text": [text], "target": [target]}
    store.append("history", pa.table(row, schema=HISTORY))
    return op


def operation(store: Store, verb: str, text: str) -> Callable[[], int]:
    """The operation's number, begun in the history when it is first asked for."""
    number: list[int] = []

    def op() -> int:
        if not number:
            number.append(begin(store, verb, text))
        return number[0]

    return op


def latest(store: Store, verb: str) -> str | None:
    """The text of the latest operation of that kind that counts."""
    history = _history(store)
    undone = _undone(history)
    rows = [row for row in history.to_pylist() if row["verb"] == verb and row["op"] not in undone]
    return max(rows, key=lambda row: row["op"])["text"] if rows else None


def operations(store: Store) -> list[Operation]:
    """All operations, oldest first."""
    history = _history(store)
    undone = _undone(history)
    counted = store.read("paths", ["op", "outcome"]).group_by(["op", "outcome"]).aggregate([([], "count_all")])
    counts: dict[int, dict[str, int]] = {}
    for row in counted.to_pylist():
        counts.setdefault(row["op"], {})[row["outcome"]] = row["count_all"]
    return [
        Operation(**row, counts=counts.get(row["op"], {}), undone=row["op"] in undone)
        for row in sorted(history.to_pylist(), key=lambda row: row["op"])
    ]


def undo(store: Store, op: int | None = None) -> Operation:
    """Undo the latest operation that still counts, or `op`; undoing an undo does the operation again.

    Without `op`, undos are passed over, so calling it again goes further back. Raises QueryError where nothing is left
    or `op` is unknown or undone already.
    """
    known = operations(store)
    if op is None:
        left = [o for o in known if not o.undone and o.verb != "undo"]
        if not left:
            raise QueryError("there is nothing to undo: no operation of this library still counts")
        chosen = left[-1]
    else:
        chosen = next((o for o in known if o.op == op), None) or _unknown(op)
        if chosen.undone:
            raise QueryError(f"operation {op} is undone already; `fieldstone history` lists what counts")
    begin(store, "undo", f"undo of {chosen.op}: {chosen.verb} {chosen.text}", target=chosen.op)
    return chosen


def _unknown(op: int) -> Operation:
    raise QueryError(f"there is no operation {op}; `fieldstone history` lists them")
