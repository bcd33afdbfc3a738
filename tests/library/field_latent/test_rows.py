"""Rows in the latent of fields: of fields from their files, of the rest from kept points, at ingest and later."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from fieldstone import Library, NeuralField, fit, samples
from fieldstone.encoders import DESCRIPTOR, on_the_fly
from fieldstone.encoders.inr import FieldEncoder
from fieldstone.errors import EncoderError, GeometryError
from fieldstone.files import Limits
from fieldstone.library import encoding, schema, stored_fields
from fieldstone.library.stored_fields import StoredFields
from fieldstone.types import PointCloud
from tests.encoders.tiny_fields import tiny_fields
from tests.fields.fits import CONFIGS
from tests.library.field_latent.store import FIELDS, ID, SHORT, Told, field_of, nothing_can_be_distilled, rows, stood

pytestmark = pytest.mark.slow

KEPT = "neural fields were encoded from the points that are kept of them"


def test_fields_are_encoded_from_their_files_and_the_rest_from_kept_points(
    made: tuple[Path, Path], latent: Library
) -> None:
    encoder, found = latent.encoder, rows(latent)
    assert isinstance(encoder, FieldEncoder)
    assert set(found) == {"mug", "chair", "scan", *FIELDS}
    fields = {name: field_of(made, name) for name in FIELDS}
    assert [encoder.reads(field) for field in fields.values()] == [True, False, True]
    for name, field in fields.items():
        assert found[name].tobytes() == encoder.encode([field])[0].tobytes(), name
    for name in ("mug", "chair", "scan"):
        (kept,) = latent.samples([latent.shape(name)])
        assert encoder.kind_of(kept) == ("hashgrid", "udf" if name == "scan" else "sdf")
        assert found[name].tobytes() == encoder.encode([kept])[0].tobytes(), name


def test_rows_at_ingest_are_those_of_fill(made: tuple[Path, Path], latent: Library, tmp_path: Path) -> None:
    library = Library(tmp_path / "a.fieldstone")
    library.add(made[1] / "mug.stl")
    library.encode(made[0] / "fields.safetensors")
    library.use(ID)
    told = Told()
    assert library.add(made[1], progress=told).added == 5
    assert told.notes == []
    assert library.snapshot().missing == 0
    assert {name: row.tobytes() for name, row in rows(library).items()} == {
        name: row.tobytes() for name, row in rows(latent).items()
    }
    assert library._store.ids(schema.vectors_table(DESCRIPTOR)) == set(library.snapshot().catalog.ids)


def test_a_field_of_memory(made: tuple[Path, Path], latent: Library, tmp_path: Path) -> None:
    shutil.copytree(latent.uri, tmp_path / "a.fieldstone")
    library = Library(tmp_path / "a.fieldstone")
    field = fit(samples.make("gear", 1), "octree", config=CONFIGS["octree"], name="wheel.stl", up="z", **SHORT)
    told = Told()
    assert library.add(field, progress=told).added == 1
    assert told.notes == []
    np.testing.assert_array_equal(rows(library)["wheel"], library.encoder.encode([field])[0])
    library.add(field, up="x")  # no bytes are left, but the call brings them again
    np.testing.assert_array_equal(rows(library)["wheel"], library.encoder.encode([stood(field, "x")])[0])


def test_a_file_that_is_gone_or_changed_leaves_its_kept_points(
    made: tuple[Path, Path], plain: Library, models: Path
) -> None:
    shutil.copy(models / "signed.field", models / "unsigned.field")
    (models / "signed.field").unlink()
    told = Told()
    assert plain.encode(made[0] / "fields.safetensors", progress=told) == 6
    assert len(told.notes) == 1
    assert told.notes[0] == f"2 {KEPT}: their files are gone or changed"
    found, encoder = rows(plain), plain.encoder_named(ID)
    kept = dict(
        zip(("signed", "unsigned"), plain.samples([plain.shape("signed"), plain.shape("unsigned")]), strict=True)
    )
    for name, sampled in kept.items():
        assert found[name].tobytes() == encoder.encode([sampled])[0].tobytes()
    assert found["occupied"].tobytes() == encoder.encode([field_of(made, "occupied")])[0].tobytes()


def test_functions_that_the_encoder_does_not_read(made: tuple[Path, Path], plain: Library, tmp_path: Path) -> None:
    signed = tiny_fields(tmp_path / "signed.safetensors", {("hashgrid", "sdf"): 6, ("hashgrid", "udf"): 6})
    told = Told()
    plain.encode(signed, progress=told)
    assert told.notes == [f"1 {KEPT}: {ID} reads no occ"]
    (kept,) = plain.samples([plain.shape("occupied")])
    np.testing.assert_array_equal(rows(plain)["occupied"], plain.encoder_named(ID).encode([kept])[0])


def test_a_field_that_cannot_be_distilled_costs_the_others_nothing(
    made: tuple[Path, Path], plain: Library, latent: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing_can_be_distilled(monkeypatch)
    told = Told()
    assert plain.encode(made[0] / "fields.safetensors", progress=told) == 6
    assert told.notes == [f"1 {KEPT}: a field without a clear surface cannot be distilled"]
    same = {name: row.tobytes() == rows(latent)[name].tobytes() for name, row in rows(plain).items()}
    assert same == {name: name != "unsigned" for name in same}


def test_a_shape_that_cannot_be_encoded_costs_the_others_nothing(
    made: tuple[Path, Path], plain: Library, latent: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = on_the_fly.fit

    def fails(source: Any, architecture: Any, function: Any, **settings: Any) -> NeuralField:
        if isinstance(source, PointCloud) and function == "udf":
            raise GeometryError("no points worth the name")
        return quick(source, architecture, function, **settings)

    told = Told()
    with monkeypatch.context() as patch:
        patch.setattr(on_the_fly, "fit", fails)
        assert plain.encode(made[0] / "fields.safetensors", progress=told) == 5
    assert told.notes == [f"1 shapes could not be encoded with {ID} and were passed over: no points worth the name"]
    assert set(rows(plain)) == set(rows(latent)) - {"scan"}
    assert plain.encode(ID) == 1  # once it can be
    assert rows(plain)["scan"].tobytes() == rows(latent)["scan"].tobytes()


def test_the_limits_of_the_call_are_those_of_its_fields(
    made: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Library(tmp_path / "a.fieldstone")
    library.add(made[1] / "mug.stl")
    library.encode(made[0] / "fields.safetensors")
    library.use(ID)
    size = (made[1] / "signed.field").stat().st_size
    monkeypatch.setattr(stored_fields, "Limits", lambda: Limits(bytes=size - 1))  # as if fields were that large
    told = Told()
    assert library.add(made[1] / "signed.field", limits=Limits(bytes=size), progress=told).added == 1
    assert told.notes == []
    np.testing.assert_array_equal(rows(library)["signed"], library.encoder.encode([field_of(made, "signed")])[0])
    library.take_in(tiny_fields(tmp_path / "w.safetensors", named="others@1"))
    library.encode("others@1", progress=told)
    assert told.notes == [f"1 {KEPT}: their files are larger than the limits allow"]


def test_a_killed_encode_goes_on(
    made: tuple[Path, Path], plain: Library, latent: Library, monkeypatch: pytest.MonkeyPatch, asked: list[Any]
) -> None:
    real, calls = StoredFields.rows, []

    def dies(*arguments: Any) -> Any:
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(1)
        return real(*arguments)

    monkeypatch.setattr(encoding, "FITTED_BLOCK", 2)
    with monkeypatch.context() as patch:
        patch.setattr(StoredFields, "rows", dies)
        with pytest.raises(KeyboardInterrupt):
            plain.encode(made[0] / "fields.safetensors")
    before = len(asked)
    with pytest.raises(EncoderError, match=f"2 of 6 shapes have no embedding of {ID}"):
        plain.use(ID)
    assert plain.encode(ID) == 2
    assert len(asked) - before <= 2
    assert {name: row.tobytes() for name, row in rows(plain).items()} == {
        name: row.tobytes() for name, row in rows(latent).items()
    }
    assert plain.encode(ID) == 0


def test_rows_follow_the_up_axis(made: tuple[Path, Path], latent: Library, tmp_path: Path) -> None:
    shutil.copytree(latent.uri, tmp_path / "a.fieldstone")
    library, before = Library(tmp_path / "a.fieldstone"), rows(latent)
    assert library.add(made[1] / "mug.stl", made[1] / "signed.field", up="x").relabelled == 2
    turned = rows(library)
    assert {name for name, row in turned.items() if row.tobytes() != before[name].tobytes()} == {"mug", "signed"}
    field = stood(field_of(made, "signed"), "x")
    np.testing.assert_array_equal(turned["signed"], library.encoder.encode([field])[0])
    library.undo()
    assert set(rows(library)) == set(before) - {"mug", "signed"}
    library.complete()
    assert {name: row.tobytes() for name, row in rows(library).items()} == {
        name: row.tobytes() for name, row in before.items()
    }


def test_what_was_taken_out_waits_for_its_file(made: tuple[Path, Path], plain: Library, latent: Library) -> None:
    plain.remove("signed")
    told = Told()
    assert plain.encode(made[0] / "fields.safetensors", progress=told) == 5
    plain.undo()
    assert plain.encode(ID, progress=told) == 1
    assert told.notes == []
    assert rows(plain)["signed"].tobytes() == rows(latent)["signed"].tobytes()
