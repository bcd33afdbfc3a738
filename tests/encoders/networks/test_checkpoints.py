"""Published checkpoints: told apart, fitted shape by shape, computing what they compute there; refused in a sentence."""

import argparse
import json
import os
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from fieldstone.encoders.networks.batch import Batch
from fieldstone.encoders.networks.checkpoints import (
    UNKNOWN_COLOUR,
    inspect_checkpoint,
    inspect_tensors,
    load_backbone,
    load_resnet,
)
from fieldstone.encoders.networks.pointbert import PointBERT, ulip2
from fieldstone.encoders.networks.resnet import Config as ResNetConfig
from fieldstone.encoders.networks.resnet import ResNet
from fieldstone.errors import EncoderError
from tests.encoders.networks.published import Made, pointbert, run_pointbert

TINY = {"dim": 128, "depth": 2, "widths": (8, 16, 24, 20)}
TRUE = {"dim": 384, "widths": (128, 256, 512, 256)}


def ulip(path: Path, channels: int = 3, latent: int = 6, **changes: object) -> dict[str, torch.Tensor]:
    """A file as ULIP's training script saves it: all towers, the optimiser and the command line; the bare encoder."""
    bare = pointbert("", channels=channels, **TINY)
    made = Made(1)
    made.put("pc_projection", 256, latent)
    made.put("logit_scale")
    made.put("visual.norm.weight", 5)
    state = {f"module.point_encoder.{name}": tensor for name, tensor in bare.items()}
    state |= {f"module.{name}": tensor for name, tensor in made.items()}
    for name, tensor in changes.items():
        state[name] = tensor
    log = {"epoch": 3, "best_acc1": np.float64(71.5), "args": argparse.Namespace(model="ULIP_PointBERT", lr=0.003)}
    torch.save({"state_dict": state, "optimizer": {"state": {0: torch.zeros(3)}}, **log}, path)
    return {**bare, "pc_projection": made["pc_projection"]}


def cloud(n: int = 700, channels: int = 3) -> torch.Tensor:
    points = torch.randn(2, n, channels, generator=torch.Generator().manual_seed(7))
    return points / points.norm(dim=2, keepdim=True)


def test_first_generation_computes_what_it_computes_there(tmp_path: Path) -> None:
    bare = ulip(tmp_path / "pointbert_ULIP-2.pt")
    network, projection, what = load_backbone(tmp_path / "pointbert_ULIP-2.pt")
    assert (what.kind, what.generation, what.layers, what.channels, what.projection) == ("ulip", 1, 2, 3, 6)
    assert (network.config.points, network.config.groups, network.config.heads) == (8192, 512, 2)
    assert not network.training
    assert not any(parameter.requires_grad for parameter in network.parameters())
    points = cloud()
    rows = network(Batch(points=points))
    there = torch.stack([run_pointbert(bare, one, 512, 2) for one in points])
    assert torch.allclose(rows, there, atol=1e-5)
    assert projection is not None
    assert torch.equal(projection, bare["pc_projection"].T)


def test_second_generation_with_unknown_colours_folded_in(tmp_path: Path) -> None:
    bare = ulip(tmp_path / "second.pt", channels=6, latent=1280)
    network, _, what = load_backbone(tmp_path / "second.pt")
    assert (what.generation, what.channels, what.points, network.config.channels) == (2, 6, 10_000, 3)
    points = cloud()
    grey = torch.cat([points, torch.full_like(points, UNKNOWN_COLOUR)], 2)
    there = torch.stack([run_pointbert(bare, one, 512, 2) for one in grey])
    assert torch.allclose(network(Batch(points=points)), there, atol=1e-5)


def test_the_wrong_generation_is_named(tmp_path: Path) -> None:
    ulip(tmp_path / "second.pt", channels=6, latent=1280)
    config = load_backbone(tmp_path / "second.pt")[0].config
    with pytest.raises(EncoderError) as caught:
        load_backbone(tmp_path / "second.pt", config)
    said = str(caught.value)
    assert "second.pt: point_encoder.encoder.first_conv.0.weight is 8 x 6 x 1, where 8 x 3 x 1 is expected" in said
    assert "second generation" in said
    assert "2 layers and 6 channels" in said
    assert "leave the config out" in said


