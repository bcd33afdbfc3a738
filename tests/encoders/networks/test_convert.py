"""A published checkpoint as a weight file: what encodes with it gives the published network's rows in its latent."""

from pathlib import Path

import numpy as np
import pytest
import torch

from fieldstone.encoders.learned import Learned, thinned
from fieldstone.encoders.networks.convert import convert
from fieldstone.encoders.pose import posed
from fieldstone.encoders.weights import read_header
from fieldstone.errors import EncoderError
from tests.encoders.networks.published import Made, pointbert, run_pointbert
from tests.encoders.solids import sampled, solids

TINY = {"dim": 64, "depth": 2, "channels": 3, "widths": (8, 16, 24, 20)}


def test_ulip2_encodes_like_any_encoder(tmp_path: Path) -> None:
    bare, made = pointbert("", **TINY), Made(2)
    made.put("pc_projection", 128, 16)
    state = {f"module.point_encoder.{name}": tensor for name, tensor in bare.items()}
    torch.save(
        {"state_dict": state | {"module.pc_projection": made["pc_projection"]}}, tmp_path / "pointbert_ULIP-2.pt"
    )
    what = convert(tmp_path / "pointbert_ULIP-2.pt", tmp_path / "ulip2.safetensors")
    assert what.generation == 1
    encoder = Learned(tmp_path / "ulip2.safetensors")
    assert (encoder.id, encoder.dim, encoder.pose, encoder.card.up) == ("ulip2-pointbert-1@1", 16, "upright", "y")
    assert "2 layers of 64" in encoder.card.title
    shape = sampled(solids()[0])
    row = encoder.encode([shape])[0]
    points = torch.from_numpy(posed(thinned(shape.points, 8192), "upright", shape.up))
    there = (run_pointbert(bare, points, 512, 1) @ made["pc_projection"]).numpy()
    there /= np.linalg.norm(there)
    precise = 1e-5 if not getattr(torch.cpu, "_is_amx_tile_supported", lambda: False)() else 2e-2  # bf16 there
    np.testing.assert_allclose(row, there, atol=precise)


def test_point_bert_gives_its_own_rows(tmp_path: Path) -> None:
    torch.save({"base_model": dict(pointbert("transformer_q.", **TINY))}, tmp_path / "Point-BERT.pth")
    convert(tmp_path / "Point-BERT.pth", tmp_path / "out.safetensors")
    header = read_header(tmp_path / "out.safetensors")
    assert (header.id, header.latent, header.config["backbone"]["points"]) == ("point-bert@1", 128, 1024)
    encoder = Learned(tmp_path / "out.safetensors")
    rows = encoder.encode([sampled(solid) for solid in solids()[:2]])
    assert rows.shape == (2, 128)
    assert float(rows[0] @ rows[1]) < 0.999


def test_what_does_not_fit_is_not_written(tmp_path: Path) -> None:
    torch.save({"conv1.weight": torch.zeros(2), "layer1.0.conv1.weight": torch.zeros(2)}, tmp_path / "resnet18.pth")
    with pytest.raises(EncoderError, match=r"holds no PointBERT \(ResNet in torchvision's layout\)"):
        convert(tmp_path / "resnet18.pth", tmp_path / "out.safetensors")
    assert not (tmp_path / "out.safetensors").exists()
