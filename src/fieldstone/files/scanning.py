"""What is there to read: files below folders, members of archives; and the bytes of each within the limits."""

import functools
import io
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fieldstone.errors import FileError, LimitExceeded
from fieldstone.files import registry
from fieldstone.files.archive import Member, extract, index
from fieldstone.files.beside import Alone, Beside, Folder, Packed
from fieldstone.files.limits import Limits
from fieldstone.files.zip import readable

__all__ = ["Entry", "Skipped", "beside_of", "entry_of", "open_bytes", "scan"]

LIBRARY = ".fieldstone"
JOIN = "!/"
DEFAULT = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing to read. `source` names it for good: an absolute path, or `archive.zip!/member`."""

    source: str
    path: Path
    """The file on disk: the archive, for a member."""
    member: str | None = None
    """`folder/part.stl`, or `inner.zip!/part.stl` for an archive in the archive."""
    size: int
    """Bytes, unpacked."""
    mtime_ns: int
    """Of the file on disk."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that `scan` met and passed over, and why."""

    source: str
    reason: str


Report = Callable[[Skipped], None]


def scan(
    roots: str | Path | Iterable[str | Path],
    limits: Limits = DEFAULT,
    skipped: Report | None = None,
) -> Iterator[Entry]:
    """All that can be read in folders, files and archives, in a fixed order; nothing is opened but archives.

    Folders are walked by name. Hidden files and folders and libraries (`*.fieldstone`) are passed over in silence;
    files without a reader, members that cannot be read and links that lead out of their root are told to `skipped`.
    Links to folders are never followed. A file that a user names, or an archive that turns out broken, is
    yielded, so that reading it says what is wrong. Raises FileError where a root is not there.
    """
    tell: Report = skipped or (lambda _: None)
    for root in [roots] if isinstance(roots, str | Path) else list(roots):
        path = Path(os.path.abspath(root))
        if path.is_dir():
            yield from _folder(path, limits, tell)
        else:
            yield from _opened(entry_of(root, limits), limits, tell)


def _folder(root: Path, limits: Limits, tell: Report) -> Iterator[Entry]:
    real_root = root.resolve()
    for folder, names, files in os.walk(
        root, onerror=lambda error: tell(Skipped(str(error.filename), "cannot be opened"))
    ):
        names[:] = sorted(name for name in names if _wanted_folder(Path(folder, name)))
        for name in sorted(files):
            path = Path(folder, name)
            if name.startswith("."):
                continue
            reason = _obstacle(path, real_root)
            if reason is not None:
                tell(Skipped(str(path).encode("utf-8", "replace").decode(), reason))
                continue
            try:
                status = path.stat()
            except OSError:
                tell(Skipped(str(path), "cannot be opened"))
                continue
            yield from _opened(_entry(path, status), limits, tell)


def _wanted_folder(path: Path) -> bool:
    return not path.name.startswith(".") and path.suffix != LIBRARY and not path.is_symlink()


def _obstacle(path: Path, real_root: Path) -> str | None:
    """Why a file is not to be read; None where it is."""
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        return "has a name that is not valid text; rename it"
    if registry.find(path.name) is None:
        return f"no reader for {registry.extension(path.name) or 'files without an extension'}"
    try:
        if path.is_symlink() and not path.resolve(strict=True).is_relative_to(real_root):
            return "is a link that leads out of the folder"
        if not stat.S_ISREG(path.stat().st_mode):
            return "is not a regular file"
    except (OSError, RuntimeError):
        return "is a link that leads nowhere, or cannot be opened"
    return None


def _entry(path: Path, status: os.stat_result) -> Entry:
    return Entry(source=str(path), path=path, size=status.st_size, mtime_ns=status.st_mtime_ns)


def entry_of(path: str | Path, limits: Limits) -> Entry:
    """The entry of a single file, or of a member as `archive.zip!/member`; raises FileError where it is not there."""
    text = str(path)
    outer, _, member = text.partition(JOIN)
    whole = Path(os.path.abspath(text))
    if not member or whole.is_file():
        outer, member = text, ""
    absolute = Path(os.path.abspath(outer))
    try:
        status = absolute.stat()
    except (OSError, ValueError) as error:
        raise FileError(text, "is not there, or cannot be opened; check the path") from error
    if not stat.S_ISREG(status.st_mode):
        raise FileError(text, "is not a file; name a file" if stat.S_ISDIR(status.st_mode) else "is not a regular file")
    entry = _entry(absolute, status)
    if not member:
        return entry
    found = _archive(entry, member.rsplit(JOIN, 1)[0] if JOIN in member else None, limits).get(
        member.rsplit(JOIN, 1)[-1]
    )
    if found is None:
        raise FileError(text, "is not in the archive; look at what it holds")
    return _member_entry(entry, member, found.size)


