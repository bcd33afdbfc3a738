"""What every backbone promises: rows of `dim`, the same bytes again, a row that is the shape's own, gradients."""

import dataclasses
import json
from collections.abc import Callable

import pytest
import torch
from torch import nn

from fieldstone.encoders.networks import mvtn, pointbert, pointnet2, pointnext, viewgcn
from fieldstone.encoders.networks.batch import Batch
from fieldstone.encoders.networks.build import build
from tests.encoders.networks.clouds import clouds, pictures, seeded

TINY = pointbert.Config(dim=32, depth=2, heads=2, groups=16, group_size=8, points=600, patch_widths=(16, 32, 64, 32))

SEEING = dataclasses.replace(mvtn.compact(), views=4, size=32)

Maker = Callable[[torch.Generator], nn.Module]

BACKBONES: dict[str, Maker] = {
    "pointbert": lambda g: pointbert.PointBERT(TINY, g),
    "pointnet2": lambda g: pointnet2.PointNet2(pointnet2.compact(), g),
    "pointnext": lambda g: pointnext.PointNeXt(pointnext.compact(), g),
    "mvtn": lambda g: mvtn.MVTN(SEEING, g),
    "viewgcn-12": lambda g: viewgcn.ViewGCN(viewgcn.compact(12), g),
    "viewgcn-20": lambda g: viewgcn.ViewGCN(viewgcn.compact(20, classes=5), g),
    "splatting-viewgcn": lambda g: viewgcn.ViewGCN(dataclasses.replace(viewgcn.compact(12), channels=2, size=24), g),
}
every = pytest.mark.parametrize("name", BACKBONES)


def batch(name: str, size: int = 2, seed: int = 0) -> Batch:
    views = pictures(size, int(name[-2:]), seed=seed) if name.startswith("viewgcn") else None
    return Batch(points=clouds(size, 600, seed), views=views)


def only(whole: Batch, rows: slice) -> Batch:
    return Batch(points=whole.points[rows], views=None if whole.views is None else whole.views[rows])


@every
def test_rows_come_again(name: str) -> None:
    shapes = batch(name)
    with torch.no_grad():
        rows = BACKBONES[name](seeded()).eval()(shapes)
        again = BACKBONES[name](seeded()).eval()(shapes)
        other = BACKBONES[name](seeded(1)).eval()(shapes)
    assert rows.shape == (2, BACKBONES[name](seeded()).dim)
    assert torch.equal(rows, again)
    assert not torch.allclose(rows, other, rtol=1e-3)
    assert not torch.allclose(rows[0], rows[1], rtol=1e-3)


@every
def test_a_row_does_not_depend_on_the_others(name: str) -> None:
    network, shapes = BACKBONES[name](seeded()).eval(), batch(name, 3)
    with torch.no_grad():
        together, alone = network(shapes), network(only(shapes, slice(1, 2)))
    torch.testing.assert_close(together[1:2], alone, rtol=1e-4, atol=1e-4)


@every
def test_every_weight_learns_the_same_twice(name: str) -> None:
    def gradients() -> dict[str, torch.Tensor | None]:
        torch.manual_seed(0)  # PointBERT's paths are dropped by the global generator where none is given
        network = BACKBONES[name](seeded()).train()
        (network(batch(name)) * torch.randn(network.dim, generator=seeded(5))).sum().backward()
        return {parameter: value.grad for parameter, value in network.named_parameters()}

    first, again = gradients(), gradients()
    # scores learn by their own loss; MVTN's first layers follow once its view-points have moved off the ring
    late = ("score", "shape.", "turn.0")
    for parameter, gradient in first.items():
        if not any(word in parameter for word in late):
            assert gradient is not None, parameter
            assert gradient.abs().max() > 0, parameter
            assert torch.equal(gradient, again[parameter]), parameter


@pytest.mark.parametrize(
    ("network", "module"),
    [("pointnet2", pointnet2), ("pointnext", pointnext), ("mvtn", mvtn), ("viewgcn", viewgcn)],
)
def test_is_built_from_what_json_keeps(network: str, module: object) -> None:
    sizes = json.loads(json.dumps(dataclasses.asdict(module.compact())))  # type: ignore[attr-defined]
    assert build(network, sizes).config == module.compact()  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["pointbert"])
def test_the_order_of_points_does_not_matter(name: str) -> None:
    """... as long as the first stays first, where the walk of the centres starts, and no two are equally near."""
    shapes, network = batch(name), BACKBONES[name](seeded()).eval()
    order = torch.cat([torch.zeros(1, dtype=torch.long), 1 + torch.randperm(599, generator=seeded(2))])
    with torch.no_grad():
        rows, mixed = network(shapes), network(Batch(points=shapes.points[:, order]))
    torch.testing.assert_close(rows, mixed, rtol=1e-4, atol=1e-4)


def test_mvtn_sees_the_points_in_any_order() -> None:
    shapes, network = batch("mvtn"), BACKBONES["mvtn"](seeded()).eval()
    order = torch.randperm(600, generator=seeded(2))
    with torch.no_grad():
        rows, mixed = network(shapes), network(Batch(points=shapes.points[:, order]))
    torch.testing.assert_close(rows, mixed, rtol=1e-4, atol=1e-4)
