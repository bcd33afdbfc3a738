"""The plain torch of other devices finds what the kernels find on a CPU, ties and duplicates included."""

import pytest
import torch

from fieldstone.encoders.networks.grouping import (
    centres_of,
    k_around,
    plain_centres,
    plain_nearest,
    plain_within,
    rows_of,
    within_radius,
)
from tests.encoders.networks.clouds import clouds, seeded


def lattice(seed: int, n: int, side: int = 6) -> torch.Tensor:
    """Whole coordinates: exact distances, real ties, duplicates."""
    return torch.randint(-side, side, (3, n, 3), generator=seeded(seed)).float()


@pytest.mark.parametrize(("n", "k"), [(1, 1), (40, 40), (500, 33)])
def test_plain_torch_equals_the_kernels(n: int, k: int) -> None:
    points = lattice(n, n)
    centres = lattice(n + 1, 17)
    assert torch.equal(plain_centres(points, k), centres_of(points, k))
    assert torch.equal(plain_nearest(points, centres, k), k_around(points, centres, k))
    for radius in (0.5, 2.5, 6.5, 40.0):
        assert torch.equal(plain_within(points, centres, radius, k), within_radius(points, centres, radius, k))


def test_plain_torch_fills_groups_larger_than_the_cloud() -> None:
    points, centres = lattice(0, 5), lattice(1, 4)
    assert torch.equal(plain_within(points, centres, 6.5, 9), within_radius(points, centres, 6.5, 9))


def test_plain_torch_equals_the_kernels_on_clouds() -> None:
    points = clouds(2, 800)
    centres = rows_of(points, centres_of(points, 60))
    assert torch.equal(plain_centres(points, 60), centres_of(points, 60))
    assert torch.equal(plain_nearest(points, centres, 32), k_around(points, centres, 32))
    assert torch.equal(plain_within(points, centres, 0.2, 32), within_radius(points, centres, 0.2, 32))


def test_rows_and_their_gradient() -> None:
    values = torch.randn(2, 5, 3, generator=seeded(), requires_grad=True)
    indices = torch.tensor([[[0, 0], [4, 1]], [[2, 3], [3, 3]]])
    rows = rows_of(values, indices)
    assert all(torch.equal(rows[b, i, j], values[b, indices[b, i, j]]) for b in (0, 1) for i in (0, 1) for j in (0, 1))
    rows.sum().backward()
    assert values.grad is not None
    assert values.grad[..., 0].tolist() == [[2, 1, 0, 0, 1], [0, 0, 1, 3, 0]]  # as often as each was taken
    assert torch.equal(rows_of(values, indices[:, 0]), values[torch.arange(2)[:, None], indices[:, 0]])
