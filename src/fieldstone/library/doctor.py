"""What this machine and this library can and cannot do, and the line that changes it."""

import importlib.metadata
import os
import platform
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from fieldstone import encoders, files
from fieldstone.library import log
from fieldstone.library.library import Library, cores
from fieldstone.library.schema import vectors_table
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


def look(library: str | None = None) -> list[Finding]:
    """The machine, the formats, the encoders; and the library, where one is named."""
    findings = [
        Finding(
            what="fieldstone", found=f"{importlib.metadata.version('fieldstone')}, Python {platform.python_version()}"
        ),
        Finding(what="machine", found=f"{platform.system()} {platform.machine()}, {cores()} cores"),
        _compiled_kernels(),
        *(_format(entry) for entry in files.formats()),
        Finding(what="encoders", found=f"{', '.join(encoders.available())}; default {encoders.DEFAULT}"),
    ]
    return findings + (_library(library) if library is not None else [])


def _compiled_kernels() -> Finding:
    """Numba keeps compiled kernels beside the source, or in the user's cache; without either, each start compiles."""
    places = [Path(os.environ.get("NUMBA_CACHE_DIR", files.__path__[0])), Path.home()]
    writable = any(os.access(place, os.W_OK) for place in places)
    return Finding(
        what="compiled kernels",
        found="kept between runs" if writable else "compiled anew in each process",
        ok=writable,
        fix="" if writable else "export NUMBA_CACHE_DIR=/a/folder/you/may/write",
    )


def _format(entry: files.Format) -> Finding:
    ready = entry.extra is None or find_spec(PACKAGES[entry.extra]) is not None
    return Finding(
        what=entry.name,
        found=f"{' '.join(entry.extensions)}" + ("" if ready else f"; needs the extra '{entry.extra}'"),
        ok=ready,
        fix="" if ready else f'pip install "fieldstone[{entry.extra}]"',
    )


def _library(uri: str) -> list[Finding]:
    store = Store(uri)
    opened = Library(uri)
    table = vectors_table(opened.encoder.id)
    rows, vectors = store.count("shapes"), store.count(table) if store.has(table) else 0
    missing = [
        row["source"]
        for row in log.state(store).to_pylist()
        if row["outcome"] == "added" and not Path(row["source"].split("!/")[0]).exists()
    ]
    return [
        Finding(what=f"library {uri}", found=f"opens; {len(opened)} shapes, {len(opened.refused())} paths refused"),
        Finding(
            what="embeddings",
            found=f"{vectors} of {rows}",
            ok=vectors == rows,
            fix=""
            if vectors == rows
            else f"fieldstone add {uri} FOLDER (an interrupted add goes on from where it was)",
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
