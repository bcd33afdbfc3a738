"""A category head learns from few rows, and E-Stitchup mixes rows of one class."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fieldstone.errors import FieldstoneError  # noqa: E402
from fieldstone.training.category import Recipe, category_head, stitched  # noqa: E402
from fieldstone.training.schedule import Schedule  # noqa: E402

LABELS = np.arange(60) % 3


def rows(seed: int = 0) -> np.ndarray:
    g = np.random.default_rng(seed)
    centres = np.random.default_rng(9).standard_normal((3, 16))
    return (centres[LABELS] + 0.6 * g.standard_normal((60, 16))).astype(np.float32)


def test_stitching_mixes_numbers_of_one_class() -> None:
    labels = np.array([0, 1, 0, 1, 0, 2, 0])
    given = np.arange(7, dtype=np.float32)[:, None] + np.zeros((1, 400), dtype=np.float32)
    mixed, found = stitched(given, labels, np.random.default_rng(0))
    np.testing.assert_array_equal(mixed[:7], given)
    np.testing.assert_array_equal(found, [*labels, 0, 0, 0, 0])  # classes 1 and 2 have two rows or fewer
    for row, own in zip(mixed[7:], (0, 2, 4, 6), strict=True):
        values = set(np.unique(row).tolist())
        assert own in values or len(values) == 1
        assert len(values) <= 2
        assert all(labels[int(value)] == 0 for value in values)
    again, _ = stitched(given, labels, np.random.default_rng(0))
    np.testing.assert_array_equal(mixed, again)


def test_shares_of_the_mate_are_uniform() -> None:
    given = np.stack([np.zeros(2000), np.ones(2000), np.ones(2000)]).astype(np.float32)
    shares = [stitched(given, np.zeros(3, dtype=np.int64), np.random.default_rng(i))[0][3].mean() for i in range(300)]
    drawn = [share for share in shares if share > 0]  # a third has itself for a mate
    assert len(drawn) / 300 == pytest.approx(2 / 3, abs=0.1)
    assert np.mean(drawn) == pytest.approx(0.5, abs=0.06)
    assert np.std(drawn) == pytest.approx(12**-0.5, abs=0.04)


def test_a_head_learns_categories() -> None:
    recipe = Recipe(epochs=30, batch=32, schedule=Schedule(rate=1e-2, warm=0.3, kind="one_cycle"))
    head = category_head(rows(), LABELS, 3, recipe, seed=0)
    assert (head.classify(rows(1)) == LABELS).mean() > 0.9
    again = category_head(rows(), LABELS, 3, recipe, seed=0)
    pairs = zip(head.network.state_dict().values(), again.network.state_dict().values(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_one_category_is_none() -> None:
    with pytest.raises(FieldstoneError, match="two categories"):
        category_head(rows(), np.zeros(60, dtype=np.int64), 3, Recipe(), seed=0)
