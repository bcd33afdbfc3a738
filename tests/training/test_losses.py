"""Losses against the formulas, written out."""

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fieldstone.training import losses  # noqa: E402

A = [[1.0, 2.0], [3.0, 0.0], [2.0, 4.0]]
B = [[0.0, 1.0], [2.0, 2.0], [4.0, 0.0]]


def by_hand(form: str) -> float:
    """VICReg of the two batches above, D = 2, n = 3."""
    a, b = np.array(A), np.array(B)
    squares = (a - b) ** 2
    spread = [np.maximum(0, 1 - np.sqrt(x.var(axis=0, ddof=1) + 1e-4)).sum() / 2 for x in (0.3 * a, 0.3 * b)]
    covariance = [(2 * np.cov((0.3 * x).T)[0, 1] ** 2) / 2 for x in (a, b)]
    if form == "released":
        return 25 * 0.09 * squares.mean() + 25 * sum(spread) / 2 + sum(covariance)
    return 25 * 0.09 * squares.sum() / 3 + 25 * sum(spread) + sum(covariance)


@pytest.mark.parametrize("form", ["released", "paper"])
def test_vicreg_is_the_formula(form: str) -> None:
    found = losses.vicreg(0.3 * torch.tensor(A), 0.3 * torch.tensor(B), form)
    assert float(found) == pytest.approx(by_hand(form), rel=1e-5)


def test_vicreg_of_one_point_is_its_variance_term() -> None:
    same = torch.ones(4, 8)
    assert float(losses.vicreg(same, same)) == pytest.approx(25 * (1 - 0.01), rel=1e-5)
    assert float(losses.vicreg(same, same, "paper")) == pytest.approx(50 * (1 - 0.01), rel=1e-5)


def test_contrast_is_info_nce_in_both_directions() -> None:
    a, b = torch.tensor(A), torch.tensor(B)
    unit = [x / x.norm(dim=1, keepdim=True) for x in (a, b)]
    s = (5.0 * unit[0] @ unit[1].T).tolist()
    forth = -sum(s[i][i] - math.log(sum(math.exp(v) for v in s[i])) for i in range(3)) / 3
    back = -sum(s[i][i] - math.log(sum(math.exp(s[j][i]) for j in range(3))) for i in range(3)) / 3
    assert float(losses.contrast(a, b, 5.0)) == pytest.approx((forth + back) / 2, rel=1e-5)


def test_contrast_spreads_its_target_over_what_belongs_together() -> None:
    a, b = torch.tensor(A), torch.tensor(B)
    same = torch.tensor([[True, False, True], [False, True, False], [True, False, True]])
    logits = 5.0 * torch.nn.functional.normalize(a, dim=1) @ torch.nn.functional.normalize(b, dim=1).T
    rows, columns = logits.log_softmax(1), logits.log_softmax(0)
    target = same / same.sum(1, keepdim=True)
    expected = -0.5 * ((target * rows).sum(1).mean() + (target * columns).sum(0).mean())
    assert float(losses.contrast(a, b, 5.0, same)) == pytest.approx(float(expected), rel=1e-5)
    alone = losses.contrast(a, b, 5.0, torch.eye(3, dtype=torch.bool))
    assert float(alone) == pytest.approx(float(losses.contrast(a, b, 5.0)))


def test_classification_leaves_out_what_has_no_label() -> None:
    logits = torch.tensor([[2.0, 0.0, 1.0], [0.0, 0.0, 0.0], [9.0, 9.0, 9.0]])
    expected = (math.log(math.e**2 + 1 + math.e) - 2.0 + math.log(3.0)) / 2
    assert float(losses.classification(logits, torch.tensor([0, 1, -1]))) == pytest.approx(expected, rel=1e-5)
    nothing = losses.classification(logits.requires_grad_(), torch.tensor([-1, -1, -1]))
    assert float(nothing.detach()) == 0.0
    nothing.backward()
    assert logits.grad is not None
    assert float(logits.grad.abs().sum()) == 0.0
