import numpy as np
import pytest

from fieldstone.errors import BrokenFile, EmptyFile, LimitExceeded, UnsupportedFormat
from fieldstone.files import read_bytes
from tests.files import makers


def test_off_box():
    model = read_bytes(makers.off(), "a.off")
    assert np.array_equal(model.shape.vertices, makers.BOX)
    assert len(model.shape.faces) == 12
    assert model.shape.paint is None


@pytest.mark.parametrize(("color", "first"), [(" 1 0 0", [255, 0, 0, 255]), (" 10 20 30 40", [10, 20, 30, 40])])
def test_off_face_colors(color, first):
    assert read_bytes(makers.off(color=color), "a.off").shape.paint.face[0].tolist() == first


def test_off_vertex_colors_and_counts_on_the_first_line():
    text = b"COFF 3 1 0\n0 0 0 255 0 0 255\n1 0 0 0 255 0 255\n0 1 0 0 0 255 128\n3 0 1 2\n"
    assert read_bytes(text, "a.off").shape.paint.vertex[2].tolist() == [0, 0, 255, 128]


def test_off_without_faces_is_a_cloud():
    assert len(read_bytes(b"OFF\n2 0 0\n0 0 0\n1 1 1\n", "a.off").shape.points) == 2


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (b"OF\n", BrokenFile, "does not start with OFF"),
        (b"OFF BINARY\n\0\0", UnsupportedFormat, "text OFF"),
        (b"4OFF\n1 0 0\n", UnsupportedFormat, "not three-dimensional"),
        (b"OFF\n", BrokenFile, "how many"),
        (makers.off()[:-30], BrokenFile, "cut short"),
        (makers.off().replace(b"8 6 12", b"1000000000 6 12"), LimitExceeded, "Limits.vertices"),
        (makers.off().replace(b"8 6 12", b"0 0 0"), EmptyFile, "no vertices"),
        (makers.off().replace(b"4 0 1 3 2", b"9 0 1 3 2"), BrokenFile, "fewer corners"),
        (makers.off().replace(b"4 0 1 3 2", b"4 0 1 3 8"), BrokenFile, "not there"),
    ],
)
def test_off_refusals_say_why(data, error, words):
    with pytest.raises(error, match=words):
        read_bytes(data, "a.off")


def test_xyz_plain_with_count_and_with_separators():
    assert np.array_equal(read_bytes(makers.xyz(), "a.xyz").shape.points, makers.BOX)
    assert np.array_equal(read_bytes(makers.xyz("8\n"), "a.pts").shape.points, makers.BOX)
    assert np.array_equal(read_bytes(makers.xyz().replace(b" ", b","), "a.asc").shape.points, makers.BOX)


def test_xyz_columns_by_value_and_by_name():
    cloud = read_bytes(makers.xyz(tail=" 255 0 128 0 0.6 0.8"), "a.xyz").shape
    assert cloud.colors[0].tolist() == [255, 0, 128, 255]
    assert np.allclose(cloud.normals[0], [0, 0.6, 0.8])
    named = read_bytes(makers.xyz("//X Y Z Intensity R G B\n", " 0.5 1 2 3"), "a.xyz")
    assert named.shape.colors[0].tolist() == [1, 2, 3, 255]
    assert named.notes == ("1 column has no known meaning and was left out",)


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (b"\n\n", EmptyFile, "no points"),
        (b"1 2\n3 4\n", BrokenFile, "fewer than three"),
        (b"1 2 3\n3 4 5 6\n", BrokenFile, "different"),
        (b"3\nwater\nO 0 0 0\nH 0 0 1\nH 0 1 0\n", BrokenFile, "not a number"),
        (b"9\n0 0 0\n1 1 1\n", BrokenFile, "promises 9 points and holds 2"),
        (b"nan 0 0\ninf 1 1\n", EmptyFile, "finite"),
    ],
)
def test_xyz_refusals_say_why(data, error, words):
    with pytest.raises(error, match=words):
        read_bytes(data, "a.xyz")
