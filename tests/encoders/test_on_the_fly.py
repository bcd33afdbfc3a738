"""Points of surfaces and fields that stand otherwise, in the latent of fields: fitted, turned and distilled on the fly."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from fieldstone import samples
from fieldstone.encoders import Encoder, on_the_fly
from fieldstone.encoders.inr import FieldEncoder
from fieldstone.errors import EncoderError, GeometryError
from fieldstone.fields.fit import fit
from fieldstone.fields.network import NeuralField
from fieldstone.fields.recipe import Recipe, recipe
from fieldstone.fields.sampling import Sampling
from fieldstone.fields.schedule import Schedule
from fieldstone.fields.turned import TurnedField
from fieldstone.geometry.distance import Surface
from fieldstone.geometry.normalise import normalise, turn_up
from fieldstone.geometry.sample import sample_surface, sample_volume
from fieldstone.types import Axis, Mesh, PointCloud, Sampled
from tests.encoders.tiny_fields import quickly, tiny_fields
from tests.fields.fits import CONFIGS, FEW, SHORT

CHAIR = samples.make("chair", 0)


def shortly(patch: pytest.MonkeyPatch) -> None:
    """From now on fits and distillations take a moment, and still show the shape."""
    usual = on_the_fly.fit

    def shorter(*given: Any, **settings: Any) -> NeuralField:
        return usual(*given, **settings, sampling=Sampling().part(0.05), schedule=Schedule(epochs=4, batch=512))

    patch.setattr(on_the_fly, "fit", shorter)


def points_of(mesh: Mesh, *, normals: bool = True, up: Axis | None = None) -> Sampled:
    found = sample_surface(mesh, 2048, np.random.default_rng(0))
    return Sampled(shape=mesh, points=found.points, normals=found.normals if normals else None, up=up)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> FieldEncoder:
    """Whose fields stand on z."""
    return FieldEncoder(tiny_fields(tmp_path_factory.mktemp("fly") / "fields.safetensors", up="z"))


@pytest.fixture(scope="module")
def chair() -> NeuralField:
    return fit(CHAIR, "octree", config=CONFIGS["octree"], sampling=FEW, schedule=SHORT, up="y")


def test_it_is_an_encoder_of_its_own_up_axis(encoder: FieldEncoder) -> None:
    assert isinstance(encoder, Encoder)
    assert encoder.card.up == "z"
    assert encoder.functions == {"sdf", "udf"}


def test_points_become_an_sdf_with_normals_and_a_udf_without(
    encoder: FieldEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    shortly(monkeypatch)
    with_normals, bare = points_of(CHAIR), points_of(CHAIR, normals=False)
    assert with_normals.normals is not None
    halted = replace(with_normals, normals=with_normals.normals * (np.arange(2048) > 0)[:, None])  # one leads nowhere
    assert not encoder.reads(with_normals)
    fields = encoder.prepared([with_normals, bare, halted])
    assert [field.function for field in fields] == ["sdf", "udf", "udf"]
    assert {field.network.architecture for field in fields} == {"hashgrid"}
    assert all(encoder.reads(field) for field in fields)
    moved = normalise(CHAIR, "unit_sphere_bbox")[0]
    places = sample_volume(np.array([[-1.0] * 3, [1.0] * 3]), 4000, np.random.default_rng(1))
    truth = Surface(moved).distance(places)
    for field, gives in zip(fields[:2], (np.abs, np.asarray), strict=True):
        assert np.abs(gives(field.values(places)) - truth).mean() < 0.25 * truth.mean()


def test_rows_are_the_same_alone_and_in_a_batch(
    encoder: FieldEncoder, chair: NeuralField, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = quickly(monkeypatch)
    batch = [points_of(CHAIR), points_of(samples.make("mug", 0), normals=False), chair]
    rows = encoder.encode(batch)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, rtol=1e-6)
    assert rows.tobytes() == np.concatenate([encoder.encode([one]) for one in batch]).tobytes()
    assert sorted(asked) == sorted(2 * [("hashgrid", "sdf"), ("hashgrid", "udf"), ("hashgrid", "sdf")])


def test_what_stands_on_another_axis_is_turned(encoder: FieldEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    quickly(monkeypatch)
    turn = turn_up("z", "x").rotation
    on_z, on_x = points_of(CHAIR, up="z"), points_of(Mesh(CHAIR.vertices @ turn.T, CHAIR.faces), up="x")
    rows = encoder.encode([on_z, replace(on_z, up=None), on_x, replace(on_x, up=None)])
    assert rows[0].tobytes() == rows[1].tobytes() == rows[2].tobytes()
    assert not np.allclose(rows[2], rows[3])


def test_a_field_on_another_axis_is_turned_and_distilled(
    encoder: FieldEncoder, chair: NeuralField, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not encoder.reads(chair)
    nameless = replace(chair, frame=replace(chair.frame, up=None))
    assert encoder.prepared([nameless]) == [nameless]  # no axis counts as the card's
    assert encoder.kind_of(nameless) == ("octree", "sdf")
    shortly(monkeypatch)
    (stood,) = encoder.prepared([chair])
    assert (stood.network.architecture, stood.function, stood.frame.up) == ("hashgrid", "sdf", "z")
    surface = sample_surface(CHAIR, 4000, np.random.default_rng(1)).points
    there = stood.frame.to_model.inverse()(surface)
    assert np.abs(stood.values(there)).mean() < 0.02
    assert np.abs(nameless.values(there)).mean() > 0.05  # as it was it stands otherwise


def test_what_no_encoder_reads_is_said_before_any_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = quickly(monkeypatch)
    signed = FieldEncoder(tiny_fields(tmp_path / "f.safetensors", {("octree", "sdf"): 8}))
    with pytest.raises(EncoderError, match="reads fields of sdf, not of udf"):
        signed.encode([points_of(CHAIR), points_of(CHAIR, normals=False)])
    assert not asked


def test_occupancy_alone_is_fitted_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = quickly(monkeypatch)
    FieldEncoder(tiny_fields(tmp_path / "f.safetensors", {("hashgrid", "occ"): 6})).encode([points_of(CHAIR)])
    assert asked == [("hashgrid", "occ")]


def test_all_are_fitted_for_as_long_as_stored_fields_are(chair: NeuralField, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Recipe] = []

    def fits(source: object, *kind: Any, up: Any, workers: Any, **settings: Any) -> NeuralField:
        asked.append(recipe(*kind, **settings))
        return chair

    monkeypatch.setattr(on_the_fly, "fit", fits)
    wanted = [(shape, kind, "sdf", None) for shape in (points_of(CHAIR), chair) for kind in ("siren", "octree")]
    assert on_the_fly.made(wanted[:1], None) == [chair]
    assert on_the_fly.made(wanted, None) == 4 * [chair]
    for one in asked:
        usual = recipe(one.architecture, "sdf")  # what `fit` does where nothing else is said
        assert (one.schedule, one.sampling) == (usual.schedule, usual.sampling)
    assert sorted(one.architecture for one in asked) == ["octree", "octree", "siren", "siren", "siren"]


def test_nothing_wanted_starts_no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_the_fly, "side_by_side", lambda *_: pytest.fail("a pool for nothing"))
    assert on_the_fly.made([], "z") == []


def test_points_without_extent_still_give_a_row(encoder: FieldEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    quickly(monkeypatch)
    for points in (np.full((50, 3), 7e9, dtype=np.float32), np.zeros((1, 3), dtype=np.float32)):
        row = encoder.encode([Sampled(shape=PointCloud(points), points=points)])
        np.testing.assert_allclose(np.linalg.norm(row), 1.0, rtol=1e-6)


@pytest.mark.parametrize("points", [np.zeros((0, 3)), np.full((9, 3), np.nan)])
def test_unfit_points_are_refused(encoder: FieldEncoder, points: np.ndarray) -> None:
    strange = points.astype(np.float32)
    with pytest.raises(GeometryError, match="no points, or a coordinate is not finite"):
        encoder.encode([Sampled(shape=PointCloud(strange), points=strange)])


def test_a_turned_field_is_the_same_shape(chair: NeuralField) -> None:
    stood = TurnedField(field=chair, up="x")
    points = np.random.default_rng(0).uniform(-1.0, 1.0, (300, 3))
    turn = turn_up("y", "x").rotation
    np.testing.assert_array_equal(stood.values(points @ turn.T), chair.values(points))
    np.testing.assert_array_equal(stood.may_hold(points @ turn.T, 0.05), chair.may_hold(points, 0.05))
    gradients = chair.values_and_gradients(points)[1]
    np.testing.assert_array_equal(
        stood.values_and_gradients(points @ turn.T)[1], (gradients @ turn.T).astype(np.float32)
    )
    assert (stood.function, stood.frame.up, stood.colors(points)) == ("sdf", "x", None)
    np.testing.assert_allclose(stood.frame.to_model(points @ turn.T), chair.frame.to_model(points), atol=1e-12)
    with pytest.raises(ValueError, match="names none"):
        TurnedField(field=replace(chair, frame=replace(chair.frame, up=None)), up="z")