def test_a_config_with_colours_is_kept(tmp_path: Path) -> None:
    bare = ulip(tmp_path / "second.pt", channels=6, latent=1280)
    config = replace(load_backbone(tmp_path / "second.pt")[0].config, channels=6)
    network, _, _ = load_backbone(tmp_path / "second.pt", config)
    assert torch.equal(network.patches.lift1.weight, bare["encoder.first_conv.0.weight"][:, :, 0])


def test_a_deeper_file_counts_what_is_unknown(tmp_path: Path) -> None:
    ulip(tmp_path / "a.pt")
    shallow = replace(load_backbone(tmp_path / "a.pt")[0].config, depth=1)
    with pytest.raises(EncoderError, match=r"blocks\.blocks\.1\.\S+ \(.+\) is not expected .*0 missing, 11 unknown"):
        load_backbone(tmp_path / "a.pt", shallow)


def test_missing_and_misshapen_tensors_are_counted(tmp_path: Path) -> None:
    odd = {"module.point_encoder.norm.weight": torch.ones(64), "module.point_encoder.surplus": torch.ones(2)}
    ulip(tmp_path / "a.pt", **odd)
    held = torch.load(tmp_path / "a.pt", weights_only=False)
    del held["state_dict"]["module.point_encoder.cls_pos"]
    torch.save(held, tmp_path / "a.pt")
    with pytest.raises(EncoderError) as caught:
        load_backbone(tmp_path / "a.pt")
    assert "point_encoder.cls_pos (1 x 1 x 128) is missing (in all: 1 of another shape, 1 missing, 1 unknown)" in str(
        caught.value
    )


def test_point_bert_as_pre_trained(tmp_path: Path) -> None:
    state = pointbert("transformer_q.", channels=3, **TINY)
    state |= {name.replace("_q", "_k", 1): tensor + 1 for name, tensor in state.items()}
    state["transformer_q.mask_token"] = torch.zeros(1, 1, 128)
    state["transformer_q.lm_head.weight"] = torch.zeros(5, 128)
    state["transformer_q.cls_head.0.weight"] = torch.zeros(5, 128)
    state |= {"dvae.codebook": torch.zeros(4, 4), "queue": torch.zeros(3, 3), "queue_ptr": torch.zeros(1)}
    torch.save(
        {"base_model": {f"module.{name}": tensor for name, tensor in state.items()}}, tmp_path / "Point-BERT.pth"
    )
    network, projection, what = load_backbone(tmp_path / "Point-BERT.pth")
    assert (what.kind, what.title, what.points, projection) == ("point-bert", "Point-BERT as pre-trained", 1024, None)
    assert torch.equal(network.cls, state["transformer_q.cls_token"][0, 0])
    assert network.config.groups == 64


@pytest.mark.parametrize("prefix", ["", "base_model."])
def test_point_bert_as_fine_tuned(tmp_path: Path, prefix: str) -> None:
    state = pointbert(prefix, channels=3, **TINY)
    state[f"{prefix}cls_head_finetune.0.weight"] = torch.zeros(5, 256)
    torch.save({"base_model": dict(state)}, tmp_path / "a.pth")
    network, _, what = load_backbone(tmp_path / "a.pth")
    assert what.title == "Point-BERT as fine-tuned"
    assert torch.equal(network.reduce.weight, state[f"{prefix}reduce_dim.weight"])


