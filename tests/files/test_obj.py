import numpy as np
import pytest

from fieldstone.errors import BrokenFile, EmptyFile
from fieldstone.files import read, read_bytes
from fieldstone.types import PointCloud
from tests.files import makers


def faces_of(text: bytes):
    return read_bytes(text, "a.obj").shape.faces.tolist()


def test_box_of_quads_keeps_its_vertices():
    model = read_bytes(makers.obj(), "a.obj")
    assert np.array_equal(model.shape.vertices, makers.BOX)
    assert len(model.shape.faces) == 12
    assert model.notes == ("6 polygons were cut into triangles",)


@pytest.mark.parametrize("corner", ["{0}", "{0}/{0}", "{0}//{0}", "{0}/{0}/{0}", "{0}//", "{0}/"])
def test_every_way_to_write_a_corner(corner):
    points = "v 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 0 1\nvn 0 0 1\nvn 0 0 1\nvn 0 0 1\n"
    text = points + "f " + " ".join(corner.format(i) for i in (1, 2, 3)) + "\n"
    assert faces_of(text.encode()) == [[0, 1, 2]]


def test_mixed_corners_and_negative_indices():
    text = b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\nvt 0 0\nvn 0 0 1\nv 1 1 0\nf -1//1 -2/1 -3/1/1\n"
    assert faces_of(text) == [[0, 1, 2], [3, 2, 1]]


def test_continued_lines_comments_tabs():
    text = b"v 0 0 0 # first\n  v\t1 0 0\r\nv 0 \\\n1 0\n# f 9 9 9\nf 1 2 \\\n 3 # the face\n"
    assert faces_of(text) == [[0, 1, 2]]


def test_objects_are_parts_and_the_whole_is_the_files_own_mesh():
    one = makers.obj().decode()
    text = "o first\n" + one + "o second\nv 9 9 9\nv 9 8 9\nv 8 8 8\nf 9 10 11\no nothing\n"
    model = read_bytes(text.encode(), "a.obj")
    assert [part.name for part in model.parts] == ["first", "second"]
    assert len(model.parts[0].shape.vertices) == 8
    assert model.parts[1].shape.vertices.tolist() == [[9, 9, 9], [9, 8, 9], [8, 8, 8]]
    assert len(model.shape.vertices) == 11
    assert "1 `o` without faces" in model.notes


def test_groups_are_parts_where_there_are_no_objects():
    model = read_bytes(b"v 0 0 0\nv 1 0 0\nv 0 1 0\ng a b\nf 1 2 3\ng c\nf 3 2 1\ng a b\nf 2 1 3\n", "a.obj")
    assert [(part.name, len(part.shape.faces)) for part in model.parts] == [("a b", 2), ("c", 1)]


def test_vertex_colors_and_nan_colors():
    model = read_bytes(makers.obj(" 1 0 0.5").replace(b" 1 0 0.5\n", b" nan nan nan\n", 1), "a.obj")
    assert model.shape.paint.vertex[:2].tolist() == [[255, 255, 255, 255], [255, 0, 128, 255]]
    assert "1 vertex colour is not a number and counts as white" in model.notes


def test_unit_stated_in_a_comment():
    assert read_bytes(b"# File units = inches\n" + makers.obj(), "a.obj").unit == "inch"


def test_materials_and_textures_beside(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "red pic.png").write_bytes(makers.png(3, 2))
    (tmp_path / "a.mtl").write_text(
        "newmtl plain\nKd 0 1 0\nd 0.5\nnewmtl textured\nKd 1 1 1\nmap_Kd -s 1 1 1 sub\\red pic.png\n"
    )
    text = "mtllib a.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 0 1\n"
    text += "usemtl plain\nf 1 2 3\nusemtl textured\nf 1/1 3/3 2/2\n"
    (tmp_path / "a.obj").write_text(text)
    paint = read(tmp_path / "a.obj").shape.paint
    assert paint.face[0].tolist() == [0, 255, 0, 128]
    assert paint.image_of_face.tolist() == [-1, 0]
    assert paint.images[0].shape == (2, 3, 4)
    assert paint.uv[1].tolist() == [[0, 0], [0, 1], [1, 0]]


@pytest.mark.parametrize(
    "name", ["../secret.mtl", "/etc/passwd", "..\\secret.mtl", "a/../../secret.mtl", "C:\\secret.mtl"]
)
def test_materials_outside_the_folder_are_not_opened(tmp_path, name):
    (tmp_path / "secret.mtl").write_text("newmtl m\nKd 1 0 0\n")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.obj").write_text(f"mtllib {name}\nusemtl m\n" + makers.obj().decode())
    model = read(tmp_path / "in" / "a.obj")
    assert model.shape.paint is None
    assert any("not in the file's own folder" in note for note in model.notes)


def test_points_alone_are_a_cloud():
    model = read_bytes(b"v 0 0 0 1 0 0\nv 1 0 0 0 1 0\n", "a.obj")
    assert isinstance(model.shape, PointCloud)
    assert model.shape.colors.tolist() == [[255, 0, 0, 255], [0, 255, 0, 255]]


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        (b"# nothing\n", EmptyFile, "no vertices"),
        (b"v 0 0 0\n", EmptyFile, "single point"),
        (b"v 0 0 0\nv 1 0 0\nl 1 2\n", EmptyFile, "wireframe"),
        (
            b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 4\n",
            BrokenFile,
            "1 of its 3 face corners name a vertex that is not there",
        ),
        (b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 0 1 2\n", BrokenFile, "counts from 1"),
        (b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf -4 1 2\n", BrokenFile, "not there"),
        (b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1.5 1 2\n", BrokenFile, "whole numbers"),
        (b"v 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", BrokenFile, "fewer than three"),
        (b"v 0 0 nan\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", BrokenFile, "1 of 9 coordinates"),
    ],
)
def test_refusals_say_why(text, error, words):
    with pytest.raises(error, match=words):
        read_bytes(text, "a.obj")


def test_vertices_that_are_no_numbers_and_unused_are_left_out():
    model = read_bytes(b"v nan 0 0\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf 2 3 4\n", "a.obj")
    assert model.shape.faces.tolist() == [[0, 1, 2]]
    assert model.notes == ("1 vertex belongs to no face", "1 of them is not a number and was left out")
