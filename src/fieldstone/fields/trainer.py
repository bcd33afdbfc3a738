"""The training of one grid network on the CPU: every step is two phases that threads share without meeting.

First the points: chunks of a batch are looked up, decoded and differentiated. Then the parameters: each level of the
table belongs to one thread, which sums its gradients in the order of the points and steps the touched rows; the decoder
goes with the first. The sums do not depend on who computes them: same seed, same bytes, on any number of threads.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32, Int64

from fieldstone.fields.field import Function
from fieldstone.fields.grid import DECODER, GridNetwork
from fieldstone.fields.network import Network
from fieldstone.kernels.adam import adam, records_of, scatter_adam
from fieldstone.kernels.decode import CHUNK, backward, tile_of
from fieldstone.kernels.lookup import Lookup
from fieldstone.kernels.take import take

__all__ = ["GridTrainer", "Trainer"]


@runtime_checkable
class Trainer(Protocol):
    """Something that makes a network fit its points, epoch by epoch."""

    def epoch(
        self,
        points: Float32[np.ndarray, "n 3"],
        values: Float32[np.ndarray, "n outputs"],
        order: Int64[np.ndarray, "n"],
        batch: int,
        rates: Float32[np.ndarray, "steps"],
    ) -> float:
        """One pass over the points in this order, a learning rate a step; the mean loss."""
        ...

    def tensors(self) -> dict[str, np.ndarray]:
        """The parameters as they are now."""
        ...

    def state(self) -> dict[str, np.ndarray]:
        """All that is needed to go on from here, by name."""
        ...

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on from a state of the same network."""
        ...


