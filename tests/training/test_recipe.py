"""Recipes are the papers'."""

import json
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")

from fieldstone.training import recipe as recipes
from fieldstone.training.augment import Augment, paper, released
from fieldstone.training.mmcl import MMCL
from fieldstone.training.objectives import Classification, VICReg
from fieldstone.training.recipe import Recipe
from fieldstone.training.schedule import Schedule


def test_the_papers_numbers() -> None:
    tuned = recipes.classification("paper", "modelnet40")
    assert (tuned.epochs, tuned.batch, tuned.schedule) == (100, 64, Schedule(rate=5e-5, warm=0.2))
    assert tuned.objectives == (Classification(head="paper"),)
    assert tuned.augment == paper("modelnet40")
    scratch = recipes.vicreg("paper", "mcb", tuned=False)
    assert (scratch.epochs, scratch.batch, scratch.schedule) == (100, 48, Schedule(rate=3e-4))
    assert recipes.vicreg("paper", "shapenet").epochs == 50
    assert recipes.mmcl("paper").batch == 32
    assert recipes.mmcl("paper", tuned=False).epochs == 200


def test_the_released_numbers() -> None:
    scans = recipes.classification("released", "scanobjectnn")
    assert scans.schedule == Schedule(rate=2e-4, warm=0.2, kind="one_cycle")
    assert (scans.decay, scans.epochs, scans.batch) == (3e-3, 50, 64)
    assert scans.augment == released("scanobjectnn")
    assert recipes.classification("released", "objaverse_easy").batch == 32
    assert recipes.classification("released", "modelnet40").decay == 1e-6
    assert recipes.classification("released", "mcb").schedule.rate == 8e-5


def test_ulips_numbers() -> None:
    pre = recipes.mmcl("ulip")
    assert (pre.epochs, pre.batch, pre.decay, pre.beta2) == (250, 64, 0.1, 0.98)
    rates, _ = pre.schedule.steps(pre.epochs, 100)
    assert np.argmax(rates) in (99, 100)
    assert rates[99] == pytest.approx(3e-3)
    assert rates[-1] == pytest.approx(1e-5, rel=1e-3)
    assert pre.augment.dropout == 0.875


def test_settings_are_json_and_name_their_objectives() -> None:
    three = replace(recipes.classification(), objectives=(Classification(), VICReg(), MMCL()))
    settings = json.loads(json.dumps(three.settings))
    assert [method["method"] for method in settings["objectives"]] == ["classification", "vicreg", "mmcl"]
    assert settings["augment"]["rotation"] == "any"
    assert three.branches == 2
    assert recipes.classification().branches == 1


@pytest.mark.parametrize(
    "given", [{"objectives": ()}, {"objectives": (VICReg(), VICReg())}, {"epochs": 0}, {"batch": 1}, {"patience": 0}]
)
def test_a_recipe_that_learns_nothing_is_refused(given: dict[str, object]) -> None:
    usual: dict[str, object] = {
        "objectives": (VICReg(),), "augment": Augment(), "schedule": Schedule(rate=1e-3), "epochs": 1, "batch": 8,
    }  # fmt: skip
    with pytest.raises(ValueError, match="a recipe has"):
        Recipe(**(usual | given))
