import numpy as np
import pytest

from fieldstone.fields.frame import Frame
from fieldstone.fields.sampling import Sampling, draw, held_out
from fieldstone.fields.schedule import Schedule, fast, inret, inret_mlp
from fieldstone.fields.truth import MeshTruth
from fieldstone.geometry.distance import signed_distance
from tests.fields.fits import ball

PART = Sampling(uniform=1000, surface=2000, near=2000)


def test_the_mixture_and_its_values() -> None:
    mesh, _ = Frame.of(ball())
    samples = draw(MeshTruth(mesh, "sdf"), PART, np.random.default_rng(0))
    assert samples.points.shape == (5000, 3)
    exact, _ = signed_distance(mesh, samples.points)
    np.testing.assert_allclose(samples.values[:, 0], exact, atol=1e-6)
    on, near = np.abs(exact) < 1e-6, np.abs(exact) < 0.06
    assert on.sum() >= 2000
    assert 3950 <= near.sum() <= 4300
    spread = exact[near & ~on]
    assert np.std(spread) == pytest.approx(0.015, rel=0.2)


def test_functions_agree_with_each_other() -> None:
    mesh, _ = Frame.of(ball())
    signed, unsigned, side = (
        draw(MeshTruth(mesh, function), PART, np.random.default_rng(0)) for function in ("sdf", "udf", "occ")
    )
    np.testing.assert_array_equal(signed.points, unsigned.points)
    np.testing.assert_allclose(np.abs(signed.values), unsigned.values, atol=1e-7)
    off = signed.values != 0
    np.testing.assert_array_equal(side.values[off], -np.sign(signed.values[off]))
    assert set(np.unique(side.values)) == {-1.0, 0.0, 1.0}


def test_held_out_points_are_others() -> None:
    mesh, _ = Frame.of(ball())
    truth = MeshTruth(mesh, "sdf")
    training = draw(truth, PART, np.random.default_rng([0, 0]))
    kept = held_out(truth, PART.std, 0)
    shown = {point.tobytes() for point in training.points}
    assert not any(point.tobytes() in shown for point in kept.points)
    assert np.abs(kept.values).max() < 0.1


def test_held_out_points_stay_in_the_cube() -> None:
    mesh, _ = Frame.of(ball())
    truth = MeshTruth(mesh, "sdf")
    kept = held_out(truth, 0.2, 0)
    assert np.abs(kept.points).max() == 1.0
    np.testing.assert_allclose(kept.values, truth.values(kept.points, color=False))


def test_a_part_has_the_same_kinds_of_points() -> None:
    part = Sampling(uniform=0, surface=1000, near=3).part(0.1)
    assert (part.uniform, part.surface, part.near) == (0, 100, 1)


@pytest.mark.parametrize("wrong", [np.inf, np.nan, 0.0])
def test_numbers_that_teach_nothing_are_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="rate above 0"):
        Schedule(rate=wrong)
    with pytest.raises(ValueError, match="deviation"):
        Sampling(std=wrong)


def test_rates() -> None:
    schedule = Schedule(epochs=2, batch=10, rate=1.0)
    rates = np.concatenate([schedule.rates(0, 95), schedule.rates(1, 95)])
    assert len(rates) == 20
    assert rates[0] == 1.0
    assert (np.diff(rates) < 0).all()
    assert rates[-1] < 0.01
    assert (inret().rates(3, 1000) == np.float32(1e-3)).all()
    assert (fast().epochs, inret().batch, inret_mlp().epochs) == (10, 512, 100)
    with pytest.raises(ValueError, match="at least one epoch"):
        Schedule(epochs=0)
