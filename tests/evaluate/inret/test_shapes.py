"""A list of shapes of one's own: read as it says, and refused with the line that is wrong."""

from pathlib import Path

import numpy as np
import pytest

from fieldstone.errors import FieldstoneError, FileError
from fieldstone.evaluate.inret import listed
from fieldstone.files import Limits, write
from fieldstone.types import PointCloud
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
                         "egg,,,train,models/b.ply\n\"ball\",,,test,models/c.ply\negg,,,test,models/d.ply"))  # fmt: skip
    assert found.name == "mine"
    assert [shape.name for shape in found.train] == ["models/a", "models/b"]
    assert [shape.up for shape in found.train] == ["y", None]
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
        (HEAD + "models/none.stl,train,ball\n", "line 2: .*none.stl: is not there"),
        (HEAD + "models,train,ball\n", "line 2: .*models: is not a file"),
        (HEAD + "mine.csv,train,ball\n", "line 2: .*mine.csv: is of a kind that no reader takes"),
        (HEAD + "models/a.stl\0,train,ball\n", "line 2: "),
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


def test_clouds_and_missing_lists_are_refused(folder: Path) -> None:
    write(PointCloud(np.eye(3)), folder / "models" / "e.ply")
    with pytest.raises(FileError, match=r"line 2: models/e\.ply is a cloud of points"):
        listed(wrote(folder, HEAD + "models/e.ply,train,ball\n"))
    with pytest.raises(FieldstoneError, match="is not there"):
        listed(folder / "none.csv")


def test_limits_hold_for_the_files_of_a_list(folder: Path) -> None:
    with pytest.raises(FileError, match=r"line 2: .*raise Limits\.faces"):
        listed(wrote(folder, HEAD + GOOD), limits=Limits(faces=4))
