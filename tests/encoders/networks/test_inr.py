"""The encoders of fields have the papers' sizes, and the decoder says what its equation says."""

import pytest

torch = pytest.importorskip("torch")

from fieldstone.encoders.networks.implicit_decoder import Config as DecoderConfig  # noqa: E402
from fieldstone.encoders.networks.implicit_decoder import ImplicitDecoder, encoded  # noqa: E402
from fieldstone.encoders.networks.inr import Fields, Inr, grid_config, inr2vec_config  # noqa: E402


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def count(network: torch.nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def fields(batch: int = 3, channels: int = 8) -> Fields:
    g = generator(1)
    return Fields(torch.randn(batch, 14, 128, generator=g), torch.randn(batch, channels, 32, 32, 32, generator=g))


@pytest.mark.parametrize("channels", [8, 12])
def test_grid_encoder_has_inrets_layers(channels: int) -> None:
    network = Inr(grid_config(channels), generator()).eval()
    rows = network(fields(channels=channels))
    assert rows.shape == (3, 1024)
    assert network.dim == 1024
    widths = [tuple(layer.weight.shape[:2]) for layer in network.grid.layers if isinstance(layer, torch.nn.Conv3d)]
    assert widths == [(channels << (i + 1), channels << i) for i in range(5)]
    linear = [tuple(layer.weight.shape) for layer in network.weights.layers if isinstance(layer, torch.nn.Linear)]
    assert linear == [(256, 128), (256, 256), (512, 256), (512, 512), (512, 512)]


def test_the_grid_comes_first_and_the_weights_behind_it() -> None:
    network, seen = Inr(grid_config(8), generator()).eval(), fields()
    rows, other = network(seen), network(Fields(seen.rows, seen.grid + 1.0))
    assert torch.equal(rows[:, 512:], other[:, 512:])
    assert not torch.allclose(rows[:, :512], other[:, :512])


def test_inr2vec_has_its_fifth_layer() -> None:
    network = Inr(inr2vec_config(), generator()).eval()
    assert network(Fields(torch.randn(2, 1539, 512, generator=generator()))).shape == (2, 1024)
    linear = [tuple(layer.weight.shape) for layer in network.weights.layers if isinstance(layer, torch.nn.Linear)]
    assert linear == [(512, 512), (512, 512), (1024, 512), (1024, 1024), (1024, 1024)]


def test_the_order_of_rows_does_not_matter() -> None:
    network, seen = Inr(grid_config(8), generator()).eval(), fields()
    assert torch.allclose(network(Fields(seen.rows.flip(1), seen.grid)), network(seen), atol=1e-6)


def test_same_generator_same_weights() -> None:
    one, other = Inr(grid_config(8), generator(5)), Inr(grid_config(8), generator(5))
    assert all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True))


def test_places_are_encoded_without_pi() -> None:
    point = torch.tensor([[0.5, -0.25, 1.0]])
    found = encoded(point, 10)
    assert found.shape == (1, 63)
    assert torch.equal(found[:, :3], point)
    assert torch.allclose(found[0, 3 + 6 * 9 : 3 + 6 * 9 + 3], torch.sin(512.0 * point[0]))
    assert torch.allclose(found[0, 6 + 6 * 2 : 6 + 6 * 2 + 3], torch.cos(4.0 * point[0]))


def test_decoder_is_its_equation() -> None:
    """The embedding's share is computed once a shape; here it stands beside every place, as the papers write it."""
    decoder = ImplicitDecoder(DecoderConfig(), generator()).double()
    e = torch.randn(2, 1024, generator=generator(), dtype=torch.float64)
    points = torch.rand(2, 7, 3, generator=generator(), dtype=torch.float64) * 2 - 1
    s = torch.cat([e[:, None].expand(2, 7, 1024), encoded(points, 10)], dim=2)
    assert s.shape[2] == 1087
    h = torch.relu(decoder.enter.layer(s))
    for layer in decoder.before:
        h = torch.relu(layer(h))
    h = h + torch.relu(decoder.skip.layer(s))
    for layer in decoder.after:
        h = torch.relu(layer(h))
    assert torch.allclose(decoder(e, points), decoder.last(h)[..., 0], atol=1e-10)
    assert count(decoder) == 2 * (1088 * 512) + 4 * (513 * 512) + 513
