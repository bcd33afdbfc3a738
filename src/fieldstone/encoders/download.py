"""A file from the web into a folder: over https, whole or not at all, going on where it stopped.

What has arrived waits beside its place as `<file>.part`, with the server's mark of its version in `<file>.part.etag`; a
server that still holds that version sends the rest (RFC 9110, sections 13.1.5 and 14.2).
"""

import hashlib
import os
import urllib.error
import urllib.parse
import urllib.request
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import Any

from filelock import FileLock

from fieldstone.errors import EncoderError
from fieldstone.progress import Progress, Silent

__all__ = ["MOST_BYTES", "cache_folder", "fetch"]

MOST_BYTES = 8 * 2**30
CHUNK = 2**20
SECONDS = 30.0
"""Of silence from the server before it counts as gone."""
LOCAL = {"localhost", "127.0.0.1", "::1"}
"""Hosts that may be asked without encryption: this machine."""


def cache_folder() -> Path:
    """Where downloads go: `FIELDSTONE_CACHE`, else `fieldstone` in the user's cache (XDG_CACHE_HOME, ~/.cache)."""
    if given := os.environ.get("FIELDSTONE_CACHE"):
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fieldstone"


def fetch(
    url: str, place: str | Path, *, sha256: str | None = None, most: int = MOST_BYTES, progress: Progress | None = None
) -> Path:
    """The file at `url`, put at `place`; one that is there already is kept (and checked, where `sha256` is known).

    `sha256` is hexadecimal, whole or its beginning; `most` bounds the bytes taken. Progress counts bytes. Two processes
    that ask for the same file wait for each other. Raises EncoderError where the address is not https, the server does
    not answer or sends more than `most`, the folder cannot be written to, or the checksum differs; what has arrived stays
    for the next attempt unless its checksum is wrong.
    """
    place, progress = Path(place), progress or Silent()
    _check_address(url)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{place}.lock"):
            if not place.exists():
                part = _arrive(url, place, most, progress)
                _check_sum(part, sha256, url)
                os.replace(part, place)
                _mark_of(part).unlink(missing_ok=True)
            else:
                _check_sum(place, sha256, url)
    except (urllib.error.URLError, HTTPException, TimeoutError, ConnectionError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise EncoderError(
            f"{url} did not send the file ({reason}); try again, or save it yourself as {place}"
        ) from None
    except OSError as error:
        raise EncoderError(f"{place} cannot be written ({error.strerror}); choose another folder") from None
    return place


class _OnlySafe(urllib.request.HTTPRedirectHandler):
    """Follows a server elsewhere only where the new address is one that may be asked."""

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        """The request for the new address; EncoderError where it is not https."""
        _check_address(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _check_address(url: str) -> None:
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError:
        parts = urllib.parse.urlsplit("")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOCAL):
        raise EncoderError(f"{url} is not an https address; give one, or save the file yourself and give its path")


def _arrive(url: str, place: Path, most: int, progress: Progress) -> Path:
    """Bring what is missing into the part; the part, whole."""
    part = place.with_name(f"{place.name}.part")
    mark = _mark_of(part)
    there = part.stat().st_size if part.exists() and mark.exists() else 0
    request = urllib.request.Request(url, headers={"User-Agent": "fieldstone", "Accept-Encoding": "identity"})  # noqa: S310 - checked
    if there:
        request.add_header("Range", f"bytes={there}-")
        request.add_header("If-Range", mark.read_text())
    try:
        answer = urllib.request.build_opener(_OnlySafe).open(request, timeout=SECONDS)
    except urllib.error.HTTPError as error:
        if error.code != 416 or not there:  # the part has all there is, or more: begin again
            raise
        part.unlink()
        return _arrive(url, place, most, progress)
    with answer:
        going_on = answer.status == 206
        _note_mark(mark, answer)
        _receive(answer, part, there if going_on else 0, most, progress, place)
    return part


def _receive(answer: Any, part: Path, there: int, most: int, progress: Progress, place: Path) -> None:
    length = answer.headers.get("Content-Length")
    total = there + int(length) if length and length.isdigit() else None
    if total is not None and total > most:
        raise EncoderError(f"{answer.url} holds {total:,} bytes, more than the {most:,} that are taken")
    progress.start(f"Downloading {place.name}", total)
    progress.advance(there)
    try:
        with open(part, "r+b" if there else "wb") as file:
            file.seek(there)
            while chunk := answer.read(CHUNK):
                file.write(chunk)
                progress.advance(len(chunk))
                if file.tell() > most:
                    raise EncoderError(f"{answer.url} sends more than the {most:,} bytes that are taken")
            arrived = file.tell()
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
    finally:
        progress.finish()
    if total is not None and arrived < total:
        raise ConnectionError(f"{arrived:,} of {total:,} bytes came")


def _mark_of(part: Path) -> Path:
    return part.with_name(f"{part.name}.etag")


def _note_mark(mark: Path, answer: Any) -> None:
    """Keep the version's strong mark; without one, a broken download begins again."""
    etag = answer.headers.get("ETag", "")
    if etag.startswith('"'):
        mark.write_text(etag)
    else:
        mark.unlink(missing_ok=True)


def _check_sum(path: Path, sha256: str | None, url: str) -> None:
    if sha256 is None:
        return
    with open(path, "rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if not found.startswith(sha256.lower()):
        path.unlink()
        raise EncoderError(
            f"{path.name} has the checksum {found[:12]}..., not {sha256[:12]}...: it was taken away; download {url} again"
        )
