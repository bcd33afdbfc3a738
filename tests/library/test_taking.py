"""Encoders that come into a library: files of ours, published checkpoints, and what is neither."""

from pathlib import Path

import pytest

pytest.importorskip("torch")

import torch

from fieldstone import Library
from fieldstone.encoders import BASE, FIELDS
from fieldstone.encoders.learned import Learned
from fieldstone.encoders.published import PUBLISHED
from fieldstone.errors import EncoderError, LibraryError, LibraryNotFound
from fieldstone.library.taking import take_in
from fieldstone.progress import Silent
from tests.encoders.networks.published import Made, pointbert
from tests.encoders.tiny import tiny
from tests.encoders.tiny_fields import tiny_fields


def ulip(path: Path, seed: int = 0) -> Path:
    """A checkpoint in ULIP-2's layout, of two small layers."""
    bare, made = pointbert("", dim=64, depth=2, channels=3, widths=(8, 16, 24, 20), seed=seed), Made(2)
    made.put("pc_projection", 128, 16)
    named = {f"module.point_encoder.{name}": tensor for name, tensor in bare.items()}
    torch.save({"state_dict": named | {"module.pc_projection": made["pc_projection"]}}, path)
    return path


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("encoders/*"))


def test_a_published_checkpoint_becomes_a_weight_file(tmp_path: Path) -> None:
    given = ulip(tmp_path / "pointbert_ULIP-2.pt")
    assert take_in(tmp_path, given, Silent()) == "ulip2-pointbert-1@1"
    assert kept(tmp_path) == ["ulip2-pointbert-1@1.safetensors"]
    assert Learned(tmp_path / "encoders" / kept(tmp_path)[0]).dim == 16
    assert take_in(tmp_path, given.rename(tmp_path / "again.pt"), Silent()) == "ulip2-pointbert-1@1"
    with pytest.raises(EncoderError, match=r"other\.pt: there is another encoder ulip2-pointbert-1@1"):
        take_in(tmp_path, ulip(tmp_path / "other.pt", seed=1), Silent())


def test_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELDSTONE_CACHE", str(tmp_path))
    ulip(tmp_path / PUBLISHED["ulip2"].file)  # as if it had been downloaded
    assert take_in(tmp_path, "ulip2", Silent()) == "ulip2-pointbert-1@1"
    with pytest.raises(EncoderError, match="slip holds no encoder of shapes; those that do are ulip2,"):
        take_in(tmp_path, "slip", Silent())


def test_what_is_no_encoder_leaves_nothing(tmp_path: Path) -> None:
    torch.save({"conv1.weight": torch.zeros(2), "layer1.0.conv1.weight": torch.zeros(2)}, tmp_path / "resnet18.pth")
    (tmp_path / "text.pt").write_text("hello")
    damaged = tiny(tmp_path / "damaged.safetensors")
    data = bytearray(damaged.read_bytes())
    data[-1] ^= 1
    damaged.write_bytes(data)
    for given, told in (
        ("resnet18.pth", r"holds no PointBERT \(ResNet"), ("text.pt", "no torch file"), ("damaged.safetensors", "checksum"),
    ):  # fmt: skip
        with pytest.raises(EncoderError, match=told):
            take_in(tmp_path, tmp_path / given, Silent())
    with pytest.raises(EncoderError, match=r"missing\.safetensors is no file, and no id"):
        take_in(tmp_path, "missing.safetensors", Silent())
    with pytest.raises(EncoderError, match=f"another encoder {BASE}"):
        take_in(tmp_path, tiny(tmp_path / "base.safetensors", "fieldstone-base"), Silent())
    with pytest.raises(EncoderError, match=f"another encoder {FIELDS}"):
        take_in(tmp_path, tiny_fields(tmp_path / "fields.safetensors", named=FIELDS), Silent())
    assert not kept(tmp_path)
    assert take_in(tmp_path, tiny(damaged), Silent()) == "tiny@1"  # the whole file finds no damaged one in its place


def test_where_there_is_no_library(tmp_path: Path) -> None:
    given = tiny(tmp_path / "tiny.safetensors")
    with pytest.raises(LibraryNotFound):
        Library(tmp_path / "none.fieldstone").encode(given)
    assert not (tmp_path / "none.fieldstone").exists()
    with pytest.raises(LibraryError, match="object store"):
        take_in(None, given, Silent())
