from itertools import pairwise

import pytest

torch = pytest.importorskip("torch")

from fieldstone.nn.sine import SineMLP  # noqa: E402


def drawn(widths: tuple[int, ...], seed: int) -> SineMLP:
    g = torch.Generator().manual_seed(seed)
    layers = list(pairwise(widths))
    weights = [torch.rand(n, m, generator=g).double() - 0.5 for n, m in layers]
    return SineMLP(weights, [torch.rand(m, generator=g).double() - 0.5 for _, m in layers])


def places(*shape: int) -> torch.Tensor:
    """In float64: omega = 30 makes of float32's last bit more than a tolerance of 1e-5 in two layers."""
    return torch.rand(*shape, generator=torch.Generator().manual_seed(1)).double()


def test_is_the_formula_of_the_paper() -> None:
    network = drawn((3, 5, 4, 2), 0)
    points = places(7, 3)
    h = torch.sin(30 * (points @ network.weights[0] + network.biases[0]))
    h = torch.sin(30 * (h @ network.weights[1] + network.biases[1]))
    torch.testing.assert_close(network(points), h @ network.weights[2] + network.biases[2])


def test_a_stack_is_its_networks_side_by_side() -> None:
    single = [drawn((3, 6, 1), k) for k in range(3)]
    stack = SineMLP(
        [torch.stack([s.weights[i].detach() for s in single]) for i in range(2)],
        [torch.stack([s.biases[i].detach() for s in single]) for i in range(2)],
    )
    points = places(3, 9, 3)
    expected = torch.stack([s(p) for s, p in zip(single, points, strict=True)])
    torch.testing.assert_close(stack(points), expected)
