"""Rates against numbers from the papers' schedules and torch's own OneCycleLR."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fieldstone.training.schedule import Schedule, one_cycle, warmup_cosine  # noqa: E402


def test_warm_up_and_cosine() -> None:
    rates = warmup_cosine(100, 5e-5, 0.2)
    np.testing.assert_allclose(rates[:20], 5e-5 * np.arange(1, 21) / 20)
    np.testing.assert_allclose(rates[20], 5e-5)
    np.testing.assert_allclose(rates[60], 2.5e-5)
    assert np.all(np.diff(rates[20:]) < 0)
    assert 0.0 < rates[-1] < 5e-7
    assert warmup_cosine(100, 1.0, 0.0, 0.1)[0] == 1.0
    assert 0.1 < warmup_cosine(100, 1.0, 0.0, 0.1)[-1] < 0.101


@pytest.mark.parametrize(("epochs", "warm"), [(100, 0.05), (50, 0.2), (45, 0.2), (10, 0.05)])
def test_one_cycle_is_that_of_torch(epochs: int, warm: float) -> None:
    adam = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(adam, max_lr=8e-5, total_steps=epochs, pct_start=warm)
    rates, betas = [], []
    for _ in range(epochs):
        rates.append(adam.param_groups[0]["lr"])
        betas.append(adam.param_groups[0]["betas"][0])
        adam.step()
        if len(rates) < epochs:
            scheduler.step()
    ours = one_cycle(epochs, 8e-5, warm)
    np.testing.assert_allclose(ours[0], rates, rtol=1e-9, atol=1e-18)
    np.testing.assert_allclose(ours[1], betas, rtol=1e-9)


def test_one_cycle_begins_at_a_25th_and_ends_near_nothing() -> None:
    rates, betas = one_cycle(50, 2e-4, 0.2)
    assert rates[0] == pytest.approx(2e-4 / 25)
    assert rates.max() == pytest.approx(2e-4)
    assert rates[-1] == pytest.approx(2e-4 / 25e4)
    assert (betas.min(), betas.max()) == pytest.approx((0.85, 0.95))


def test_a_cycle_is_stepped_once_an_epoch() -> None:
    rates, betas = Schedule(rate=1e-3, warm=0.2, kind="one_cycle").steps(10, 4)
    assert rates.shape == betas.shape == (40,)
    np.testing.assert_array_equal(rates.reshape(10, 4), np.tile(rates[::4, None], 4))
    assert len(set(Schedule(rate=1e-3).steps(10, 4)[0].tolist())) == 40


@pytest.mark.parametrize("settings", [{"rate": 0.0}, {"rate": 1.0, "warm": 1.0}, {"rate": 1.0, "final": 2.0}])
def test_impossible_schedules_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="a schedule"):
        Schedule(**settings)
