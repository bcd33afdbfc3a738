"""The losses of one tiny training, number by number: a change in any draw, formula or order shows here.

Written by `python -m tests.training.test_golden`. Products differ in their last digits between machines, hence the
tolerance.
"""

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from fieldstone.training.history import Epoch  # noqa: E402
from fieldstone.training.loop import train  # noqa: E402
from fieldstone.training.mmcl import MMCL  # noqa: E402
from fieldstone.training.objectives import Classification, VICReg  # noqa: E402
from tests.training.toys import Toy, collection, recipe, towers  # noqa: E402

GOLDEN = Path(__file__).parents[1] / "golden" / "training.json"


def history() -> list[Epoch]:
    methods = (Classification(smoothing=0.1), VICReg(weight=0.04, width=16), MMCL())
    return train(Toy(), collection(views=True), recipe(*methods), seed=11, towers=towers()).history


def test_the_losses_are_those_written_down() -> None:
    written = [Epoch(**epoch) for epoch in json.loads(GOLDEN.read_text())]
    for found, known in zip(history(), written, strict=True):
        assert found.rate == known.rate
        assert found.parts == pytest.approx(known.parts, rel=2e-3)
        assert found.loss == pytest.approx(known.loss, rel=2e-3)
        assert found.val_loss == pytest.approx(known.val_loss, rel=5e-3)


if __name__ == "__main__":
    torch.set_num_threads(1)
    GOLDEN.write_text(json.dumps([epoch.settings for epoch in history()], indent=1) + "\n")
