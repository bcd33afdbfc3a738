"""Fields for whole folders: kept as each is done, gone on with after a kill, and one bad file is one row."""

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Unpack

from fieldstone.errors import FieldstoneError, FileError
from fieldstone.fields.field import Function
from fieldstone.fields.file import check_precision, field_from, header_of, save
from fieldstone.fields.fit import Prepared, prepare, run
from fieldstone.fields.fitting import Fitting
from fieldstone.fields.from_file import SourceFile, open_source
from fieldstone.fields.lesson import Lesson
from fieldstone.fields.machine import check_machine, side_by_side
from fieldstone.fields.network import Architecture, Card, Network
from fieldstone.fields.quantise import Precision
from fieldstone.fields.recipe import Recipe, Settings, one_of, recipe
from fieldstone.fields.together import in_stacks
from fieldstone.files import Entry, Limits, Skipped, scan
from fieldstone.files.registry import ARCHIVES, FIELDS, extension, find
from fieldstone.files.whole import make_folder
from fieldstone.progress import Progress, Silent

__all__ = ["Fitted", "fit_many"]

DEFAULT = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """What became of one file."""

    source: str
    """The file, or `archive.zip!/member`."""
    outcome: Literal["fitted", "kept", "failed", "skipped"]
    """`kept`: its field was there already, of the same bytes and settings. `skipped`: no shape, by its ending."""
    path: Path | None = None
    """The field's file."""
    reason: str = ""
    """Why it failed or was skipped, in one sentence that does not name the source again."""
    error: float | None = None
    """Mean absolute error at held-out points near the surface, in the frame's unit."""
    sign_confidence: float | None = None
    """See Card."""
    seconds: float = 0.0
    """Reading, truth, training and writing."""