def test_true_sizes_without_their_numbers() -> None:
    first = pointbert("point_encoder.", depth=12, channels=3, device="meta", **TRUE)
    first["pc_projection"] = torch.zeros(768, 512, device="meta")
    what = inspect_tensors(Path("pointbert_ULIP-2.pt"), first)
    assert (what.generation, what.layers, what.width, what.projection, what.points) == (1, 12, 384, 512, 8192)
    with torch.device("meta"):
        ours = PointBERT(ulip2(), torch.Generator())
    assert what.parameters == sum(p.numel() for p in ours.parameters()) == 21_858_816
    assert what.sentence() == (
        "ULIP-2's PointBERT, first generation: 12 layers of 384, 3 channels, 8,192 points, a latent of 512, "
        "21.86 M parameters"
    )
    second = pointbert("point_encoder.", depth=18, channels=6, device="meta", **TRUE)
    second["pc_projection"] = torch.zeros(768, 1280, device="meta")
    what = inspect_tensors(Path("ULIP-2-PointBERT-10k.pt"), second)
    assert (what.generation, what.layers, what.channels, what.projection, what.points) == (2, 18, 6, 1280, 10_000)
    assert round(what.parameters / 1e6, 1) == 32.5


def test_safetensors_are_read_too(tmp_path: Path) -> None:
    state = pointbert("point_encoder.", channels=3, **TINY)
    safetensors.torch.save_file(dict(state), tmp_path / "a.safetensors")
    assert inspect_checkpoint(tmp_path / "a.safetensors").layers == 2


def test_half_precision_and_old_batch_norms(tmp_path: Path) -> None:
    state = {name: tensor.half() for name, tensor in pointbert("point_encoder.", channels=3, **TINY).items()}
    state = {name: tensor for name, tensor in state.items() if not name.endswith("num_batches_tracked")}
    torch.save(state, tmp_path / "a.pt")
    network, _, _ = load_backbone(tmp_path / "a.pt")
    assert all(p.dtype == torch.float32 for p in network.parameters())
    assert network(Batch(points=cloud(520))).isfinite().all()


def test_resnet_has_torchvisions_names(tmp_path: Path) -> None:
    made = ResNet(ResNetConfig(width=4), torch.Generator().manual_seed(0)).eval()
    state = made.state_dict() | {"fc.weight": torch.zeros(10, 32), "fc.bias": torch.zeros(10)}
    torch.save(state, tmp_path / "resnet18.pth")
    assert inspect_checkpoint(tmp_path / "resnet18.pth").kind == "resnet"
    pictures = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    assert torch.equal(load_resnet(tmp_path / "resnet18.pth")(pictures), made(pictures))
    state["layer1.0.conv3.weight"] = torch.zeros(4, 4, 1, 1)
    torch.save(state, tmp_path / "resnet50.pth")
    with pytest.raises(EncoderError, match=r"layer1\.0\.conv3\.weight .* not expected .*only ResNets of basic blocks"):
        load_resnet(tmp_path / "resnet50.pth")


def test_towers_of_pictures_and_words_are_named() -> None:
    made = Made(0, "meta")
    made.put("text_projection", 512, 512)
    for i in range(12):
        made.put(f"transformer.resblocks.{i}.ln_1.weight", 512)
    what = inspect_tensors(Path("slip.pt"), {**made, "visual.patch_embed.proj.weight": torch.zeros(2)})
    assert (what.kind, what.layers, what.width, what.projection) == ("slip", 12, 512, 512)
    assert inspect_tensors(Path("clip.pt"), {**made, "visual.conv1.weight": torch.zeros(2)}).kind == "clip"


def test_other_files_are_named(tmp_path: Path) -> None:
    torch.save({"state_dict": {"module.point_encoder.sa1.weight": torch.zeros(2)}}, tmp_path / "pointnet2.pt")
    with pytest.raises(EncoderError, match=r"pointnet2.pt: holds no PointBERT \(ULIP with another point encoder"):
        load_backbone(tmp_path / "pointnet2.pt")
    odd = {"\x1b[31m.weight": torch.zeros(2)}
    assert "\x1b" not in inspect_tensors(Path("a.pt"), odd).title
    whole = {
        "point_encoder.sa1.weight": torch.zeros(2),
        "visual.a": torch.zeros(2),
        "text_projection": torch.zeros(2, 2),
    }
    assert inspect_tensors(Path("a.pt"), whole).title == "ULIP with another point encoder than PointBERT"
    torch.save({"something.weight": torch.zeros(2)}, tmp_path / "other.pt")
    assert inspect_checkpoint(tmp_path / "other.pt").kind == "unknown"
    with pytest.raises(EncoderError, match="holds no ResNet"):
        load_resnet(tmp_path / "other.pt")


