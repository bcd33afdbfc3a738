"""INRet, inr2vec and the converting rivals run from fields to rows, the same bytes each time."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fieldstone.encoders.inr import Kind  # noqa: E402
from fieldstone.errors import GeometryError  # noqa: E402
from fieldstone.evaluate.inret import converted as converted_module  # noqa: E402
from fieldstone.evaluate.inret.converted import (  # noqa: E402
    Rival,
    conversion_numbers,
    converted,
    field_points,
    field_views,
)
from fieldstone.evaluate.inret.fitted import FieldStore  # noqa: E402
from fieldstone.evaluate.inret.learned import embedded, learnt, own_latents, sizes  # noqa: E402
from fieldstone.evaluate.inret.shapes import Shape  # noqa: E402
from fieldstone.fields.field import CallableField, Field  # noqa: E402
from fieldstone.fields.hashgrid import HashGridConfig  # noqa: E402
from fieldstone.fields.network import NeuralField  # noqa: E402
from fieldstone.fields.sampling import Sampling  # noqa: E402
from fieldstone.fields.schedule import Schedule  # noqa: E402
from fieldstone.fields.siren import SirenConfig  # noqa: E402
from fieldstone.fields.trace import isosurface  # noqa: E402
from fieldstone.fields.view import views  # noqa: E402
from fieldstone.training.common_latent import Recipe  # noqa: E402
from fieldstone.types import Mesh  # noqa: E402
from tests.fields.fits import ball  # noqa: E402

KINDS: tuple[Kind, ...] = (("hashgrid", "sdf"), ("hashgrid", "udf"))


def shapes() -> list[Shape]:
    """Balls and rods."""
    found = []
    for i in range(4):
        mesh = ball(12, radius=1.0 + i)
        found.append(Shape(name=f"ball-{i}", category="ball", mesh=mesh))
        flat = mesh.vertices * [1.0, 0.3 + 0.05 * i, 0.3]
        found.append(Shape(name=f"rod-{i}", category="rod", mesh=Mesh(flat, mesh.faces)))
    return found


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> FieldStore:
    short = {
        "sampling": Sampling(uniform=1000, surface=2000, near=2000),
        "schedule": Schedule(epochs=4, batch=512, rate=1e-2),
    }
    grids = HashGridConfig(coarsest=8, finest=24, levels=4, most_rows=1 << 12)
    sirens = SirenConfig(hidden=16, layers=3)
    settings = {"hashgrid": {"config": grids, **short}, "siren": {"config": sirens, **short}}
    made = FieldStore(folder=tmp_path_factory.mktemp("fields"), settings=settings)  # type: ignore[arg-type]
    made.fit_all(shapes(), (*KINDS, ("siren", "sdf")), workers=2)
    return made


@pytest.mark.slow
def test_inret_and_inr2vec_give_rows(store: FieldStore) -> None:
    collection = store.collection(shapes(), KINDS, seed=0)
    recipe = Recipe(points=16, epochs=1, batch=4)
    encoders = learnt(collection, recipe, seed=0)
    rows = embedded(encoders[KINDS[1]], store, shapes(), KINDS[1])
    assert rows.shape == (8, 1024)
    again = learnt(collection, recipe, seed=0)
    np.testing.assert_array_equal(rows, embedded(again[KINDS[1]], store, shapes(), KINDS[1]))

    sirens = store.collection(shapes(), (("siren", "sdf"),), seed=0)
    assert sizes(sirens.readings["siren", "sdf"], "none").hidden == (512, 512, 1024, 1024)
    found = learnt(sirens, replace(own_latents(16, 1), batch=4), seed=0, added="none")
    with pytest.raises(ValueError, match="cannot be halved"):
        sizes(replace(store, half=3).readings(shapes()[:1], KINDS[0]))
    assert sizes(replace(store, half=4).readings(shapes()[:1], KINDS[0])).side == 8
    assert encoders[KINDS[0]].config.norm and not found["siren", "sdf"].config.norm  # noqa: PT018
    assert embedded(found["siren", "sdf"], store, shapes()[:3], ("siren", "sdf")).shape == (3, 1024)


def test_points_and_views_of_a_field(store: FieldStore) -> None:
    field = store.field(shapes()[0], KINDS[0])
    cloud = field_points(field, np.random.default_rng(0))
    assert cloud.shape == (2048, 3)
    assert np.quantile(np.abs(field.values(cloud)), 0.95) < 0.01
    radius = np.linalg.norm(cloud, axis=1)
    assert 0.9 < np.median(radius) < 1.1
    seen = field_views(field, 24, None)
    assert seen.shape == (12, 24, 24, 4)
    assert 0.5 < (seen[..., 3] > 0).mean() < 0.9


def test_points_of_an_occupancy_are_of_its_body_and_not_of_specks() -> None:
    def filled(points: np.ndarray) -> np.ndarray:
        to_ball = 0.5 - np.linalg.norm(points, axis=1)
        to_speck = 0.009 - np.linalg.norm(points - [0.9, 0.0, 0.0], axis=1)
        return np.maximum(to_ball, to_speck)

    field = CallableField(call=filled, function="occ")
    assert isosurface(field).vertices[:, 0].max() > 0.88
    cloud = field_points(field, np.random.default_rng(0))
    np.testing.assert_allclose(np.linalg.norm(cloud, axis=1), 0.5, atol=1e-3)


def test_conversions_are_kept(store: FieldStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few, asked = shapes()[:2], []

    def counted(field: Field, generator: np.random.Generator) -> np.ndarray:
        asked.append(field)
        return field.values(generator.uniform(-1, 1, (6144, 3))).reshape(2048, 3)

    monkeypatch.setattr(converted_module, "field_points", counted)

    def points(seed: int) -> np.ndarray:
        labels, classes = np.arange(2), ("ball", "rod")
        return converted(store, few, KINDS, labels, classes, "points", size=8, seed=seed, folder=tmp_path).points

    first = points(0)
    assert len(asked) == 4
    np.testing.assert_array_equal(points(0), first)
    assert len(asked) == 4
    assert not np.array_equal(points(1), first)
    next(tmp_path.iterdir()).unlink()
    points(0), points(1)
    assert len(asked) == 9


def test_what_was_converted_before_a_failure_stays(
    store: FieldStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, asked = shapes()[:3], list[str]()

    def failing_once(field: NeuralField, generator: np.random.Generator) -> np.ndarray:
        name = field.card.source
        asked.append(name)
        if name == "ball-1" and asked.count(name) == 1:
            raise GeometryError("has no surface")
        return np.full((2048, 3), field.values(np.zeros((1, 3)))[0], dtype=np.float32)

    monkeypatch.setattr(converted_module, "field_points", failing_once)
    given = (store, few, KINDS[:1], np.arange(3), ("a", "b", "c"), "points")
    with pytest.raises(GeometryError, match="ball-1 as hashgrid-sdf: has no surface"):
        converted(*given, size=8, folder=tmp_path)
    kept = [field for field in asked if field != "ball-1"]
    assert "ball-0" in kept
    assert len(list(tmp_path.iterdir())) == len(kept)
    found = converted(*given, size=8, folder=tmp_path)
    middles = [store.field(shape, KINDS[0]).values(np.zeros((1, 3)))[0] for shape in few]
    np.testing.assert_array_equal(found.points[:, 0, 0], middles)
    assert all(asked.count(field) == 1 for field in kept)


def test_a_field_becomes_the_same_points_whatever_stands_beside_it(store: FieldStore) -> None:
    few = shapes()[:2]
    both = converted(store, few, KINDS[:1], np.arange(2), ("a", "b"), "points", size=8, seed=5).points
    alone = converted(store, few[1:], KINDS[:1], np.arange(1), ("b",), "points", size=8, seed=5).points
    np.testing.assert_array_equal(both[1], alone[0])
    field = store.field(few[1], KINDS[0])
    np.testing.assert_array_equal(both[1], field_points(field, conversion_numbers(field.card.source_hash, 5)))
    assert not np.array_equal(both[1], field_points(field, conversion_numbers(few[0].digest, 5)))


def test_view_gcn_knows_where_the_eyes_stand(store: FieldStore, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []

    def seen(field: Field, turns: np.ndarray, *, size: int) -> object:
        taken.append(turns)
        return views(field, turns, size=size)

    monkeypatch.setattr(converted_module, "views", seen)
    field_views(store.field(shapes()[0], KINDS[0]), 16, "y")
    network = Rival("views", compact=True, epochs=1, seed=0).network
    np.testing.assert_allclose(network.places.numpy(), taken[0][:, 2], atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["points", "views"])
def test_a_rival_tells_balls_from_rods(store: FieldStore, form: str) -> None:
    given = shapes()
    labels = np.arange(8) % 2
    seen = converted(store, given, KINDS[:1], labels, ("ball", "rod"), form, size=24)  # type: ignore[arg-type]
    rival = Rival(form, compact=True, epochs=2, seed=0)  # type: ignore[arg-type]
    rival.learn(seen)
    rows = rival.rows(seen)
    even = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    nearest = np.argsort(-(even @ even.T), axis=1)[:, 1]
    assert (labels[nearest] == labels).mean() >= 0.75
