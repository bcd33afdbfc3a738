"""View-points, splats, MVTN and View-GCN."""

import math

import numpy as np
import pytest
import torch

from fieldstone.encoders.networks import mvtn, viewgcn
from fieldstone.encoders.networks.batch import Batch
from fieldstone.encoders.networks.splat import splat
from fieldstone.encoders.networks.viewpoints import dodecahedron, ring, rotations
from fieldstone.render.views import ring as renderer_ring
from tests.encoders.networks.clouds import clouds, pictures, seeded


def test_eyes_stand_where_the_renderer_s_do() -> None:
    np.testing.assert_allclose(rotations(ring(12)).numpy(), renderer_ring(12, up="y"), atol=1e-6)
    low = viewgcn.eyes(viewgcn.Config(views=8, width=4, large=False, elevation=12.5))
    np.testing.assert_allclose(rotations(low).numpy(), renderer_ring(8, up="y", elevation=12.5), atol=1e-6)


@pytest.mark.parametrize("elevation", [math.nan, math.inf, -90.5])
def test_no_eyes_stand_beyond_the_poles(elevation: float) -> None:
    with pytest.raises(AssertionError, match="no eyes stand"):
        viewgcn.ViewGCN(viewgcn.Config(views=8, width=4, large=False, elevation=elevation), seeded())


def test_dodecahedron_is_regular() -> None:
    turned = rotations(dodecahedron())
    torch.testing.assert_close(turned @ turned.transpose(1, 2), torch.eye(3).expand(20, 3, 3), atol=1e-5, rtol=0)
    eyes = turned[:, 2]
    near = (eyes @ eyes.T).fill_diagonal_(-1)
    assert ((near - math.sqrt(5) / 3).abs() < 1e-5).sum(1).tolist() == [3] * 20  # three neighbours, 41.8 degrees apart
    assert near.max() < math.sqrt(5) / 3 + 1e-5


def straight(*points: tuple[float, float, float], **settings: float) -> torch.Tensor:
    """What an eye on +z sees of some points, on 4 x 4 pixels: coverage and nearness."""
    front = rotations(torch.zeros(1, 1, 2))
    return splat(torch.tensor([points]), front, 4, **settings)[0, 0]


def test_a_point_s_picture_by_hand() -> None:
    # x = 0.25 is the middle of the third column, y = 0.75 that of the first row; a disc of one pixel covers it alone
    coverage, nearness = straight((0.25, 0.75, 0.5), radius=1)
    expected = torch.zeros(4, 4)
    expected[0, 2] = 1 - math.exp(-1)
    torch.testing.assert_close(coverage, expected)
    torch.testing.assert_close(nearness, expected * 0.75)
    # radius 2 from the corner between four pixels: each is half a pixel away both ways, then one and a half
    coverage, _ = straight((0.0, 0.0, 0.0), radius=2)
    near, far = (1 - 0.25**2) ** 2, (1 - 0.75**2) ** 2
    curve = torch.tensor([far, near, near, far])
    torch.testing.assert_close(coverage, 1 - (-curve[:, None] * curve).exp())


def test_the_front_hides_the_back() -> None:
    coverage, nearness = straight((0.25, 0.25, 0.8), (0.25, 0.25, -0.8), radius=1)
    assert coverage[1, 2] == pytest.approx(1 - math.exp(-2))
    assert nearness[1, 2] / coverage[1, 2] == pytest.approx(0.9, abs=1e-4)


def test_points_outside_the_picture_are_not_drawn_on_its_border() -> None:
    assert (straight((1.9, 0.0, 0.0), (0.0, -7.0, 0.0)) == 0).all()


def test_slopes_are_those_of_the_picture() -> None:
    points = 0.6 * clouds(1, 12).double()
    at = torch.tensor([[[0.3, 0.2], [2.0, -1.0]]], dtype=torch.float64)
    wanted = torch.rand(1, 2, 2, 8, 8, generator=seeded(1), dtype=torch.float64)

    def score(viewpoints: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        return (splat(places, rotations(viewpoints), 8) * wanted).sum()

    at.requires_grad_()
    points.requires_grad_()
    assert torch.autograd.gradcheck(score, (at, points), eps=1e-7, atol=1e-4)


def test_mvtn_starts_from_the_ring_and_learns_to_leave_it() -> None:
    network = mvtn.MVTN(mvtn.compact(), seeded()).train()
    points = clouds(4, 300)
    torch.testing.assert_close(network.viewpoints(points), ring(12).expand(4, 12, 2))
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
    for _ in range(2):
        optimiser.zero_grad()
        network(Batch(points=points)).square().sum().backward()
        optimiser.step()
    assert all((value.grad.abs() > 0).any() for value in network.shape.parameters())
    moved = network.viewpoints(points) - ring(12)
    assert (moved.abs().amax((0, 1)) > 1e-6).all()  # azimuth and elevation
    assert moved[..., 0].abs().max() <= math.pi / 12
    assert moved[..., 1].abs().max() <= math.pi / 2
    assert (moved.std(0).amax() > 0).all()  # each shape has its own


@pytest.mark.parametrize("views", [12, 20])
def test_views_grow_fewer(views: int) -> None:
    network = viewgcn.ViewGCN(viewgcn.compact(views, classes=5), seeded()).eval()
    kept: list[int] = []
    for near in network.near:
        near.register_forward_hook(lambda module, given, out: kept.append(out.shape[1]))
    with torch.no_grad():
        rows, scores = network.scored(Batch(points=clouds(2, 8), views=pictures(2, views)))
    assert kept == [views, views // 2, views // 4]
    assert rows.shape == (2, network.dim) == (2, 3 * 128)
    assert [tuple(each.shape) for each in scores] == [(2, views, 5), (2, views // 2, 5)]


def test_paper_sized_view_gcn_has_1536_values() -> None:
    assert viewgcn.ViewGCN(viewgcn.wei(), seeded()).dim == 1536


def test_the_surest_of_the_neighbours_is_kept() -> None:
    selector = viewgcn.Selector(4, 2, 3, 2)
    places = rotations(ring(8))[:, 2][None].contiguous()  # the farthest walk keeps 0 and 4
    x = torch.zeros(1, 8, 4)
    x[0, 7, 0], x[0, 5, 0] = 3.0, 2.0  # the surest beside 0 and beside 4
    for layer in (selector.score[0], selector.score[2]):
        torch.nn.init.zeros_(layer.bias)
        torch.nn.init.eye_(layer.weight)
    kept, stand, scores = selector(x, places)
    assert torch.equal(kept[0], x[0, [7, 5]])
    assert torch.equal(stand[0], places[0, [7, 5]])
    assert torch.equal(scores[0, :, 0], x[0, :, 0])
    kept, stand, scores = viewgcn.Selector(4, 2, 3, 0)(x, places)
    assert torch.equal(stand[0], places[0, [0, 4]])
    assert scores is None


def test_scores_learn_by_their_own_loss() -> None:
    network = viewgcn.ViewGCN(viewgcn.compact(12, classes=3), seeded()).train()
    _, scores = network.scored(Batch(points=clouds(2, 8), views=pictures(2, 12)))
    labels = torch.tensor([0, 2])
    loss = sum(torch.nn.functional.cross_entropy(s.flatten(0, 1), labels.repeat_interleave(s.shape[1])) for s in scores)
    loss.backward()
    for select in network.select:
        assert all((value.grad.abs() > 0).any() for value in select.score.parameters())
    assert (network.see.conv1.weight.grad.abs() > 0).any()
