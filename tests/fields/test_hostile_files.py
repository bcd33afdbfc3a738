"""What a file that is no field, or that lies, is told."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from fieldstone.errors import BrokenFile, FileError, UnsupportedFormat
from fieldstone.fields.file import KEY, field_bytes, field_from
from fieldstone.fields.network import Architecture
from fieldstone.fields.quantise import Precision
from tests.fields.field_files import POINTS, header_of, made


def framed(outer: dict[str, Any] | bytes, body: bytes) -> bytes:
    text = outer if isinstance(outer, bytes) else json.dumps(outer).encode()
    return len(text).to_bytes(8, "little") + text + body


def with_header(change: Callable[[dict[str, Any]], object], architecture: Architecture = "hashgrid") -> bytes:
    """A field whose own header was changed."""
    data = field_bytes(made(architecture))
    tensors, header = safetensors.numpy.load(data), header_of(data)
    change(header)
    return safetensors.numpy.save(tensors, metadata={KEY: json.dumps(header)})


def with_tensors(
    change: Callable[[dict[str, np.ndarray]], object],
    architecture: Architecture = "hashgrid",
    precision: Precision = "fp32",
) -> bytes:
    """A field whose arrays were changed, under a checksum that agrees."""
    data = field_bytes(made(architecture), precision)
    tensors, header = {name: array.copy() for name, array in safetensors.numpy.load(data).items()}, header_of(data)
    change(tensors)
    plain = safetensors.numpy.save(tensors)
    header["checksum"] = hashlib.sha256(plain[8 + int.from_bytes(plain[:8], "little") :]).hexdigest()
    return safetensors.numpy.save(tensors, metadata={KEY: json.dumps(header)})


def with_outer(change: Callable[[dict[str, Any]], object]) -> bytes:
    """A field whose safetensors header was changed."""
    data = field_bytes(made())
    size = 8 + int.from_bytes(data[:8], "little")
    outer = json.loads(data[8:size])
    change(outer)
    return framed(outer, data[size:])


def flipped() -> bytes:
    data = bytearray(field_bytes(made()))
    data[-5] ^= 1
    return bytes(data)


def put(**values: Any) -> Callable[[dict[str, Any]], object]:
    return lambda header: header.update(values)


def into(key: str, **values: Any) -> Callable[[dict[str, Any]], object]:
    return lambda header: header[key].update(values)


DEEP = "[" * 100_000 + "]" * 100_000
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "is not a field file"),
    "an STL": (lambda: b"solid nothing\nendsolid\n" * 20, "is not a field file"),
    "cut in the arrays": (lambda: field_bytes(made())[:-100], "cut short"),
    "cut in the header": (lambda: field_bytes(made())[:300], "cut short"),
    "longer than it says": (lambda: field_bytes(made()) + b"\0" * 64, "cut short or damaged"),
    "a huge header": (lambda: framed(b"{" + b" " * 2**21 + b"}", b""), "has a header of 2,097,154 bytes"),
    "a header of 2^63 bytes": (lambda: (2**63).to_bytes(8, "little") + b"{}", "cut short"),
    "no metadata": (lambda: safetensors.numpy.save({"a": np.zeros(3, np.float32)}), "is not a field file"),
    "other metadata": (lambda: with_outer(put(__metadata__={"format": "pt"})), "is not a field file"),
    "metadata of another kind": (lambda: with_outer(put(__metadata__={KEY: [1]})), "is not a field file"),
    "deep JSON around": (lambda: framed(b"{" + b'"a":' + DEEP.encode() + b"}", b""), "is not a field file"),
    "deep JSON within": (lambda: with_outer(into("__metadata__", **{KEY: DEEP})), "damaged header"),
    "rather deep JSON": (lambda: with_header(into("card", settings={"a": json.loads("[" * 30 + "]" * 30)})), "nested too"),
    "no JSON within": (lambda: with_outer(into("__metadata__", **{KEY: "{]"})), "it is no JSON"),
    "a list": (lambda: with_outer(into("__metadata__", **{KEY: "[1]"})), "wrong kind"),
    "no frame": (lambda: with_header(lambda header: header.pop("frame")), "misses 'frame'"),
    "version 0": (lambda: with_header(put(format=0)), "format 0"),
    "version true": (lambda: with_header(put(format=True)), "format is 'True'"),
    "no such architecture": (lambda: with_header(put(architecture="voxels")), "architecture is 'voxels'"),
    "an architecture that is a list": (lambda: with_header(put(architecture=[])), "architecture is"),
    "no such function": (lambda: with_header(put(function="tsdf")), "function is 'tsdf'"),
    "no such precision": (lambda: with_header(put(precision="int4")), "precision is 'int4'"),
    "5 outputs": (lambda: with_header(put(outputs=5)), "5 outputs"),
    "colour that is not there": (lambda: with_header(put(outputs=4)), "its header says another"),
    "a wrong precision": (lambda: with_header(put(precision="fp16")), "as F32, not F16"),
    "a wrong checksum": (lambda: with_header(put(checksum="0" * 64)), "does not match its checksum"),
    "a flipped bit": (flipped, "does not match its checksum"),
    "a frame that turns nothing": (lambda: with_header(into("frame", rotation=[[1, 0, 0]] * 3)), "turns nothing"),
    "a frame of text": (lambda: with_header(into("frame", translation=["a", "b", "c"])), "damaged header"),
    "a frame of numbers as text": (lambda: with_header(into("frame", translation=["1", "2", "3"])), "frame.translation"),
    "a rotation of truths": (lambda: with_header(into("frame", rotation=np.eye(3, dtype=bool).tolist())), "rotation is"),
    "a frame of two numbers": (lambda: with_header(into("frame", translation=[1.0, 2.0])), "frame.translation"),
    "a frame of no size": (lambda: with_header(into("frame", scale=0.0)), "no measure"),
    "a frame of NaN": (lambda: with_header(into("frame", scale=float("nan"))), "NaN is no number"),
    "a frame of 1e999": (
        lambda: with_outer(lambda o: o["__metadata__"].update({KEY: o["__metadata__"][KEY].replace("25.4", "1e999")})),
        "beyond all measure",
    ),
    "an unknown unit": (lambda: with_header(into("frame", unit="furlong")), "frame.unit is 'furlong'"),
    "a card with more": (lambda: with_header(into("card", owner="x")), "entries"),
    "a confidence of 2": (lambda: with_header(into("card", sign_confidence=2)), "sign_confidence"),
    "a config with less": (lambda: with_header(lambda header: header["config"].pop("levels")), "entries"),
    "a million levels": (lambda: with_header(into("config", levels=10**6)), "1 to 32 levels"),
    "no levels": (lambda: with_header(into("config", levels=0)), "1 to 32 levels"),
    "levels that are text": (lambda: with_header(into("config", levels="4")), "config.levels is '4'"),
    "10^5000 nodes": (
        lambda: with_outer(
            lambda o: o["__metadata__"].update(
                {KEY: o["__metadata__"][KEY].replace('"finest": 16', '"finest": 1' + "0" * 5000)}
            )
        ),
        "damaged header",
    ),
    "tables that are not there": (lambda: with_header(into("config", most_rows=1 << 24)), "its header says another"),
    "an array less": (lambda: with_tensors(lambda t: t.pop("decoder.bias1")), "misses the array 'decoder.bias1'"),
    "an array more": (lambda: with_tensors(put(x=np.zeros(3))), "holds an array 'x'"),
    "scales where none belong": (lambda: with_tensors(put(**{"table.scale": np.zeros(3)})), "'table.scale' that no"),
    "doubles": (lambda: with_tensors(lambda t: t.update(table=t["table"].astype(np.float64))), "as F64, not F32"),
    "a table of one row": (lambda: with_tensors(lambda t: t.update(table=t["table"][:1])), "its header says another"),
    "a table of another rank": (lambda: with_tensors(lambda t: t.update(table=t["table"].ravel())), "says another"),
    "NaN in the table": (lambda: with_tensors(lambda t: t["table"].fill(np.nan)), "not numbers"),
    "1e30 in the table": (lambda: with_tensors(lambda t: t["table"].fill(1e30)), "beyond 10,000, in 'table'"),
    "infinity in the decoder": (lambda: with_tensors(lambda t: t["decoder.bias2"].fill(np.inf)), "'decoder.bias2'"),
    "scales beyond measure": (
        lambda: with_tensors(lambda t: t["table.scale"].fill(3e38), precision="int8"), "not numbers"
    ),
    "shapes that lie": (lambda: with_outer(lambda o: o["decoder.bias1"].update(shape=[2**40])), "says another"),
    "shapes of text": (lambda: with_outer(lambda o: o["decoder.bias1"].update(shape="128")), "says another"),
    "entries that are none": (lambda: with_outer(put(table=3)), "as None, not F32"),
    "offsets that overlap": (
        lambda: with_outer(lambda o: o["decoder.bias2"].update(data_offsets=[0, 4])), "cut short or damaged"
    ),
    "an octree out of bounds": (lambda: with_tensors(lambda t: t["voxels.3"].fill(8), "octree"), "outside the cube"),
    "a negative cell": (lambda: with_tensors(lambda t: t["voxels.2"].fill(-1), "octree"), "outside the cube"),
    "voxels twice": (lambda: with_tensors(lambda t: t["voxels.3"].fill(1), "octree"), "not in order"),
    "an octree without voxels": (
        lambda: with_tensors(lambda t: t.update({"voxels.3": np.zeros((0, 3), np.int32)}), "octree"), "says another"
    ),
    "an octree with a short table": (
        lambda: with_tensors(lambda t: t.update(table=t["table"][:-1]), "octree"), "corners, its table"
    ),
    "an octree beyond measure": (lambda: with_header(into("config", last=9), "octree"), "levels from 0 to 8"),
    "a siren of 10^9 layers": (lambda: with_header(into("config", layers=10**9), "siren"), "1 to 32 layers"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_in_one_sentence(name: str) -> None:
    make, message = HOSTILE[name]
    with pytest.raises(BrokenFile) as refused:
        field_from(make(), "x.field")
    assert message in str(refused.value)
    assert str(refused.value).startswith("x.field: ")
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 250


def test_a_newer_format_says_so() -> None:
    with pytest.raises(UnsupportedFormat, match="made by a newer Fieldstone"):
        field_from(with_header(put(format=2, anything=[])), "x.field")


def test_bytes_flipped_at_random_never_do_more_than_be_refused() -> None:
    generator = np.random.default_rng(0)
    data = field_bytes(made("octree"), "int8")
    head = 8 + int.from_bytes(data[:8], "little")
    for _ in range(300):
        changed = bytearray(data)
        for place in generator.integers(0, head + 100, 3):
            changed[place] = generator.integers(256)
        try:
            field = field_from(bytes(changed), "x.field")
        except FileError:
            continue
        assert np.isfinite(field.values(POINTS[:10])).all()
