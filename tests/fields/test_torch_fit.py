import importlib.util

import numpy as np
import pytest

from fieldstone.errors import FieldstoneError, MissingExtra
from fieldstone.fields.hashgrid import HashGridConfig
from fieldstone.fields.network import Network
from fieldstone.fields.octree import OctreeConfig
from fieldstone.fields.registry import KINDS
from fieldstone.fields.siren import SirenConfig
from fieldstone.fields.torch_fit import TorchTrainer, require_torch
from fieldstone.fields.trainer import GridTrainer, Trainer
from fieldstone.fields.triplane import TriplaneConfig

GRIDS = ("hashgrid", "octree", "triplane")
EVERY = (*GRIDS, "siren")
SMALL = {
    "hashgrid": HashGridConfig(coarsest=8, finest=24, levels=3, most_rows=4096),
    "octree": OctreeConfig(last=4),
    "triplane": TriplaneConfig(nodes=17),
    "siren": SirenConfig(hidden=32, layers=2, omega=8.0),
}
N, BATCH = 2000, 200
RATES = np.full(N // BATCH, 4e-3, np.float32)


def no_torch() -> bool:
    return importlib.util.find_spec("torch") is None


needs_torch = pytest.mark.skipif(no_torch(), reason="torch is absent here")


def ball(n: int = N, radius: float = 0.6, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    points = np.random.default_rng(seed).uniform(-1, 1, (n, 3)).astype(np.float32)
    return points, np.linalg.norm(points, axis=1, keepdims=True).astype(np.float32) - np.float32(radius)


def order(epoch: int) -> np.ndarray:
    return np.random.default_rng(epoch).permutation(N)


def begin(architecture: str, function: str = "sdf", outputs: int = 1, radius: float = 0.6, seed: int = 0) -> Network:
    surface = np.random.default_rng(seed).standard_normal((20000, 3))
    surface *= radius / np.linalg.norm(surface, axis=1, keepdims=True)
    kind, config = KINDS[architecture], SMALL[architecture]
    return kind.network(config, kind.begin(config, function, outputs, seed, surface.astype(np.float32)))


def after(architecture: str, trainer: Trainer, epochs: int, first: int = 0) -> tuple[Network, list[float]]:
    points, values = ball()
    found = [trainer.epoch(points, values, order(first + e), BATCH, RATES) for e in range(epochs)]
    return KINDS[architecture].network(SMALL[architecture], trainer.tensors()), found


@needs_torch
@pytest.mark.parametrize("architecture", EVERY)
def test_learns_a_ball(architecture: str) -> None:
    trainer = TorchTrainer(begin(architecture), "sdf")
    assert isinstance(trainer, Trainer)
    network, found = after(architecture, trainer, 6)
    assert found[-1] < 0.2 * found[0]
    points, values = ball(seed=1)
    assert np.abs(network.forward(points) - values).mean() < 0.06


@needs_torch
@pytest.mark.parametrize("function", ["sdf", "udf"])
@pytest.mark.parametrize("architecture", GRIDS)
def test_goes_where_the_compiled_kernels_go(architecture: str, function: str) -> None:
    ours = after(architecture, GridTrainer(begin(architecture), function), 2)
    theirs = after(architecture, TorchTrainer(begin(architecture), function), 2)
    np.testing.assert_allclose(ours[1], theirs[1], rtol=2e-3)
    points, _ = ball(seed=1)
    assert np.abs(ours[0].forward(points) - theirs[0].forward(points)).mean() < 2e-3


@needs_torch
@pytest.mark.parametrize("architecture", EVERY)
def test_a_stack_trains_each_shape_as_it_would_be_alone(architecture: str) -> None:
    from fieldstone.fields.torch_stack import StackTrainer

    radii = (0.5, 0.7)
    shapes = [ball(radius=radius, seed=s) for s, radius in enumerate(radii)]
    networks = [begin(architecture, radius=radius, seed=s) for s, radius in enumerate(radii)]
    stack = StackTrainer(networks, "sdf")
    points, values = (np.stack(arrays) for arrays in zip(*shapes, strict=True))
    together = stack.epoch(points, values, np.stack([order(0), order(1)]), BATCH, RATES)
    for s, network in enumerate(networks):
        alone = TorchTrainer(network, "sdf")
        assert alone.epoch(*shapes[s], order(s), BATCH, RATES) == pytest.approx(together[s], rel=1e-3)
        kind, config = KINDS[architecture], SMALL[architecture]
        one, other = (kind.network(config, tensors) for tensors in (alone.tensors(), stack.tensors()[s]))
        probe, _ = ball(seed=5)
        assert np.abs(one.forward(probe) - other.forward(probe)).mean() < 2e-3


@needs_torch
@pytest.mark.parametrize("architecture", EVERY)
def test_goes_on_in_the_same_bytes(architecture: str) -> None:
    through = TorchTrainer(begin(architecture), "sdf")
    after(architecture, through, 2)
    first = TorchTrainer(begin(architecture), "sdf")
    after(architecture, first, 1)
    second = TorchTrainer(begin(architecture, seed=0), "sdf")
    second.restore(first.state())
    after(architecture, second, 1, first=1)
    for name, array in through.tensors().items():
        np.testing.assert_array_equal(array, second.tensors()[name])


@needs_torch
def test_missing_colours_ask_for_nothing() -> None:
    points, values = ball()
    gray = np.full((N, 3), np.nan, np.float32)
    gray[::2] = 0.25
    trainer = TorchTrainer(begin("siren", outputs=4), "sdf")
    found = [trainer.epoch(points, np.hstack([values, gray]), order(e), BATCH, RATES) for e in range(4)]
    assert np.isfinite(found).all()
    network = KINDS["siren"].network(SMALL["siren"], trainer.tensors())
    assert np.abs(network.forward(points)[:, 1:] - 0.25).mean() < 0.05


@needs_torch
def test_an_unknown_device_is_one_sentence() -> None:
    with pytest.raises(FieldstoneError, match="torch cannot compute on the device 'nowhere'"):
        TorchTrainer(begin("siren"), "sdf", "nowhere")


def test_without_torch_the_install_line_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r'pip install "fieldstone\[neural\]"'):
        TorchTrainer(begin("siren"), "sdf")
    with pytest.raises(MissingExtra, match="fitting"):
        require_torch("fitting")