def _member_entry(archive: Entry, member: str, size: int) -> Entry:
    return Entry(
        source=f"{archive.path}{JOIN}{member}", path=archive.path, member=member, size=size, mtime_ns=archive.mtime_ns
    )


def _opened(entry: Entry, limits: Limits, tell: Report) -> Iterator[Entry]:
    """The entry itself, or, of an archive, the entries of its members."""
    depth = entry.source.count(JOIN) + 1
    if registry.extension(entry.source) not in registry.ARCHIVES or depth > limits.archive_depth:
        yield entry
        return
    try:
        members = _archive(entry, entry.member, limits)
    except FileError:
        yield entry
        return
    wanted = 0
    for name, member in sorted(members.items()):
        if not readable(name):
            continue
        inner = f"{entry.member}{JOIN}{name}" if entry.member else name
        found = _member_entry(entry, inner, member.size)
        wanted += 1
        if member.trouble:
            tell(Skipped(found.source.encode("utf-8", "replace").decode(), member.trouble))
        else:
            yield from _opened(found, limits, tell)
    if not wanted:
        tell(Skipped(entry.source, "holds no file that can be read"))


def _archive(entry: Entry, within: str | None, limits: Limits) -> dict[str, Member]:
    """The index of an entry's archive, or of the archive `within` it."""
    if within is None:
        return _index_on_disk(entry.path, entry.size, entry.mtime_ns, limits)
    return _index_in_archive(entry.path, entry.mtime_ns, within, limits)[1]


@functools.lru_cache(maxsize=4)
def _index_on_disk(path: Path, size: int, mtime_ns: int, limits: Limits) -> dict[str, Member]:  # noqa: ARG001 - keys
    """Kept for the last few archives: their members are read one after the other."""
    try:
        with path.open("rb") as file:
            return index(str(path), file, limits)
    except OSError as error:
        raise FileError(str(path), "cannot be opened; check that it is there and may be read") from error


@functools.lru_cache(maxsize=1)
def _index_in_archive(path: Path, mtime_ns: int, within: str, limits: Limits) -> tuple[bytes, dict[str, Member]]:
    """The bytes and index of an archive in an archive, kept while its members are read."""
    status = path.stat()
    outer = Entry(source=f"{path}{JOIN}{within}", path=path, member=within, size=status.st_size, mtime_ns=mtime_ns)
    data = open_bytes(outer, limits)
    return data, index(outer.source, io.BytesIO(data), limits)


def open_bytes(entry: Entry, limits: Limits = DEFAULT) -> bytes:
    """The bytes of an entry; raises FileError where they cannot be had, or are more than the limits allow."""
    if entry.member is None:
        limits.check(entry.source, "bytes", entry.size, "bytes")
        try:
            with entry.path.open("rb") as file:
                data = file.read(limits.bytes + 1)
        except OSError as error:
            raise FileError(entry.source, "cannot be opened; check that it is there and may be read") from error
        limits.check(entry.source, "bytes", len(data), "bytes")
        return data
    if entry.source.count(JOIN) > limits.archive_depth:
        raise LimitExceeded(
            entry.source,
            f"lies more than {limits.archive_depth} archives deep; raise Limits.archive_depth, or unpack it",
        )
    return _unpacker(entry, limits)(entry.member.rsplit(JOIN, 1)[-1])


def _unpacker(entry: Entry, limits: Limits) -> Callable[[str], bytes]:
    """What unpacks a member of the archive that holds the entry."""
    assert entry.member is not None
    if JOIN in entry.member:
        within = entry.member.rsplit(JOIN, 1)[0]
        data, members = _index_in_archive(entry.path, entry.mtime_ns, within, limits)
        return lambda name: extract(f"{entry.path}{JOIN}{within}", io.BytesIO(data), members, name, limits)
    on_disk = _archive(entry, None, limits)

    def unpack(name: str) -> bytes:
        try:
            with entry.path.open("rb") as file:
                return extract(str(entry.path), file, on_disk, name, limits)
        except OSError as error:
            raise FileError(entry.source, "cannot be opened; check that it is there and may be read") from error

    return unpack


def beside_of(entry: Entry, limits: Limits) -> Beside:
    """The files that an entry may name: in its own folder on disk, or in its archive."""
    if entry.member is None:
        return Folder(entry.path.parent, limits) if entry.path.is_file() else Alone()
    within = entry.member.rsplit(JOIN, 1)[0] if JOIN in entry.member else None
    folder = "/".join(PurePosixPath(entry.member.rsplit(JOIN, 1)[-1]).parts[:-1])
    return Packed(_archive(entry, within, limits), folder, _unpacker(entry, limits))