class GridTrainer:
    """Adam on a grid network's table (touched rows) and decoder (kernels/adam.py). See Trainer."""

    def __init__(self, network: Network, function: Function, workers: int | None = None) -> None:
        """Begin at the network's parameters; `workers` threads, None: all cores."""
        from numba import get_num_threads

        assert isinstance(network, GridNetwork)
        self._lookup, self._summed, self._structure = network.lookup, network.summed, network.structure
        self._channels = network.table.shape[1]
        self._records = records_of(network.table)
        w1, b1, w2, b2 = (network.decoder[name] for name in DECODER)
        self._layers = [np.array(p, order="C") for p in (w1, b1, w2.T, b2)]
        self._moments = [(np.zeros_like(p), np.zeros_like(p)) for p in self._layers]
        self._squared = function == "sdf"
        self._step = 0
        self._workers = max(1, workers or get_num_threads())

    def epoch(
        self,
        points: Float32[np.ndarray, "n 3"],
        values: Float32[np.ndarray, "n outputs"],
        order: Int64[np.ndarray, "n"],
        batch: int,
        rates: Float32[np.ndarray, "steps"],
    ) -> float:
        """One pass over the points in this order, a learning rate a step; the mean loss.

        Points of a batch are taken in the order in which they stand in `points`: give them in Morton order, and near
        ones follow each other.
        """
        buffers = _Buffers(min(batch, len(order)), self._lookup, self._layers)
        total = 0.0
        with _Team(self._workers) as team:
            for rate, start in zip(rates, range(0, len(order), batch), strict=True):
                rows = np.sort(order[start : start + batch])
                total += self._one_step(points, values, rows, np.float32(rate), buffers, team)
        return total / len(order)

    def _one_step(
        self, points: Any, values: Any, chosen: Int64[np.ndarray, "n"], rate: np.float32, b: "_Buffers", team: "_Team"
    ) -> float:
        n, self._step = len(chosen), self._step + 1
        chunks = -(-n // CHUNK)
        at, to, rows, weights, pull = b.points[:n], b.values[:n], b.rows[:n], b.weights[:n], b.pull[:, :n]
        corners, share = self._lookup.corners, np.float32(1.0 / n)
        tile = tile_of(*self._layers[0].shape)

        def differentiate(first: int, last: int) -> None:
            part = slice(first * CHUNK, min(last * CHUNK, n))
            take(points, values, chosen, part.start, part.stop, at, to)
            self._lookup(at, part, rows, weights)
            backward(
                at, to, rows, weights, self._records, self._channels, corners, self._summed, *self._layers, tile,
                self._squared, share, first, last, pull, *b.layers, b.losses,
            )  # fmt: skip

        def move(first: int, last: int) -> None:
            scatter_adam(
                rows, weights, pull, b.levels[first:last], corners, self._summed, self._channels, self._records,
                b.touched[first], rate, self._step,
            )  # fmt: skip
            if first == 0:
                self._move_decoder(b, chunks, rate)

        team.run(differentiate, chunks)
        team.run(move, len(b.levels))
        return float(b.losses[:chunks].sum())

    def _move_decoder(self, b: "_Buffers", chunks: int, rate: np.float32) -> None:
        for p, (m, v), d in zip(self._layers, self._moments, b.layers, strict=True):
            g = np.add.reduce(d[:chunks], axis=0)
            adam(p.reshape(-1), g.reshape(-1), m.reshape(-1), v.reshape(-1), rate, self._step)

    def tensors(self) -> dict[str, np.ndarray]:
        """The parameters as they are now, and the grid's structure."""
        w1, b1, w2, b2 = self._layers
        table = np.ascontiguousarray(self._records[:, : self._channels])
        layers = {name: np.array(p, order="C") for name, p in zip(DECODER, (w1, b1, w2.T, b2), strict=True)}
        return {"table": table, **layers, **self._structure}

    def state(self) -> dict[str, np.ndarray]:
        """Parameters, moments and the number of steps."""
        kept: dict[str, np.ndarray] = {"records": self._records, "step": np.array([self._step], dtype=np.int64)}
        for i, (p, (m, v)) in enumerate(zip(self._layers, self._moments, strict=True)):
            kept |= {f"layer.{i}": p, f"first.{i}": m, f"second.{i}": v}
        return kept

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on from a state of the same network."""
        self._records[:] = state["records"]
        self._step = int(state["step"][0])
        for i, (p, (m, v)) in enumerate(zip(self._layers, self._moments, strict=True)):
            p[:], m[:], v[:] = state[f"layer.{i}"], state[f"first.{i}"], state[f"second.{i}"]


class _Buffers:
    """What a step writes, made once an epoch."""

    def __init__(self, batch: int, lookup: Lookup, layers: Sequence[np.ndarray]) -> None:
        slots, chunks = lookup.levels * lookup.corners, -(-batch // CHUNK)
        self.points = np.zeros((batch, 3), dtype=np.float32)
        self.values = np.zeros((batch, len(layers[3])), dtype=np.float32)
        self.rows = np.zeros((batch, slots), dtype=np.int32)
        self.weights = np.zeros((batch, slots), dtype=np.float32)
        self.pull = np.zeros((layers[0].shape[0] - 3, batch), dtype=np.float32)
        self.layers = [np.zeros((chunks, *p.shape), dtype=np.float32) for p in layers]
        self.losses = np.zeros(chunks)
        self.levels = _balanced(lookup.levels)
        self.touched = np.zeros((lookup.levels, batch * lookup.corners + 1), dtype=np.int32)


def _balanced(levels: int) -> Int64[np.ndarray, "levels"]:
    """Coarse and fine levels in turn, so that threads with as many levels each have as much work each."""
    order = [level for pair in zip(range(levels), range(levels - 1, -1, -1), strict=True) for level in pair]
    return np.array(order[:levels], dtype=np.int64)


class _Team:
    """Threads that stay for an epoch; the calling one works too."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool = ThreadPoolExecutor(workers - 1) if workers > 1 else None

    def __enter__(self) -> "_Team":
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown()

    def run(self, work: Callable[[int, int], None], n: int) -> None:
        """Call work(first, last) on parts that cover n items."""
        parts = min(self._workers, n)
        bounds = [i * n // parts for i in range(parts + 1)]
        if self._pool is None or parts == 1:
            work(0, n)
            return
        waiting = [self._pool.submit(work, bounds[i], bounds[i + 1]) for i in range(1, parts)]
        work(bounds[0], bounds[1])
        for other in waiting:
            other.result()
