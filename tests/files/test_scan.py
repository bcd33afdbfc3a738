import os
import zipfile
from pathlib import Path

import pytest

from fieldstone.errors import BrokenFile, FileError, LimitExceeded, UnsupportedFormat
from fieldstone.files import Limits, open_bytes, read, read_entry, scan
from tests.files import makers


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "models"
    (root / "b").mkdir(parents=True)
    (root / ".hidden").mkdir()
    (root / "lib.fieldstone").mkdir()
    for place in ("z.stl", "A.STL", "b/c.stl", ".x.stl", ".hidden/h.stl", "lib.fieldstone/l.stl"):
        (root / place).write_bytes(makers.binary_stl())
    (root / "notes.txt").write_text("no shape")
    return root


def names(root, **kwargs):
    return [entry.source.removeprefix(str(root) + "/") for entry in scan(root, **kwargs)]


def test_order_hidden_files_and_report(folder):
    told = []
    assert names(folder, skipped=told.append) == ["A.STL", "z.stl", "b/c.stl"]
    assert [(item.source, item.reason) for item in told] == [(str(folder / "notes.txt"), "no reader for .txt")]
    entry = next(scan(folder))
    assert (entry.size, entry.mtime_ns) == (684, (folder / "A.STL").stat().st_mtime_ns)


def test_links_never_lead_out_and_loops_end(folder, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "o.stl").write_bytes(makers.binary_stl())
    (folder / "out.stl").symlink_to(outside / "o.stl")
    (folder / "folder").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    (folder / "self.stl").symlink_to(folder / "self.stl")
    (folder / "gone.stl").symlink_to(folder / "nothing.stl")
    (folder / "in.stl").symlink_to(folder / "z.stl")
    told = []
    assert names(folder, skipped=told.append) == ["A.STL", "in.stl", "z.stl", "b/c.stl"]
    assert {item.source.rpartition("/")[2] for item in told} == {"out.stl", "self.stl", "gone.stl", "notes.txt"}


def test_a_root_that_is_a_link_is_walked_under_its_own_name(folder, tmp_path):
    (tmp_path / "link").symlink_to(folder)
    assert next(scan(tmp_path / "link")).source == str(tmp_path / "link" / "A.STL")


def test_pipes_are_not_opened(folder):
    os.mkfifo(folder / "pipe.stl")
    told = []
    assert "pipe.stl" not in names(folder, skipped=told.append)
    assert any("regular" in item.reason for item in told)


def test_names_that_are_no_text(folder):
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.stl")).write_bytes(makers.binary_stl())
    told = []
    assert len(names(folder, skipped=told.append)) == 3
    assert any("not valid text" in item.reason for item in told)


def test_members_of_archives_and_of_archives_in_them(tmp_path):
    inner = makers.archive(
        {"deep.stl": makers.binary_stl(), "m.gltf": makers.gltf("buf.bin"), "buf.bin": makers.gltf_document()[1]}
    )
    deepest = makers.archive({"x.zip": makers.archive({"y.stl": makers.binary_stl()})})
    outer = {
        "b/c.stl": makers.binary_stl(), "a.obj": b"mtllib m/a.mtl\nusemtl r\n" + makers.obj(),
        "m/a.mtl": b"newmtl r\nKd 1 0 0\n", "inner.zip": inner,
        "z.zip": deepest, "__MACOSX/b/._c.stl": b"x", "readme.md": b"x",
    }  # fmt: skip
    path = tmp_path / "all.zip"
    path.write_bytes(makers.archive(outer))
    entries = list(scan(tmp_path))
    sources = [entry.source.removeprefix(str(path)) for entry in entries]
    assert sources == ["!/a.obj", "!/b/c.stl", "!/inner.zip!/deep.stl", "!/inner.zip!/m.gltf", "!/z.zip!/x.zip"]
    models = [read_entry(entry) for entry in entries[:4]]
    assert all(len(model.shape.faces) == 12 for model in models)
    assert models[0].shape.paint.face[0].tolist() == [255, 0, 0, 255]
    assert models[1].name == "c"
    assert entries[1].member == "b/c.stl"
    assert open_bytes(entries[2]) == makers.binary_stl()
    with pytest.raises(LimitExceeded, match=r"Limits\.archive_depth"):
        read_entry(entries[4])
    deeper = list(scan(tmp_path, Limits(archive_depth=3)))
    assert len(read_entry(deeper[-1], limits=Limits(archive_depth=3)).shape.faces) == 12
    assert len(read(f"{path}!/inner.zip!/deep.stl").shape.faces) == 12
    with pytest.raises(FileError, match="not in the archive"):
        read(f"{path}!/nothing.stl")


def test_hostile_members_are_told(tmp_path):
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as packed:
        packed.writestr("../../up.stl", makers.binary_stl())
        packed.writestr("/abs.stl", makers.binary_stl())
        link = zipfile.ZipInfo("link.stl")
        link.external_attr = 0o120777 << 16
        packed.writestr(link, "/etc/passwd")
        packed.writestr("good.stl", makers.binary_stl())
    told = []
    (entry,) = scan(tmp_path, skipped=told.append)
    assert entry.member == "good.stl"
    outside = "has a name that leads out of the archive"
    assert sorted(item.reason for item in told) == [outside, outside, "is a symbolic link, which is not followed"]
    with pytest.raises(UnsupportedFormat, match="symbolic link"):
        read(f"{tmp_path}/bad.zip!/link.stl")


def test_damaged_member_and_damaged_archive(tmp_path):
    data = bytearray(makers.archive({"a.stl": makers.binary_stl()}, zipfile.ZIP_STORED))
    data[100] ^= 255
    (tmp_path / "a.zip").write_bytes(data)
    (tmp_path / "b.zip").write_bytes(b"PK not a zip")
    entries = list(scan(tmp_path))
    assert [entry.member for entry in entries] == ["a.stl", None]
    with pytest.raises(BrokenFile, match="damaged in its archive"):
        open_bytes(entries[0])
    with pytest.raises(BrokenFile, match="not a whole ZIP"):
        read_entry(entries[1])


def test_archive_as_a_single_model(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(makers.archive({"a.stl": makers.binary_stl(), "b.ply": makers.ply()}))
    model = read(path)
    assert [part.name for part in model.parts] == ["a", "b"]
    path.write_bytes(makers.archive({"a.stl": makers.binary_stl(), "b.glb": makers.glb()}))
    with pytest.raises(UnsupportedFormat, match="different units"):
        read(path)


def test_limits_of_archives(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(makers.archive({f"{i}.stl": makers.binary_stl() for i in range(5)}))
    (entry,) = scan(tmp_path, Limits(members=4))
    with pytest.raises(LimitExceeded, match=r"Limits\.members"):
        read_entry(entry, limits=Limits(members=4))
    with pytest.raises(LimitExceeded, match="684 bytes, above the limit of 683"):
        open_bytes(next(scan(tmp_path)), Limits(bytes=683))


def test_files_that_a_user_names(tmp_path):
    (tmp_path / "x.txt").write_text("x")
    (entry,) = scan(tmp_path / "x.txt")
    with pytest.raises(UnsupportedFormat, match="no reader"):
        read_entry(entry)
    with pytest.raises(FileError, match="check the path"):
        list(scan(tmp_path / "nothing.stl"))
    with pytest.raises(FileError, match="name a file"):
        read(tmp_path)
    (tmp_path / "e.stl").write_bytes(b"")
    with pytest.raises(FileError, match="empty file"):
        read(tmp_path / "e.stl")


def test_several_roots(folder):
    assert len(list(scan([folder / "b", folder / "z.stl"]))) == 2
