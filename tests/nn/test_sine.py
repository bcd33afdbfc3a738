import math

import pytest

torch = pytest.importorskip("torch")

from fieldstone.nn.sine import SineMLP, sine_bounds  # noqa: E402


def test_is_the_formula_of_the_paper() -> None:
    network = SineMLP.fresh((3, 5, 4, 2), 30.0, torch.Generator().manual_seed(0))
    points = torch.rand(7, 3)
    h = torch.sin(30 * (points @ network.weights[0] + network.biases[0]))
    h = torch.sin(30 * (h @ network.weights[1] + network.biases[1]))
    torch.testing.assert_close(network(points), h @ network.weights[2] + network.biases[2])


def test_the_shared_file_has_these_bounds() -> None:
    bounds = sine_bounds((3, 512, 512, 512, 512, 1), 30.0)
    assert bounds[0] == (1 / 3, 1 / math.sqrt(3))
    assert all(w == pytest.approx(0.00361, abs=5e-6) and b == 1 / math.sqrt(512) for w, b in bounds[1:])
    network = SineMLP.fresh((3, 512, 512, 512, 512, 1), 30.0, torch.Generator().manual_seed(0))
    assert sum(p.numel() for p in network.parameters()) == 790_529
    for (weight, bias), w, b in zip(bounds, network.weights, network.biases, strict=True):
        assert 0.95 * weight < float(w.detach().abs().max()) <= weight
        assert 0.9 * bias < float(b.detach().abs().max()) <= bias or b.numel() == 1


def test_a_stack_is_its_networks_side_by_side() -> None:
    single = [SineMLP.fresh((3, 6, 1), 30.0, torch.Generator().manual_seed(k)) for k in range(3)]
    stack = SineMLP(
        [torch.stack([s.weights[i].detach() for s in single]) for i in range(2)],
        [torch.stack([s.biases[i].detach() for s in single]) for i in range(2)],
    )
    points = torch.rand(3, 9, 3)
    expected = torch.stack([s(p) for s, p in zip(single, points, strict=True)])
    torch.testing.assert_close(stack(points), expected)
