"""The network without a frame: a turned shape is the same input, up joins in where it is known."""

import pytest
import torch
from torch import Tensor

from fieldstone.encoders.networks.batch import Batch
from fieldstone.encoders.networks.frameless import Config, Frameless, relations, to_unit_spread

SMALL = Config(dim=32, depth=2, heads=2, groups=12, inner=8, outer=24, points=200)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def bumps(count: int = 3) -> tuple[Tensor, Tensor]:
    """Points of bumpy ellipsoids and their normals."""
    directions = torch.nn.functional.normalize(torch.randn(count, 200, 3, generator=seeded(4)), dim=2)
    widths = torch.tensor([1.0, 0.7, 0.4])
    points = directions * widths * (1 + 0.1 * torch.rand(count, 200, 1, generator=seeded(5)))
    return points, torch.nn.functional.normalize(directions / widths, dim=2)


def turn(seed: int, about: int | None = None) -> Tensor:
    """A rotation, of any kind or about one axis."""
    if about is None:
        q, r = torch.linalg.qr(torch.randn(3, 3, generator=seeded(seed)))
        q = q * r.diagonal().sign()
        return q * q.det()
    cosine, sine = torch.cos(torch.tensor(1.1 + seed)), torch.sin(torch.tensor(1.1 + seed))
    rotation = torch.eye(3)
    a, b = (axis for axis in range(3) if axis != about)
    rotation[a, a] = rotation[b, b] = cosine
    rotation[a, b], rotation[b, a] = -sine, sine
    return rotation


def rows(points: Tensor, normals: Tensor, up: float = 0.0) -> Tensor:
    network = Frameless(SMALL, seeded()).eval()
    with torch.no_grad():
        return network(Batch(points=points, normals=normals, up=torch.full((len(points),), up)))


@pytest.mark.parametrize("seed", range(3))
def test_any_turn_and_scale_and_place_changes_little(seed: int) -> None:
    """But for values on the edge between two bins, nothing."""
    points, normals = bumps()
    rotation = turn(seed)
    before, after = rows(points, normals), rows(3.0 * points @ rotation.T + 5.0, -normals @ rotation.T)
    assert torch.nn.functional.cosine_similarity(before, after).min() > 0.999
    assert torch.nn.functional.cosine_similarity(before[:1], before[1:]).max() < 0.9999


def test_up_counts_where_it_is_known_and_headings_never() -> None:
    points, normals = bumps()
    about_up, tipped = turn(0, about=1), turn(0, about=0)
    known = rows(points, normals, 1.0)
    assert not torch.allclose(known, rows(points, normals), atol=1e-3)
    turned = rows(points @ about_up.T, normals @ about_up.T, 1.0)
    lying = rows(points @ tipped.T, normals @ tipped.T, 1.0)
    assert torch.nn.functional.cosine_similarity(known, turned).min() > 0.999
    assert (
        torch.nn.functional.cosine_similarity(known, lying).max()
        < torch.nn.functional.cosine_similarity(known, turned).min()
    )


def test_rows_do_not_depend_on_the_batch_and_unknown_up_is_none() -> None:
    points, normals = bumps()
    network = Frameless(SMALL, seeded()).eval()
    with torch.no_grad():
        together = network(Batch(points=points, normals=normals, up=torch.zeros(3)))
        alone = network(Batch(points=points[1:2], normals=normals[1:2]))
    torch.testing.assert_close(together[1:2], alone, rtol=1e-4, atol=1e-5)


def test_fewer_patches_in_training_and_gradients_everywhere() -> None:
    points, normals = bumps()
    network = Frameless(SMALL, seeded()).train()
    batch = Batch(points=points, normals=normals, up=torch.ones(3))
    first, again = (network(batch, 6, seeded(9)) for _ in range(2))
    assert first.shape == (3, 64)
    first.square().sum().backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in network.parameters())
    assert torch.isfinite(again).all()


def test_relations_by_hand() -> None:
    at = torch.tensor([[[0.0, 0.0, 0.0], [0.0, 2.0, 0.0]]])
    normals = torch.tensor([[[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]])
    between = relations(at, normals, torch.ones(1))[0]
    distance, leaves, meets, alike, higher, known = between[0, 1, 8:]
    assert distance == 2.0
    assert leaves == pytest.approx(1.0, abs=1e-5)
    assert meets == pytest.approx(0.0)
    assert alike == 0.0
    assert (higher, known) == (2.0, 1.0)
    assert between[1, 0, 12] == -2.0
    assert not relations(at, normals, torch.zeros(1))[..., 12:].any()


def test_unit_spread() -> None:
    points, _ = bumps()
    even = to_unit_spread(4.0 * points - 2.0)
    torch.testing.assert_close(even.mean(1), torch.zeros(3, 3), atol=1e-5, rtol=0)
    torch.testing.assert_close(even.square().sum(2).mean(1), torch.ones(3))
    assert not to_unit_spread(torch.ones(1, 5, 3)).any()
