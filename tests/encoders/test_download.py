"""Downloads: whole or not at all, going on where they stopped, over https alone; against a server of the test."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from fieldstone.encoders import published
from fieldstone.encoders.download import cache_folder, fetch
from fieldstone.encoders.published import PUBLISHED, Published, download
from fieldstone.errors import EncoderError
from fieldstone.progress import Silent

DATA = bytes(range(256)) * 20_000
SUM = hashlib.sha256(DATA).hexdigest()


class Server(ThreadingHTTPServer):
    """Sends DATA; cut off after `cut` bytes, once; of a version; notes the ranges asked for."""

    cut: int | None = None
    etag = '"first"'
    length = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.ranges: list[str | None] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/model.pt"


class Answer(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        if self.path == "/never":
            self.send_error(416)
            return
        if self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", "http://example.org/model.pt" if "out" in self.path else "/model.pt")
            self.end_headers()
            return
        if self.path != "/model.pt":
            self.send_error(404)
            return
        asked = self.headers.get("Range")
        self.server.ranges.append(asked)
        going_on = asked is not None and self.headers.get("If-Range") == self.server.etag
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if going_on and asked else 0
        if start >= len(DATA):
            self.send_error(416)
            return
        self.send_response(206 if going_on else 200)
        self.send_header("ETag", self.server.etag)
        if self.server.length:
            self.send_header("Content-Length", str(len(DATA) - start))
        self.end_headers()
        cut, self.server.cut = self.server.cut, None
        self.wfile.write(DATA[start:cut])

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Counted(Silent):
    def __init__(self) -> None:
        self.total: int | None = None
        self.done = 0
        self.notes: list[str] = []

    def start(self, title: str, total: int | None) -> None:
        self.total, self.done = total, 0

    def advance(self, done: int = 1, detail: str = "") -> None:
        self.done += done

    def note(self, text: str) -> None:
        self.notes.append(text)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.endswith(".lock")}


def test_whole(server: Server, tmp_path: Path) -> None:
    counted = Counted()
    place = fetch(server.url, tmp_path / "new" / "model.pt", sha256=SUM, progress=counted)
    assert place.read_bytes() == DATA
    assert (counted.total, counted.done) == (len(DATA), len(DATA))
    assert names(tmp_path / "new") == {"model.pt"}
    fetch(server.url, place, sha256=SUM[:8])
    assert server.ranges == [None]  # there already: not asked for again


def test_goes_on_where_it_stopped(server: Server, tmp_path: Path) -> None:
    server.cut = 3_000_000
    with pytest.raises(EncoderError, match=r"did not send the file \(3,000,000 of 5,120,000 bytes came\); try again"):
        fetch(server.url, tmp_path / "model.pt", sha256=SUM)
    assert names(tmp_path) == {"model.pt.part", "model.pt.part.etag"}
    counted = Counted()
    assert fetch(server.url, tmp_path / "model.pt", sha256=SUM, progress=counted).read_bytes() == DATA
    assert server.ranges == [None, "bytes=3000000-"]
    assert (counted.total, counted.done) == (len(DATA), len(DATA))
    assert names(tmp_path) == {"model.pt"}


def test_another_version_begins_again(server: Server, tmp_path: Path) -> None:
    server.cut = 1_000_000
    with pytest.raises(EncoderError, match="try again"):
        fetch(server.url, tmp_path / "model.pt")
    server.etag = '"second"'
    assert fetch(server.url, tmp_path / "model.pt", sha256=SUM).read_bytes() == DATA


def test_a_part_of_everything_begins_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / "model.pt.part").write_bytes(DATA + b"more")
    (tmp_path / "model.pt.part.etag").write_text(server.etag)
    assert fetch(server.url, tmp_path / "model.pt").read_bytes() == DATA


def test_without_a_mark_nothing_is_continued(server: Server, tmp_path: Path) -> None:
    server.cut, server.etag = 1_000_000, 'W/"weak"'
    with pytest.raises(EncoderError, match="try again"):
        fetch(server.url, tmp_path / "model.pt")
    assert fetch(server.url, tmp_path / "model.pt").read_bytes() == DATA
    assert server.ranges == [None, None]


def test_wrong_sums_are_taken_away(server: Server, tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="has the checksum"):
        fetch(server.url, tmp_path / "model.pt", sha256="0" * 64)
    assert "model.pt" not in names(tmp_path)
    (tmp_path / "old.pt").write_bytes(b"damaged")
    with pytest.raises(EncoderError, match=r"old\.pt has the checksum"):
        fetch(server.url, tmp_path / "old.pt", sha256=SUM)
    assert "old.pt" not in names(tmp_path)


@pytest.mark.parametrize("length", [True, False])
def test_too_much_is_not_taken(server: Server, tmp_path: Path, length: bool) -> None:
    server.length = length
    with pytest.raises(EncoderError, match="more than the 1,000"):
        fetch(server.url, tmp_path / "model.pt", most=1000)
    assert "model.pt" not in names(tmp_path)


def test_addresses(server: Server, tmp_path: Path) -> None:
    for url in ("http://example.org/model.pt", "file:///etc/passwd", "ftp://example.org/a", "model.pt", "https://["):
        with pytest.raises(EncoderError, match="is not an https address"):
            fetch(url, tmp_path / "model.pt")
    base = server.url.removesuffix("/model.pt")
    with pytest.raises(EncoderError, match=r"http://example\.org/model\.pt is not an https address"):
        fetch(f"{base}/moved-out", tmp_path / "model.pt")
    assert fetch(f"{base}/moved-in", tmp_path / "model.pt").read_bytes() == DATA
    with pytest.raises(EncoderError, match=r"did not send the file \(Requested Range Not Satisfiable\)"):
        fetch(f"{base}/never", tmp_path / "never.pt")
    with pytest.raises(EncoderError, match=r"did not send the file \(Not Found\)"):
        fetch(f"{base}/absent.pt", tmp_path / "absent.pt")


def test_nobody_there(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"did not send the file .*refused.* save it yourself as .*model\.pt"):
        fetch("http://127.0.0.1:9/model.pt", tmp_path / "model.pt")
    (tmp_path / "file").write_text("")
    with pytest.raises(EncoderError, match="cannot be written"):
        fetch("http://127.0.0.1:9/model.pt", tmp_path / "file" / "model.pt")


def test_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("FIELDSTONE_CACHE", raising=False)
    assert cache_folder() == tmp_path / "fieldstone"
    monkeypatch.setenv("FIELDSTONE_CACHE", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"


def test_published(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ours = Published(name="ours", title="Ours", url=server.url, file="ours.pt", licence="MIT", sha256=SUM)
    monkeypatch.setattr(published, "PUBLISHED", {"ours": ours})
    monkeypatch.setenv("FIELDSTONE_CACHE", str(tmp_path / "cache"))
    counted = Counted()
    assert download("ours", progress=counted) == tmp_path / "cache" / "ours.pt"
    assert counted.notes == ["Ours: MIT"]
    assert download("ours", tmp_path).read_bytes() == DATA
    with pytest.raises(EncoderError, match="there is no published file 'theirs': choose one of ours"):
        download("theirs")


def test_every_published_file_is_over_https_with_its_terms() -> None:
    assert all(one.url.startswith("https://") and one.licence and "/" not in one.file for one in PUBLISHED.values())
