"""Weight files: what goes in comes out, and what strangers write is refused in one sentence."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from fieldstone.encoders.weights import KEY, Header, open_weights, read_header, save
from fieldstone.errors import EncoderError

HEADER = Header(
    name="a-b.c", version=3, network="pointbert", config={"latent": 4}, dim=8, latent=4, card={"title": "t"}, pose="upright"
)  # fmt: skip


def tensors() -> dict[str, np.ndarray]:
    generator = np.random.default_rng(0)
    return {
        "shape.a": generator.standard_normal((3, 4)).astype(np.float16),
        "shape.b": generator.standard_normal(5).astype(np.float32),
    }


def test_what_goes_in_comes_out(tmp_path: Path) -> None:
    save(tmp_path / "a", tensors(), HEADER)
    save(tmp_path / "b", dict(reversed(tensors().items())), HEADER)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    header, found = open_weights(tmp_path / "a")
    assert header == read_header(tmp_path / "a") == HEADER
    assert header.id == "a-b.c@3"
    assert {name: array.dtype for name, array in found.items()} == dict.fromkeys(tensors(), np.dtype(np.float32))
    for name, array in tensors().items():
        np.testing.assert_array_equal(found[name], array.astype(np.float32))


def rewritten(data: bytes, change: Callable[[dict], None]) -> bytes:
    """The file with another header."""
    size = int.from_bytes(data[:8], "little")
    entries = json.loads(data[8 : 8 + size])
    said = json.loads(entries["__metadata__"][KEY])
    change(said)
    entries["__metadata__"][KEY] = json.dumps(said)
    text = json.dumps(entries).encode()
    return len(text).to_bytes(8, "little") + text + data[8 + size :]


def set_to(**values: object) -> Callable[[bytes], bytes]:
    return lambda data: rewritten(data, lambda said: said.update(values))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: b"", "no weight file"),
        (lambda data: b"\xff" * 40, "no weight file"),
        (lambda data: b"[" * 100_000, "no weight file"),
        (lambda data: (100_000).to_bytes(8, "little") + b"[" * 100_000, "no weight file"),
        (lambda data: safetensors.numpy.save({"x": np.zeros(3, np.float32)}), "no weight file"),
        (lambda data: data[:-1], "checksum"),
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), "checksum"),
        (set_to(name="../../etc/passwd"), "cannot be"),
        (set_to(version=True), "version is no int"),
        (set_to(version=0), "cannot be"),
        (set_to(version=10**300), "cannot be"),
        (set_to(latent=10**9), "cannot be"),
        (set_to(config=[]), "config is no dict|no weight file"),
        (set_to(config={"backbone": {"widths": [[4, 10**9]]}}), "size beyond"),
        (set_to(config={"descriptor": float("nan")}), "size beyond"),
        (set_to(pose="sideways"), "cannot be|no weight file"),
        (lambda data: rewritten(data, lambda said: said.pop("dim")), "no weight file"),
    ],
)  # fmt: skip
def test_strange_files_are_refused(damage: Callable[[bytes], bytes], message: str, tmp_path: Path) -> None:
    path = tmp_path / "w"
    save(path, tensors(), HEADER)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(EncoderError, match=message):
        open_weights(path)


def test_missing_files_and_strange_numbers(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path, tmp_path / "a\0b"):
        with pytest.raises(EncoderError, match="cannot be read"):
            read_header(path)
    with pytest.raises(EncoderError, match="int64"):
        save(tmp_path / "w", {"x": np.zeros(3, np.int64)}, HEADER)
    with pytest.raises(EncoderError, match="not numbers"):
        save(tmp_path / "w", {"x": np.full(3, np.nan, np.float32)}, HEADER)
    assert not (tmp_path / "w").exists()
