"""Contrast with pictures and captions: the formula, frozen towers, captions that are shared."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fieldstone.errors import FieldstoneError  # noqa: E402
from fieldstone.training import losses  # noqa: E402
from fieldstone.training.loop import train  # noqa: E402
from fieldstone.training.mmcl import MMCL, caption_latents  # noqa: E402
from fieldstone.training.objectives import Setting, Step  # noqa: E402
from fieldstone.training.pictures import pictures  # noqa: E402
from fieldstone.training.towers import Towers  # noqa: E402
from tests.training.toys import Reader, Seer, Toy, collection, recipe, towers  # noqa: E402

ROWS = torch.tensor([0, 1, 2, 3, 4, 6])


def built(config: MMCL, sides: Towers | None = None, **given: object) -> "torch.nn.Module":
    shapes = collection(views=True, **given)
    return config.build(
        Setting(dim=6, collection=shapes, towers=sides or towers(), generator=torch.Generator().manual_seed(0))
    )


def step(*views: "torch.Tensor", seed: int = 1) -> Step:
    return Step(views=views, rows=ROWS, generator=torch.Generator().manual_seed(seed))


def rows_of_shapes(seed: int = 2) -> "torch.Tensor":
    return torch.randn(len(ROWS), 6, generator=torch.Generator().manual_seed(seed))


def by_hand(head: "torch.nn.Module", rows: "torch.Tensor", scale: float) -> float:
    """Mean over the batch of both directions, picture and caption: halves as in ULIP."""
    shapes, g = collection(views=True), torch.Generator().manual_seed(1)
    chosen = torch.randint(2, (6,), generator=g).numpy()
    seen = pictures(torch.from_numpy(shapes.views[ROWS.numpy(), chosen]), ("shaded", "drawn", "silhouette"), g)
    said = caption_latents(head.text, [shapes.captions[i] for i in ROWS])
    z = head.project(rows)
    return sum(losses.contrast(z, other, scale).item() for other in (head.image(seen), said))


def test_ulips_form_starts_at_its_scale() -> None:
    head = built(MMCL(shared_captions=False))
    assert float(head.scale.detach()) == pytest.approx(math.log(1 / 0.07))
    with torch.no_grad():
        assert float(head(step(rows_of_shapes()))) == pytest.approx(by_hand(head, rows_of_shapes(), 1 / 0.07), rel=1e-5)


def test_the_papers_form_is_a_sum_without_a_scale() -> None:
    head = built(MMCL(form="paper", shared_captions=False))
    with torch.no_grad():
        assert float(head(step(rows_of_shapes()))) == pytest.approx(
            0.5 * 6 * by_hand(head, rows_of_shapes(), 1.0), rel=1e-5
        )
    assert not head.scale.requires_grad


def test_the_scale_is_held_below_a_hundred() -> None:
    head = built(MMCL())
    with torch.no_grad():
        limited = []
        for value in (math.log(100.0), 9.0):
            head.scale.fill_(value)
            limited.append(float(head(step(rows_of_shapes()))))
    assert limited[0] == limited[1]


def test_two_views_count_as_their_mean() -> None:
    head = built(MMCL())
    a, b = rows_of_shapes(2), rows_of_shapes(3)
    with torch.no_grad():
        both, one, two = (float(head(step(*views))) for views in ((a, b), (a,), (b,)))
    assert both == pytest.approx((one + two) / 2, rel=1e-5)


def test_shapes_of_which_the_same_is_said_are_no_wrong_answers() -> None:
    shapes = collection()
    same = built(MMCL())._same(ROWS.tolist())
    labels = torch.from_numpy(shapes.labels)[ROWS]
    assert torch.equal(same, labels[:, None] == labels[None])


def test_captions_are_normalised_averaged_and_normalised() -> None:
    reader = Reader(6)
    found = caption_latents(reader, [("a rod", "rod"), ("rod",)]).detach()
    one, two = (row / row.norm() for row in reader(["a rod", "rod"]).detach())
    mean = (one + two) / 2
    torch.testing.assert_close(found, torch.stack([mean / mean.norm(), two]))
    assert reader.read[:2] == ["a rod", "rod"]  # each once


def test_frozen_towers_stay_as_they_are_and_read_each_caption_once() -> None:
    sides = towers(image_frozen=True, text_frozen=True)
    before = [p.clone() for tower in (sides.image, sides.text) for p in tower.parameters()]
    toy = Toy()
    trained = train(toy, collection(views=True), recipe(MMCL(), epochs=4), seed=0, towers=sides)
    after = [p for tower in (sides.image, sides.text) for p in tower.parameters()]
    assert all(torch.equal(one, two) for one, two in zip(before, after, strict=True))
    assert trained.towers == {"image": "frozen", "text": "frozen"}
    assert len(sides.text.read) == 8  # four classes, two captions
    assert trained.history[-1].loss < trained.history[0].loss
    assert not sides.text.training


def test_a_training_whose_towers_froze_is_another_one(tmp_path: Path) -> None:
    shapes, settings = collection(views=True), recipe(MMCL(), epochs=1)
    train(Toy(), shapes, settings, seed=0, towers=towers(text_frozen=True), folder=tmp_path)
    with pytest.raises(FieldstoneError, match="state of another training"):
        train(Toy(), shapes, settings, seed=0, towers=towers(), folder=tmp_path)


def test_towers_that_learn_change() -> None:
    sides = towers(text_frozen=True)
    before = [
        tower.state_dict()[name].clone() for tower, name in ((sides.image, "last.weight"), (sides.text, "table.weight"))
    ]
    trained = train(Toy(), collection(views=True), recipe(MMCL(), epochs=1), seed=0, towers=sides)
    assert not torch.equal(before[0], sides.image.last.weight)
    assert torch.equal(before[1], sides.text.table.weight)
    assert trained.towers == {"image": "trained", "text": "frozen"}
    assert trained.heads["mmcl"].project.weight.shape == (6, 12)


@pytest.mark.parametrize("side", ["image", "text"])
def test_one_tower_is_enough(side: str) -> None:
    sides = Towers(latent=6, image=Seer(6) if side == "image" else None, text=Reader(6) if side == "text" else None)
    shapes = collection(views=side == "image")
    trained = train(Toy(), shapes, recipe(MMCL(), epochs=2), seed=0, towers=sides)
    assert trained.towers == {"image": "none", "text": "none"} | {side: "trained"}


def test_without_a_projection_the_rows_are_the_latent() -> None:
    train(Toy(6), collection(views=True), recipe(MMCL(project=False), epochs=1), seed=0, towers=towers())
    with pytest.raises(FieldstoneError, match="rows have 12 values and the towers' 6"):
        train(Toy(12), collection(views=True), recipe(MMCL(project=False), epochs=1), seed=0, towers=towers())


def test_what_is_missing_is_said() -> None:
    with pytest.raises(FieldstoneError, match="give the collection views"):
        train(Toy(), collection(), recipe(MMCL()), seed=0, towers=towers())
    with pytest.raises(FieldstoneError, match="learns from captions"):
        train(Toy(), collection(views=True, captions=None), recipe(MMCL()), seed=0, towers=towers())


def test_the_towers_of_the_package_fit() -> None:
    from fieldstone.encoders.networks.image import Config as ImageConfig
    from fieldstone.encoders.networks.image import ImageTower
    from fieldstone.encoders.networks.text import Config as TextConfig
    from fieldstone.encoders.networks.text import TextTower

    g = torch.Generator().manual_seed(0)
    sides = Towers(
        latent=8,
        image=ImageTower(ImageConfig(latent=8, size=32), g),
        text=TextTower(TextConfig(latent=8, rows=64, dim=8, depth=1, heads=2), g),
    )
    views = np.random.default_rng(0).integers(0, 256, (40, 2, 32, 32, 4), dtype=np.uint8)
    settings = recipe(MMCL(), epochs=1, steps=2)
    trained = train(Toy(), dataclasses.replace(collection(), views=views), settings, seed=0, towers=sides)
    assert np.isfinite(trained.history[0].loss)
