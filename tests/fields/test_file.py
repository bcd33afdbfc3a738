"""Fields on disk: what comes back, in each precision."""

import dataclasses
import hashlib
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from fieldstone.errors import FileError, GeometryError, LimitExceeded
from fieldstone.fields.file import field_bytes, field_from, open_field, save
from fieldstone.fields.network import Architecture
from fieldstone.fields.quantise import Precision
from fieldstone.fields.registry import KINDS
from fieldstone.files import Limits
from tests.fields import plain_reader
from tests.fields.field_files import GRIDS, POINTS, header_of, made


@pytest.mark.parametrize("outputs", [1, 4])
@pytest.mark.parametrize("architecture", KINDS)
def test_what_is_saved_comes_back(architecture: Architecture, outputs: int, tmp_path: Path) -> None:
    field = made(architecture, outputs)
    save(field, tmp_path / "a.field")
    back = open_field(tmp_path / "a.field")
    np.testing.assert_array_equal(back.values(POINTS), field.values(POINTS))
    np.testing.assert_array_equal(back.values_and_gradients(POINTS)[1], field.values_and_gradients(POINTS)[1])
    colors = field.colors(POINTS)
    assert (back.colors(POINTS) is None) == (colors is None) == (outputs == 1)
    assert dataclasses.asdict(back.card) == dataclasses.asdict(field.card)
    assert back.network.config == field.network.config
    assert (back.function, back.frame.name, back.frame.unit, back.frame.up) == ("sdf", "unit_sphere_bbox", "mm", "z")
    np.testing.assert_array_equal(back.frame.to_model.rotation, field.frame.to_model.rotation)
    np.testing.assert_array_equal(back.frame.to_model.translation, field.frame.to_model.translation)
    assert back.frame.to_model.scale == 25.4
    assert field_bytes(back) == (tmp_path / "a.field").read_bytes()


@pytest.mark.parametrize(("precision", "share"), [("fp16", 1e-3), ("int8", 0.5 / 127 + 1e-6)])
@pytest.mark.parametrize("architecture", GRIDS)
def test_fewer_bytes_are_off_by_no_more_than_they_promise(
    architecture: Architecture, precision: Precision, share: float
) -> None:
    field = made(architecture)
    data = field_bytes(field, precision)
    back = field_from(data, "x.field")
    ours, theirs = field.network.tensors(), back.network.tensors()
    for name, tensor in ours.items():
        assert theirs[name].dtype == tensor.dtype
        tolerance = share * np.abs(tensor).max() if name == "table" else 0.0
        np.testing.assert_allclose(theirs[name], tensor, rtol=0, atol=tolerance)
    assert not np.array_equal(ours["table"], theirs["table"])
    assert len(data) < len(field_bytes(field))
    assert field_bytes(back, precision) == data  # nothing is lost a second time


def test_sirens_keep_two_bytes_a_weight() -> None:
    field = made("siren")
    back = field_from(field_bytes(field, "fp16"), "x.field")
    np.testing.assert_allclose(back.values(POINTS), field.values(POINTS), atol=2e-3)
    with pytest.raises(GeometryError, match="save it as fp16"):
        field_bytes(field, "int8")


def test_a_file_is_plain_safetensors_with_a_checksum() -> None:
    data = field_bytes(made("octree"), "int8")
    tensors = safetensors.numpy.load(data)
    assert tensors["table"].dtype == np.int8
    assert len(tensors["table.scale"]) == -(-len(tensors["table"]) // 64)
    header = header_of(data)
    assert set(header) == {
        "format", "architecture", "config", "outputs", "function", "frame", "card", "precision", "checksum"
    }  # fmt: skip
    assert header["checksum"] == hashlib.sha256(data[8 + int.from_bytes(data[:8], "little") :]).hexdigest()


@pytest.mark.parametrize(
    ("architecture", "precision"),
    [(name, "fp32") for name in KINDS] + [(name, "int8") for name in GRIDS] + [("siren", "fp16")],
)
def test_a_reader_in_another_language_needs_the_page_alone(architecture: Architecture, precision: Precision) -> None:
    data = field_bytes(made(architecture, outputs=4), precision)
    field = field_from(data, "x.field")
    header, arrays = plain_reader.read(data)
    points = np.concatenate([np.array([[-1.0, -1.0, -1.0], [1.0, 1.0, 1.0], [0.0, 0.5, 2.0]]), POINTS[:20]])
    theirs = np.array([plain_reader.evaluate(header, arrays, list(point)) for point in points])
    np.testing.assert_allclose(field.values(points), theirs[:, 0], atol=2e-5)
    np.testing.assert_allclose(field.colors(points), np.clip(theirs[:, 1:], 0, 1), atol=2e-5)


def test_numbers_that_are_none_are_not_saved() -> None:
    field = made()
    table = field.network.tensors()["table"].copy()
    table[3, 1] = np.nan
    network = KINDS["hashgrid"].network(field.network.config, {**field.network.tensors(), "table": table})
    with pytest.raises(GeometryError, match="not numbers"):
        field_bytes(dataclasses.replace(field, network=network))
    table[3, 1] = 1e6
    with pytest.raises(GeometryError, match="beyond 10,000"):
        field_bytes(dataclasses.replace(field, network=network), "fp16")


def test_a_failed_save_leaves_what_was_there(tmp_path: Path) -> None:
    save(made(seed=1), tmp_path / "a.field")
    before = (tmp_path / "a.field").read_bytes()
    with pytest.raises(FileError, match="cannot be written"):
        save(made(seed=2), tmp_path / "a.field" / "b.field")
    assert (tmp_path / "a.field").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.field"]


def test_a_place_that_holds_no_field(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="not there"):
        open_field(tmp_path / "none.field")
    with pytest.raises(FileError, match="not a file"):
        open_field(tmp_path)
    save(made(), tmp_path / "a.field")
    with pytest.raises(LimitExceeded, match=r"Limits\.bytes"):
        open_field(tmp_path / "a.field", Limits(bytes=100))
