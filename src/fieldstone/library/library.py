"""The facade: one object for a library on disk."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from jaxtyping import Float32

from fieldstone import files
from fieldstone.errors import FileError, QueryError
from fieldstone.fields.network import NeuralField
from fieldstone.files import Entry, Limits
from fieldstone.files.picture import is_picture
from fieldstone.library import duplicates as duplicates_of
from fieldstone.library import log
from fieldstone.library.asking import ask_picture, ask_shape, ask_words
from fieldstone.library.encoding import forget_upright, ups
from fieldstone.library.filters import apply
from fieldstone.library.ingest import ingest, known_paths, log_skipped, recover
from fieldstone.library.kept import kept_samples
from fieldstone.library.labels import Labels, for_entry, stated_for
from fieldstone.library.memory import lent_files
from fieldstone.library.opened import Opened
from fieldstone.library.question import Question, is_file
from fieldstone.library.search import Answer, Rerank
from fieldstone.library.shape import Hit, Report, Shape
from fieldstone.library.split import Division, divide
from fieldstone.library.store import Store
from fieldstone.library.sync import SyncPlan, apply_removals, plan_sync
from fieldstone.progress import Progress, Silent
from fieldstone.types import Axis, Sampled, Unit

__all__ = ["Library"]


class Library(Opened):
    """A library of shapes in a folder (or under an object store's URI).

    It need not exist yet: the first `add` makes it; reading one that does not exist raises LibraryNotFound. One process
    writes at a time (LibraryBusy otherwise), any number read.
    """

    # --- bringing in -------------------------------------------------------------------------------------------------

    def add(
        self,
        *items: str | Path | NeuralField,
        category: str | None = None,
        tags: Sequence[str] = (),
        unit: Unit | None = None,
        up: Axis | None = None,
        limits: Limits | None = None,
        workers: int | None = None,
        progress: Progress | None = None,
    ) -> Report:
        """Add files, folders, archives and fields; run again, it takes only what is new or changed.

        `category` may be "folder": each file's own folder names its category. `unit` and `up` override what the files
        say. Broken files become rows of the report, never an exception. Raises FileError where a path does not exist.
        """
        limits, progress = limits or Limits(), progress or Silent()
        fields = [item for item in items if isinstance(item, NeuralField)]
        paths = [item for item in items if not isinstance(item, NeuralField)]
        names = [Path(os.path.abspath(os.path.expanduser(path))) for path in paths]
        for name in names:
            if not name.exists():
                raise FileError(name, "does not exist; give a file, a folder or an archive")
        store = Store(self.uri, create=True)
        labels = Labels(category=category, tags=tuple(tags), unit=unit, up=up)
        report = Report()
        with store.writing(), lent_files(fields) as lent:
            encoder = self._settled(store)
            recover(store, encoder)
            op = log.operation(store, "add", " ".join([*map(str, names), *(entry.source for entry in lent)]))
            skipped: list[files.Skipped] = []
            entries = [*files.scan(names, limits, skipped.append), *lent]
            store.remember("roots", (store.meta("roots") or {}) | {str(name): asdict(labels) for name in names})
            ingest(
                store, entries, op=op, label=lambda entry: for_entry(labels, entry), encoder=encoder,
                limits=limits, workers=workers or cores(), progress=progress, report=report,
            )  # fmt: skip
            log_skipped(store, skipped, op, report)
            self._complete(store, progress, lent, limits)
            store.tidy()
        return report

    def plan_sync(self, *, limits: Limits | None = None) -> SyncPlan:
        """What changed, moved, went or came under everything that was added; nothing is done yet."""
        return plan_sync(self._store, self._store.meta("roots") or {}, limits or Limits())

    def sync(
        self,
        plan: SyncPlan,
        *,
        limits: Limits | None = None,
        workers: int | None = None,
        progress: Progress | None = None,
    ) -> Report:
        """Apply a plan as one operation, which `undo` takes back. Files on disk are never touched."""
        limits, progress, report = limits or Limits(), progress or Silent(), Report()
        if plan.empty:
            return report
        with self._store.writing():
            encoder = self.encoder
            recover(self._store, encoder)
            known = {entry.source: old for old, entry in plan.moved}
            before = known_paths(self._store)
            roots = self._store.meta("roots") or {}
            op = log.operation(self._store, "sync", " ".join(roots))

            def label(entry: Entry) -> Labels:
                row = before.get(known.get(entry.source, entry.source))
                if row is None:
                    return for_entry(stated_for(entry, roots), entry)
                return Labels(category=row["category"], tags=tuple(row["tags"]), unit=row["unit"], up=row["up"])

            entries = [*plan.new, *plan.changed, *(entry for _, entry in plan.moved)]
            ingest(
                self._store, entries, op=op, label=label, encoder=encoder, limits=limits,
                workers=workers or cores(), progress=progress, report=report,
            )  # fmt: skip
            left = [*plan.gone, *(old for old, _ in plan.moved)]
            report.op = op()
            report.removed = apply_removals(self._store, report.op, left, "removed") - len(plan.moved)
            report.moved = len(plan.moved)
            self._complete(self._store, progress, limits=limits)
            self._store.tidy()
        return report

    def remove(self, *keys: str) -> Report:
        """Take shapes out of the library by id, source or folder; files on disk are not touched, and `undo` brings
        them back.

        Raises QueryError where a key names nothing, or a part (which goes only with its whole).
        """
        report = Report()
        with self._store.writing():
            sources = self.sources_of(*keys)
            report.op = log.begin(self._store, "remove", " ".join(keys))
            report.removed = apply_removals(self._store, report.op, sources, "excluded")
        return report

    def sources_of(self, *keys: str) -> list[str]:
        """The paths that `remove` would take out for these keys. Raises QueryError as it does."""
        known = known_paths(self._store)
        return sorted({source for key in keys for source in self._sources(key, known)})

    def _sources(self, key: str, known: Mapping[str, object]) -> list[str]:
        if not key:
            raise QueryError("an empty text names no shape; give an id, a source, a name or a folder")
        if key in known:
            return [key]
        path = os.path.abspath(os.path.expanduser(key))
        below = [s for s in known if s == path or s.startswith((path + os.sep, path + "!/"))]
        if below:
            return below
        catalog = self.snapshot().catalog
        shape = catalog.shape(catalog.find(key))
        if shape.parent is not None:
            raise QueryError(f"'{shape.name}' is a part of {shape.source.split('#')[0]}; remove the whole instead")
        return list(shape.sources)

    def history(self) -> list[log.Operation]:
        """Every operation, oldest first, with what it did and whether it still counts."""
        return log.operations(self._store)

    def undo(self, op: int | None = None) -> log.Operation:
        """Undo the latest operation that counts, or the one named; the operation that was undone comes back.

        What stands on another up axis again waits for its upright embeddings.
        """
        with self._store.writing():
            before = ups(self._store)
            undone = log.undo(self._store, op)
            turned = [key for key, up in ups(self._store).items() if before.get(key, up) != up]
            forget_upright(self._store, turned)
        return undone

    # --- asking ------------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.snapshot().catalog)

    def __iter__(self) -> Iterator[Shape]:
        return iter(self.shapes())

    def shapes(self, where: str | None = None) -> list[Shape]:
        """Every shape, or those for which the filter holds, in the order in which they came. Raises QueryError."""
        catalog = self.snapshot().catalog
        rows = range(len(catalog)) if where is None else np.flatnonzero(apply(catalog.table, where).keep).tolist()
        return catalog.shapes(rows)

    def filter_notes(self, where: str | None) -> tuple[str, ...]:
        """What a user should know about a filter: units that it mixes, shapes that it cannot compare. Raises QueryError."""
        return () if where is None else apply(self.snapshot().catalog.table, where).notes

    def shape(self, key: str) -> Shape:
        """The shape of an id (6 digits suffice where they are unique), a source or a name. Raises QueryError."""
        catalog = self.snapshot().catalog
        return catalog.shape(catalog.find(key))

    def points(self, shape: Shape) -> Float32[np.ndarray, "4096 3"]:
        """The surface points kept of a shape, in its own frame and unit."""
        snapshot = self.snapshot()
        return snapshot.records([snapshot.catalog.find(shape.id)])[0].points

    def samples(self, shapes: Sequence[Shape]) -> list[Sampled]:
        """What is kept of the shapes' surfaces as an encoder sees it, in each shape's own frame and unit."""
        return kept_samples(self._store, [shape.id for shape in shapes], {shape.id: shape.up for shape in shapes})

    def divide(self, column: str | None = None) -> Division:
        """The wholes as gallery and queries, labelled by a column; see `split.divide`. Raises QueryError."""
        return divide(self.snapshot(), column)

    def thumbnails(self, shapes: Sequence[Shape]) -> list[bytes]:
        """The shapes' pictures, in their order: 320 x 320 WebP on a transparent ground."""
        snapshot = self.snapshot()
        return snapshot.thumbnails([snapshot.catalog.find(shape.id) for shape in shapes])

    def embeddings(self, shapes: Sequence[Shape]) -> Float32[np.ndarray, "n dim"]:
        """The shapes' unit vectors under this library's encoder, in their order."""
        snapshot = self.snapshot()
        return snapshot.embeddings(np.array([snapshot.catalog.find(shape.id) for shape in shapes], dtype=np.int64))

    def table(self, where: str | None = None) -> pa.Table:
        """All columns that a filter may name, as Arrow, one row a shape. Raises QueryError."""
        table = self.snapshot().catalog.table
        return table if where is None else table.filter(apply(table, where).keep)

    def size_on_disk(self) -> int | None:
        """Bytes of the library's folder; None under an object store."""
        folder = self._store.folder
        return None if folder is None else sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())

    def refused(self) -> list[tuple[str, str]]:
        """Paths that could not become shapes, with the reason."""
        rows = log.state(self._store).to_pylist()
        return [(row["source"], row["reason"]) for row in rows if row["outcome"] == "refused"]

    def ask(
        self,
        question: Question | None = None,
        *,
        text: str | None = None,
        image: str | Path | None = None,
        k: int = 10,
        where: str | None = None,
        same_size: bool = False,
        rerank: Rerank = "none",
        unit: Unit | None = None,
        up: Axis | None = None,
    ) -> Answer:
        """Hits and the notes that go with them.

        The question is a mesh, a cloud, a field, an (n, 3) array of points, a file, a Shape of this library or its id; or
        words, as `text`; or a picture file, as `image` or as the question. `unit` and `up` are stated of a question that
        does not know its own.

        Raises FileError for a file that cannot be read, QueryError for a filter or key that cannot be answered,
        EncoderError or MissingExtra where nothing here can read a picture.
        """
        if k < 1:
            raise QueryError(f"k is {k}; ask for one hit or more")
        if sum(one is not None for one in (question, text, image)) > 1:
            raise QueryError("ask with one of a shape, text and an image; filters go into where")
        if image is None and is_picture(question) and is_file(question):
            question, image = None, str(question)
        if text is not None:
            return ask_words(self, text, k=k, where=where)
        if image is not None:
            return ask_picture(self, image, k=k, where=where)
        if question is None:
            raise QueryError("nothing is asked for; give a shape, a file or text")
        return ask_shape(self, question, unit, up, k=k, where=where, same_size=same_size, rerank=rerank)

    def search(self, question: Question | None = None, **how: Any) -> list[Hit]:
        """The k best hits, best first; `ask` names the arguments, and also gives the notes."""
        return list(self.ask(question, **how).hits)

    def duplicates(self, *, progress: Progress | None = None) -> list[duplicates_of.Group]:
        """Groups of shapes that are the same, with the evidence that ties each to its group's first."""
        return duplicates_of.find(self.snapshot(), progress or Silent())


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
