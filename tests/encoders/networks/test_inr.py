"""The encoders of fields have the papers' sizes, and the decoder says what its equation says."""

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

from fieldstone.encoders.networks.implicit_decoder import Config as DecoderConfig  # noqa: E402
from fieldstone.encoders.networks.implicit_decoder import ImplicitDecoder, encoded  # noqa: E402
from fieldstone.encoders.networks.inr import Config, Fields, Inr, grid_config, inr2vec_config, thinned  # noqa: E402


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


STRAIGHT = replace(grid_config(8), rows=14)


def evened(network: Inr, seen: Fields) -> torch.Tensor:
    blocks = seen.grid.reshape(3, 8, 4, 8, 4, 8, 4, 8).mean(dim=(3, 5, 7)).flatten(1)
    numbers = torch.cat([blocks, seen.rows.flatten(1)], dim=1)
    return (numbers - network.straight.mean) / network.straight.spread


def test_the_straight_path_adds_linear_layers_of_evened_numbers() -> None:
    network, seen = Inr(STRAIGHT, generator()).eval(), fields()
    network.straight.mean.add_(0.5)
    network.straight.spread.mul_(2.0)
    given = evened(network, seen)
    assert given.shape == (3, 8 * 4**3 + 14 * 128)
    assert given.abs().max() < 5.0
    added = torch.cat([network.straight.grid(given[:, :512]), network.straight.weights(given[:, 512:])], dim=1)
    papers = torch.cat([network.grid(seen.grid), network.weights(seen.rows)], dim=1)
    torch.testing.assert_close(network.bare(seen), papers + added, atol=1e-5, rtol=1e-5)
    assert Inr(grid_config(8), generator()).straight is None


def test_a_number_that_hardly_ever_moved_does_not_outweigh_the_others() -> None:
    network, seen = Inr(STRAIGHT, generator()).eval(), fields()
    seen.rows[:, 0, 0] = network.straight.mean[512]
    network.straight.spread[512] = 1e-6
    before = network.straight(seen)
    seen.rows[:, 0, 0] += 1.0
    changed = network.straight(seen) - before
    torch.testing.assert_close(changed[0, 512:], 5.0 * network.straight.weights[0].weight[:, 0], atol=1e-4, rtol=1e-3)


def test_thin_matrices_say_what_the_whole_ones_said() -> None:
    network, seen = Inr(STRAIGHT, generator()).eval(), fields()
    whole, thin = thinned(network, 512), thinned(network, 64)
    torch.testing.assert_close(whole(seen), network(seen), atol=1e-4, rtol=1e-4)
    assert thin.config == replace(STRAIGHT, rank=64)
    assert not thin.training
    assert count(network) - count(thin) == (512 + 1792) * 512 - 64 * (512 + 512 + 1792 + 512)
    left = torch.linalg.svdvals(network.straight.grid[0].weight)[64:]
    product = thin.straight.grid[1].weight @ thin.straight.grid[0].weight
    off = network.straight.grid[0].weight - product
    torch.testing.assert_close(off.square().sum(), left.square().sum(), rtol=1e-3, atol=0.0)
    plain = Inr(grid_config(8), generator())
    assert thinned(plain, 64) is plain
    assert thinned(thin, 32) is thin
    tiny = Config(width=4, hidden=(6,), channels=2, convolutions=2, groups=2, grid=5, rows=2, blocks=2)
    assert thinned(Inr(tiny, generator()), 64).config.rank == 5


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"rows": -1}, "rows of weights"),
        ({"blocks": 0}, "equal blocks"),
        ({"blocks": 5}, "equal blocks"),
        ({"channels": 0}, "rows of weights"),
        ({"rows": 300}, "32,768 numbers"),
        ({"blocks": 32}, "32,768 numbers"),
        ({"rank": 513}, "such a rank"),
        ({"rank": -1}, "such a rank"),
        ({"rows": 0, "rank": 1}, "such a rank"),
    ],
)
def test_straight_paths_that_cannot_be(changed: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(STRAIGHT, **changed)


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
