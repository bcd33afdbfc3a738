from itertools import pairwise

import numpy as np
import pytest

from fieldstone.fields.network import Network
from fieldstone.fields.siren import BLOCK, Siren, SirenConfig, inret_siren, small_siren

SMALL = SirenConfig(hidden=16, layers=3)


def make(config: SirenConfig = SMALL, outputs: int = 1, seed: int = 0) -> Siren:
    generator, widths = np.random.default_rng(seed), config.widths(outputs)
    tensors = {}
    for i, (n, m) in enumerate(pairwise(widths)):
        bound = 1 / n if i == 0 else np.sqrt(6 / n) / config.omega
        tensors[f"weights.{i}"] = generator.uniform(-bound, bound, (n, m)).astype(np.float32)
        tensors[f"biases.{i}"] = generator.uniform(-(n**-0.5), n**-0.5, m).astype(np.float32)
    return Siren.of(config, tensors)


def exact(network: Siren, points: np.ndarray) -> np.ndarray:
    h = points.astype(np.float64)
    for weight, bias in zip(network.weights[:-1], network.biases[:-1], strict=True):
        h = np.sin(network.config.omega * (h @ weight.astype(np.float64) + bias))
    return h @ network.weights[-1].astype(np.float64) + network.biases[-1]


def test_is_a_network_of_the_papers_size() -> None:
    network = make(inret_siren())
    assert isinstance(network, Network)
    assert network.architecture == "siren"
    assert sum(t.size for t in network.tensors().values()) == 790_529
    assert sum(t.size for t in make(small_siren()).tensors().values()) == 33_665


@pytest.mark.parametrize("outputs", [1, 4])
def test_values_are_the_formula_in_any_number(outputs: int) -> None:
    network, points = make(outputs=outputs), np.random.default_rng(1).uniform(-1, 1, (BLOCK + 3, 3)).astype(np.float32)
    values = network.forward(points)
    assert values.shape == (BLOCK + 3, outputs)
    np.testing.assert_allclose(values, exact(network, points), atol=1e-5)
    np.testing.assert_array_equal(network.forward(points[:0]), np.zeros((0, outputs)))


@pytest.mark.parametrize("outputs", [1, 4])
def test_slopes_are_the_derivatives_of_the_first_output(outputs: int) -> None:
    network = make(outputs=outputs)
    points = np.random.default_rng(1).uniform(-1, 1, (BLOCK + 3, 3)).astype(np.float32)
    values, slopes = network.forward_and_slopes(points)
    np.testing.assert_array_equal(values, network.forward(points))
    step = 1e-6
    for axis in range(3):
        offset = step * np.eye(3)[axis]
        ahead, behind = exact(network, points + offset)[:, 0], exact(network, points - offset)[:, 0]
        np.testing.assert_allclose(slopes[:, axis], (ahead - behind) / (2 * step), atol=2e-4)


def test_tensors_make_the_network_again() -> None:
    network, points = make(outputs=4), np.random.default_rng(1).uniform(-1, 1, (50, 3)).astype(np.float32)
    again = Siren.of(network.config, network.tensors())
    np.testing.assert_array_equal(again.forward(points), network.forward(points))


def test_other_sizes_are_refused() -> None:
    with pytest.raises(AssertionError, match="a SIREN of"):
        Siren.of(SirenConfig(hidden=8, layers=3), make().tensors())


@pytest.mark.parametrize(
    "given", [{"hidden": 0}, {"layers": 0}, {"omega": 0.0}, {"omega": float("inf")}, {"layers": 33}]
)
def test_numbers_that_make_no_siren_are_refused(given: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="a SIREN has"):
        SirenConfig(**given)


def test_rules_out_nothing() -> None:
    assert make().may_hold(np.zeros((4, 3), np.float32), 0.1).all()
