"""The facade, as a user meets it: add, search, remove, undo, sync, kill; on shapes of our own generator."""

import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from fieldstone import Library, encoders, samples
from fieldstone.errors import EncoderError, FileError, LibraryBusy, LibraryNotFound, QueryError
from fieldstone.files import Limits, read, write
from fieldstone.library import ingest as ingest_module
from fieldstone.library import vectors as vectors_module
from fieldstone.types import Mesh

KINDS = ("bracket", "chair", "gear", "mug")


def turned(mesh: Mesh, seed: int, scale: float = 1.0) -> Mesh:
    q, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((3, 3)))
    q *= np.sign(np.linalg.det(q))
    return Mesh(scale * mesh.vertices @ q.T + [3.0, -1.0, 2.0], mesh.faces)


def fill(folder: Path, each: int = 3) -> None:
    for kind in KINDS:
        (folder / kind).mkdir(parents=True)
        for seed in range(each):
            write(samples.make(kind, seed), folder / kind / f"{kind}-{seed}.stl")
    (folder / "broken.stl").write_bytes(b"solid nothing here")
    (folder / "notes.txt").write_text("not a shape")
    with zipfile.ZipFile(folder / "more.zip", "w") as archive:
        archive.write(folder / "gear" / "gear-0.stl", "inner/gear-copy.stl")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder of models and the library of it; tests that write take copies."""
    place = tmp_path_factory.mktemp("made")
    fill(place / "models")
    report = Library(place / "a.fieldstone").add(place / "models", category="folder", tags=["sample"], unit="mm")
    assert (report.added, report.known, report.skipped) == (12, 1, 1)
    assert [source.split("/")[-1] for source, _ in report.refused] == ["broken.stl"]
    return place / "models", place / "a.fieldstone"


@pytest.fixture
def copied(made: tuple[Path, Path], tmp_path: Path) -> tuple[Path, Library]:
    """The same library over the same folder, to write to."""
    shutil.copytree(made[1], tmp_path / "a.fieldstone")
    return made[0], Library(tmp_path / "a.fieldstone")


@pytest.fixture
def movable(tmp_path: Path) -> tuple[Path, Library]:
    """A folder of its own and its library, to move files about."""
    for kind in ("bracket", "gear"):
        (tmp_path / "models" / kind).mkdir(parents=True)
        write(samples.make(kind, 1), tmp_path / "models" / kind / f"{kind}.stl")
    library = Library(tmp_path / "b.fieldstone")
    library.add(tmp_path / "models", category="folder")
    return tmp_path / "models", library


def test_rows(made: tuple[Path, Path]) -> None:
    library = Library(made[1])
    shapes = {shape.name: shape for shape in library}
    assert len(library) == len(shapes) == 12
    gear = shapes["gear-0"]
    assert gear.category == "gear"
    assert gear.tags == ("sample",)
    assert gear.unit == "mm"
    assert [s.split("/models/")[1] for s in gear.sources] == ["gear/gear-0.stl", "more.zip!/inner/gear-copy.stl"]
    assert gear.watertight
    assert gear.volume is not None
    assert gear.volume > 0
    mesh = samples.make("gear", 0)
    np.testing.assert_allclose(gear.extents, np.ptp(mesh.vertices, axis=0), rtol=1e-6)
    points = library.points(gear)
    assert points.shape == (4096, 3)
    np.testing.assert_allclose(points.min(axis=0), mesh.vertices.min(axis=0), atol=0.05 * gear.diagonal)
    assert library.thumbnails([gear])[0][8:12] == b"WEBP"
    np.testing.assert_allclose(np.linalg.norm(library.embeddings([gear])), 1.0, atol=1e-5)
    assert library.shape(gear.id[:8]).id == gear.id
    assert library.shape(gear.source).id == gear.id


@pytest.mark.parametrize("kind", KINDS)
def test_search_finds_the_turned_shape(made: tuple[Path, Path], kind: str, tmp_path: Path) -> None:
    library = Library(made[1])
    path = tmp_path / "query.ply"
    write(turned(samples.make(kind, 1), seed=5), path)
    hits = library.search(path, k=3)
    assert hits[0].shape.name == f"{kind}-1"
    assert hits[0].evidence.kind == "identical"
    assert 0.0 <= hits[0].score <= 1.0
    assert hits[0].pose is not None
    mesh, query = samples.make(kind, 1), read(path).shape
    assert isinstance(query, Mesh)
    pose = hits[0].pose
    laid = pose.scale * mesh.vertices @ pose.rotation.T + pose.translation
    low = np.abs(laid.min(axis=0) - query.vertices.min(axis=0)).max()
    assert low < 0.05 * hits[0].shape.diagonal


def test_search_rescaled_by_inches(made: tuple[Path, Path]) -> None:
    hit = Library(made[1]).search(turned(samples.make("bracket", 0), seed=2, scale=1 / 25.4), k=1)[0]
    assert hit.evidence.kind == "rescaled"
    assert "25.4" in hit.evidence.text
    assert "inch" in hit.evidence.text


def test_questions_of_every_kind(made: tuple[Path, Path]) -> None:
    library = Library(made[1])
    chair = library.shape("chair-2")
    assert chair.id not in {hit.shape.id for hit in library.search(chair, k=5)}
    assert library.search(chair.id, k=5)[0].shape.id == library.search(chair, k=5)[0].shape.id
    assert library.search(library.points(chair).astype(np.float64), k=1)[0].shape.id == chair.id
    assert [hit.shape.category for hit in library.search(text="chair", k=3)] == ["chair"] * 3
    assert Library(made[1], encoder=encoders.DESCRIPTOR).search(text="nothingofthatname") == []


def test_rerank_orders_by_distance(made: tuple[Path, Path]) -> None:
    hits = Library(made[1]).search(turned(samples.make("mug", 2), seed=3), k=12, rerank="chamfer")
    assert hits[0].shape.name == "mug-2"
    assert [hit.distance for hit in hits] == sorted(hit.distance for hit in hits)
    assert len(hits) == 12


def test_filters_and_same_size(made: tuple[Path, Path]) -> None:
    library = Library(made[1])
    query = samples.make("gear", 0)
    assert {hit.shape.category for hit in library.search(query, where="category = 'mug'")} == {"mug"}
    answer = library.ask(query, same_size=True)
    assert answer.hits[0].shape.name == "gear-0"
    assert "unit of the query" in answer.notes[0]
    assert not library.ask(query, same_size=True, unit="mm").notes
    assert library.shapes("n_faces < 0") == []
    assert library.table("category = 'gear'").num_rows == 3


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda library: library.search("no such thing"), "no shape answers"),
        (lambda library: library.search(), "nothing is asked"),
        (lambda library: library.search(text="!!!"), "no words"),
        (lambda library: library.search(np.zeros((0, 3))), "finite"),
        (lambda library: library.search(np.full((4, 3), np.nan)), "finite"),
        (lambda library: library.search(text="x", k=0), "one hit or more"),
        (lambda library: library.search("gear-0", where="x <"), "no column"),
    ],
)
def test_bad_questions(made: tuple[Path, Path], ask: object, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        ask(Library(made[1]))  # type: ignore[operator]


def test_add_again_changes_nothing(copied: tuple[Path, Library]) -> None:
    models, library = copied
    report = library.add(models, category="folder", tags=["sample"], unit="mm")
    assert (report.added, report.known, report.unchanged) == (0, 0, 13)
    assert report.op is None
    assert len(library.history()) == 1


def test_labels_change_without_reading_again(copied: tuple[Path, Library]) -> None:
    models, library = copied
    report = library.add(models / "gear", category="wheel", tags=["new"])
    assert (report.added, report.known, report.relabelled) == (0, 0, 3)
    gear = library.shape("gear-1")
    assert (gear.category, gear.tags, gear.unit) == ("wheel", ("new", "sample"), "mm")
    library.undo()
    assert library.shape("gear-1").category == "gear"


def test_remove_and_undo(copied: tuple[Path, Library]) -> None:
    models, library = copied
    before = [shape.id for shape in library]
    assert library.remove(str(models / "gear"), "chair-0").removed == 4
    assert len(library) == 9  # gear-0 lives on in the archive
    assert library.shape("gear-copy").sources == (f"{models}/more.zip!/inner/gear-copy.stl",)
    assert library.plan_sync().empty  # what was taken out does not come back by itself
    library.undo()
    assert [shape.id for shape in library] == before
    with pytest.raises(QueryError, match="no shape answers"):
        library.remove("nothing")


def test_sync_sees_everything(movable: tuple[Path, Library]) -> None:
    models, library = movable
    assert library.plan_sync().empty
    (models / "bracket" / "bracket.stl").rename(models / "gear" / "elsewhere.stl")
    write(samples.make("mug", 1), models / "mug.ply")
    write(samples.make("gear", 7), models / "gear" / "gear.stl")
    plan = library.plan_sync()
    assert [Path(old).name for old, _ in plan.moved] == ["bracket.stl"]
    assert [Path(e.source).name for e in plan.changed] == ["gear.stl"]
    assert [Path(e.source).name for e in plan.new] == ["mug.ply"]
    report = library.sync(plan)
    assert (report.added, report.moved, report.removed) == (2, 1, 0)
    assert library.shape("elsewhere").category == "bracket"  # labels move along
    (models / "mug.ply").unlink()
    plan = library.plan_sync()
    assert [Path(source).name for source in plan.gone] == ["mug.ply"]
    assert library.sync(plan).removed == 1
    assert {shape.name for shape in library} == {"elsewhere", "gear"}
    library.undo()
    assert {shape.name for shape in library} == {"elsewhere", "gear", "mug"}


def test_an_unplugged_disk_removes_nothing(movable: tuple[Path, Library]) -> None:
    models, library = movable
    models.rename(models.parent / "away")
    assert library.plan_sync().unreachable == (str(models),)  # missing
    models.mkdir()
    plan = library.plan_sync()  # an empty mount point
    assert plan.empty
    assert plan.unreachable == (str(models),)
    models.rmdir()
    (models.parent / "away").rename(models)
    (models / "bracket" / "bracket.stl").unlink()
    assert [Path(source).name for source in library.plan_sync().gone] == ["bracket.stl"]


def test_new_files_take_the_labels_of_their_folder(movable: tuple[Path, Library]) -> None:
    models, library = movable
    (models / "mug").mkdir()
    write(samples.make("mug", 1), models / "mug" / "new.stl")
    library.sync(library.plan_sync())
    assert library.shape("new").category == "mug"


def test_labels_need_no_file(movable: tuple[Path, Library]) -> None:
    models, library = movable
    assert library.add(models, tags=["t"], limits=Limits(bytes=10)).relabelled == 2  # too small a limit to read them
    assert {shape.tags for shape in library} == {("t",)}
    with pytest.raises(QueryError, match="empty text"):
        library.remove("")


def test_another_encoder_is_filled_in(movable: tuple[Path, Library]) -> None:
    models, library = movable
    other = Library(library.uri, encoder="shape-distributions@1")
    with pytest.raises(EncoderError, match="no embeddings of shape-distributions"):
        other.search("gear")
    write(samples.make("mug", 1), models / "mug.stl")
    assert other.add(models / "mug.stl").added == 1
    names = {hit.shape.name for hit in other.search("gear", k=2)}  # what was there before is encoded from its points
    assert names == {hit.shape.name for hit in library.search("gear", k=2)} == {"bracket", "mug"}
    assert library.encoder_id == encoders.default()
    assert len(library) == 3


def test_a_library_half_made_is_made_whole(movable: tuple[Path, Library], tmp_path: Path) -> None:
    models, _ = movable
    (tmp_path / "half.fieldstone" / "meta.lance" / "data").mkdir(parents=True)
    (tmp_path / "half.fieldstone" / "vectors-fieldstone-descriptor-1.lance").mkdir()
    with pytest.raises(LibraryNotFound):
        len(Library(tmp_path / "half.fieldstone"))
    assert Library(tmp_path / "half.fieldstone").add(models).added == 2


def test_a_killed_add_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "models", each=2)
    library = Library(tmp_path / "a.fieldstone")
    real = ingest_module.append_contents
    calls = []

    def dies(store: object, *arguments: object) -> None:
        calls.append(1)
        if len(calls) == 2:  # bodies and vectors are on disk, the rows of shapes are not
            monkeypatch.setattr(store, "append", _only_first(store.append))
        real(store, *arguments)  # type: ignore[arg-type]

    def _only_first(append: object) -> object:
        def some(table: str, rows: object) -> None:
            if table == "shapes":
                raise KeyboardInterrupt
            append(table, rows)  # type: ignore[operator]

        return some

    monkeypatch.setattr(ingest_module, "BATCH_ROWS", 3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ingest_module, "append_contents", dies)
        with pytest.raises(KeyboardInterrupt):
            library.add(tmp_path / "models")
    assert len(Library(library.uri)) == 3
    again = Library(library.uri).add(tmp_path / "models")
    assert again.added == 5
    whole = Library(tmp_path / "b.fieldstone")
    whole.add(tmp_path / "models")
    torn = Library(library.uri)
    assert sorted(s.id for s in torn) == sorted(s.id for s in whole)
    store = torn._store
    assert store.count("shapes") == store.count("vectors-" + torn.encoder.id.replace("@", "-"))


def test_unit_decides_real_size(tmp_path: Path) -> None:
    mesh = samples.make("bracket", 3)
    write(Mesh(mesh.vertices / 25.4, mesh.faces), tmp_path / "inches.stl")
    library = Library(tmp_path / "a.fieldstone")
    library.add(tmp_path / "inches.stl", unit="inch")
    assert library.ask(mesh, k=1, unit="mm").hits[0].evidence.kind == "identical"
    assert library.ask(mesh, k=1).hits[0].evidence.kind == "rescaled"
    assert len(library.shapes("width_mm > 1")) == 1


def test_beyond_memory_the_index_answers(copied: tuple[Path, Library], monkeypatch: pytest.MonkeyPatch) -> None:
    _, library = copied
    exact = [hit.shape.id for hit in library.search("gear-1", k=4)]
    monkeypatch.setattr(vectors_module, "EXACT_ROWS", 5)
    indexed = Library(library.uri)
    assert type(indexed.snapshot().vectors).__name__ == "IndexedVectors"
    assert [hit.shape.id for hit in indexed.search("gear-1", k=4)] == exact
    hits = indexed.search("gear-1", k=4, where="category = 'mug'")
    assert {hit.shape.category for hit in hits} == {"mug"}


def test_errors_of_the_library(tmp_path: Path, made: tuple[Path, Path]) -> None:
    with pytest.raises(LibraryNotFound, match="fieldstone add"):
        len(Library(tmp_path / "none"))
    with pytest.raises(FileError, match="does not exist"):
        Library(tmp_path / "x").add(tmp_path / "nowhere")
    assert not (tmp_path / "x").exists()
    with pytest.raises(EncoderError, match="no encoder"):
        Library(made[1], encoder="nothing@9")
    with pytest.raises(EncoderError, match="no embeddings of aligned-grid"):
        Library(made[1], encoder="aligned-grid@1").search("gear-0")
    library = Library(made[1])
    with library._store.writing(), pytest.raises(LibraryBusy):
        library.remove("gear-0")


@pytest.mark.usefixtures("workers")
def test_limits_become_rows(tmp_path: Path) -> None:
    write(samples.make("gear", 0), tmp_path / "gear.stl")
    library = Library(tmp_path / "a.fieldstone")
    report = library.add(tmp_path / "gear.stl", limits=Limits(faces=10))
    assert "Limits.faces" in report.refused[0][1]
    assert library.refused() == report.refused
    assert library.add(tmp_path / "gear.stl").added == 1
    assert library.refused() == []


def test_duplicates_and_plan(tmp_path: Path) -> None:
    from fieldstone.library.duplicates import plan_rows, write_plan

    mesh = samples.make("bracket", 2)
    (tmp_path / "models" / "keep").mkdir(parents=True)
    (tmp_path / "models" / "x").mkdir()
    for name, shape in {
        "a": mesh,
        "b": turned(mesh, 1),
        "c": samples.make("chair", 4),
        "d": turned(mesh, 2, 10.0),
    }.items():
        write(shape, tmp_path / "models" / ("keep" if name == "b" else "x") / f"{name}.stl")
    shutil.copy(tmp_path / "models" / "x" / "c.stl", tmp_path / "models" / "x" / "e.stl")
    library = Library(tmp_path / "a.fieldstone")
    library.add(tmp_path / "models")
    groups = library.duplicates()
    assert [{m.shape.name for m in g.members} for g in groups] == [{"a", "b", "d"}, {"c"}]
    rows = plan_rows(groups, [tmp_path / "models" / "keep"])
    actions = {Path(str(row["path"])).name: row["action"] for row in rows}
    assert actions == {"b.stl": "keep", "a.stl": "copy", "d.stl": "look", "c.stl": "keep", "e.stl": "copy"}
    assert write_plan(groups, tmp_path / "plan.csv") == 5
    assert len((tmp_path / "plan.csv").read_text().splitlines()) == 6
    assert all(path.exists() for path in tmp_path.glob("models/*/*.stl"))


def test_pages_and_exports(made: tuple[Path, Path], tmp_path: Path) -> None:
    import pyarrow.parquet

    from fieldstone.library.export import export_table, export_thumbnails
    from fieldstone.library.pictures import write_hits, write_map, write_report

    library = Library(made[1])
    write_report(library, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text()
    assert "gear-0" in text
    assert "broken.stl" in text
    answer = library.ask(samples.make("mug", 0), k=3)
    write_hits(library, samples.make("mug", 0), answer, tmp_path / "hits.html")
    assert "mug-0" in (tmp_path / "hits.html").read_text()
    write_map(library, tmp_path / "map.html")
    write_map(library, tmp_path / "map.png")
    assert (tmp_path / "map.png").read_bytes()[:4] == b"\x89PNG"
    with pytest.raises(QueryError, match=r"name an \.html or \.png"):
        write_map(library, tmp_path / "map.gif")
    assert export_table(library, tmp_path / "t.csv", where="category = 'mug'") == 3
    assert export_table(library, tmp_path / "t.json") == 12
    assert {row["category"] for row in json.loads((tmp_path / "t.json").read_text())} == set(KINDS)
    assert export_table(library, tmp_path / "t.parquet") == 12
    assert pyarrow.parquet.read_table(tmp_path / "t.parquet").schema.names[-1].startswith("embedding ")
    assert export_thumbnails(library, tmp_path / "pictures", where="category = 'mug'") == 3
