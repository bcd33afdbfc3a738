"""Heads have the papers' layers, and start from their generator alone."""

import pytest

torch = pytest.importorskip("torch")

from fieldstone.training.heads import classifier, projection, projector  # noqa: E402


def g(seed: int = 0) -> "torch.Generator":
    return torch.Generator().manual_seed(seed)


def widths(head: "torch.nn.Module") -> list[tuple[int, int]]:
    return [(m.in_features, m.out_features) for m in head.modules() if isinstance(m, torch.nn.Linear)]


def test_layers_are_those_of_the_paper_and_of_its_checkpoints() -> None:
    assert widths(classifier(768, 40, "paper", g())) == [(768, 512), (512, 256), (256, 40)]
    assert widths(classifier(768, 40, "linear", g())) == [(768, 40)]
    released = classifier(768, 40, "released", g())
    assert widths(released) == [(768, 768), (768, 40)]
    assert [type(m).__name__ for m in released] == ["Linear", "BatchNorm1d", "ReLU", "Dropout", "Linear"]
    assert released[3].p == 0.25
    siamese = projector(768, 1024, g())
    assert widths(siamese) == [(768, 1024), (1024, 1024), (1024, 1024)]
    assert [type(m).__name__ for m in siamese] == ["Linear", "BatchNorm1d", "ReLU"] * 2 + ["Linear"]


def test_first_weights_follow_from_the_generator() -> None:
    one, two, other = (projector(6, 8, g(seed)).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert not torch.equal(one["0.weight"], other["0.weight"])
    assert float(one["0.weight"].abs().max()) <= 6**-0.5


def test_a_projection_is_ulips() -> None:
    layer = projection(768, 512, g())
    assert layer.bias is None
    assert float(layer.weight.detach().std()) == pytest.approx(512**-0.5, rel=0.02)
