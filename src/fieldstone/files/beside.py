"""The files beside a file (materials, buffers, textures): reachable in its own folder or archive, never outside."""

import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable
from urllib.parse import unquote

from fieldstone.errors import FileError
from fieldstone.files.limits import Limits

__all__ = ["Alone", "Beside", "Folder", "Missing", "Packed", "inside"]


class Missing(FileError):
    """A file beside cannot be had; `path` is its name as the naming file has it."""


@runtime_checkable
class Beside(Protocol):
    """Opens the files that a file names."""

    def get(self, name: str) -> bytes:
        """The bytes of the file called `name`, relative to the naming file; raises FileError (Missing, mostly)."""


def inside(name: str) -> str | None:
    """`name` as a clean relative path with forward slashes; None where it leads out of the folder it starts in."""
    name = name.strip().replace("\\", "/")
    if not name or name.startswith("/") or ":" in name or "\0" in name:
        return None
    steps: list[str] = []
    for step in name.split("/"):
        if step == "..":
            if not steps:
                return None
            steps.pop()
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps) or None


def spellings(name: str) -> list[str]:
    """Where to look for `name`: as written, then with %20 and the like decoded, then its last step alone."""
    written = [name, unquote(name)]
    last = [text.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1] for text in written]
    found = [inside(text) for text in (*written, *last)]
    return list(dict.fromkeys(text for text in found if text is not None))


@dataclass(frozen=True, slots=True)
class Alone:
    """Nothing beside: bytes from memory."""

    def get(self, name: str) -> bytes:
        """Always Missing."""
        raise Missing(name[:80], "is another file, and only this one was given")


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder of a file on disk and the folders below it; symbolic links may not lead out."""

    root: Path
    limits: Limits = field(default_factory=Limits)

    def get(self, name: str) -> bytes:
        """Read a regular file of at most `limits.bytes` below the folder; raises Missing."""
        for relative in spellings(name):
            try:
                path = (self.root / relative).resolve()
                if not path.is_relative_to(self.root.resolve()):
                    continue
                status = path.stat()
                if not stat.S_ISREG(status.st_mode):
                    continue
                if status.st_size > self.limits.bytes:
                    raise Missing(name[:80], f"is larger than Limits.bytes ({self.limits.bytes:,})")
                with path.open("rb") as file:
                    return file.read(self.limits.bytes)
            except (OSError, ValueError, RuntimeError):
                continue
        raise Missing(name[:80], "is not in the file's own folder")


@dataclass(frozen=True, slots=True)
class Packed:
    """The members of the archive that holds a file; `folder` is where in the archive the file lies ("" or "a/b")."""

    members: Mapping[str, object]
    folder: str
    extract: Callable[[str], bytes]

    def get(self, name: str) -> bytes:
        """Unpack a member; raises Missing where there is none, FileError where it is broken or too large."""
        for relative in spellings(name):
            member = f"{self.folder}/{relative}" if self.folder else relative
            if member in self.members:
                return self.extract(member)
        raise Missing(name[:80], "is not in the archive beside it")
