"""The towers of one latent: built from JSON sizes, filled with checked weights, each row on its own."""

import json
from dataclasses import asdict

import numpy as np
import pytest
import torch

from fieldstone.encoders.networks.batch import Batch
from fieldstone.encoders.networks.build import build, image_tower, shape_tower, text_tower
from fieldstone.encoders.networks.frameless import Config, Frameless
from fieldstone.encoders.networks.image import Config as ImageConfig
from fieldstone.encoders.networks.image import ImageTower
from fieldstone.encoders.networks.text import Config as TextConfig
from fieldstone.encoders.networks.text import TextTower
from fieldstone.encoders.networks.tower import ShapeTower
from fieldstone.errors import EncoderError

SMALL = Config(dim=16, depth=1, heads=2, groups=8, inner=8, outer=16, points=64)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def tensors_of(tower: torch.nn.Module, prefix: str) -> dict[str, np.ndarray]:
    state = {name: value.numpy() for name, value in tower.state_dict().items() if "num_batches" not in name}
    return {f"{prefix}.{name}": value for name, value in state.items()}


def batch(count: int = 3) -> Batch:
    generator = seeded(5)
    points = torch.rand(count, 64, 3, generator=generator) * 2 - 1
    normals = torch.nn.functional.normalize(points, dim=2)
    return Batch(points=points, normals=normals, descriptor=torch.randn(count, 8, generator=generator))


def shape() -> tuple[ShapeTower, dict[str, object]]:
    tower = ShapeTower(Frameless(SMALL, seeded()), 12, seeded(1), descriptor=8).eval()
    return tower, {"backbone": json.loads(json.dumps(asdict(SMALL))), "latent": 12, "descriptor": 8}


def test_a_shape_tower_comes_back_from_its_tensors() -> None:
    tower, config = shape()
    again = shape_tower("frameless", config, tensors_of(tower, "shape"))
    with torch.no_grad():
        torch.testing.assert_close(again(batch()), tower(batch()), rtol=0, atol=0)
    assert not any(parameter.requires_grad for parameter in again.parameters())


def test_the_descriptor_has_a_way_of_its_own_and_is_hidden_at_times() -> None:
    tower, _ = shape()
    whole = batch()
    with torch.no_grad():
        without = tower.project(tower.backbone(whole))
        torch.testing.assert_close(tower(whole), without + tower.describe(whole.descriptor))
        tower.train()
        tower.backbone.eval()
        first = (whole.points[:1].expand(64, -1, -1), whole.normals[:1].expand(64, -1, -1))
        many = Batch(points=first[0], normals=first[1], descriptor=torch.ones(64, 8))
        plain = tower.project(tower.backbone(many))
        shown = ~torch.isclose(tower(many, generator=seeded(2)), plain).all(1)
    assert 16 < int(shown.sum()) < 48


@pytest.mark.parametrize("fault", ["lacks", "strange", "shape"])
def test_weights_that_do_not_fit_are_refused(fault: str) -> None:
    tower, config = shape()
    tensors = tensors_of(tower, "shape")
    if fault == "lacks":
        del tensors["shape.project.weight"]
    elif fault == "strange":
        tensors["shape.extra"] = np.zeros(3, np.float32)
    else:
        tensors["shape.project.weight"] = tensors["shape.project.weight"][:, 1:]
    with pytest.raises(
        EncoderError, match={"lacks": "lacks tensor", "strange": "strange", "shape": "is of shape"}[fault]
    ):
        shape_tower("frameless", config, tensors)


def test_unknown_networks_and_settings_are_refused() -> None:
    with pytest.raises(EncoderError, match="no network 'dream'"):
        build("dream", {})
    with pytest.raises(EncoderError, match="no setting 'colour'"):
        build("frameless", {"colour": 1})


def test_a_text_does_not_depend_on_the_others() -> None:
    tower = TextTower(TextConfig(latent=12, rows=64, dim=16), seeded()).eval()
    with torch.no_grad():
        together, alone = tower(["a chair", "", "a very long round table"]), tower(["a chair"])
        torch.testing.assert_close(together[:1], alone, rtol=1e-5, atol=1e-6)
        assert torch.isfinite(together).all()
        assert not torch.allclose(together[0], together[2])


def test_image_and_text_towers_come_back() -> None:
    image, text = ImageTower(ImageConfig(latent=12), seeded()).eval(), TextTower(TextConfig(latent=12), seeded()).eval()
    pictures = torch.rand(2, 2, 64, 64, generator=seeded(4))
    with torch.no_grad():
        again = image_tower({"latent": 12}, tensors_of(image, "image"))
        torch.testing.assert_close(again(pictures), image(pictures))
        read = text_tower({"latent": 12}, tensors_of(text, "text"))
        torch.testing.assert_close(read(["a cup"]), text(["a cup"]))
