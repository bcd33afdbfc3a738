import torch

from fieldstone.encoders.networks.resnet import ResNet, compact, resnet18
from tests.encoders.networks.clouds import seeded


def test_has_torchvisions_names_and_shapes() -> None:
    network = ResNet(resnet18(), seeded())
    assert sum(p.numel() for p in network.parameters()) == 11_176_512
    shapes = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    assert len(shapes) == 120  # torchvision's 122 without fc.weight and fc.bias
    assert shapes["conv1.weight"] == (64, 3, 7, 7)
    assert shapes["layer1.1.bn2.running_var"] == (64,)
    assert shapes["layer3.0.downsample.0.weight"] == (256, 128, 1, 1)
    assert shapes["layer4.0.downsample.1.num_batches_tracked"] == ()
    assert shapes["layer4.1.conv2.weight"] == (512, 512, 3, 3)


def test_row_is_the_picture_s_own_and_the_same_again() -> None:
    images = torch.randn(3, 4, 64, 64, generator=seeded(1))
    network = ResNet(compact(), seeded()).eval()
    with torch.no_grad():
        rows = network(images)
        assert rows.shape == (3, network.dim) == (3, 128)
        assert torch.equal(rows, ResNet(compact(), seeded()).eval()(images))
        torch.testing.assert_close(network(images[1:2]), rows[1:2], rtol=1e-5, atol=1e-5)
        assert not torch.equal(rows, ResNet(compact(), seeded(1)).eval()(images))


def test_sizes_of_the_stages() -> None:
    sizes: list[tuple[int, ...]] = []
    network = ResNet(resnet18(), seeded()).eval()
    for stage in range(1, 5):
        network.get_submodule(f"layer{stage}").register_forward_hook(lambda m, i, out: sizes.append(tuple(out.shape)))
    with torch.no_grad():
        network(torch.zeros(1, 3, 224, 224))
    assert sizes == [(1, 64, 56, 56), (1, 128, 28, 28), (1, 256, 14, 14), (1, 512, 7, 7)]
