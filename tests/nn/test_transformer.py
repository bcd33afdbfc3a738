import math

import pytest
import torch

from fieldstone.nn.transformer import Attention, Block, Transformer


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def drawn(module: torch.nn.Module) -> torch.nn.Module:
    """Weights that say something: PyTorch's first ones come from the global generator."""
    generator = seeded(7)
    for value in module.parameters():
        torch.nn.init.normal_(value, std=0.3, generator=generator)
    return module


def tokens(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=seeded(seed))


@pytest.mark.parametrize("bias", [False, True])
def test_attention_is_a_softmax_over_products(bias: bool) -> None:
    attention, x = drawn(Attention(12, 3, bias=bias)), tokens(2, 5, 12)
    assert (attention.qkv.bias is not None) == bias
    q, k, v = attention.qkv(x).split(12, dim=2)
    heads = []
    for part in (slice(0, 4), slice(4, 8), slice(8, 12)):
        products = q[:, :, part] @ k[:, :, part].transpose(1, 2) / math.sqrt(4)
        heads.append(products.softmax(2) @ v[:, :, part])
    torch.testing.assert_close(attention(x), attention.proj(torch.cat(heads, dim=2)), rtol=1e-4, atol=1e-5)


def test_masked_tokens_are_not_seen() -> None:
    network, x, position = drawn(Transformer(8, 2, 2)), tokens(2, 6, 8), tokens(1, 6, 8, seed=1)
    mask = torch.ones(2, 1, 6, 6, dtype=torch.bool)
    mask[0, :, :, 4:] = False  # in the first row nobody looks at the last two
    changed = x.clone()
    changed[:, 4:] *= -1.0
    before, after = network(x, position, mask=mask), network(changed, position, mask=mask)
    torch.testing.assert_close(before[0, :4], after[0, :4])
    assert not torch.allclose(before[1, :4], after[1, :4])
    torch.testing.assert_close(before[:1, :4], network(x[:1, :4], position[:, :4]), rtol=1e-4, atol=1e-5)


def test_a_causal_mask_lets_nobody_look_ahead() -> None:
    network, x, position = drawn(Transformer(8, 2, 2)), tokens(1, 6, 8), torch.zeros(1, 6, 8)
    mask = torch.ones(1, 1, 6, 6, dtype=torch.bool).tril()
    whole = network(x, position, mask=mask)
    torch.testing.assert_close(
        whole[:, :3], network(x[:, :3], position[:, :3], mask=mask[..., :3, :3]), rtol=1e-4, atol=1e-5
    )


def test_positions_are_added_before_every_block() -> None:
    network, x, position = drawn(Transformer(8, 3, 2)), tokens(2, 4, 8), tokens(2, 4, 8, seed=1)
    expected = x
    for block in network.blocks:
        expected = block(expected + position)
    assert torch.equal(network(x, position), expected)
    assert not torch.allclose(network(x, position), network(x + position, torch.zeros_like(position)))


def test_a_block_is_two_branches_beside_the_stream() -> None:
    block, x = drawn(Block(8, 2)), tokens(2, 4, 8)
    middle = x + block.attention(block.norm1(x))
    hidden = block.mlp1(block.norm2(middle))
    gelu = hidden * 0.5 * (1 + torch.erf(hidden / math.sqrt(2)))
    torch.testing.assert_close(block(x), middle + block.mlp2(gelu), rtol=1e-4, atol=1e-5)
    assert block.mlp1.weight.shape == (32, 8)


def test_paths_are_dropped_in_training_only() -> None:
    network, x, position = drawn(Transformer(8, 4, 2, drop_path=0.6)), tokens(64, 3, 8), torch.zeros(1, 3, 8)
    assert [round(block.drop_path, 6) for block in network.blocks] == [0.0, 0.2, 0.4, 0.6]
    still = network.eval()(x, position, seeded(1))
    assert torch.equal(still, network(x, position, seeded(2)))
    first = network.train()(x, position, seeded(1))
    assert torch.equal(first, network(x, position, seeded(1)))
    assert not torch.equal(first, network(x, position, seeded(2)))
    assert not torch.allclose(first, still)


def test_a_branch_is_left_out_for_a_whole_shape_and_the_others_are_enlarged() -> None:
    block, x = drawn(Block(8, 2, drop_path=0.25)).train(), tokens(2000, 2, 8)
    with torch.no_grad():
        block.mlp2.weight.zero_()
        block.mlp2.bias.zero_()  # only the attention's branch remains
        branch = block.attention(block.norm1(x))
        ratio = (block(x, generator=seeded()) - x) / branch
    dropped = (ratio.abs() < 1e-3).all((1, 2))
    torch.testing.assert_close(ratio[~dropped].median(), torch.tensor(4 / 3), rtol=1e-3, atol=0)
    assert dropped.float().mean().item() == pytest.approx(0.25, abs=0.03)


def test_heads_must_divide_the_width() -> None:
    with pytest.raises(AssertionError, match="3 heads do not divide 8"):
        Attention(8, 3)
