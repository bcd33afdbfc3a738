"""Shapes trained side by side with torch: networks of one architecture as one stack, one batched product a layer.

On a GPU, the feature tables of a stack are read and stepped by the Triton kernels (kernels/gpu_grid.py); elsewhere by
the plain reference. Either way sums run in a fixed order: same seed, same bytes, on the same machine.
"""

import importlib.util
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import ModuleType
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Float32, Int64
from torch import Tensor, nn

from fieldstone.errors import FieldstoneError
from fieldstone.fields.field import Function
from fieldstone.fields.grid import DECODER, GridNetwork
from fieldstone.fields.network import Network
from fieldstone.fields.siren import Siren
from fieldstone.kernels import reference
from fieldstone.kernels.reference import BETAS, EPSILON, decode, lattice_of, losses
from fieldstone.nn.sine import SineMLP

__all__ = ["StackTrainer", "device_of"]


class StackTrainer:
    """Adam on networks of one architecture and configuration; each has its own points, values and order.

    Tables are stepped on touched rows only, as on the CPU (kernels/adam.py).
    """

    def __init__(self, networks: Sequence[Network], function: Function, device: str = "cpu") -> None:
        """Begin at the networks' parameters. FieldstoneError where torch does not know the device."""
        self._device = device_of(device)
        self._squared = function == "sdf"
        self._step = 0
        self._model = _model(networks, self._device)
        self._parameters = self._model.parameters()
        self._optimiser = torch.optim.Adam(self._parameters, betas=BETAS, eps=EPSILON, fused=True)
        for p in self._parameters:
            count = torch.zeros((), device=self._device)
            moments = {"exp_avg": torch.zeros_like(p), "exp_avg_sq": torch.zeros_like(p)}
            self._optimiser.state[p] = {"step": count, **moments}

    def epoch(
        self,
        points: Float32[np.ndarray, "shapes n 3"],
        values: Float32[np.ndarray, "shapes n outputs"],
        order: Int64[np.ndarray, "shapes n"],
        batch: int,
        rates: Float32[np.ndarray, "steps"],
    ) -> Float32[np.ndarray, "shapes"]:
        """One pass over each shape's points in its order, a learning rate a step; the mean loss of each.

        Points of a batch are taken in the order in which they stand in `points`, as on the CPU.
        """
        at, to, rows = (torch.from_numpy(array).to(self._device) for array in (points, values, order))
        total = torch.zeros(len(points), device=self._device)
        with _current(self._device):
            for rate, start in zip(rates.tolist(), range(0, order.shape[1], batch), strict=True):
                chosen = rows[:, start : start + batch].sort(dim=1).values[..., None]
                loss = self._one_step(at.take_along_dim(chosen, dim=1), to.take_along_dim(chosen, dim=1), rate)
                total += loss * chosen.shape[1]
        return (total / order.shape[1]).cpu().numpy()

    def _one_step(
        self, points: Float[Tensor, "shapes n 3"], values: Float[Tensor, "shapes n outputs"], rate: float
    ) -> Float[Tensor, "shapes"]:
        self._step += 1
        loss = losses(self._model(points), values, self._squared)
        self._optimiser.zero_grad()
        torch.autograd.backward(loss.sum())
        self._optimiser.param_groups[0]["lr"] = rate
        self._optimiser.step()
        self._model.step_table(rate, self._step)
        return loss.detach()

    def tensors(self) -> list[dict[str, np.ndarray]]:
        """The parameters of each network as they are now, and a grid's structure."""
        return self._model.tensors()

    def state(self) -> dict[str, np.ndarray]:
        """Parameters, moments and the number of steps of the whole stack."""
        kept = {name: _numpy(array) for name, array in self._state().items()}
        return {**kept, "step": np.array([self._step], dtype=np.int64)}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on from a state of the same stack."""
        with torch.no_grad():
            for name, array in self._state().items():
                array.copy_(torch.from_numpy(np.array(state[name])))
        self._step = int(state["step"][0])
        for p in self._parameters:
            self._optimiser.state[p]["step"].fill_(self._step)

    def _state(self) -> dict[str, Tensor]:
        named = dict(self._model.state())
        for i, p in enumerate(self._parameters):
            moments = self._optimiser.state[p]
            named |= {f"layer.{i}": p.data, f"first.{i}": moments["exp_avg"], f"second.{i}": moments["exp_avg_sq"]}
        return named


class _Sines:
    """SIRENs."""

    def __init__(self, networks: Sequence[Siren], device: torch.device) -> None:
        assert len({network.config for network in networks}) == 1, "a stack has one configuration"
        self._names = list(networks[0].tensors())
        stacked = {name: _stacked([network.tensors()[name] for network in networks], device) for name in self._names}
        weights, biases = ([stacked[name] for name in self._names[i::2]] for i in range(2))
        self._network = SineMLP(weights, biases, networks[0].config.omega)

    def __call__(self, points: Float[Tensor, "shapes n 3"]) -> Float[Tensor, "shapes n outputs"]:
        outputs: Float[Tensor, "shapes n outputs"] = self._network(points)
        return outputs

    def parameters(self) -> list[nn.Parameter]:
        layers = zip(self._network.weights, self._network.biases, strict=True)
        return [p for layer in layers for p in layer if isinstance(p, nn.Parameter)]

    def step_table(self, rate: float, step: int) -> None:
        """There is none."""

    def state(self) -> dict[str, Tensor]:
        return {}

    def tensors(self) -> list[dict[str, np.ndarray]]:
        arrays = [_numpy(p) for p in self.parameters()]
        return [dict(zip(self._names, each, strict=True)) for each in zip(*arrays, strict=True)]


class _Grids:
    """Feature grids with their decoders; the tables stand one below the other."""

    def __init__(self, networks: Sequence[GridNetwork], device: torch.device) -> None:
        assert len({network.config for network in networks}) == 1, "a stack has one configuration"
        self._kernels: Any = _grid_kernels(device)
        self._lattice = lattice_of([network.lookup for network in networks], device)
        self._structures = [network.structure for network in networks]
        self._table = torch.from_numpy(np.concatenate([network.table for network in networks])).to(device)
        assert len(self._table) < 2**31, "rows are counted in 32 bits: take fewer shapes at a time"
        self._ends = np.cumsum([len(network.table) for network in networks])[:-1]
        self._moments = torch.zeros_like(self._table), torch.zeros_like(self._table)
        self._layers = [_stacked([network.decoder[name] for network in networks], device) for name in DECODER]
        self._read: tuple[Tensor, Tensor, Tensor] | None = None

    def __call__(self, points: Float[Tensor, "shapes n 3"]) -> Float[Tensor, "shapes n outputs"]:
        with torch.no_grad():
            feature, rows, weights = self._kernels.grid_features(self._lattice, points, self._table)
        self._read = feature.requires_grad_(), rows, weights
        return decode(points, feature, self._layers)

    def parameters(self) -> list[nn.Parameter]:
        return self._layers

    def step_table(self, rate: float, step: int) -> None:
        assert self._read is not None, "the outputs come before their derivatives"
        feature, rows, weights = self._read
        assert feature.grad is not None, "the outputs' derivatives come before the step"
        self._kernels.step_rows(self._lattice, rows, weights, feature.grad, self._table, self._moments, rate, step)

    def state(self) -> dict[str, Tensor]:
        return {"table": self._table, "table.first": self._moments[0], "table.second": self._moments[1]}

    def tensors(self) -> list[dict[str, np.ndarray]]:
        tables = np.split(_numpy(self._table), self._ends)
        layers = zip(*(_numpy(p) for p in self._layers), strict=True)
        return [
            {"table": table, **dict(zip(DECODER, each, strict=True)), **structure}
            for table, each, structure in zip(tables, layers, self._structures, strict=True)
        ]


def _model(networks: Sequence[Network], device: torch.device) -> "_Sines | _Grids":
    sines = [network for network in networks if isinstance(network, Siren)]
    if sines:
        assert len(sines) == len(networks), "a stack has one architecture"
        return _Sines(sines, device)
    grids = [network for network in networks if isinstance(network, GridNetwork)]
    assert len(grids) == len(networks), "a stack has one architecture"
    return _Grids(grids, device)


def _grid_kernels(device: torch.device) -> ModuleType:
    if device.type == "cuda" and importlib.util.find_spec("triton") is not None:
        from fieldstone.kernels import gpu_grid

        return gpu_grid
    return reference


def device_of(name: str) -> torch.device:
    """A device of torch. FieldstoneError where torch does not know it, or it is not here."""
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = f"torch cannot compute on the device {name!r} here: use cpu, or install a torch that knows the device"
        raise FieldstoneError(reason) from error
    return device


def _current(device: torch.device) -> AbstractContextManager[Any]:
    """Triton launches on the current GPU."""
    return torch.cuda.device(device) if device.type == "cuda" else nullcontext()


def _stacked(arrays: Sequence[np.ndarray], device: torch.device) -> nn.Parameter:
    return nn.Parameter(torch.from_numpy(np.stack(arrays)).to(device))


def _numpy(array: Tensor) -> np.ndarray:
    copied: np.ndarray = array.detach().cpu().numpy().copy()
    return copied