def fit_many(
    sources: str | Path | Iterable[str | Path],
    folder: str | Path,
    architecture: Architecture = "hashgrid",
    function: Function = "sdf",
    *,
    precision: Precision = "fp32",
    device: str = "cpu",
    workers: int | None = None,
    limits: Limits = DEFAULT,
    progress: Progress | None = None,
    **settings: Unpack[Settings],
) -> list[Fitted]:
    """Fit a field to every shape in files, folders and archives; a row for each.

    Fields lie in `folder` as their sources below their roots: `sub/part.stl` gives `folder/sub/part.stl.field`. Files that
    are fields are left out. On the cpu `workers` shapes are fitted side by side, each on one thread (None: one a core);
    elsewhere 16 shapes at a time are one stack. A field is written in one move; one that is whole, with the same source
    bytes and settings, is kept, so a second call goes on where the first was stopped. What cannot be read, fitted or
    written, and two that would share a name, are rows with a reason. Before any work: ValueError, MissingExtra as `fit`,
    GeometryError where the architecture has no such precision, FileError where the folder cannot be written to.
    `settings` as for `fit`.
    """
    asked = recipe(architecture, function, **settings)
    check_machine(architecture, device, workers)
    one_of("precision", precision, Precision)
    check_precision(architecture, precision)
    job = _Job(asked=asked, folder=_writable(Path(folder)), precision=precision, limits=limits)
    progress, (entries, places, rows) = progress or Silent(), job.found(sources)
    progress.start("fitting", len(entries))
    with side_by_side(workers, architecture, device) as pool:
        one_each = device == "cpu"
        for row in pool.map(job.alone, entries, places) if one_each else job.stacked(pool, entries, places, device):
            rows.append(row)
            progress.advance(1, f"{Path(row.source).name}: {row.outcome}")
    progress.finish()
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """What all files of a run have in common."""

    asked: Recipe
    folder: Path
    precision: Precision
    limits: Limits

    def found(self, sources: str | Path | Iterable[str | Path]) -> tuple[list[Entry], list[Path | None], list[Fitted]]:
        """What can be read, where its fields go, and rows for what the scan passed over."""
        rows: list[Fitted] = []

        def passed_over(skipped: Skipped) -> None:
            other = find(skipped.source) is None and extension(skipped.source) not in ARCHIVES
            reason = skipped.reason.removeprefix(f"{skipped.source}: ")
            rows.append(Fitted(source=skipped.source, outcome="skipped" if other else "failed", reason=reason))

        roots = [Path(root).absolute() for root in ([sources] if isinstance(sources, str | Path) else list(sources))]
        entries = [one for one in scan(roots, self.limits, passed_over) if extension(one.source) not in FIELDS]
        return entries, _places(entries, roots, self.folder), rows

    def alone(self, entry: Entry, path: Path | None) -> Fitted:
        """One file on one thread."""
        begun = self._begin(entry, path)
        if isinstance(begun, Fitted):
            return begun
        try:
            fitting = Fitting(begun.prepared.lesson, workers=1)
            error = run(fitting, None, Silent())
        except FieldstoneError as failure:
            return _failed(entry, failure)
        return self._end(begun, fitting.network, error, fitting.epochs_done)

    def stacked(
        self, pool: ThreadPoolExecutor, entries: Sequence[Entry], places: Sequence[Path | None], device: str
    ) -> Iterator[Fitted]:
        """Files in stacks on a device; their truth on the CPU's threads."""
        asked = list(zip(entries, places, strict=True))
        for begun, trained in in_stacks(pool, lambda each: self._begin(*each), asked, _lesson, device):
            if isinstance(begun, Fitted):
                yield begun
            elif trained is not None:
                yield self._end(begun, *trained)

    def _begin(self, entry: Entry, path: Path | None) -> "_Begun | Fitted":
        start = time.perf_counter()
        if path is None:
            reason = "another file of this run would give a field of the same name: fit it to another folder"
            return Fitted(source=entry.source, outcome="failed", reason=reason)
        try:
            source = open_source(entry, limits=self.limits)
            kept = self._kept(path, source.source_hash)
            if kept is not None:
                return Fitted(source=entry.source, outcome="kept", path=path, error=kept[0], sign_confidence=kept[1])
            if path.is_dir():
                raise FileError(path, "is a folder, where the field should stand; move it, or fit to another folder")
            path.parent.mkdir(parents=True, exist_ok=True)
            prepared = prepare(source.shape, self.asked, source.unit, source.up)
        except (FieldstoneError, OSError) as error:
            return _failed(entry, error)
        return _Begun(entry=entry, path=path, source=source, prepared=prepared, start=start)

    def _kept(self, path: Path, digest: str) -> tuple[float | None, float | None] | None:
        """Error and sign confidence of the field that is there already; None where it is another one, damaged, or none."""
        if not path.is_file():
            return None
        data = path.read_bytes()
        try:
            header = header_of(data, str(path))
            settings = header.card.settings or {}
            same = all(settings.get(key) == value for key, value in self.asked.settings.items())
            if not same or header.card.source_hash != digest or header.precision != self.precision:
                return None
            field_from(data, str(path))
        except FileError:
            return None
        return header.card.error, header.card.sign_confidence

    def _end(self, begun: "_Begun", network: Network, error: float, epochs: int) -> Fitted:
        about = Card(source=begun.source.name, source_hash=begun.source.source_hash)
        try:
            save(begun.prepared.field(network, error, epochs, about), begun.path, self.precision)
        except FieldstoneError as failure:
            return _failed(begun.entry, failure)
        return Fitted(
            source=begun.entry.source,
            outcome="fitted",
            path=begun.path,
            error=error,
            sign_confidence=begun.prepared.sign_confidence,
            seconds=time.perf_counter() - begun.start,
        )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Begun:
    entry: Entry
    path: Path
    source: SourceFile
    prepared: Prepared
    start: float


def _lesson(begun: _Begun | Fitted) -> Lesson | None:
    return None if isinstance(begun, Fitted) else begun.prepared.lesson


def _failed(entry: Entry, error: FieldstoneError | OSError) -> Fitted:
    reason = str(error)
    if isinstance(error, OSError):
        reason = f"its field cannot be written at {error.filename} ({error.strerror}): fit to another folder"
    elif isinstance(error, FileError) and error.path == entry.source:
        reason = error.reason
    return Fitted(source=entry.source, outcome="failed", reason=reason)


def _writable(folder: Path) -> Path:
    """The folder, made where it is missing. FileError where nothing can be written in it."""
    make_folder(folder, "fields")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise FileError(folder, "cannot be written to; choose another place")
    return folder


def _places(entries: Sequence[Entry], roots: Sequence[Path], folder: Path) -> list[Path | None]:
    """Where each field goes: as the sources lie below their roots; None where an earlier one has the place."""
    taken: set[Path] = set()
    places: list[Path | None] = []
    for entry in entries:
        below = [root for root in roots if root.is_dir() and entry.path.is_relative_to(root)]
        inner = entry.path.relative_to(below[0]) if below else Path(entry.path.name)
        place = (
            folder / inner.parent / ("/".join([inner.name, *(entry.member or "").split("!/")]).rstrip("/") + ".field")
        )
        safe = ".." not in place.relative_to(folder).parts and place not in taken
        places.append(place if safe else None)
        taken.add(place)
    return places
