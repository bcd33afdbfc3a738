"""A list of shapes of one's own: read as it says, and refused with the line that is wrong."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from fieldstone.errors import FieldstoneError, FileError
from fieldstone.evaluate.inret import listed
from fieldstone.files import Limits, write
from fieldstone.progress import Silent
from fieldstone.types import Mesh, PointCloud
from tests.fields.fits import ball

HEAD = "path,split,category\n"
GOOD = "models/a.stl,train,ball\nmodels/b.ply,train,egg\nmodels/c.ply,test,ball\nmodels/d.ply,test,egg\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    for i, name in enumerate(("a.stl", "b.ply", "c.ply", "d.ply")):
        write(ball(6, radius=1.0 + i), tmp_path / "models" / name)
    return tmp_path


def wrote(folder: Path, text: str | bytes) -> Path:
    path = folder / "mine.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_list_is_read(folder: Path) -> None:
    found = listed(wrote(folder, "\ufeffcategory, up ,note,split,path\nball,y,old,train,models/a.stl\n\n"
                         "egg,z,,train,models/b.ply\n\"ball\",x,,test,models/c.ply\negg,z,,test,models/d.ply"))  # fmt: skip
    assert found.name == "mine"
    assert [shape.name for shape in found.train] == ["models/a", "models/b"]
    assert {shape.up for shape in (*found.train, *found.test)} == {"z"}
    assert found.role == "Pix3D"
    assert found.classes == ("ball", "egg")
    np.testing.assert_array_equal(found.labels(found.test), [0, 1])
    assert np.ptp(found.test[1].mesh.vertices[:, 2]) == pytest.approx(8.0)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "has no column 'path'; let its first line be path,split,category"),
        ("path,kind\nmodels/a.stl,ball\n", "has no column 'split'"),
        (HEAD + GOOD + "models/a.stl,train\n", "line 6: has no category"),
        (HEAD + "\n\n,train,ball\n", "line 4: has no path"),
        (HEAD + "models/a.stl,val,ball\n", "line 2: split 'val' is neither train nor test"),
        ("path,split,category,up\nmodels/a.stl,train,ball,up\n", "line 2: up 'up' is no axis"),
        (HEAD + "models/none.stl,train,ball\n" + GOOD, "line 2: .*none.stl: is not there"),
        (HEAD + "models,train,ball\n" + GOOD, "line 2: .*models: is not a file"),
        (HEAD + "mine.csv,train,ball\n" + GOOD, "line 2: .*mine.csv: is of a kind that no reader takes"),
        (HEAD + "models/a.stl\0,train,ball\n" + GOOD, "line 2: "),
        (HEAD + GOOD + "models/a.stl,test,ball\n", "line 6: models/a.stl stands in line 2 already"),
        (HEAD + '"models/a.stl,train,ball\n', "is no line of a CSV"),
        (HEAD + "models/a.stl,train,ball\nmodels/b.ply,test,ball\n", "train shapes of fewer than two categories"),
        (HEAD + "models/a.stl,train,ball\nmodels/b.ply,train,egg\n", "fewer than two test shapes"),
        (b"path,split,category\n\xff\xfe,train,ball\n", "is not UTF-8"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(folder: Path, text: str | bytes, told: str) -> None:
    with pytest.raises(FileError, match=told) as stopped:
        listed(wrote(folder, text))
    assert stopped.value.path.endswith("mine.csv")


def test_shapes_of_known_axes_stand_upright(folder: Path) -> None:
    """The same rod, lying in its file along the axis that the list calls up."""
    rod = ball(6).vertices * [1.0, 0.2, 3.0]
    for i, axis in enumerate("xyz"):
        lying = np.roll(rod, i - 2, axis=1) * (1.0 + i)
        write(Mesh(lying, ball(6).faces), folder / "models" / f"{axis}.ply")
    found = listed(wrote(folder, "path,split,category,up\nmodels/x.ply,train,rod,x\nmodels/y.ply,test,rod,y\n"
                         "models/z.ply,test,rod,z\nmodels/a.stl,train,ball,y\n"))  # fmt: skip
    given = (found.train[0], *found.test)
    assert [shape.up for shape in given] == ["z", "z", "z"]
    for i, shape in enumerate(given):
        np.testing.assert_allclose(shape.mesh.vertices / (1.0 + i), rod, atol=1e-6)


def test_lists_that_know_some_axes_alone_are_refused(folder: Path) -> None:
    path = wrote(folder, "path,split,category,up\n" + "".join(
        f"{line},{up}\n" for line, up in zip(GOOD.splitlines(), ("", "y", "", "y"), strict=True)
    ))  # fmt: skip
    with pytest.raises(FileError, match=r"line 2: .* models/a points up, and of models/b in line 3 it is known"):
        listed(path)
    assert {shape.up for shape in listed(wrote(folder, HEAD + GOOD)).train} == {None}


@pytest.mark.parametrize("split", ["train", "test"])
def test_copies_are_refused(folder: Path, split: str) -> None:
    shutil.copy(folder / "models" / "a.stl", folder / "models" / "e.stl")
    with pytest.raises(FileError, match="line 6: models/e is the same shape as line 2's"):
        listed(wrote(folder, f"{HEAD}{GOOD}models/e.stl,{split},ball\n"))


def test_shapes_without_extent_are_refused(folder: Path) -> None:
    write(Mesh(np.eye(4, 3), np.array([[0, 0, 0]])), folder / "models" / "e.ply")
    with pytest.raises(FileError, match=r"line 6: .*models/e\.ply: holds a single point"):
        listed(wrote(folder, HEAD + GOOD + "models/e.ply,train,ball\n"))


def test_cells_may_hold_what_splits_lines_elsewhere(folder: Path) -> None:
    text = (HEAD + GOOD).replace(",egg", ',"egg\u2028of\r\na hen"').replace("\n", "\r\n").replace("\r\r", "\r")
    assert listed(wrote(folder, text)).classes == ("ball", "egg\u2028of\r\na hen")


def test_it_is_told_how_many_are_read(folder: Path) -> None:
    told = list[object]()

    class Telling(Silent):
        def start(self, title: str, total: int | None) -> None:
            told.append(total)

        def advance(self, done: int = 1, detail: str = "") -> None:
            told.append(detail)

    listed(wrote(folder, HEAD + GOOD), progress=Telling())
    assert told == [4, *(line.split(",")[0] for line in GOOD.splitlines())]


def test_clouds_and_missing_lists_are_refused(folder: Path) -> None:
    write(PointCloud(np.eye(3)), folder / "models" / "e.ply")
    with pytest.raises(FileError, match=r"line 2: models/e\.ply is a cloud of points"):
        listed(wrote(folder, HEAD + "models/e.ply,train,ball\n" + GOOD))
    with pytest.raises(FieldstoneError, match="is not there"):
        listed(folder / "none.csv")


def test_limits_hold_for_the_files_of_a_list(folder: Path) -> None:
    with pytest.raises(FileError, match=r"line 2: .*raise Limits\.faces"):
        listed(wrote(folder, HEAD + GOOD), limits=Limits(faces=4))
