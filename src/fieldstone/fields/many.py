"""Fields for whole folders: kept as each is done, gone on with after a kill, and one bad file is one row."""

import hashlib
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from fieldstone.errors import FieldstoneError
from fieldstone.fields.field import Function
from fieldstone.fields.file import header_of, save
from fieldstone.fields.from_file import fit_file
from fieldstone.fields.layout import Precision
from fieldstone.fields.lesson import settings_of
from fieldstone.fields.network import Architecture
from fieldstone.fields.sampling import Sampling
from fieldstone.fields.schedule import Schedule, fast
from fieldstone.files import Entry, Limits, Skipped, open_bytes, scan
from fieldstone.files.registry import FIELDS, extension
from fieldstone.progress import Progress, Silent

__all__ = ["Fitted", "fit_many"]

DEFAULT = Limits()


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
    workers: int | None = None,
    limits: Limits = DEFAULT,
    progress: Progress | None = None,
) -> list[Fitted]:
    """Fit a field to every shape in files, folders and archives; a row for each, in order.

    Fields lie in `folder` as their sources below their roots: `sub/part.stl` gives `folder/sub/part.stl.field`. Files that
    are fields already are left out.

    `workers` shapes are fitted side by side, each on one thread (None: as many as there are cores). A field is written in
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
    wanted = {**settings_of(**given), "stop_at": stop_at}
    lock = threading.Lock()

    def one(entry: Entry, path: Path | None) -> Fitted:
        row = _one(entry, path, wanted, {**given, "stop_at": stop_at}, precision, limits)
        with lock:
            progress.advance(1, f"{path.name if path else entry.source}: {row.outcome}")
        return row

    progress.start("fitting", len(entries))
    with ThreadPoolExecutor(workers or _cores()) as pool:
        rows += pool.map(one, entries, _places(entries, roots, folder))
    progress.finish()
    return rows


def _one(
    entry: Entry, path: Path | None, wanted: dict[str, Any], given: dict[str, Any], precision: Precision, limits: Limits
) -> Fitted:
    start = time.perf_counter()
    if path is None:
        reason = "another file of this run would give a field of the same name: fit it to another folder"
        return Fitted(source=entry.source, outcome="failed", reason=reason)
    try:
        digest = hashlib.sha256(open_bytes(entry, limits)).hexdigest()
        kept = _kept(path, digest, wanted, precision)
        if kept is not None:
            return Fitted(source=entry.source, outcome="kept", path=path, error=kept[0], sign_confidence=kept[1])
        field = fit_file(entry, limits=limits, workers=1, **given)
        path.parent.mkdir(parents=True, exist_ok=True)
        save(field, path, precision)
    except FieldstoneError as error:
        return Fitted(source=entry.source, outcome="failed", reason=str(error))
    return Fitted(
        source=entry.source,
        outcome="fitted",
        path=path,
        error=field.card.error,
        sign_confidence=field.card.sign_confidence,
        seconds=time.perf_counter() - start,
    )


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
