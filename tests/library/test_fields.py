"""Neural fields as shapes of a library: found in folders, added from memory, asked with."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fieldstone import Library, NeuralField, fit, open_field, samples, save_field
from fieldstone.errors import UnsupportedFormat
from fieldstone.fields.sampling import Sampling
from fieldstone.fields.schedule import Schedule
from fieldstone.files import read, write
from fieldstone.library import reading

QUICK = {"schedule": Schedule(epochs=6, batch=2048, rate=1e-2), "sampling": Sampling().part(0.1)}


@pytest.fixture(scope="module")
def field() -> NeuralField:
    return fit(
        samples.make("bracket", 0), "triplane", unit="mm", up="z", name="a/bracket.stl", licence="CC0-1.0", **QUICK
    )


@pytest.fixture(scope="module")
def made(field: NeuralField, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder of a field, the mesh it was fitted to and other meshes; and the library of it."""
    place = tmp_path_factory.mktemp("fields")
    (place / "models").mkdir()
    for kind in ("bracket", "chair", "gear", "mug"):
        for seed in range(2):
            write(samples.make(kind, seed), place / "models" / f"{kind}-{seed}.stl")
    save_field(field, place / "models" / "part.field", "fp16")
    (place / "models" / "broken.field").write_bytes(b"solid nothing")
    report = Library(place / "a.fieldstone").add(place / "models")
    assert report.added == 9
    assert [reason for _, reason in report.refused] == ["is not a field file; fields are made by `fieldstone fit`"]
    return place / "models", place / "a.fieldstone"


def test_a_field_is_a_row_like_any(made: tuple[Path, Path]) -> None:
    library = Library(made[1])
    row, mesh = library.shape("part"), library.shape("bracket-0")
    assert library.table("format = 'field'")["name"].to_pylist() == ["part"]
    assert (row.kind, row.unit, row.up) == ("mesh", "mm", "z")
    assert row.metadata["function"] == "sdf"
    assert row.metadata["architecture"] == "triplane"
    assert row.metadata["fitted to"] == "a/bracket.stl"
    assert row.metadata["licence"] == "CC0-1.0"
    np.testing.assert_allclose(row.extents, mesh.extents, rtol=0.06)
    assert row.area == pytest.approx(mesh.area, rel=0.15)
    assert library.thumbnails([row])[0][8:12] == b"WEBP"


def test_field_and_mesh_find_each_other(made: tuple[Path, Path], field: NeuralField) -> None:
    library = Library(made[1])
    assert library.search("bracket-0", k=1)[0].shape.name == "part"
    assert library.search("part", k=1)[0].shape.name == "bracket-0"
    hits = library.search(made[0] / "part.field", k=2)
    assert [hit.shape.name for hit in hits] == ["part", "bracket-0"]
    assert hits[0].evidence.kind == "identical"
    hits = library.search(field, k=2)
    assert {hit.shape.name for hit in hits} == {"part", "bracket-0"}
    assert library.ask(field, k=1, same_size=True).hits


def test_a_field_from_memory(made: tuple[Path, Path], field: NeuralField, tmp_path: Path) -> None:
    shutil.copytree(made[1], tmp_path / "a.fieldstone")
    library = Library(tmp_path / "a.fieldstone")
    report = library.add(field, category="folder", tags=["new"])
    assert (report.added, report.refused) == (1, [])
    row = library.shape("bracket")
    assert row.source.startswith("memory:/")
    assert (row.category, row.tags, row.unit) == (None, ("new",), "mm")
    assert library.add(field).unchanged == 1
    assert library.add(open_field(made[0] / "part.field")).added == 1  # other numbers, another content
    plan = library.plan_sync()
    assert not plan.gone  # nothing on disk says that it went
    assert library.remove(row.source).removed == 1


def test_pages_show_fields(made: tuple[Path, Path], tmp_path: Path) -> None:
    from fieldstone.library.pictures import write_hits

    library = Library(made[1])
    query = made[0] / "part.field"
    write_hits(library, query, library.ask(query, k=2), tmp_path / "hits.html")
    assert "part" in (tmp_path / "hits.html").read_text()


def test_archives_hold_fields(made: tuple[Path, Path], tmp_path: Path) -> None:
    shutil.make_archive(str(tmp_path / "pack"), "zip", made[0])
    model = reading.read(tmp_path / "pack.zip!/part.field", unit="inch")
    assert (model.name, model.unit, model.up, model.metadata["format"]) == ("part", "inch", "z", "field")
    assert open_field(tmp_path / "pack.zip!/part.field").function == "sdf"
    with pytest.raises(UnsupportedFormat, match=r"fieldstone\.open_field"):
        read(made[0] / "part.field")


def test_neither_opening_nor_adding_loads_torch(made: tuple[Path, Path], tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from fieldstone.library import pool\n"
        "pool.run = lambda prepare, arguments, tasks, **_: ((t, prepare(*arguments)(t)) for t in tasks)\n"
        "from fieldstone import Library\n"
        f"report = Library({str(tmp_path / 'a.fieldstone')!r}).add({str(made[0] / 'part.field')!r})\n"
        "print(report.added, report.refused)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "1 []"
