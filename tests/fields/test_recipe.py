"""What a fit is asked for, and on what it runs, is looked at before any work."""

import importlib.util
from typing import get_args

import numpy as np
import pytest

from fieldstone.errors import FieldstoneError, MissingExtra
from fieldstone.fields.fit import fit
from fieldstone.fields.hashgrid import HashGridConfig
from fieldstone.fields.machine import check_machine, side_by_side
from fieldstone.fields.network import Architecture
from fieldstone.fields.recipe import one_of, recipe
from fieldstone.fields.schedule import fast, siren


def never(_: np.ndarray) -> np.ndarray:
    raise AssertionError("the source was asked")


def test_what_is_not_given_is_the_default() -> None:
    grid, sines = recipe("hashgrid", "sdf", seed=np.int64(3)), recipe("siren", "sdf", stop_at=np.float32(0.5))
    assert (grid.config, grid.schedule, grid.seed, type(grid.seed)) == (HashGridConfig(), fast(), 3, int)
    assert (sines.schedule, sines.schedule.rate, sines.stop_at) == (siren(), 1e-4, 0.5)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"stop_at": float("nan")}, "mean error to stop at"),
        ({"stop_at": float("inf")}, "mean error to stop at"),
        ({"stop_at": -0.1}, "mean error to stop at"),
        ({"seed": -1}, "seed is a whole number"),
        ({"config": HashGridConfig()}, "has a TriplaneConfig, not a HashGridConfig"),
    ],
)
def test_what_makes_no_fit_is_said_before_it(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        recipe("triplane", "sdf", **wrong)


def test_names_that_are_none_are_told_the_choices() -> None:
    one_of("architecture", "octree", Architecture)
    with pytest.raises(ValueError, match="architecture 'voxels' is none: give siren, octree, hashgrid or triplane"):
        one_of("architecture", "voxels", Architecture)
    assert len(get_args(Architecture)) == 4


@pytest.mark.parametrize("workers", [0, -1])
def test_no_threads_are_too_few(workers: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        fit(never, workers=workers)


def test_torch_and_the_device_come_before_the_source(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    with pytest.raises(FieldstoneError, match="cannot compute on the device 'nonsense'"):
        fit(never, device="nonsense")
    check_machine("siren", "cpu", 1)
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "torch" else find(name))
    with pytest.raises(MissingExtra, match="pip install"):
        fit(never, "siren")


def test_sirens_side_by_side_have_a_thread_each() -> None:
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        with side_by_side(2, "siren", "cpu") as pool:
            assert {pool.submit(torch.get_num_threads).result() for _ in range(4)} == {1}
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
