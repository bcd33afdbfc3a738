import numpy as np
import pytest
from jaxtyping import Float, Float32

from fieldstone.fields.empty_space import EmptySpace
from fieldstone.fields.field import CallableField
from fieldstone.fields.sampling import Sampling, draw
from fieldstone.fields.surface_points import LEAST, points_on_surface
from fieldstone.fields.trace import sphere_trace
from fieldstone.fields.truth import FieldTruth
from tests.fields.shapes import Formula, ball, box, field_of, ring, wavy
from tests.fields.test_trace import cut_by_the_border


def rays(n: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    return generator.uniform(-1.0, 1.0, (n, 3)), generator.standard_normal((n, 3))


@pytest.mark.parametrize("formula", [ball, box, ring, wavy(ring), cut_by_the_border])
def test_rays_arrive_where_they_would_without(formula: Formula) -> None:
    field, (origins, directions) = field_of(formula), rays()
    plain = sphere_trace(field, origins, directions)
    left, along = EmptySpace(field).passed(origins, directions)
    kept = np.isin(directions[:, 0], along[:, 0])
    np.testing.assert_array_equal(directions[kept], along)
    assert len(along) < 0.8 * len(origins)
    assert not plain.hit[~kept].any()
    skipped = sphere_trace(field, left, along)
    assert np.mean(skipped.hit != plain.hit[kept]) < 0.005  # rays that graze the surface
    both = skipped.hit & plain.hit[kept]
    apart = np.linalg.norm(skipped.points[both] - plain.points[kept][both], axis=1)
    assert np.quantile(apart, 0.99) < 0.01


class Asked:
    """A ball's distance that counts how often it is asked."""

    def __init__(self) -> None:
        self.points = 0

    def __call__(self, points: np.ndarray) -> np.ndarray:
        self.points += len(points)
        return ball(points, 0.3).astype(np.float32)

    @property
    def field(self) -> CallableField:
        return CallableField(call=self, function="sdf")


@pytest.mark.parametrize("slope", [1.5, 3.0])
def test_a_field_steeper_than_a_distance_loses_few_rays_more(slope: float) -> None:
    field, (origins, directions) = field_of(lambda points: slope * ball(points, 0.3)), rays()
    plain = sphere_trace(field, origins, directions).hit.sum()
    skipped = sphere_trace(field, *EmptySpace(field).passed(origins, directions)).hit.sum()
    assert skipped >= 0.95 * plain > 200


class Unknown(CallableField):
    def values(self, points: Float[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n"]:
        return np.full(len(points), np.nan, dtype=np.float32)


def test_what_a_field_does_not_tell_is_left_to_the_field() -> None:
    origins, directions = rays(1000)
    left, _ = EmptySpace(Unknown(call=ball, function="sdf")).passed(origins, directions)
    np.testing.assert_array_equal(left, origins)


def test_many_points_ask_the_field_less_often_by_skipping(monkeypatch: pytest.MonkeyPatch) -> None:
    many, none = Asked(), Asked()
    points_on_surface(many.field, 2 * LEAST, np.random.default_rng(0))
    monkeypatch.setattr("fieldstone.fields.surface_points.LEAST", 2 * LEAST)
    points_on_surface(none.field, 2 * LEAST, np.random.default_rng(0))
    assert many.points < 0.6 * none.points


def test_points_near_a_field_are_traced_once_with_those_on_it() -> None:
    both, on = Asked(), Asked()
    mixture = Sampling(uniform=10, surface=3000, near=1000)
    samples = draw(FieldTruth(both.field, "sdf"), mixture, np.random.default_rng(0))
    assert ((samples.values == 0.0).sum(), len(samples.points)) == (3000, 4010)
    more = Sampling(uniform=10, surface=0, near=1000)
    bare = draw(FieldTruth(both.field, "sdf"), more, np.random.default_rng(0))
    assert (np.abs(bare.values[:, 0]) < 0.1).sum() >= 1000 == len(bare.points) - 10
    both.points = 0
    draw(FieldTruth(both.field, "sdf"), mixture, np.random.default_rng(0))
    points_on_surface(on.field, 3000, np.random.default_rng(0))
    assert both.points < 1.2 * on.points + 4010
