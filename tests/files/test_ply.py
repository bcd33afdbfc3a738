import numpy as np
import pytest

from fieldstone.errors import BrokenFile, EmptyFile, LimitExceeded
from fieldstone.files import read, read_bytes
from fieldstone.types import PointCloud
from tests.files import makers

ORDERS = ("ascii", "binary_little_endian", "binary_big_endian")


@pytest.mark.parametrize("mixed", [False, True])
@pytest.mark.parametrize("order", ORDERS)
def test_every_encoding(order, mixed):
    model = read_bytes(makers.ply(order, mixed, colors=True), "a.ply")
    assert np.array_equal(model.shape.vertices, makers.BOX)
    assert len(model.shape.faces) == 12
    assert model.shape.faces[-1].tolist() == [1, 7, 3]
    assert model.shape.paint.vertex[0].tolist() == [255, 0, 7, 255]
    assert model.metadata["comment"] == "made here"


def test_windows_line_ends():
    assert len(read_bytes(makers.ply().replace(b"\n", b"\r\n"), "a.ply").shape.faces) == 12


def test_unit_in_a_comment():
    assert read_bytes(makers.ply(comment="unit: cm"), "a.ply").unit == "cm"


def test_cloud_with_normals_colors_and_points_that_are_no_numbers():
    text = b"""ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\nproperty float z
property float nx\nproperty float ny\nproperty float nz\nproperty float red\nproperty float green\nproperty float blue
end_header\n0 0 0 0 0 2 1 0 0\n1 0 0 0 0 1 0 1 0\nnan nan nan 0 0 1 0 0 1\n"""
    model = read_bytes(text, "a.ply")
    assert isinstance(model.shape, PointCloud)
    assert model.shape.normals.tolist() == [[0, 0, 1], [0, 0, 1]]
    assert model.shape.colors.tolist() == [[255, 0, 0, 255], [0, 255, 0, 255]]
    assert model.notes == ("1 point is not a number and was left out",)


def test_strips():
    text = b"""ply\nformat ascii 1.0\nelement vertex 5\nproperty float x\nproperty float y\nproperty float z
element tristrips 1\nproperty list int int vertex_indices\nend_header
0 0 0\n1 0 0\n0 1 0\n1 1 0\n2 2 2\n8 0 1 2 3 -1 1 3 4\n"""
    assert read_bytes(text, "a.ply").shape.faces.tolist() == [[0, 1, 2], [2, 1, 3], [1, 3, 4]]


def test_texture_beside(tmp_path):
    (tmp_path / "t.png").write_bytes(makers.png())
    text = """ply\nformat ascii 1.0\ncomment TextureFile t.png\nelement vertex 3\nproperty float x\nproperty float y
property float z\nproperty float s\nproperty float t\nelement face 1\nproperty list uchar int vertex_indices
end_header\n0 0 0 0 0\n1 0 0 1 0\n0 1 0 0 1\n3 0 1 2\n"""
    (tmp_path / "a.ply").write_text(text)
    paint = read(tmp_path / "a.ply").shape.paint
    assert paint.uv.tolist() == [[[0, 0], [1, 0], [0, 1]]]
    assert paint.images[0][0, 0].tolist() == [255, 0, 0, 255]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("mixed", [False, True])
def test_cut_short(order, mixed):
    with pytest.raises(BrokenFile, match="face rows and ends before"):
        read_bytes(makers.ply(order, mixed)[:-3], "a.ply")


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (b"ply\nformat ascii 1.0\nend_header\n", EmptyFile, "no vertices"),
        (b"plx\n", BrokenFile, "does not start"),
        (b"ply\nformat ascii 1.0\n", BrokenFile, "end_header"),
        (b"ply\nformat klingon 1.0\nend_header\n", BrokenFile, "text or binary"),
        (makers.ply().replace(b"property float x", b"property quux x"), BrokenFile, "unknown type"),
        (makers.ply().replace(b"vertex 8", b"vertex -8"), BrokenFile, "count"),
        (makers.ply().replace(b"vertex 8", b"vertex 1000000000"), LimitExceeded, "Limits.vertices"),
        (makers.ply("binary_little_endian").replace(b"face 6", b"face 9000000"), BrokenFile, "cut short"),
        (makers.ply().replace(b"4 0 1 3 2 9", b"4 0 1 3 8 9"), BrokenFile, "vertex that is not there"),
        (makers.ply().replace(b"4 0 1 3 2 9", b"4 0 1 3 -1 9"), BrokenFile, "vertex that is not there"),
        (makers.ply().replace(b"4 0 1 3 2 9", b"4 0 1 3 1.5 9"), BrokenFile, "whole"),
    ],
)
def test_refusals_say_why(data, error, words):
    with pytest.raises(error, match=words):
        read_bytes(data, "a.ply")
