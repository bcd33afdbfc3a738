import numpy as np
import pytest

from fieldstone.errors import BrokenFile, EmptyFile, LimitExceeded
from fieldstone.files import Limits, read_bytes
from tests.files import makers


def test_binary_and_ascii_say_the_same():
    binary, text = read_bytes(makers.binary_stl(), "a.stl"), read_bytes(makers.ascii_stl(), "a.STL")
    assert np.array_equal(binary.shape.vertices, makers.BOX[makers.FACES].reshape(-1, 3))
    assert np.array_equal(binary.shape.vertices, text.shape.vertices)
    assert np.array_equal(binary.shape.faces, np.arange(36).reshape(12, 3))
    assert binary.unit is None
    assert binary.up is None
    assert binary.parts == ()
    assert binary.metadata["header"] == "box"


def test_binary_that_begins_with_solid():
    model = read_bytes(makers.binary_stl(b"solid facet"), "a.stl")
    assert len(model.shape.faces) == 12


def test_solids_are_parts():
    model = read_bytes(makers.ascii_stl(("left", "right", "left again"), shift=5.0), "two.stl")
    assert [part.name for part in model.parts] == ["left", "right", "left again"]
    assert len(model.shape.faces) == 36
    assert np.array_equal(model.parts[1].placements, np.eye(4)[None])
    same = read_bytes(makers.ascii_stl(("left", "left too"), shift=0.0), "two.stl")
    assert [(part.name, len(part.placements)) for part in same.parts] == [("left", 2)]


def test_windows_and_upper_case_text():
    data = makers.ascii_stl().replace(b"\n", b"\r\n").replace(b"vertex", b"VERTEX").replace(b"facet", b"Facet")
    assert len(read_bytes(data, "a.stl").shape.faces) == 12


def test_unit_in_header():
    assert read_bytes(makers.binary_stl(b"made by X, UNITS=mm"), "a.stl").unit == "mm"
    assert read_bytes(makers.binary_stl(b"units: furlong"), "a.stl").unit is None


def test_colors_of_both_dialects():
    green = 0x8000 | (31 << 5)
    assert read_bytes(makers.binary_stl(attribute=green), "a.stl").shape.paint.face[0].tolist() == [0, 255, 0, 255]
    magics = read_bytes(makers.binary_stl(b"COLOR=\x0a\x14\x1e\xff", attribute=31), "a.stl").shape.paint.face
    assert magics[0].tolist() == [255, 0, 0, 255]
    overall = read_bytes(makers.binary_stl(b"COLOR=\x0a\x14\x1e\xff", attribute=0x8000), "a.stl").shape.paint.face
    assert overall[0].tolist() == [10, 20, 30, 255]
    assert read_bytes(makers.binary_stl(attribute=7), "a.stl").shape.paint is None


def test_trailing_bytes_are_noted():
    model = read_bytes(makers.binary_stl() + b"xyz", "a.stl")
    assert model.notes == ("3 bytes follow the last triangle",)


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (makers.binary_stl()[:-1], BrokenFile, "promises 12 triangles and holds 11"),
        (b"x" * 40, BrokenFile, "neither"),
        (makers.binary_stl()[:80] + b"\0\0\0\0", EmptyFile, "no triangles"),
        (b"solid a\nendsolid a\n", EmptyFile, "no triangles"),
        (makers.ascii_stl()[:-400], BrokenFile, "not three for each"),
        (makers.ascii_stl().replace(b"vertex 1.0", b"vertex one"), BrokenFile, "not a number"),
        (makers.ascii_stl().replace(b"vertex 1.0", b"vertex nan"), BrokenFile, "not finite numbers"),
        (makers.binary_stl()[:80] + (10**9).to_bytes(4, "little") + b"\0" * 500, LimitExceeded, "Limits.faces"),
    ],
)
def test_refusals_say_why(data, error, words):
    with pytest.raises(error, match=words):
        read_bytes(data, "a.stl")


def test_infinite_coordinates_are_counted():
    vertices = makers.BOX.copy()
    vertices[3, 1] = np.inf
    with pytest.raises(BrokenFile, match=r"4 of 108 coordinates are not finite"):
        read_bytes(makers.binary_stl(vertices=vertices), "a.stl")


def test_too_many_parts_stay_one():
    data = makers.ascii_stl(("a", "b", "c"), shift=5.0)
    model = read_bytes(data, "a.stl", limits=Limits(parts=2))
    assert model.parts == ()
    assert len(model.shape.faces) == 36
    assert "Limits.parts" in model.notes[0]


def test_limit_can_be_raised():
    with pytest.raises(LimitExceeded, match="12 faces, above the limit of 11"):
        read_bytes(makers.binary_stl(), "a.stl", limits=Limits(faces=11))
    assert len(read_bytes(makers.binary_stl(), "a.stl", limits=Limits(faces=12)).shape.faces) == 12
