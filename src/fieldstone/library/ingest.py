"""Files into a library: scan, read and describe in worker processes, commit in batches, skip what is known.

    files.scan -> [worker: open -> hash -> read -> describe] -> batch -> learned vectors -> bodies, vectors, shapes, then paths

The paths are committed last: a path counts as done when all that it names is on disk, so a killed run loses at most one
batch, and the next run does that batch again. Networks that read points run here, on all cores over a batch, and not in the workers: that
is as fast, and torch stands in memory once.
"""

import time
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from fieldstone import encoders
from fieldstone.encoders import Encoder
from fieldstone.encoders.learned import Learned, has_torch
from fieldstone.errors import FieldstoneError, FileError
from fieldstone.files import Entry, Limits, Skipped
from fieldstone.library import pool
from fieldstone.library.describe import Content, contents, open_content
from fieldstone.library.encoding import append_vectors, by_formula, encode, forget_upright
from fieldstone.library.kept import sample_of
from fieldstone.library.labels import Labels
from fieldstone.library.log import state
from fieldstone.library.reading import read_bytes
from fieldstone.library.schema import BODIES, PATHS, SHAPES, vectors_table
from fieldstone.library.shape import Report
from fieldstone.library.store import Store, quoted
from fieldstone.progress import Progress

__all__ = ["Outcome", "ingest", "known_paths", "log_skipped", "recover"]

FOREIGN = "no reader"  # how `scan` begins the reason of a file that no format takes
BATCH_ROWS = 64
BATCH_SECONDS = 10.0  # a slow stream of large files is committed too


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one path: new content, content known already, or a refusal with its reason."""

    entry: Entry
    content: str | None = None
    rows: tuple[Content, ...] = ()
    reason: str | None = None
    seconds: float = 0.0


def prepare(encoder: str, limits: Limits, known: frozenset[str]) -> Callable[[tuple[Entry, Labels]], Outcome]:
    """In the worker: the function that turns an entry into an outcome."""
    chosen = encoders.get(encoder)

    def describe(task: tuple[Entry, Labels]) -> Outcome:
        entry, labels = task
        started = time.perf_counter()
        whole_id: str | None = None
        rows: tuple[Content, ...] = ()
        reason: str | None = None
        try:
            data, whole_id = open_content(entry, limits)
            if whole_id not in known:
                model = read_bytes(data, entry, limits)
                rows = tuple(contents(model, whole_id, chosen, labels.up))
        except FileError as error:
            reason = error.reason
        except FieldstoneError as error:
            reason = str(error)
        except MemoryError:
            reason = "needs more memory than this machine has; simplify it, or lower the limits to refuse it sooner"
        except Exception as error:  # a fault of ours costs this file its place, not the others theirs
            reason = f"met a fault of Fieldstone's ({type(error).__name__}: {error}); please report it with the file"
        return Outcome(entry=entry, content=whole_id, rows=rows, reason=reason, seconds=time.perf_counter() - started)

    return describe


def recover(store: Store, encoder: Encoder) -> None:
    """Under the writer's lock: drop what a killed run left without a row of `shapes`."""
    store.grow("shapes", SHAPES)
    have = store.ids("shapes")
    for table in {"bodies", vectors_table(encoder.id), vectors_table(by_formula(encoder).id)}:
        if store.has(table):
            orphans = sorted(store.ids(table) - have)
            for start in range(0, len(orphans), 500):
                store.delete(table, f"id IN {quoted(orphans[start : start + 500])}")


def known_paths(store: Store) -> dict[str, dict[str, Any]]:
    """The state of every path that the library has met and not let go, by source."""
    rows = state(store).to_pylist()
    return {row["source"]: row for row in rows if row["outcome"] in ("added", "refused")}


def _same_file(entry: Entry, row: dict[str, Any], known: Set[str]) -> bool:
    """Whether the path holds what it held when it was added, and that is fully in the library."""
    if row["outcome"] != "added" or row["content"] not in known:
        return False
    return bool((row["bytes"], row["mtime_ns"]) == (entry.size, entry.mtime_ns))


def _same_labels(labels: Labels, row: dict[str, Any]) -> bool:
    stated = {"category": labels.category, "unit": labels.unit, "up": labels.up}
    return all(value in (None, row[name]) for name, value in stated.items()) and set(labels.tags) <= set(row["tags"])


def ingest(
    store: Store,
    entries: Iterable[Entry],
    *,
    op: Callable[[], int],
    label: Callable[[Entry], Labels],
    encoder: Encoder,
    limits: Limits,
    workers: int,
    progress: Progress,
    report: Report,
) -> None:
    """Bring the entries in, under the writer's lock. `op` begins the operation when the first row needs it.

    Entries that have not changed since they were added, by size, time and labels, are skipped; refused ones are tried
    again, and logged again only where the reason changed.
    """
    started = time.perf_counter()
    paths = known_paths(store)
    todo: list[tuple[Entry, Labels]] = []
    formula = by_formula(encoder).id
    known = frozenset(store.ids("shapes"))
    writer = _Writer(store, op, encoder, paths, set(known), report)
    for entry in {entry.source: entry for entry in entries}.values():
        before, labels = paths.get(entry.source), label(entry)
        if before is None or not _same_file(entry, before, known):
            todo.append((entry, _kept(labels, before)))
        elif _same_labels(labels, before):
            report.unchanged += 1
        else:
            writer.relabel(entry, _kept(labels, before), before)
    progress.start("Adding shapes", len(todo))
    crew = max(1, min(workers, len(todo)))
    for (entry, labels), outcome in pool.run(
        prepare, (formula, limits, known), todo, workers=crew, seconds=limits.seconds
    ):
        if isinstance(outcome, pool.Lost):
            outcome = _lost(entry, outcome, limits)
        writer.take(outcome, labels)
        progress.advance(1, entry.source)
    writer.commit()
    progress.finish()
    report.seconds += time.perf_counter() - started


