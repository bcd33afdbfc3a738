import stat

import numpy as np
import pytest

from fieldstone.errors import FileError, GeometryError, UnsupportedFormat
from fieldstone.files import read, write
from fieldstone.types import Mesh, Paint, PointCloud
from tests.files import makers

VERTICES = makers.BOX + np.array([0.1, 1e-7, 12345.678])
VERTEX_COLORS = np.arange(32, dtype=np.uint8).reshape(8, 4)
FACE_COLORS = np.arange(48, dtype=np.uint8).reshape(12, 4) + 100


@pytest.mark.parametrize("kind", ["ply", "obj", "off"])
def test_all_digits_come_back(tmp_path, kind):
    write(Mesh(VERTICES, makers.FACES), tmp_path / f"a.{kind}")
    back = read(tmp_path / f"a.{kind}").shape
    assert np.array_equal(back.vertices, VERTICES)
    assert np.array_equal(back.faces, makers.FACES)


@pytest.mark.parametrize("kind", ["stl", "glb"])
def test_32_bits_come_back(tmp_path, kind):
    write(Mesh(VERTICES, makers.FACES), tmp_path / f"a.{kind}")
    back = read(tmp_path / f"a.{kind}").shape
    assert np.array_equal(back.vertices[back.faces], VERTICES[makers.FACES].astype(np.float32))


@pytest.mark.parametrize("kind", ["ply", "obj", "off", "glb"])
def test_vertex_colors_come_back(tmp_path, kind):
    write(Mesh(VERTICES, makers.FACES, Paint(vertex=VERTEX_COLORS)), tmp_path / f"a.{kind}")
    paint = read(tmp_path / f"a.{kind}").shape.paint
    channels = 3 if kind == "obj" else 4
    assert np.array_equal(paint.vertex[:, :channels], VERTEX_COLORS[:, :channels])


@pytest.mark.parametrize("kind", ["ply", "off"])
def test_face_colors_come_back(tmp_path, kind):
    write(Mesh(VERTICES, makers.FACES, Paint(face=FACE_COLORS)), tmp_path / f"a.{kind}")
    assert np.array_equal(read(tmp_path / f"a.{kind}").shape.paint.face, FACE_COLORS)


@pytest.mark.parametrize("kind", ["obj", "glb"])
def test_face_colors_move_to_the_corners(tmp_path, kind):
    write(Mesh(VERTICES, makers.FACES, Paint(face=FACE_COLORS)), tmp_path / f"a.{kind}")
    shape = read(tmp_path / f"a.{kind}").shape
    assert np.array_equal(shape.paint.vertex[shape.faces][:, 0, :3], FACE_COLORS[:, :3])


def test_textures_come_back_in_a_glb(tmp_path):
    images = tuple(np.full((2, 3, 4), value, dtype=np.uint8) for value in (10, 20))
    uv = np.linspace(0, 1, 72, dtype=np.float32).reshape(12, 3, 2)
    paint = Paint(uv=uv, image_of_face=np.array([0] * 6 + [1] * 6), images=images)
    write(Mesh(VERTICES, makers.FACES, paint), tmp_path / "a.glb")
    back = read(tmp_path / "a.glb").shape.paint
    assert [int(image[0, 0, 0]) for image in back.images] == [10, 20]
    assert back.image_of_face.tolist() == [0] * 6 + [1] * 6
    assert np.allclose(back.uv, uv, atol=1e-6)


@pytest.mark.parametrize("kind", ["ply", "xyz"])
def test_clouds_come_back(tmp_path, kind):
    normals = np.tile([0.6, 0.0, 0.8], (8, 1))
    write(PointCloud(VERTICES, normals, VERTEX_COLORS), tmp_path / f"a.{kind}")
    back = read(tmp_path / f"a.{kind}").shape
    assert np.array_equal(back.points, VERTICES)
    assert np.allclose(back.normals, normals)
    assert np.array_equal(back.colors[:, :3], VERTEX_COLORS[:, :3])


def test_writing_is_whole_or_nothing(tmp_path):
    path = tmp_path / "a.stl"
    write(Mesh(VERTICES, makers.FACES), path)
    first = path.read_bytes()
    write(Mesh(VERTICES, makers.FACES), path)
    assert path.read_bytes() == first
    assert [item.name for item in tmp_path.iterdir()] == ["a.stl"]
    assert stat.S_IMODE(path.stat().st_mode) & 0o400
    with pytest.raises(FileError, match="cannot be written"):
        write(Mesh(VERTICES, makers.FACES), tmp_path / "no" / "a.stl")


def test_refusals(tmp_path):
    with pytest.raises(UnsupportedFormat, match=r"\.stl"):
        write(Mesh(VERTICES, makers.FACES), tmp_path / "a.step")
    with pytest.raises(UnsupportedFormat, match=r"\.xyz"):
        write(PointCloud(VERTICES), tmp_path / "a.stl")
    with pytest.raises(GeometryError, match="no faces"):
        write(Mesh(VERTICES, makers.FACES[:0]), tmp_path / "a.stl")
