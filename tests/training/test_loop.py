"""A training lowers its loss, reproduces itself, goes on where it stopped, and keeps what validation likes best."""

import contextlib
import dataclasses
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fieldstone.errors import BrokenFile, FieldstoneError  # noqa: E402
from fieldstone.progress import Silent  # noqa: E402
from fieldstone.training.loop import Trained, train  # noqa: E402
from fieldstone.training.mmcl import MMCL  # noqa: E402
from fieldstone.training.objectives import Classification, VICReg  # noqa: E402
from fieldstone.training.state import read_state  # noqa: E402
from tests.training.toys import Toy, collection, recipe, towers  # noqa: E402

BOTH = (Classification(), VICReg(weight=0.04, width=16))
ALL = (*BOTH, MMCL())


class Stop(Silent):
    """Ends the process, as far as the training can tell, after so many steps."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def advance(self, done: int = 1, detail: str = "") -> None:
        self.left -= done
        if self.left < 0:
            raise KeyboardInterrupt


def weights(module: "torch.nn.Module") -> dict[str, bytes]:
    return {name: value.numpy().tobytes() for name, value in module.state_dict().items()}


def run(*objectives: object, network: Toy | None = None, seed: int = 3, **given: object) -> tuple[Toy, Trained]:
    toy = network or Toy()
    settings = {"epochs": given.pop("epochs", 3)}
    sides = towers() if any(isinstance(o, MMCL) for o in objectives) else None
    shapes = collection(views=sides is not None)
    return toy, train(toy, shapes, recipe(*objectives, **settings), seed=seed, towers=sides, **given)


@pytest.mark.parametrize("objective", [Classification(), Classification(head="paper"), VICReg(width=16), MMCL()])
def test_each_objective_lowers_its_own_loss(objective: object) -> None:
    _, trained = run(objective, epochs=10)
    assert trained.history[-1].loss < 0.92 * trained.history[0].loss


def test_a_sum_of_objectives_is_no_special_case() -> None:
    _, trained = run(*ALL, epochs=8)
    first, last = trained.history[0], trained.history[-1]
    assert set(first.parts) == {"classification", "vicreg", "mmcl"}
    for epoch in trained.history:
        parts = epoch.parts["classification"] + 0.04 * epoch.parts["vicreg"] + epoch.parts["mmcl"]
        assert epoch.loss == pytest.approx(parts)
    assert last.loss < first.loss
    assert trained.towers == {"image": "trained", "text": "trained"}


def test_same_seed_same_bytes() -> None:
    one, first = run(*ALL)
    torch.rand(7)
    two, second = run(*ALL)
    assert weights(one) == weights(two)
    assert first.history == second.history
    other, _ = run(*ALL, seed=4)
    assert weights(one) != weights(other)


def test_the_global_generator_stays_where_it_was() -> None:
    toy, before = Toy(), torch.random.get_rng_state()
    run(*BOTH, network=toy)
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("steps", [2, 4, 7, 9])
def test_a_training_that_was_stopped_ends_in_the_same_bytes(tmp_path: Path, steps: int) -> None:
    whole, unbroken = run(*ALL, folder=tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        run(*ALL, folder=tmp_path / "stopped", progress=Stop(steps))
    again, resumed = run(*ALL, folder=tmp_path / "stopped")
    assert weights(again) == weights(whole)
    assert resumed.history == unbroken.history
    assert {n: weights(m) for n, m in resumed.heads.items()} == {n: weights(m) for n, m in unbroken.heads.items()}
    for name in ("state.safetensors", "history.json", "curve.svg"):
        assert (tmp_path / "stopped" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_finished_training_is_not_done_again(tmp_path: Path) -> None:
    whole, first = run(*BOTH, folder=tmp_path)
    again, second = run(*BOTH, folder=tmp_path, progress=Stop(12))
    assert weights(again) == weights(whole)
    assert first.history == second.history


def test_another_training_or_a_foreign_file_is_not_gone_on_with(tmp_path: Path) -> None:
    run(*BOTH, folder=tmp_path, epochs=1)
    for other in ({"seed": 4}, {"epochs": 2}, {"network": Toy(seed=1)}):
        with pytest.raises(FieldstoneError, match="state of another training"):
            run(*BOTH, folder=tmp_path, **{"epochs": 1, **other})
    (tmp_path / "state.safetensors").write_bytes(b"my thesis")
    with pytest.raises(BrokenFile, match="not the saved state"):
        run(*BOTH, folder=tmp_path, epochs=1)
    assert (tmp_path / "state.safetensors").read_bytes() == b"my thesis"


def test_the_network_keeps_the_epoch_that_validation_likes_best(tmp_path: Path) -> None:
    toy, trained = run(Classification(), epochs=8)
    best = max(trained.history, key=lambda epoch: (epoch.val_accuracy, -epoch.val_loss))
    assert trained.best_epoch == best.number
    assert not toy.training
    with contextlib.suppress(KeyboardInterrupt):
        run(Classification(), epochs=8, folder=tmp_path, progress=Stop(4 * trained.best_epoch))
    then = read_state(tmp_path / "state.safetensors")
    assert len(then.history) == trained.best_epoch
    for name, value in toy.state_dict().items():
        assert torch.equal(then.tensors[f"backbone.{name}"], value)


def test_early_stopping_waits_for_its_patience() -> None:
    shapes = collection()
    wrong = shapes.labels.copy()
    wrong[shapes.rows("val")] = (wrong[shapes.rows("val")] + 1) % 4  # what is learnt makes validation worse
    shapes, settings = dataclasses.replace(shapes, labels=wrong), recipe(Classification(), epochs=12)
    whole = train(Toy(), shapes, settings, seed=3)
    stopped = train(Toy(), shapes, dataclasses.replace(settings, patience=2), seed=3)
    assert len(stopped.history) == stopped.best_epoch + 2 < 12
    assert stopped.history == whole.history[: len(stopped.history)]


def test_validation_shapes_are_never_learnt_from() -> None:
    shapes = collection()
    spoilt = shapes.points.copy()
    spoilt[shapes.rows("val")] = 0.0
    settings = dataclasses.replace(recipe(*BOTH), select="last")
    one, two = Toy(), Toy()
    train(one, shapes, settings, seed=0)
    train(two, dataclasses.replace(shapes, points=spoilt), settings, seed=0)
    assert weights(one) == weights(two)


def test_without_labels_the_loss_on_validation_shapes_decides() -> None:
    shapes = collection(labels=np.full(40, -1), classes=())
    trained = train(Toy(), shapes, recipe(VICReg(width=16), epochs=4), seed=0)
    assert all(epoch.val_accuracy is None for epoch in trained.history)
    assert trained.best_epoch == 1 + int(np.argmin([epoch.val_loss for epoch in trained.history]))


def test_without_validation_shapes_the_last_epoch_is_kept() -> None:
    trained = train(Toy(), collection(split=("train",) * 40), recipe(*BOTH), seed=0)
    assert trained.best_epoch == 3
    assert trained.history[0].val_loss is trained.history[0].val_accuracy is None


def test_patches_are_left_out_in_training_only() -> None:
    toy = Toy()
    settings = dataclasses.replace(recipe(Classification(), epochs=1), keep=8)
    train(toy, collection(), settings, seed=0)
    assert toy.kept[:4] == [8] * 4
    assert set(toy.kept[4:]) == {None}


def test_half_precision_trains_too() -> None:
    toy = Toy()
    trained = train(toy, collection(), dataclasses.replace(recipe(*BOTH, epochs=6), bf16=True), seed=0)
    assert trained.history[-1].loss < trained.history[0].loss
    assert all(value.dtype != torch.bfloat16 for value in toy.state_dict().values())


def test_what_cannot_be_trained_is_said() -> None:
    with pytest.raises(FieldstoneError, match="two classes or more"):
        train(Toy(), collection(labels=np.full(40, -1)), recipe(Classification()), seed=0)
    with pytest.raises(FieldstoneError, match="two shapes or more"):
        train(Toy(), collection(split=("val",) * 40), recipe(VICReg(width=8)), seed=0)
    with pytest.raises(FieldstoneError, match="needs an image or a text tower"):
        train(Toy(), collection(), recipe(MMCL()), seed=0)
    with pytest.raises(FieldstoneError, match="cannot compute on the device"):
        train(Toy(), collection(), recipe(Classification()), seed=0, device="abacus")
    spoilt = dataclasses.replace(collection(), points=collection().points * np.float32(np.nan))
    with pytest.raises(FieldstoneError, match="no number any more in epoch 1"):
        train(Toy(), spoilt, recipe(Classification()), seed=0)


def test_a_batch_is_never_larger_than_the_set_and_a_rest_waits() -> None:
    settings = dataclasses.replace(recipe(Classification(), epochs=1), batch=20)
    toy = Toy()
    train(toy, collection(), settings, seed=0)
    assert len(toy.kept) == 1 + 1 + 1 + 2  # a step of 20 of 32 shapes; norms; the loss on 8; 40 rows in two parts
    toy = Toy()
    train(toy, collection(), dataclasses.replace(settings, batch=64, gallery=8), seed=0)
    assert len(toy.kept) == 4
