"""A weight file with encoders of small neural fields, and fits that take no time; the weights mean nothing."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from fieldstone.encoders import on_the_fly
from fieldstone.encoders.inr import Kind
from fieldstone.encoders.networks.field_towers import save_encoders
from fieldstone.encoders.networks.inr import Config, Inr
from fieldstone.fields.fit import fit
from fieldstone.fields.network import NeuralField
from fieldstone.fields.sampling import Sampling
from fieldstone.fields.schedule import Schedule
from tests.fields.fits import CONFIGS

KINDS: dict[Kind, int] = {("hashgrid", "sdf"): 6, ("hashgrid", "udf"): 6, ("octree", "sdf"): 8}
"""And the features of each at a place."""
CARD: dict[str, Any] = {
    "title": "tiny", "source": "a test", "invariances": [], "normalisation": "unit_sphere_bbox", "up": None,
}  # fmt: skip
QUICK: dict[str, Any] = {
    "sampling": Sampling(uniform=500, surface=500, near=500),
    "schedule": Schedule(epochs=1, batch=512, rate=1e-2),
}


def encoders(kinds: Mapping[Kind, int] = KINDS) -> dict[Kind, Inr]:
    made = {}
    for i, (kind, channels) in enumerate(kinds.items()):
        straight = {"rows": channels + 6, "blocks": 2, "rank": 4} if kind[0] == "octree" else {}
        config = Config(width=128, hidden=(16, 24), channels=channels, convolutions=3, groups=2, grid=8, **straight)
        made[kind] = Inr(config, torch.Generator().manual_seed(i))
        made[kind].weights.layers[1].running_var.mul_(1e-9)  # below what float16 can hold
        if straight:
            made[kind].straight.mean.add_(1.0001)
            made[kind].straight.spread.mul_(1e-9)
    return made


def tiny_fields(path: Path, kinds: Mapping[Kind, int] = KINDS, *, named: str = "tiny-fields@1", **card: Any) -> Path:
    name, _, version = named.partition("@")
    save_encoders(path, encoders(kinds), CONFIGS, half=4, name=name, version=int(version), card={**CARD, **card})
    return path


def quickly(patch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """From now on fits and distillations for an encoder take milliseconds; the kinds of those that were made."""
    asked: list[tuple[str, str]] = []

    def quick(*given: Any, **settings: Any) -> NeuralField:
        found = fit(*given, **{**settings, **QUICK})
        asked.append((found.network.architecture, found.function))
        return found

    patch.setattr(on_the_fly, "fit", quick)
    return asked