class Hostile:
    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, ("made-by-a-checkpoint",)


def test_hostile_and_broken_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": Hostile()}, "hostile.pt")
    with pytest.raises(EncoderError, match=r"hostile\.pt: holds a Python object .*mkdir.*does not run"):
        inspect_checkpoint("hostile.pt")
    assert not Path("made-by-a-checkpoint").exists()
    ulip(Path("whole.pt"))
    Path("cut.pt").write_bytes(Path("whole.pt").read_bytes()[:5000])
    with pytest.raises(EncoderError, match=r"cut\.pt: is cut short"):
        inspect_checkpoint("cut.pt")
    Path("empty.pt").write_bytes(b"")
    with pytest.raises(EncoderError, match=r"empty\.pt: is cut short or no torch file"):
        inspect_checkpoint("empty.pt")
    Path("text.safetensors").write_text(json.dumps({"a": 1}))
    with pytest.raises(EncoderError, match="not a whole safetensors file"):
        inspect_checkpoint("text.safetensors")
    with zipfile.ZipFile("whole.pt") as whole, zipfile.ZipFile("packed.pt", "w", zipfile.ZIP_DEFLATED) as packed:
        for member in whole.namelist():
            packed.writestr(member, whole.read(member))
    with pytest.raises(EncoderError, match=r"packed\.pt: has packed members"):
        inspect_checkpoint("packed.pt")
    with pytest.raises(EncoderError, match="no such file"):
        inspect_checkpoint("absent.pt")
    torch.save([1, 2], "list.pt")
    with pytest.raises(EncoderError, match="holds a list and no state dict"):
        inspect_checkpoint("list.pt")


def test_claims_beyond_the_bytes_are_refused(tmp_path: Path) -> None:
    torch.save({"encoder.first_conv.0.weight": torch.zeros(1).expand(10**9, 3, 1)}, tmp_path / "wide.pt")
    with pytest.raises(EncoderError, match="claims more numbers than the file holds"):
        inspect_checkpoint(tmp_path / "wide.pt")
    state = pointbert("", channels=3, **TINY)
    state["norm.bias"][3] = torch.nan
    torch.save(dict(state), tmp_path / "nan.pt")
    with pytest.raises(EncoderError, match=r"norm\.bias holds numbers that are not finite"):
        load_backbone(tmp_path / "nan.pt")


def test_damaged_bytes_end_in_a_sentence(tmp_path: Path) -> None:
    torch.save(dict(pointbert("", dim=8, depth=1, channels=3, widths=(4, 4, 4, 4))), tmp_path / "whole.pt")
    data, generator, refused = (tmp_path / "whole.pt").read_bytes(), np.random.default_rng(0), 0
    for _ in range(150):
        damaged = np.frombuffer(data, np.uint8).copy()
        spans = (len(data), 3000, -6000)  # anywhere, the names and shapes in front, the directory at the end
        places = generator.integers(0, abs(span := spans[generator.integers(3)]), generator.choice([1, 3, 30]))
        damaged[places if span > 0 else -1 - places] = generator.integers(0, 256, len(places))
        (tmp_path / "damaged.pt").write_bytes(damaged[: generator.integers(len(data) // 2, 3 * len(data))].tobytes())
        try:
            load_backbone(tmp_path / "damaged.pt")
        except EncoderError:
            refused += 1
    assert refused > 75


def test_a_torchscript_program_is_not_run(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "program.pt", "w") as archive:
        archive.writestr("program/constants.pkl", b"\x80\x02).")
        archive.writestr("program/version", b"3\n")
        archive.writestr("program/data.pkl", b"\x80\x02}.")
    with pytest.raises(EncoderError, match="is a TorchScript program, which Fieldstone does not run"):
        inspect_checkpoint(tmp_path / "program.pt")
