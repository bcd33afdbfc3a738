"""Asking in the latent of fields: with anything, without torch, and what it does not do."""

import shutil
from pathlib import Path

import pytest

pytest.importorskip("torch")

from fieldstone import Library, samples
from fieldstone.encoders import DESCRIPTOR
from fieldstone.errors import EncoderError, MissingExtra, QueryError
from fieldstone.evaluate.of_library import evaluate_library
from fieldstone.files import write
from fieldstone.library import asking, encoding
from fieldstone.library.tuning import pupil_of
from tests.encoders.tiny_fields import tiny_fields
from tests.library.field_latent.store import ID, Told, field_of, nothing_can_be_distilled

pytestmark = pytest.mark.slow


def test_anything_asks_and_the_answer_says_what_was_made_of_it(made: tuple[Path, Path], latent: Library) -> None:
    fitted = "the query was fitted as a hashgrid {} in "
    for question, note in (
        (made[1] / "mug.stl", fitted.format("sdf")),
        (made[1] / "scan.ply", fitted.format("udf")),
        (samples.make("chair", 0), fitted.format("sdf")),
        (made[1] / "signed.field", "the query was read as it is, an octree sdf"),
        (str(made[1] / "pack.zip") + "!/occupied.field", "the query was read as it is, a hashgrid occ"),
        (field_of(made, "unsigned"), "the query was distilled to a hashgrid udf in "),
    ):
        answer = latent.ask(question, k=6)
        assert len(answer.hits) == 6
        assert len([said for said in answer.notes if said.startswith(note)]) == 1, answer.notes
    answer = latent.ask(made[1] / "signed.field", k=2)
    assert (answer.hits[0].shape.name, answer.hits[0].evidence.kind) == ("signed", "identical")
    assert answer.hits[0].distance < 1e-6
    assert not latent.ask("signed", k=1).notes  # a shape of the library has its row


def test_an_axis_that_the_querys_file_says_is_told(latent: Library, tmp_path: Path) -> None:
    write(samples.make("mug", 0), tmp_path / "mug.glb")  # a format whose files stand on y
    turned = "the query's file says that y points up, so it was turned; state another axis with --up"
    assert turned in latent.ask(tmp_path / "mug.glb", k=1).notes
    assert not any("points up" in said for said in latent.ask(tmp_path / "mug.glb", k=1, up="z").notes)
    nameless = "the query does not say which axis points up: z was taken; state it with --up"
    assert nameless in latent.ask(samples.make("mug", 0), k=1).notes


def test_a_field_that_cannot_be_read_is_asked_with_by_its_surface(
    made: tuple[Path, Path], plain: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain.encode(tiny_fields(tmp_path / "w.safetensors", {("hashgrid", "sdf"): 6, ("hashgrid", "udf"): 6}, up="z"))
    plain.use(ID)
    fitted = "the query was fitted by its surface as a hashgrid sdf in "
    asked = plain.ask(str(made[1] / "pack.zip") + "!/occupied.field", k=1)
    assert asked.hits[0].shape.name == "occupied"
    assert asked.hits[0].distance < 1e-3  # its row came of the same points
    assert asked.notes[0].startswith(fitted)
    assert asked.notes[0].endswith(f" s to be compared with fields: {ID} reads no occ")

    nothing_can_be_distilled(monkeypatch)
    answer = plain.ask(field_of(made, "unsigned"), k=1)
    assert answer.notes[0].startswith(fitted)
    assert answer.notes[0].endswith(": a field without a clear surface cannot be distilled")


def test_the_up_axis_of_a_query(made: tuple[Path, Path], latent: Library) -> None:
    mesh = made[1] / "mug.stl"
    assert any("z was taken; state it with --up" in note for note in latent.ask(mesh, k=1).notes)
    assert not any("--up" in note for note in latent.ask(mesh, k=1, up="z").notes)
    stated = latent.ask(made[1] / "signed.field", k=1, up="y")
    assert "distilled to a hashgrid sdf" in stated.notes[0]


def test_without_torch(
    made: tuple[Path, Path], latent: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(what: str) -> None:
        raise MissingExtra(what, "needs the extra")

    shutil.copytree(latent.uri, tmp_path / "a.fieldstone")
    library, told = Library(tmp_path / "a.fieldstone"), Told()
    write(samples.make("vase", 0), tmp_path / "vase.stl")
    monkeypatch.setattr(encoding, "has_torch", lambda: False)
    monkeypatch.setattr(asking, "require_torch", absent)
    answer = library.ask(made[1] / "mug.stl", k=1)
    assert answer.notes[-1].startswith(f"compared by {DESCRIPTOR}: {ID}: needs the extra")
    assert answer.hits[0].shape.name == "mug"
    assert library.ask("signed", k=1).hits  # what is there answers
    assert library.add(tmp_path / "vase.stl", progress=told).added == 1
    assert told.notes == [f"1 shapes wait for their embeddings of {ID}, which need torch"]
    assert "have no embedding" in library.ask("mug", k=1).notes[0]


def test_what_it_does_not_do_is_said(latent: Library, made: tuple[Path, Path], tmp_path: Path) -> None:
    assert latent.ask(text="mug").notes == (f"by words alone: {ID} was trained without words",)
    with pytest.raises(EncoderError, match=f"{ID} reads neural fields, and tuning teaches encoders of points"):
        pupil_of(latent.encoder)
    with pytest.raises(EncoderError, match="another encoder"):
        latent.take_in(tiny_fields(tmp_path / "other.safetensors", {("octree", "sdf"): 8}))
    with pytest.raises(
        EncoderError, match="reads fields of occ, sdf and of no udf, which clouds without normals become"
    ):
        latent.take_in(
            tiny_fields(tmp_path / "sided.safetensors", {("octree", "sdf"): 8, ("hashgrid", "occ"): 6}, named="sided@1")
        )
    assert not list(Path(latent.uri).glob("encoders/sided*"))


def test_an_evaluation_takes_the_rows_that_are_there(made: tuple[Path, Path], tmp_path: Path) -> None:
    library = Library(tmp_path / "a.fieldstone", encoder=DESCRIPTOR)
    for kind in ("mug", "gear"):
        (tmp_path / kind).mkdir()
        for seed in range(4):
            write(samples.make(kind, seed), tmp_path / kind / f"{kind}-{seed}.stl")
        library.add(tmp_path / kind, category=kind)
    library.take_in(made[0] / "fields.safetensors")
    for seeds in (1, 2):
        with pytest.raises(QueryError, match=f"{ID} reads neural fields, .*fieldstone encode .* --encoder {ID} --keep"):
            evaluate_library(library, [ID], seeds=seeds)
    library.encode(ID)
    (row,) = evaluate_library(library, [ID]).rows
    assert (row.method, row.queries) == (ID, 2)
    with pytest.raises(QueryError, match="one seed"):
        evaluate_library(library, [ID], seeds=2)
