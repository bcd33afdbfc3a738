"""CLIP's and SLIP's towers from files in their layouts, against plain torch on the same tensors."""

import gzip
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from fieldstone.encoders.bpe import BytePairs
from fieldstone.encoders.networks.clip import Config, TextTower, load_image_tower, load_text_tower
from fieldstone.encoders.networks.vit import Config as ImageConfig
from fieldstone.encoders.networks.vit import OfPictures, ViT, slip_base
from fieldstone.errors import EncoderError
from tests.encoders.networks.published import Made, block, layer_norm, linear, run_block

MERGES = "#version: 0.2\nt h\nth e</w>\nc a\nca t</w>\nc h\nch a\ncha i\nchai r</w>\n"
TOKENS = 2 * 256 + 8 + 2
DIM, LATENT = 128, 24


@pytest.fixture
def vocabulary(tmp_path: Path) -> Path:
    path = tmp_path / "bpe_simple_vocab_16e6.txt.gz"
    path.write_bytes(gzip.compress(MERGES.encode()))
    return path


def clip_block(made: Made, name: str, dim: int) -> None:
    """A block as OpenAI names it."""
    made.norm(f"{name}.ln_1", dim)
    made.put(f"{name}.attn.in_proj_weight", 3 * dim, dim)
    made.put(f"{name}.attn.in_proj_bias", 3 * dim)
    made.linear(f"{name}.attn.out_proj", dim, dim)
    made.norm(f"{name}.ln_2", dim)
    made.linear(f"{name}.mlp.c_fc", dim, 4 * dim)
    made.linear(f"{name}.mlp.c_proj", 4 * dim, dim)


def text_side(made: Made) -> None:
    made.put("token_embedding.weight", TOKENS, DIM)
    made.put("positional_embedding", 12, DIM)
    made.norm("ln_final", DIM)
    made.put("text_projection", DIM, LATENT)
    made.put("logit_scale")
    for i in range(2):
        clip_block(made, f"transformer.resblocks.{i}", DIM)


def slip() -> Made:
    made = Made(3)
    text_side(made)
    made.put("image_projection", 64, LATENT)
    made.put("visual.cls_token", 1, 1, 64)
    made.put("visual.pos_embed", 1, 17, 64)
    made.put("visual.patch_embed.proj.weight", 64, 3, 8, 8)
    made.put("visual.patch_embed.proj.bias", 64)
    for i in range(2):
        block(made, f"visual.blocks.{i}", 64, bias=True)
    made.norm("visual.norm", 64)
    made.linear("image_mlp.layer1", 64, 16)
    return made


def clip() -> Made:
    made = Made(4)
    text_side(made)
    made.put("visual.class_embedding", DIM)
    made.put("visual.positional_embedding", 17, DIM)
    made.put("visual.conv1.weight", DIM, 3, 8, 8)
    for i in range(2):
        clip_block(made, f"visual.transformer.resblocks.{i}", DIM)
    made.norm("visual.ln_pre", DIM)
    made.norm("visual.ln_post", DIM)
    made.put("visual.proj", DIM, LATENT)
    made["context_length"] = torch.tensor(12)
    return made


