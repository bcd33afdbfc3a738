"""What a network is shown: points, one of the descriptors, pictures where it looks at them."""

import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fieldstone.training.augment import Augment  # noqa: E402
from fieldstone.training.batches import plain_batch, signed_views, training_batch  # noqa: E402
from fieldstone.training.loop import train  # noqa: E402
from fieldstone.training.objectives import Classification  # noqa: E402
from fieldstone.training.seeding import forked, numpy_generator, torch_generator  # noqa: E402
from tests.training.toys import collection, recipe  # noqa: E402

ROWS = np.array([3, 0, 7])


def described(variants: int = 3) -> np.ndarray:
    """Row (shape, variant) is 10 shape + variant."""
    rows = 10.0 * np.arange(40)[:, None, None] + np.arange(variants)[None, :, None]
    return np.broadcast_to(rows, (40, variants, 5)).astype(np.float32)


def test_training_draws_a_descriptor_and_afterwards_it_is_the_first() -> None:
    shapes = dataclasses.replace(collection(), descriptors=described())
    drawn = set()
    for seed in range(20):
        batch = training_batch(shapes, ROWS, Augment(points=8), numpy_generator(seed))
        assert batch.points.shape == (3, 8, 3)
        assert (batch.descriptor[:, 0] // 10).tolist() == ROWS.tolist()
        drawn |= set((batch.descriptor[:, 0] % 10).tolist())
    assert drawn == {0.0, 1.0, 2.0}
    plain = plain_batch(shapes, ROWS, Augment(points=8), numpy_generator(0))
    assert plain.descriptor[:, 0].tolist() == [30.0, 0.0, 70.0]
    np.testing.assert_array_equal(plain.points.numpy(), shapes.points[ROWS][:, ::6])


def test_pictures_come_where_they_are_asked_for() -> None:
    shapes = collection(views=True)
    assert training_batch(shapes, ROWS, Augment(), numpy_generator(0)).views is None
    seen = training_batch(shapes, ROWS, Augment(), numpy_generator(0), views=True).views
    assert torch.equal(seen, signed_views(torch.from_numpy(shapes.views[ROWS])))
    assert seen.shape == (3, 2, 4, 8, 8)


def test_a_network_that_looks_at_pictures_trains() -> None:
    class Looker(torch.nn.Module):
        dim = 4

        def __init__(self) -> None:
            super().__init__()
            self.last = torch.nn.Linear(2 * 4 * 8 * 8, 4)

        def forward(self, batch: object) -> "torch.Tensor":
            return self.last(batch.views.flatten(1))

    trained = train(Looker(), collection(views=True), recipe(Classification(), epochs=4, views=True), seed=0)
    assert trained.history[-1].loss < trained.history[0].loss


def test_places_have_their_own_numbers() -> None:
    first = {
        float(torch.rand(1, generator=torch_generator(*place)))
        for place in ((1, 2, 3), (1, 3, 2), (2, 2, 3), (1, 2, 3, 1))
    }
    assert len(first) == 4
    before = torch.random.get_rng_state()
    with forked(5, 1):
        one = torch.rand(3)
    assert torch.equal(torch.random.get_rng_state(), before)
    with forked(5, 1):
        assert torch.equal(torch.rand(3), one)


def test_which_way_is_up_is_told_as_often_as_asked_and_never_where_it_is_unknown() -> None:
    known = np.arange(40) % 2 == 0
    shapes = dataclasses.replace(collection(), upright=known, normals=collection().points)
    rows = np.arange(40)
    told = training_batch(shapes, rows, Augment(points=8, told=0.5), numpy_generator(1)).up
    assert not told[~known].any()
    assert 0 < told[known].sum() < known.sum()
    assert not plain_batch(shapes, rows, Augment(points=8, told=0.5), numpy_generator(1)).up.any()
    plain = plain_batch(shapes, rows, Augment(points=8, told=1.0), numpy_generator(1))
    np.testing.assert_array_equal(plain.up.numpy(), known.astype(np.float32))
    assert plain.normals.shape == plain.points.shape
    assert plain_batch(collection(), rows, Augment(points=8), numpy_generator(1)).up is None
