"""PointNet++ and PointNeXt against the literature's sizes, and their groups against plain formulas."""

import torch
from torch.nn import functional

from fieldstone.encoders.networks import pointnet2, pointnext
from fieldstone.encoders.networks.batch import Batch
from fieldstone.encoders.networks.grouping import within_radius
from fieldstone.encoders.networks.groups import GroupNetwork, everything
from fieldstone.encoders.networks.initial import he_normal
from tests.encoders.networks.clouds import clouds, seeded


def parameters(network: torch.nn.Module) -> int:
    return sum(value.numel() for value in network.parameters())


def test_parameters_are_the_literature_s() -> None:
    # SSG classifiers have 1.48 M: 667,944 are the head's (512, 256, 40), and 2,560 are biases that batch norm cancels
    assert parameters(pointnet2.PointNet2(pointnet2.ssg(), seeded())) == 1_475_688 - 667_944 - 2_560
    # PointNeXt-S has 1.4 M with C = 32 and 15 classes, 4.5 M with C = 64 and 40; the heads (512, 256) included
    head = 512 * 512 + 2 * 512 + 512 * 256 + 2 * 256 + 256 * 15 + 15
    small = pointnext.PointNeXt(pointnext.small(), seeded())
    assert round((parameters(small) + head) / 1e6, 1) == 1.4
    wide_head = 1024 * 512 + 2 * 512 + 512 * 256 + 2 * 256 + 256 * 40 + 40
    wide = pointnext.PointNeXt(pointnext.small_wide(), seeded())
    assert round((parameters(wide) + wide_head) / 1e6, 1) == 4.5
    assert (small.dim, wide.dim) == (512, 1024)


def test_a_group_s_vector_is_the_plain_formula() -> None:
    network = GroupNetwork(5, (7, 6), last_relu=False)
    he_normal(network, seeded())
    points, features = clouds(2, 40), torch.randn(2, 40, 5, generator=seeded(1))
    centres = points[:, :9]
    groups = within_radius(points, centres, 0.5, 8)
    for i in range(2):  # once with the batch's statistics, once with the running ones
        network.train(i == 0)
        ours = network(points, features, centres, groups, 0.5)
        each = torch.arange(2)[:, None, None]
        x = torch.cat([(points[each, groups] - centres[:, :, None]) / 0.5, features[each, groups]], dim=3).flatten(0, 2)
        for layer, norm in zip(network.layers, network.norms, strict=True):
            if layer is network.layers[1]:
                x = functional.relu(x)
            x = functional.linear(x, layer.weight)
            spread = x.var(0, unbiased=False) if network.training else norm.running_var
            middle = x.mean(0) if network.training else norm.running_mean
            x = (x - middle) / (spread + 1e-5).sqrt()
        torch.testing.assert_close(ours, x.view(2, 9, 8, 6).amax(2), rtol=1e-4, atol=1e-5)


def test_the_group_of_everything_is_about_the_origin() -> None:
    points = clouds(3, 10)
    centre, indices = everything(points)
    assert (centre == 0).all()
    assert indices.tolist() == [[list(range(10))]] * 3


def test_levels_shrink_as_configured() -> None:
    seen: list[tuple[int, ...]] = []
    network = pointnet2.PointNet2(pointnet2.ssg(), seeded()).eval()
    for level in network.levels:
        level.register_forward_hook(lambda module, given, out: seen.append((*given[3].shape[1:], out.shape[2])))
    with torch.no_grad():
        network(Batch(points=clouds(1, 2048)))
    assert seen == [(512, 32, 128), (128, 64, 256), (1, 128, 1024)]


def test_stages_halve_the_points_and_widen_the_radius() -> None:
    network = pointnext.PointNeXt(pointnext.small(), seeded()).eval()
    assert [round(stage.radius, 5) for stage in network.stages] == [0.15, 0.225, 0.3375, 0.50625]
    seen: list[tuple[int, ...]] = []
    for stage in network.stages:
        stage.register_forward_hook(lambda module, given, out: seen.append(tuple(out[1].shape)))
    with torch.no_grad():
        network(Batch(points=clouds(1, 1024)))
    assert seen == [(1, 512, 64), (1, 256, 128), (1, 128, 256), (1, 64, 512)]


def test_a_centre_s_own_features_go_around_its_group() -> None:
    network = pointnext.PointNeXt(pointnext.compact(), seeded()).eval()
    stage = network.stages[0]
    points, features = clouds(1, 64), torch.randn(1, 64, 16, generator=seeded(1))
    with torch.no_grad():
        for layer in stage.group.layers:
            layer.weight.zero_()
        centres, out = stage(points, features)
    first = functional.relu(stage.skip(features[:, 0]))
    torch.testing.assert_close(out[:, 0], first)
    assert torch.equal(centres[:, 0], points[:, 0])
