"""ZIP archives without surprises: an index of plain members, each unpacked in memory within the limits."""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from fieldstone.errors import BrokenFile, LimitExceeded, UnsupportedFormat
from fieldstone.files.beside import inside
from fieldstone.files.limits import Limits

__all__ = ["Member", "extract", "index"]

File: TypeAlias = io.BytesIO | io.BufferedReader
END, END_SIZE = b"PK\x05\x06", 22
CENTRAL_ENTRY = 46
LOCAL_HEADER = struct.Struct("<4s5H3I2H")
SMALL = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Member:
    """Where a member lies in its archive. `trouble` says why it cannot be read, "" where it can."""

    name: str
    offset: int
    packed: int
    size: int
    method: int
    crc: int
    trouble: str = ""


def index(path: str, file: File, limits: Limits) -> dict[str, Member]:
    """The files of an archive by name, in the archive's order; of equal names the last one counts.

    Raises BrokenFile for what is no archive, LimitExceeded for one with too many entries. `path` is for the messages.
    """
    _check_entries(path, file, limits)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            start = archive.start_dir
    except (
        zipfile.BadZipFile,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
        struct.error,
        OverflowError,
    ) as error:
        raise BrokenFile(path, "is not a whole ZIP archive: it was cut short or damaged; copy it again") from error
    limits.check(path, "members", len(entries), "entries")
    _check_bomb(path, file, entries, limits)
    found: dict[str, Member] = {}
    for entry in entries:
        if entry.filename and not entry.filename.endswith("/"):
            found[entry.filename] = _member(entry, start)
    return found


def _check_entries(path: str, file: File, limits: Limits) -> None:
    """Refuse a directory of too many entries by its size, before it is parsed."""
    size = file.seek(0, io.SEEK_END)
    tail_size = min(size, END_SIZE + 65535)
    file.seek(size - tail_size)
    tail = file.read(tail_size)
    at = tail.rfind(END)
    if at < 0 or at + END_SIZE > len(tail):
        raise BrokenFile(path, "is not a whole ZIP archive: it was cut short or damaged; copy it again")
    entries, directory = struct.unpack_from("<HI", tail, at + 10)
    limits.check(path, "members", 0 if entries == 0xFFFF else entries, "entries")
    room = size if directory == 0xFFFFFFFF else directory
    if directory != 0xFFFFFFFF and room > size:
        raise BrokenFile(path, "is not a whole ZIP archive: it was cut short or damaged; copy it again")
    if directory != 0xFFFFFFFF and room > limits.members * (CENTRAL_ENTRY + 400):
        raise LimitExceeded(
            path, f"has a directory of {room:,} bytes, too long for {limits.members:,} entries; raise Limits.members"
        )


def _check_bomb(path: str, file: File, entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Refuse members that share their bytes, and archives that swell beyond the ratio as a whole."""
    size = file.seek(0, io.SEEK_END)
    packed, unpacked = sum(entry.compress_size for entry in entries), sum(entry.file_size for entry in entries)
    if packed > size:
        raise BrokenFile(path, "has members that overlap, as only a bomb has; do not open it")
    if unpacked > 64 * SMALL and unpacked > limits.zip_ratio * size:
        raise LimitExceeded(
            path,
            f"unpacks to {unpacked:,} bytes from {size:,}, beyond the ratio of {limits.zip_ratio}; "
            "raise Limits.zip_ratio if you trust it",
        )


def _member(entry: zipfile.ZipInfo, start: int) -> Member:
    trouble = ""
    if stat.S_ISLNK(entry.external_attr >> 16):
        trouble = "is a symbolic link, which is not followed"
    elif inside(entry.filename) is None or ".." in entry.filename.replace("\\", "/").split("/"):
        trouble = "has a name that leads out of the archive"
    elif entry.flag_bits & 0x1:
        trouble = "is encrypted; unpack it first"
    elif entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        trouble = "is packed by a method that is not read; pack it again as a plain ZIP"
    elif entry.header_offset > start:
        trouble = "lies behind the archive's directory"
    return Member(
        entry.filename,
        entry.header_offset,
        entry.compress_size,
        entry.file_size,
        entry.compress_type,
        entry.CRC,
        trouble,
    )


def extract(path: str, file: File, members: Mapping[str, Member], name: str, limits: Limits) -> bytes:
    """The bytes of a member; raises FileError where there is none, where it is damaged or beyond the limits."""
    label = f"{path}!/{name}"
    member = members.get(name)
    if member is None:
        raise BrokenFile(label, "is not in the archive; look at what it holds")
    if member.trouble:
        raise UnsupportedFormat(label, member.trouble)
    limits.check(label, "bytes", member.size, "bytes")
    if member.size > SMALL and member.size > limits.zip_ratio * max(member.packed, 1):
        raise LimitExceeded(
            label,
            f"unpacks to {member.size:,} bytes from {member.packed:,}, beyond the ratio of {limits.zip_ratio}; "
            "raise Limits.zip_ratio if you trust it",
        )
    damaged = BrokenFile(label, "is damaged in its archive; copy the archive again")
    try:
        file.seek(member.offset)
        header = file.read(LOCAL_HEADER.size)
        magic, *_, name_length, extra_length = LOCAL_HEADER.unpack(header)
        file.seek(name_length + extra_length, io.SEEK_CUR)
        packed = file.read(min(member.packed, limits.bytes + SMALL))
        data = packed if member.method == zipfile.ZIP_STORED else _inflate(packed, member.size)
    except (struct.error, zlib.error, OSError, ValueError, OverflowError) as error:
        raise damaged from error
    if magic != b"PK\x03\x04" or len(data) != member.size or zlib.crc32(data) != member.crc:
        raise damaged
    return data


def _inflate(packed: bytes, size: int) -> bytes:
    """Unpack at most one byte more than promised."""
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, size + 1)
