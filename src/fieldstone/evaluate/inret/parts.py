"""The files of a report: what stands in its folder, as which settings made it."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from fieldstone.files.whole import write_whole

__all__ = ["Parts"]

MADE = "made.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A folder, and the settings of those of its files that belong to one report.

    `made.json` holds for each file a digest of it and of its settings: what other settings made, or a hand changed, is no
    part.
    """

    folder: Path
    settings: str

    def write(self, name: str, content: bytes, version: int = 0) -> None:
        """Keep a part; `version`: of what it alone is made of. FileError where the folder cannot be written to."""
        write_whole(self.folder / name, content)
        made = self._made() | {name: self._digest(content, version)}
        write_whole(self.folder / MADE, json.dumps(made, indent=1, sort_keys=True).encode())

    def read(self, name: str, version: int = 0) -> bytes | None:
        """The part of that name; None where these settings and version made none that is still there."""
        try:
            content = (self.folder / name).read_bytes()
        except OSError:
            return None
        return content if self._made().get(name) == self._digest(content, version) else None

    def _made(self) -> dict[str, str]:
        try:
            found = json.loads((self.folder / MADE).read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _digest(self, content: bytes, version: int) -> str:
        settings = f"{self.settings} {version}" if version else self.settings
        return hashlib.sha256(settings.encode() + b"\0" + content).hexdigest()