def run_clip_block(x: Tensor, state: dict[str, Tensor], name: str, mask: Tensor | None) -> Tensor:
    """A block of OpenAI's, attention by torch's own module."""
    attention = nn.MultiheadAttention(DIM, DIM // 64, batch_first=True)
    own = {key.removeprefix(f"{name}.attn."): value for key, value in state.items() if key.startswith(f"{name}.attn.")}
    attention.load_state_dict(own)
    y = layer_norm(x, state, f"{name}.ln_1")
    x = x + attention(y, y, y, need_weights=False, attn_mask=mask)[0]
    y = linear(layer_norm(x, state, f"{name}.ln_2"), state, f"{name}.mlp.c_fc")
    return x + linear(y * torch.sigmoid(1.702 * y), state, f"{name}.mlp.c_proj")


def run_text(state: dict[str, Tensor], ids: list[int]) -> Tensor:
    padded = functional.pad(torch.tensor(ids), (0, 12 - len(ids)))
    x = (state["token_embedding.weight"][padded] + state["positional_embedding"])[None]
    mask = torch.full((12, 12), -torch.inf).triu(1)
    for i in range(2):
        x = run_clip_block(x, state, f"transformer.resblocks.{i}", mask)
    return layer_norm(x, state, "ln_final")[0, len(ids) - 1] @ state["text_projection"]


def pictures(size: int = 32) -> Tensor:
    return torch.rand(2, 3, size, size, generator=torch.Generator().manual_seed(5))


def test_words_of_slip(tmp_path: Path, vocabulary: Path) -> None:
    made = slip()
    torch.save({"state_dict": {f"module.{name}": tensor for name, tensor in made.items()}}, tmp_path / "slip.pt")
    tower = load_text_tower(tmp_path / "slip.pt", vocabulary)
    assert not tower.training
    assert not any(parameter.requires_grad for parameter in tower.parameters())
    start, end, the, cat, chair = TOKENS - 2, TOKENS - 1, 513, 515, 519
    rows = tower(["The cat", "chair", "the chair the cat " * 9])
    long = [start, *([the, chair, the, cat] * 9)[:10], end]
    there = torch.stack([run_text(made, ids) for ids in ([start, the, cat, end], [start, chair, end], long)])
    assert rows.shape == (3, LATENT)
    assert torch.allclose(rows, there, atol=1e-5)


def test_pictures_of_slip(tmp_path: Path) -> None:
    made = slip()
    torch.save({"state_dict": {f"module.{name}": tensor for name, tensor in made.items()}}, tmp_path / "slip.pt")
    tower = load_image_tower(tmp_path / "slip.pt")
    assert (tower.config.size, tower.config.patch, tower.config.clip) == (32, 8, False)
    mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    x = (pictures() - mean[:, None, None]) / deviation[:, None, None]
    x = functional.conv2d(x, made["visual.patch_embed.proj.weight"], made["visual.patch_embed.proj.bias"], stride=8)
    x = (
        torch.cat([made["visual.cls_token"].expand(2, -1, -1), x.flatten(2).transpose(1, 2)], 1)
        + made["visual.pos_embed"]
    )
    for i in range(2):
        x = run_block(x, made, f"visual.blocks.{i}", 1, eps=1e-6)
    there = layer_norm(x, made, "visual.norm", 1e-6)[:, 0] @ made["image_projection"]
    assert torch.allclose(tower(pictures()), there, atol=1e-5)


def test_both_sides_of_clip_in_half_precision(tmp_path: Path, vocabulary: Path) -> None:
    made = {name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in clip().items()}
    torch.save(made, tmp_path / "ViT-B-32.pt")
    state = {name: tensor.float() for name, tensor in made.items()}
    tower = load_image_tower(tmp_path / "ViT-B-32.pt")
    mean = torch.tensor([0.48145466, 0.4578275, 0.40821073])[:, None, None]
    deviation = torch.tensor([0.26862954, 0.26130258, 0.27577711])[:, None, None]
    x = functional.conv2d((pictures() - mean) / deviation, state["visual.conv1.weight"], stride=8).flatten(2)
    x = torch.cat([state["visual.class_embedding"].expand(2, 1, -1), x.transpose(1, 2)], 1)
    x = layer_norm(x + state["visual.positional_embedding"], state, "visual.ln_pre")
    for i in range(2):
        x = run_clip_block(x, state, f"visual.transformer.resblocks.{i}", None)
    there = layer_norm(x[:, 0], state, "visual.ln_post") @ state["visual.proj"]
    assert torch.allclose(tower(pictures()), there, atol=1e-5)
    words = load_text_tower(tmp_path / "ViT-B-32.pt", vocabulary)
    assert torch.allclose(words(["cat"])[0], run_text(state, [TOKENS - 2, 515, TOKENS - 1]), atol=1e-5)


def test_a_row_does_not_depend_on_the_others(tmp_path: Path, vocabulary: Path) -> None:
    torch.save(dict(slip()), tmp_path / "slip.pt")
    tower = load_text_tower(tmp_path / "slip.pt", vocabulary)
    assert torch.allclose(tower(["the cat", "chair"])[1], tower(["chair"])[0], atol=1e-6)


def test_grey_pictures_on_white(tmp_path: Path) -> None:
    torch.save(dict(slip()), tmp_path / "slip.pt")
    tower = load_image_tower(tmp_path / "slip.pt")
    empty = torch.zeros(1, 2, 64, 64)
    assert torch.allclose(OfPictures(tower)(empty), tower(torch.ones(1, 3, 32, 32)), atol=1e-5)
    full = torch.cat([torch.full((1, 1, 20, 20), -1.0), torch.ones(1, 1, 20, 20)], 1)
    assert torch.allclose(OfPictures(tower)(full), tower(torch.zeros(1, 3, 32, 32)), atol=1e-5)


def test_true_sizes(vocabulary: Path) -> None:
    with torch.device("meta"):
        image = ViT(slip_base())
        clip_image = ViT(ImageConfig(dim=768, depth=12, heads=12, patch=16, size=224, latent=512, clip=True))
        words = Config(dim=512, depth=12, heads=8, context=77, vocabulary=49408, latent=512)
        text = TextTower(words, BytePairs(vocabulary))

    def count(network: nn.Module) -> int:
        return sum(p.numel() for p in network.parameters())

    assert count(image) == 85_798_656 + 768 * 512  # timm's vit_base_patch16_224 without its head
    assert count(clip_image) + count(text) + 1 == 149_620_737  # OpenAI's ViT-B/16 as counted by its users


def test_files_that_are_none(tmp_path: Path, vocabulary: Path) -> None:
    made = slip()
    del made["visual.blocks.1.attn.qkv.bias"]
    torch.save(dict(made), tmp_path / "slip.pt")
    with pytest.raises(EncoderError, match=r"visual\.blocks\.1\.attn\.qkv\.bias \(192\) is missing .*1 missing"):
        load_image_tower(tmp_path / "slip.pt")
    made = clip()
    made["transformer.resblocks.0.attn.out_proj.weight"] = torch.zeros(DIM, 3)
    torch.save(dict(made), tmp_path / "clip.pt")
    with pytest.raises(EncoderError, match=r"out_proj\.weight is 128 x 3, where 128 x 128 is expected"):
        load_text_tower(tmp_path / "clip.pt", vocabulary)
    made["token_embedding.weight"] = torch.zeros(49408, DIM)
    torch.save(dict(made), tmp_path / "clip.pt")
    with pytest.raises(EncoderError, match=r"has 522 tokens and .* 49,408"):
        load_text_tower(tmp_path / "clip.pt", vocabulary)
    torch.save(
        {"visual.layer1.0.conv1.weight": torch.zeros(2), "text_projection": torch.zeros(2, 2)}, tmp_path / "r.pt"
    )
    with pytest.raises(EncoderError, match="no vision transformer"):
        load_image_tower(tmp_path / "r.pt")
    with pytest.raises(EncoderError, match="token_embedding"):
        load_text_tower(tmp_path / "r.pt", vocabulary)


def test_vocabularies_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="no such file"):
        BytePairs(tmp_path / "absent.gz")
    (tmp_path / "plain.gz").write_text(MERGES)
    with pytest.raises(EncoderError, match="no gzip file"):
        BytePairs(tmp_path / "plain.gz")
    (tmp_path / "words.gz").write_bytes(gzip.compress(b"first line\nthree words here\n"))
    with pytest.raises(EncoderError, match="no list of pairs"):
        BytePairs(tmp_path / "words.gz")
