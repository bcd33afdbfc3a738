"""Batch norms get the plain statistics of training batches, and nothing else changes."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fieldstone.encoders.networks.inr import Config, Inr  # noqa: E402
from fieldstone.training.asking import rows_of_fields  # noqa: E402
from fieldstone.training.fields import Readings  # noqa: E402
from fieldstone.training.learning import Learning  # noqa: E402
from fieldstone.training.mmcl import MMCL  # noqa: E402
from fieldstone.training.objectives import VICReg  # noqa: E402
from fieldstone.training.settle import settle, settle_inputs, settle_rows  # noqa: E402
from tests.training.toys import Toy, collection, recipe, towers  # noqa: E402


def test_statistics_are_the_mean_over_training_batches() -> None:
    learning = Learning(Toy(), collection(), recipe(VICReg(width=16)), 0, None, "cpu")
    seen = []
    norm = learning.backbone.norm
    norm.register_forward_hook(lambda _, given, __: seen.append(given[0]))
    before = {name: value.clone() for name, value in learning.backbone.named_parameters()}
    settle(learning, 3)
    assert len(seen) == 8  # four batches of eight, two views
    torch.testing.assert_close(norm.running_mean, torch.stack([x.mean(0) for x in seen]).mean(0))
    torch.testing.assert_close(norm.running_var, torch.stack([x.var(0) for x in seen]).mean(0))
    assert norm.momentum == 0.1
    assert all(torch.equal(value, before[name]) for name, value in learning.backbone.named_parameters())


def test_the_same_place_gives_the_same_statistics() -> None:
    found = []
    for epoch in (0, 0, 1):
        learning = Learning(Toy(), collection(), recipe(VICReg(width=16)), 0, None, "cpu")
        settle(learning, epoch)
        found.append(learning.backbone.norm.running_mean.tolist())
    assert found[0] == found[1] != found[2]


def test_norms_of_frozen_towers_stay() -> None:
    image = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.BatchNorm1d(128), torch.nn.Linear(128, 6))
    sides = towers(image=image, image_frozen=True)
    learning = Learning(Toy(), collection(views=True), recipe(MMCL()), 0, sides, "cpu")
    settle(learning, 0)
    assert float(image[1].running_mean.abs().sum()) == 0.0
    assert float(learning.backbone.norm.running_mean.abs().sum()) > 0.0


def test_rows_are_normed_as_they_will_be_asked() -> None:
    """Also where the norms within see other batches than they will use."""
    numbers = np.random.default_rng(0)
    rows = numbers.standard_normal((40, 3, 16)).astype(np.float32)
    seen = Readings(rows=rows, grid=numbers.standard_normal((40, 2, 4, 4, 4)).astype(np.float16))
    config = Config(width=16, hidden=(8, 8), channels=2, convolutions=2, groups=2, grid=6)
    encoder = Inr(config, torch.Generator().manual_seed(0))
    encoder.weights.layers[1].running_mean.add_(0.5)
    settle_rows(encoder, seen)
    assert not encoder.training
    found = rows_of_fields(encoder, [seen])
    np.testing.assert_allclose(found.mean(axis=0), 0.0, atol=1e-4)
    bare = encoder.bare(seen.fields(np.arange(40), "cpu")).detach()
    spread = bare.var(dim=0) / (bare.var(dim=0) + encoder.norm.eps)
    np.testing.assert_allclose(found.var(axis=0, ddof=1), spread, rtol=1e-3, atol=1e-6)


def test_a_straight_path_reads_numbers_evened_over_the_fields_learnt_from() -> None:
    numbers = np.random.default_rng(0)
    rows = (3.0 + 0.1 * numbers.standard_normal((40, 3, 16))).astype(np.float32)
    rows[:, 0, 0] = 0.25  # never moves
    seen = Readings(rows=rows, grid=numbers.standard_normal((40, 2, 4, 4, 4)).astype(np.float16))
    config = Config(width=16, hidden=(8, 8), channels=2, convolutions=2, groups=2, grid=6, rows=3, blocks=2)
    encoder = Inr(config, torch.Generator().manual_seed(0))
    settle_inputs(encoder, seen)
    path = encoder.straight
    evened = (path.numbers(seen.fields(np.arange(40), "cpu")) - path.mean) / path.spread
    torch.testing.assert_close(evened.mean(dim=0), torch.zeros(64), atol=1e-4, rtol=0.0)
    still = torch.arange(64) == 16
    torch.testing.assert_close(evened.std(dim=0), torch.where(still, 0.0, 1.0), atol=1e-3, rtol=0.0)
    assert float(path.spread[16]) == 1.0  # and so it says next to nothing where it does move
    assert not path.mean.requires_grad
    plain = Inr(Config(width=16, hidden=(8, 8)), torch.Generator().manual_seed(0))
    settle_inputs(plain, Readings(rows=rows, grid=None))
    assert plain.straight is None
