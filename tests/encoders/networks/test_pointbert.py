"""PointBERT: its tokens against plain formulas, fewer patches on request, a descriptor beside the points."""

import dataclasses

import pytest
import torch
from torch.nn import functional

from fieldstone.encoders.networks.batch import Batch
from fieldstone.encoders.networks.grouping import centres_of, k_around, rows_of
from fieldstone.encoders.networks.pointbert import Config, Patches, PointBERT, compact, ulip2
from tests.encoders.networks.clouds import clouds, seeded

TINY = Config(dim=32, depth=2, heads=2, groups=16, group_size=8, points=200, patch_widths=(16, 32, 64, 32))


def test_ulip2_has_its_parameters_and_compact_its_sizes() -> None:
    network = PointBERT(ulip2(), seeded())
    assert round(sum(value.numel() for value in network.parameters()) / 1e6, 2) == 21.86
    assert network.dim == 768
    assert all(block.attention.qkv.bias is None for block in network.blocks.blocks)
    assert [round(block.drop_path, 4) for block in network.blocks.blocks][::11] == [0.0, 0.1]
    assert PointBERT(compact(), seeded()).dim == 512


def test_a_patch_s_token_is_the_mini_pointnet() -> None:
    patches = Patches(3, (16, 32, 64, 32)).eval()
    points = torch.randn(2, 5, 8, 3, generator=seeded())
    x = patches.lift2(functional.relu(patches.norm1(patches.lift1(points.flatten(0, 2))))).view(10, 8, 32)
    both = torch.cat([x.amax(1, keepdim=True).expand_as(x), x], dim=2)  # [max ; x], as Point-BERT has it
    y = patches.mix2(functional.relu(patches.norm2(patches.mix1(both).flatten(0, 1)))).view(2, 5, 8, 32)
    torch.testing.assert_close(patches(points), y.amax(2), rtol=1e-4, atol=1e-5)


def test_tokens_are_patches_about_their_centres() -> None:
    network, points = PointBERT(TINY, seeded()).eval(), clouds(2, 200)
    tokens, positions = network.tokens(points)
    centres = rows_of(points, centres_of(points, 16))
    patches = rows_of(points, k_around(points, centres, 8)) - centres[:, :, None]
    torch.testing.assert_close(tokens, network.reduce(network.patches(patches)))
    torch.testing.assert_close(positions, network.position(centres))


def test_a_row_is_the_class_token_and_the_maximum_over_the_others() -> None:
    network, points = PointBERT(TINY, seeded()).eval(), clouds(2, 200)
    tokens, positions = network.tokens(points)
    x = torch.cat([network.cls.expand(2, 1, -1), tokens], dim=1)
    x = network.norm(network.blocks(x, torch.cat([network.cls_position.expand(2, 1, -1), positions], dim=1)))
    torch.testing.assert_close(network(Batch(points=points)), torch.cat([x[:, 0], x[:, 1:].amax(1)], dim=1))


def test_fewer_patches_are_drawn_on_request() -> None:
    network, points = PointBERT(TINY, seeded()).eval(), clouds(2, 200)
    all_tokens, _ = network.tokens(points)
    tokens, positions = network.tokens(points, 6, seeded(1))
    assert tokens.shape == positions.shape == (2, 6, 32)
    kept = torch.randperm(16, generator=seeded(1))[:6]
    torch.testing.assert_close(tokens, all_tokens[:, kept])
    batch = Batch(points=points)
    with torch.no_grad():
        first = network(batch, 6, seeded(1))
        assert torch.equal(first, network(batch, 6, seeded(1)))
        assert not torch.allclose(first, network(batch, 6, seeded(2)))
        torch.testing.assert_close(
            network(batch, 16, seeded(1)), network(batch), rtol=1e-4, atol=1e-5
        )  # order is nothing


def test_a_descriptor_is_a_token_of_its_own() -> None:
    network = PointBERT(dataclasses.replace(TINY, descriptor=10), seeded()).eval()
    points, descriptor = clouds(2, 200), torch.randn(2, 10, generator=seeded())
    with torch.no_grad():
        rows = network(Batch(points=points, descriptor=descriptor))
        assert not torch.allclose(rows, network(Batch(points=points, descriptor=-descriptor)))
    assert rows.shape == (2, 64)
    with pytest.raises(AssertionError, match="reads a descriptor"):
        network(Batch(points=points))


def test_colours_come_after_the_coordinates() -> None:
    network = PointBERT(dataclasses.replace(TINY, channels=6), seeded()).eval()
    points, colours = clouds(2, 200), torch.rand(2, 200, 3, generator=seeded())
    with torch.no_grad():
        tokens, _ = network.tokens(torch.cat([points, colours], dim=2))
        others, _ = network.tokens(torch.cat([points, 1 - colours], dim=2))
    assert tokens.shape == (2, 16, 32)
    assert not torch.allclose(tokens, others)
