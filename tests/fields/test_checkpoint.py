"""A fit that was stopped and goes on, and files that are no state of a fit."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from fieldstone.errors import BrokenFile, FileError
from fieldstone.fields.fit import fit, truth_of
from fieldstone.fields.fitting import Fitting
from fieldstone.fields.lesson import Lesson
from fieldstone.fields.network import NeuralField
from fieldstone.fields.recipe import recipe
from fieldstone.progress import Silent
from tests.fields.fits import CONFIGS, FEW, SHORT, ball


class Notes(Silent):
    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, text: str) -> None:
        self.said.append(text)


def fit_shortly(**given: object) -> NeuralField:
    short = dataclasses.replace(SHORT, epochs=1)
    return fit(ball(n=8), "triplane", config=CONFIGS["triplane"], sampling=FEW, schedule=short, **given)


@pytest.mark.parametrize("redraw", [False, True])
def test_a_fit_goes_on_where_it_was_stopped(tmp_path: Path, redraw: bool) -> None:
    sampling = dataclasses.replace(FEW, redraw=redraw)

    def fresh() -> Fitting:
        truth, _, _ = truth_of(ball(), "sdf")
        return Fitting(
            Lesson(truth, recipe("hashgrid", "sdf", config=CONFIGS["hashgrid"], schedule=SHORT, sampling=sampling))
        )

    whole, first, second = fresh(), fresh(), fresh()
    for _ in range(4):
        whole.epoch()
    first.epoch()
    first.epoch()
    first.save(tmp_path / "state")
    assert second.restore(tmp_path / "state")
    assert second.epochs_done == 2
    second.epoch()
    second.epoch()
    for name, tensor in whole.network.tensors().items():
        np.testing.assert_array_equal(tensor, second.network.tensors()[name])


def test_a_state_of_another_fit_is_not_gone_on_with(tmp_path: Path) -> None:
    def fresh(radius: float, seed: int = 0) -> Fitting:
        truth, _, _ = truth_of(ball(radius=radius, n=8 + int(radius)), "sdf")
        return Fitting(
            Lesson(
                truth, recipe("hashgrid", "sdf", config=CONFIGS["hashgrid"], schedule=SHORT, sampling=FEW, seed=seed)
            )
        )

    one = fresh(2.0)
    one.save(tmp_path / "state")
    assert fresh(2.0).restore(tmp_path / "state")
    assert not fresh(2.0, seed=1).restore(tmp_path / "state")
    assert not fresh(4.0).restore(tmp_path / "state")
    (tmp_path / "state").write_bytes(b"nonsense")
    with pytest.raises(BrokenFile, match="not the saved state"):
        one.restore(tmp_path / "state")


def test_a_checkpoint_is_gone_at_the_end(tmp_path: Path) -> None:
    fit_shortly(checkpoint=tmp_path / "state")
    assert list(tmp_path.iterdir()) == []


def foreign(about: object) -> bytes:
    metadata = None if about is None else {"fieldstone": json.dumps(about)}
    return safetensors.numpy.save({"weights": np.ones(3, dtype=np.float32)}, metadata)


@pytest.mark.parametrize(
    "data",
    [b"my thesis", foreign(None), foreign({"format": 1}), foreign([1]), foreign({"key": "a", "epochs_done": None})],
)
def test_a_file_of_the_users_is_never_deleted(tmp_path: Path, data: bytes) -> None:
    place = tmp_path / "weights.safetensors"
    place.write_bytes(data)
    with pytest.raises(BrokenFile, match="not the saved state"):
        fit_shortly(checkpoint=place)
    assert place.read_bytes() == data


def test_a_folder_is_no_state(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="not the saved state"):
        fit_shortly(checkpoint=tmp_path)


def test_the_state_of_another_fit_is_replaced_and_said(tmp_path: Path) -> None:
    truth, _, _ = truth_of(ball(n=8), "sdf")
    other = Fitting(Lesson(truth, recipe("triplane", "sdf", config=CONFIGS["triplane"], schedule=SHORT, sampling=FEW)))
    other.save(tmp_path / "state")
    notes = Notes()
    fit_shortly(checkpoint=tmp_path / "state", progress=notes)
    assert len(notes.said) == 1
    assert "state of another fit" in notes.said[0]
    assert list(tmp_path.iterdir()) == []


def test_a_state_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    truth, _, _ = truth_of(ball(n=8), "sdf")
    one = Fitting(Lesson(truth, recipe("triplane", "sdf", config=CONFIGS["triplane"], schedule=SHORT, sampling=FEW)))
    with pytest.raises(FileError, match="cannot be written"):
        one.save(tmp_path / "none" / "state")