def _kept(labels: Labels, before: dict[str, Any] | None) -> Labels:
    """Labels stated earlier stay where the user states nothing new; tags gather."""
    if before is None:
        return labels
    return replace(
        labels,
        category=labels.category or before["category"],
        unit=labels.unit or before["unit"],
        up=labels.up or before["up"],
        tags=tuple(sorted({*labels.tags, *before["tags"]})),
    )


def _lost(entry: Entry, lost: pool.Lost, limits: Limits) -> Outcome:
    reason = (
        f"took longer than {limits.seconds:g} s; simplify it, or raise the limit with --limit seconds=N"
        if lost.hung
        else "stopped the reading process (out of memory, or a native library failed); re-export it from its program"
    )
    return Outcome(entry=entry, reason=reason, seconds=lost.seconds)


class _Writer:
    """Gathers outcomes and commits them, content before the paths that name it."""

    def __init__(
        self,
        store: Store,
        op: Callable[[], int],
        encoder: Encoder,
        paths: dict[str, dict[str, Any]],
        known: set[str],
        report: Report,
    ) -> None:
        self.store, self.op, self.encoder = store, op, encoder
        self.paths, self.known, self.report = paths, known, report
        self.contents: list[Content] = []
        self.turned: list[str] = []
        self.rows: list[dict[str, Any]] = []
        self.last = time.monotonic()

    def take(self, outcome: Outcome, labels: Labels) -> None:
        entry, before = outcome.entry, self.paths.get(outcome.entry.source)
        if outcome.reason is not None:
            self.report.refused.append((entry.source, outcome.reason))
            if before is not None and before["outcome"] == "refused" and before["reason"] == outcome.reason:
                return
        elif before is not None and before["content"] == outcome.content and outcome.content in self.known:
            self.report.unchanged += 1  # touched: another time, the same bytes
        elif outcome.content in self.known:
            self.report.known += 1
            self.turned.append(outcome.content)  # this path may state another up axis
        else:
            assert outcome.content is not None
            self.report.added += 1
            self.known.add(outcome.content)
            self.contents += outcome.rows
        refused = outcome.reason is not None
        self.log(entry, labels, None if refused else outcome.content, outcome.reason, outcome.seconds)
        full = len(self.contents) >= BATCH_ROWS or len(self.rows) >= 8 * BATCH_ROWS
        if full or time.monotonic() - self.last > BATCH_SECONDS:
            self.commit()

    def relabel(self, entry: Entry, labels: Labels, before: dict[str, Any]) -> None:
        """Other labels for a path whose file is as it was: nothing is read again."""
        self.report.relabelled += 1
        if labels.up != before["up"]:
            self.turned.append(before["content"])
        self.log(entry, labels, before["content"], None, 0.0)

    def log(self, entry: Entry, labels: Labels, content: str | None, reason: str | None, seconds: float) -> None:
        self.rows.append(
            {
                "source": entry.source,
                "outcome": "added" if reason is None else "refused",
                "content": content,
                "reason": reason,
                "bytes": entry.size,
                "mtime_ns": entry.mtime_ns,
                "seconds": seconds,
                "category": labels.category,
                "tags": list(labels.tags),
                "unit": labels.unit,
                "up": labels.up,
            }
        )

    def commit(self) -> None:
        self.last = time.monotonic()
        forget_upright(self.store, self.turned)
        if self.contents:
            append_contents(self.store, self.contents, self.encoder)
        if self.rows:
            number = self.op()
            self.report.op = number
            self.store.append("paths", pa.Table.from_pylist([{"op": number, **row} for row in self.rows], schema=PATHS))
        self.contents, self.rows, self.turned = [], [], []


def append_contents(store: Store, described: list[Content], encoder: Encoder) -> None:
    """Commit contents: bodies and vectors before the rows of `shapes` that make them count.

    A learned encoder sees what is kept, as it would later. Its vectors wait for encoding.fill where there is no torch,
    and those of an encoder of neural fields always do: they come from files that the paths name.
    """
    ids = [content.row["id"] for content in described]
    bodies = [row for content in described for row in content.bodies]
    if bodies:
        store.append("bodies", pa.Table.from_pylist(bodies, schema=BODIES))
    vectors = np.stack([content.embedding for content in described]).astype(np.float32)
    append_vectors(store, by_formula(encoder).id, ids, vectors)
    if isinstance(encoder, Learned) and has_torch():
        append_vectors(store, encoder.id, ids, encode(encoder, [sample_of(c.row, c.up) for c in described], vectors))
    store.append("shapes", pa.Table.from_pylist([content.row for content in described], schema=SHAPES))


def log_skipped(store: Store, skipped: list[Skipped], op: Callable[[], int], report: Report) -> None:
    """What `scan` passed over: files without a reader are counted; what looked readable and was not is a refusal."""
    report.skipped += sum(one.reason.startswith(FOREIGN) for one in skipped)
    known = known_paths(store)
    rows = []
    for one in skipped:
        if one.reason.startswith(FOREIGN):
            continue
        report.refused.append((one.source, one.reason))
        if known.get(one.source, {}).get("reason") != one.reason:
            nothing: dict[str, Any] = {"content": None, "bytes": 0, "mtime_ns": 0, "seconds": 0.0, "tags": []}
            stated = dict.fromkeys(("category", "unit", "up"))
            rows.append(
                {"op": op(), "source": one.source, "outcome": "refused", "reason": one.reason, **nothing, **stated}
            )
    if rows:
        report.op = op()
        store.append("paths", pa.Table.from_pylist(rows, schema=PATHS))
