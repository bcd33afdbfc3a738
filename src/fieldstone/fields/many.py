"""Fields for whole folders: kept as each is done, gone on with after a kill, and one bad file is one row."""

import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from fieldstone.errors import FieldstoneError
from fieldstone.fields.field import Function
from fieldstone.fields.file import header_of, save
from fieldstone.fields.fit import Prepared, prepare, run
from fieldstone.fields.fitting import Fitting
from fieldstone.fields.from_file import SourceFile, open_source
from fieldstone.fields.layout import Precision
from fieldstone.fields.lesson import settings_of
from fieldstone.fields.network import Architecture, Card, Network
from fieldstone.fields.sampling import Sampling
from fieldstone.fields.schedule import Schedule, fast
from fieldstone.fields.together import train_together
from fieldstone.files import Entry, Limits, Skipped, scan
from fieldstone.files.registry import FIELDS, extension
from fieldstone.progress import Progress, Silent

__all__ = ["Fitted", "fit_many"]

DEFAULT = Limits()
STACK = 16
"""Shapes that are trained as one on a GPU: their tables, moments and samples take some 60 MB each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """What became of one file."""

    source: str
    """The file, or `archive.zip!/member`."""
    outcome: Literal["fitted", "kept", "failed"]
    """`kept`: its field was there already, of the same bytes and settings."""
    path: Path | None = None
    """The field's file."""
    reason: str = ""
    """Why it failed, in one sentence."""
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
    config: Any = None,
    schedule: Schedule | None = None,
    sampling: Sampling | None = None,
    color: bool = False,
    seed: int = 0,
    stop_at: float | None = None,
    device: str = "cpu",
    workers: int | None = None,
    limits: Limits = DEFAULT,
    progress: Progress | None = None,
) -> list[Fitted]:
    """Fit a field to every shape in files, folders and archives; a row for each, in order.

    Fields lie in `folder` as their sources below their roots: `sub/part.stl` gives `folder/sub/part.stl.field`. Files that
    are fields already are left out.

    On the cpu `workers` shapes are fitted side by side, each on one thread (None: as many as there are cores); on another
    device 16 shapes at a time are one stack. A field is written in
    one move when it is done; one that is there with the same source bytes and settings is kept, so a second call goes on
    where the first was stopped. Files that cannot be read or fitted, and two that would share a name, are rows with a
    reason.
    """
    progress, folder = progress or Silent(), Path(folder)
    schedule, sampling = schedule or fast(), sampling or Sampling()
    rows: list[Fitted] = []

    def passed_over(skipped: Skipped) -> None:
        rows.append(Fitted(source=skipped.source, outcome="failed", reason=skipped.reason))

    roots = [Path(root).absolute() for root in ([sources] if isinstance(sources, str | Path) else list(sources))]
    entries = [entry for entry in scan(roots, limits, passed_over) if extension(entry.source) not in FIELDS]
    asked = {"architecture": architecture, "function": function, "config": config, "schedule": schedule}
    given = {**asked, "sampling": sampling, "seed": seed, "color": color}
    job = _Job(given=given, stop_at=stop_at, precision=precision, limits=limits)
    places = _places(entries, roots, folder)
    progress.start("fitting", len(entries))
    with ThreadPoolExecutor(workers or _cores()) as pool:
        alone = device == "cpu"
        for row in pool.map(job.alone, entries, places) if alone else job.stacked(pool, entries, places, device):
            rows.append(row)
            progress.advance(1, f"{Path(row.source).name}: {row.outcome}")
    progress.finish()
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """What all files of a run have in common."""

    given: dict[str, Any]
    stop_at: float | None
    precision: Precision
    limits: Limits

    def alone(self, entry: Entry, path: Path | None) -> Fitted:
        """One file on one thread."""
        start = time.perf_counter()
        begun = self._begin(entry, path)
        if isinstance(begun, Fitted):
            return begun
        try:
            fitting = Fitting(begun.prepared.lesson, workers=1)
            error = run(fitting, self.stop_at, None, Silent())
        except FieldstoneError as failure:
            return _failed(entry, str(failure))
        return self._end(begun, fitting.network, error, fitting.epochs_done, start)

    def stacked(
        self, pool: ThreadPoolExecutor, entries: Sequence[Entry], places: Sequence[Path | None], device: str
    ) -> Iterator[Fitted]:
        """Files in stacks on a device; their truth on the CPU's threads."""
        for first in range(0, len(entries), STACK):
            start, part = time.perf_counter(), slice(first, first + STACK)
            begun = list(pool.map(self._begin, entries[part], places[part]))
            ready = [one for one in begun if isinstance(one, _Begun)]
            networks, errors, epochs = train_together([one.prepared.lesson for one in ready], device, self.stop_at)
            trained = iter(zip(networks, errors, strict=True))
            for one in begun:
                yield one if isinstance(one, Fitted) else self._end(one, *next(trained), epochs, start)

    def _begin(self, entry: Entry, path: Path | None) -> "_Begun | Fitted":
        if path is None:
            return _failed(
                entry, "another file of this run would give a field of the same name: fit it to another folder"
            )
        try:
            source = open_source(entry, limits=self.limits)
            wanted = {**settings_of(**self.given), "stop_at": self.stop_at}
            kept = _kept(path, source.source_hash, wanted, self.precision)
            if kept is not None:
                return Fitted(source=entry.source, outcome="kept", path=path, error=kept[0], sign_confidence=kept[1])
            prepared = prepare(source.shape, **self.given, unit=source.unit, up=source.up)
        except FieldstoneError as error:
            return _failed(entry, str(error))
        return _Begun(entry=entry, path=path, source=source, prepared=prepared)

    def _end(self, begun: "_Begun", network: Network, error: float, epochs: int, start: float) -> Fitted:
        about = Card(source=begun.source.name, source_hash=begun.source.source_hash)
        field = begun.prepared.field(network, error, epochs, self.stop_at, about)
        try:
            begun.path.parent.mkdir(parents=True, exist_ok=True)
            save(field, begun.path, self.precision)
        except FieldstoneError as failure:
            return _failed(begun.entry, str(failure))
        return Fitted(
            source=begun.entry.source,
            outcome="fitted",
            path=begun.path,
            error=error,
            sign_confidence=begun.prepared.sign_confidence,
            seconds=time.perf_counter() - start,
        )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Begun:
    entry: Entry
    path: Path
    source: SourceFile
    prepared: Prepared


def _failed(entry: Entry, reason: str) -> Fitted:
    return Fitted(source=entry.source, outcome="failed", reason=reason)


def _kept(
    path: Path, digest: str, wanted: dict[str, Any], precision: Precision
) -> tuple[float | None, float | None] | None:
    """Error and sign confidence of the field that is there already, None where it is another one or none."""
    if not path.exists():
        return None
    try:
        header = header_of(path.read_bytes(), str(path))
    except FieldstoneError:
        return None
    settings = header.card.settings or {}
    same = all(settings.get(key) == value for key, value in wanted.items())
    if same and header.card.source_hash == digest and header.precision == precision:
        return header.card.error, header.card.sign_confidence
    return None


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


def _cores() -> int:
    from numba import get_num_threads

    return int(get_num_threads())
