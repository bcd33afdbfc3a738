"""The figures of a training as a picture, and which epoch they choose."""

from xml.etree import ElementTree as ET

import pytest

pytest.importorskip("torch")

from fieldstone.training.curve import curve
from fieldstone.training.history import Epoch, best_of
from fieldstone.training.nearest import nearest_accuracy

SVG = "{http://www.w3.org/2000/svg}"


def history(accuracies: list[float | None], losses: list[float | None]) -> list[Epoch]:
    return [
        Epoch(number=i + 1, rate=1e-3, loss=2.0 - 0.1 * i, parts={}, val_loss=loss, val_accuracy=accuracy)
        for i, (accuracy, loss) in enumerate(zip(accuracies, losses, strict=True))
    ]


def test_the_best_epoch() -> None:
    epochs = history([0.5, 0.7, 0.7, 0.6], [1.5, 1.2, 1.1, 1.1])
    assert best_of(epochs) == 3  # as accurate as the second, at a lower loss
    assert best_of(history([0.5, 0.7, 0.7], [1.0, 1.0, 1.0])) == 2
    assert best_of(epochs, "loss") == 3
    assert best_of(epochs, "last") == 4
    assert best_of(history([None] * 3, [1.5, float("nan"), 1.6])) == 1
    assert best_of(history([None] * 3, [float("nan"), 1.6, 1.5])) == 3
    assert best_of(history([0.7, 0.7], [float("nan"), 1.6])) == 2
    assert best_of(history([None] * 3, [None] * 3)) == 3
    assert best_of([]) == 0


def test_a_curve_is_an_svg_with_its_lines() -> None:
    root = ET.fromstring(curve(history([0.5, 0.7, None], [1.5, 1.2, 1.1]), 2))
    paths = [path.attrib["d"] for path in root.iter(f"{SVG}path")]
    assert [d.count(" L") for d in paths] == [2, 2, 1]
    ends = [float(d.split()[1]) for d in paths[:1]] + [float(paths[0].split()[-1])]
    assert ends[0] < ends[1]  # the loss falls, and y grows downwards
    assert {text.text for text in root.iter(f"{SVG}text")} >= {
        "loss",
        "nearest-neighbour accuracy",
        "train",
        "val",
        "epoch 1",
        "3",
    }


def test_a_curve_of_one_epoch_or_without_validation() -> None:
    alone = ET.fromstring(curve(history([None], [None]), 1))
    assert len(list(alone.iter(f"{SVG}path"))) == 1
    assert "nan" not in ET.tostring(alone).decode()


def test_nearest_accuracy_is_by_cosine() -> None:
    import torch

    gallery = torch.tensor([[9.0, 1.0], [0.0, 0.1], [-1.0, 0.0]])
    queries = torch.tensor([[0.1, 0.0], [0.0, 7.0], [-3.0, 1.0], [1.0, 9.0]])
    labels = torch.tensor([0, 1, 2]), torch.tensor([0, 1, 2, 0])
    assert nearest_accuracy(gallery, labels[0], queries, labels[1]) == 0.75
