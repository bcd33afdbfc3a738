"""A weight file tuned: its shape tower changes, all else stays; the recipe follows pose and size; killed, it goes on."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from fieldstone.encoders.weights import Header, open_weights
from fieldstone.errors import FieldstoneError
from fieldstone.progress import Silent
from fieldstone.training.collection import Collection
from fieldstone.training.tuning import GALLERY, STEPS, recipe_of, tune_weights
from tests.encoders.tiny import tiny

SHAPES = 12


def collection(*, pictures: bool = False) -> Collection:
    """Two kinds of clouds: balls and rods, a quarter of them for validation."""
    generator = np.random.default_rng(0)
    points = generator.standard_normal((SHAPES, 300, 3)).astype(np.float32)
    points[::2, :, 1:] *= 0.1
    points /= np.linalg.norm(points, axis=2).max(axis=1)[:, None, None]
    return Collection(
        ids=tuple(f"{i}" for i in range(SHAPES)), points=points, split=("train", "train", "train", "val") * 3,
        labels=np.arange(SHAPES) % 2, classes=("rod", "ball"),
        descriptors=generator.random((SHAPES, 2, 256), dtype=np.float32) / 16,
        views=generator.integers(0, 256, (SHAPES, 4, 64, 64, 4), dtype=np.uint8) if pictures else None,
        captions=(("a rod",), ("a ball",)) * (SHAPES // 2) if pictures else None,
    )  # fmt: skip


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Header, dict[str, np.ndarray]]:
    return open_weights(tiny(tmp_path_factory.mktemp("tuning") / "tiny.safetensors"))


@pytest.mark.parametrize("method", ["classification", "vicreg", "mmcl"])
def test_the_shape_tower_learns_and_the_rest_stays(method: str, weights: tuple[Header, dict[str, np.ndarray]]) -> None:
    header, tensors = weights
    recipe = recipe_of(method, header, 9, epochs=1)  # type: ignore[arg-type]
    learnt, trained = tune_weights(header, tensors, collection(pictures=method == "mmcl"), recipe, seed=0)
    assert set(learnt) == set(tensors)
    changed = {name for name, value in learnt.items() if not np.array_equal(value, tensors[name])}
    assert changed >= {"shape.project.weight", "shape.backbone.cls", "shape.describe.weight"}
    assert all(name.startswith("shape.") for name in changed)
    assert len(trained.history) == trained.best_epoch == 1


def test_descriptors_are_evened_as_the_file_says(weights: tuple[Header, dict[str, np.ndarray]]) -> None:
    """Twice the descriptors under twice the mean and deviation are the same to the network."""
    header, tensors = weights
    doubled = tensors | {name: 2 * tensors[name] for name in ("descriptor.mean", "descriptor.std")}
    shapes = collection()
    assert shapes.descriptors is not None
    twice = replace(shapes, descriptors=2 * shapes.descriptors)
    recipe = recipe_of("vicreg", header, 9, epochs=1)
    one, _ = tune_weights(header, tensors, shapes, recipe, seed=0)
    two, _ = tune_weights(header, doubled, twice, recipe, seed=0)
    np.testing.assert_allclose(two["shape.project.weight"], one["shape.project.weight"], atol=1e-7)


def test_the_recipe_follows_the_pose(weights: tuple[Header, dict[str, np.ndarray]]) -> None:
    header, _ = weights
    turned, upright = recipe_of("vicreg", header, 1000), recipe_of("vicreg", replace(header, pose="upright"), 1000)
    assert (turned.augment.rotation, upright.augment.rotation) == ("none", "up")
    assert turned.augment.flip
    assert not upright.augment.flip
    assert turned.augment.points == 256
    assert (turned.schedule.rate, turned.schedule.warm, turned.steps) == (5e-5, 0.2, STEPS)
    assert recipe_of("vicreg", header, 9).batch == 9
    assert (turned.keep, turned.gallery) == (-(-header.config["backbone"]["groups"] // 2), GALLERY)
    ours = replace(header, network="frameless", config={"backbone": {}})
    assert recipe_of("vicreg", ours, 9).keep is None
    rates = [recipe_of(method, ours, 9).schedule.rate for method in ("classification", "vicreg", "mmcl")]  # type: ignore[arg-type]
    assert rates == [1e-3, 5e-5, 1e-3]


def test_contrast_needs_a_tower(tmp_path: Path) -> None:
    header, tensors = open_weights(tiny(tmp_path / "bare.safetensors", towers=False))
    with pytest.raises(FieldstoneError, match="holds no tower for pictures or words; tune it with vicreg"):
        tune_weights(header, tensors, collection(pictures=True), recipe_of("mmcl", header, 9), seed=0)


class Killed(Exception):
    pass


class KillsAfter(Silent):
    """Ends the process, as far as a test can, once so many steps are done."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def advance(self, done: int = 1, detail: str = "") -> None:
        self.left -= done
        if self.left < 0:
            raise Killed


def test_killed_it_goes_on_to_the_same_bytes(weights: tuple[Header, dict[str, np.ndarray]], tmp_path: Path) -> None:
    header, tensors = weights
    recipe = recipe_of("vicreg", header, 9, epochs=2)
    with pytest.raises(Killed):
        tune_weights(header, tensors, collection(), recipe, seed=0, folder=tmp_path, progress=KillsAfter(1))
    again, _ = tune_weights(header, tensors, collection(), recipe, seed=0, folder=tmp_path)
    whole, _ = tune_weights(header, tensors, collection(), recipe, seed=0)
    assert all(np.array_equal(again[name], whole[name]) for name in whole)
