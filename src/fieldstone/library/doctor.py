"""What this machine and this library can and cannot do, and the line that changes it."""

import importlib
import importlib.metadata
import os
import platform
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from fieldstone import files
from fieldstone.errors import LibraryNotFound, LibraryVersionError

if TYPE_CHECKING:
    from fieldstone.library.store import Store

PACKAGES = {"step": "cascadio"}

__all__ = ["Finding", "look"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at. `fix` is the line that helps, empty where nothing is wrong."""

    what: str
    found: str
    ok: bool = True
    fix: str = ""
    optional: bool = False
    """Nothing is wrong without it."""


def look(library: str | None = None) -> list[Finding]:
    """The machine, the formats, the encoders; and the library, where one is named."""
    version, kernels = importlib.metadata.version("fieldstone"), _compiled_kernels()
    findings = [
        Finding(what="fieldstone", found=f"{version}, Python {platform.python_version()}"),
        Finding(what="machine", found=f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"),
        kernels,
        *(_format(entry) for entry in files.formats()),
        _neural(),
    ]
    if not kernels.ok:  # nothing below can be loaded
        return findings
    from fieldstone import encoders

    names = f"{', '.join(encoders.available())}; default {encoders.default()}"
    return [
        *findings,
        Finding(what="encoders", found=names),
        _learned(),
        *(_library(library) if library is not None else []),
    ]


def _compiled_kernels() -> Finding:
    """Numba keeps compiled kernels beside the source, or in the user's cache, and refuses to start without either."""
    try:
        importlib.import_module("fieldstone.kernels.edges")
    except RuntimeError:
        return Finding(
            what="compiled kernels",
            found="numba refuses to run them: no folder to keep them in may be written to",
            ok=False,
            fix="export NUMBA_CACHE_DIR=/a/folder/you/may/write",
        )
    return Finding(what="compiled kernels", found="kept between runs")


def _format(entry: files.Format) -> Finding:
    ready = entry.extra is None or find_spec(PACKAGES[entry.extra]) is not None
    return Finding(
        what=entry.name,
        found=f"{' '.join(entry.extensions)}" + ("" if ready else f"; needs the extra '{entry.extra}'"),
        ok=ready,
        optional=True,
        fix="" if ready else f'pip install "fieldstone[{entry.extra}]"',
    )


def _neural() -> Finding:
    """Torch: for sine networks and graphics cards only."""
    ready = find_spec("torch") is not None
    return Finding(
        what="fields",
        found="fitted on the CPU"
        + ("; with torch: siren, GPUs" if ready else "; siren and GPUs need the extra 'neural'"),
        ok=ready,
        optional=True,
        fix="" if ready else 'pip install "fieldstone[neural]"',
    )


def _learned() -> Finding:
    """The learned base: shapes, words and pictures."""
    from fieldstone import encoders

    ready = encoders.default() == encoders.BASE
    without = "by descriptors; learned search needs the extra 'neural'"
    return Finding(
        what="learned search",
        found=f"by {encoders.BASE}: shapes, words, pictures" if ready else without,
        ok=ready,
        optional=True,
        fix="" if ready else 'pip install "fieldstone[neural]"',
    )


def _library(uri: str) -> list[Finding]:
    """Raises LibraryNotFound where there is none, LibraryVersionError where another version wrote it."""
    from fieldstone.library.store import Store

    try:
        store = Store(uri)
        damage = _damage(store)
        if not damage:
            return _state(uri, store)
    except (LibraryNotFound, LibraryVersionError):
        raise
    except (OSError, ValueError, RuntimeError) as error:  # LanceDB's, for tables that it cannot open
        damage = str(error).splitlines()[0]
    fix = "restore the folder from a backup, or make a new library: fieldstone add NEW FOLDER"
    return [Finding(what=f"library {uri}", found=f"damaged: {damage}", ok=False, fix=fix)]


def _damage(store: "Store") -> str:
    """What cannot be read, empty where everything can: one column of every table opens all its files."""
    from fieldstone.library.schema import TABLES

    for name, schema in TABLES.items():
        if not store.has(name):
            return f"the table '{name}' is missing"
        try:
            for _ in store.batches(name, schema.names[:1]):
                pass
        except (OSError, ValueError, RuntimeError):
            return f"the table '{name}' cannot be read; a file of it is missing or broken"
    return ""


def _state(uri: str, store: "Store") -> list[Finding]:
    from fieldstone.library import log
    from fieldstone.library.library import Library

    opened = Library(uri)
    shapes, lacking = len(opened), opened.snapshot().missing
    missing = [
        row["source"]
        for row in log.state(store).to_pylist()
        if row["outcome"] == "added" and not Path(row["source"].split("!/")[0]).exists()
    ]
    return [
        Finding(what=f"library {uri}", found=f"opens; {shapes} shapes, {len(opened.refused())} paths refused"),
        Finding(
            what="embeddings",
            found=f"{shapes - lacking} of {shapes} by {opened.encoder_id}",
            ok=not lacking,
            fix="" if not lacking else f"fieldstone encode {uri} --encoder {opened.encoder_id}",
        ),
        Finding(
            what="files on disk",
            found=f"{len(missing)} went since" if missing else "all there",
            ok=not missing,
            fix=f"fieldstone sync {uri}" if missing else "",
        ),
        *([_room(opened.size_on_disk() or 0, store.folder)] if store.folder is not None else []),
    ]


def _room(size: int, folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    return Finding(what="size on disk", found=f"{size / 1e6:.1f} MB; {free / 1e9:.1f} GB free", ok=free > size)
