"""A feature grid with a small decoder: what hash grid, octree and triplane have in common.

    f(p) = W2 max(0, W1 [p, z(p)] + b1) + b2        (INRet, section 3.1: z from the grid, p concatenated before it)

A network is plain arrays; the kernels read them, with threads over blocks of points. No torch.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Int32

from fieldstone.fields.field import Function
from fieldstone.fields.initial import Uniform, initial_table, initial_weights
from fieldstone.fields.network import Architecture
from fieldstone.kernels import decode
from fieldstone.kernels.lookup import Lookup
from fieldstone.kernels.threads import share

__all__ = ["DECODER", "NEURONS", "GridNetwork", "first_tensors"]

NEURONS = 128
"""Of the one hidden layer (INRet, appendix A.1; kaolin-wisp's default)."""
DECODER = ("decoder.weight1", "decoder.bias1", "decoder.weight2", "decoder.bias2")
BLOCK = 1 << 14
"""Points whose rows and weights are in memory at a time, for each thread."""
PART = 1 << 12
"""Points that are worth a thread."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class GridNetwork:
    """See Network. `lookup` holds the grid's structure, `table` its features, `decoder` the four arrays of DECODER.

    Shapes: table [rows, channels], weight1 [inputs, neurons], bias1 [neurons], weight2 [neurons, outputs],
    bias2 [outputs]; inputs = 3 + channels x levels, or 3 + channels where levels are `summed`.
    """

    architecture: Architecture
    config: Any
    lookup: Lookup
    summed: bool
    table: Float32[np.ndarray, "rows channels"]
    decoder: Mapping[str, Float32[np.ndarray, "..."]]
    structure: Mapping[str, np.ndarray]
    holds: Callable[[Float32[np.ndarray, "n 3"], float], Bool[np.ndarray, "n"]] | None = None

    @property
    def outputs(self) -> int:
        """1, or 4 with colour."""
        return len(self.decoder["decoder.bias2"])

    def tensors(self) -> dict[str, np.ndarray]:
        """Every array by name."""
        return {"table": self.table, **self.decoder, **self.structure}

    def forward(self, points: Float32[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n outputs"]:
        """The outputs at points of the cube, on all cores."""
        outputs = np.zeros((len(points), self.outputs), dtype=np.float32)
        self._evaluate(np.ascontiguousarray(points), outputs, None)
        return outputs

    def forward_and_slopes(
        self, points: Float32[np.ndarray, "n 3"]
    ) -> tuple[Float32[np.ndarray, "n outputs"], Float32[np.ndarray, "n 3"]]:
        """The outputs, and the derivatives of the first along x, y, z."""
        outputs = np.zeros((len(points), self.outputs), dtype=np.float32)
        slopes = np.zeros((len(points), 3), dtype=np.float32)
        self._evaluate(np.ascontiguousarray(points), outputs, slopes)
        return outputs, slopes

    def features(self, points: Float32[np.ndarray, "n 3"]) -> Float32[np.ndarray, "features n"]:
        """z(p), what the grid gives the decoder beside the points themselves: levels summed or one after the other, as the
        architecture has them; an octree's level gives 0 outside its voxels."""
        return self._gathered(points, self.summed)

    def levels(self, points: Float32[np.ndarray, "n 3"]) -> Float32[np.ndarray, "levels channels n"]:
        """The parts of z(p), each level's (of a triplane, each plane's) apart."""
        return self._gathered(points, False).reshape(self.lookup.levels, self.table.shape[1], len(points))

    def _gathered(self, points: Float32[np.ndarray, "n 3"], summed: bool) -> Float32[np.ndarray, "features n"]:
        channels = self.table.shape[1]
        found = np.zeros((3 + channels * (1 if summed else self.lookup.levels), len(points)), dtype=np.float32)
        points = np.ascontiguousarray(points)

        def part(where: slice) -> None:
            for start in range(where.start, where.stop, BLOCK):
                block = slice(start, min(start + BLOCK, where.stop))
                rows, weights, _ = self._looked_up(points[block], slopes=False)
                decode.gather(
                    points[block], rows, weights, self.table, channels, self.lookup.corners, summed, 0, found[:, block]
                )

        share(len(points), part, least=PART)
        return found[3:]

    def may_hold(self, points: Float32[np.ndarray, "n 3"], reach: float) -> Bool[np.ndarray, "n"]:
        """False where the grid's structure rules out a surface within `reach`."""
        return np.ones(len(points), dtype=np.bool_) if self.holds is None else self.holds(points, reach)

    def _evaluate(
        self,
        points: Float32[np.ndarray, "n 3"],
        outputs: Float32[np.ndarray, "n outputs"],
        slopes: Float32[np.ndarray, "n 3"] | None,
    ) -> None:
        def part(rows: slice) -> None:
            for start in range(rows.start, rows.stop, BLOCK):
                block = slice(start, min(start + BLOCK, rows.stop))
                self._block(points[block], outputs[block], None if slopes is None else slopes[block])

        share(len(points), part, least=PART)

    def _block(
        self,
        points: Float32[np.ndarray, "n 3"],
        outputs: Float32[np.ndarray, "n outputs"],
        slopes: Float32[np.ndarray, "n 3"] | None,
    ) -> None:
        rows, weights, rises = self._looked_up(points, slopes=slopes is not None)
        w1, b1, w2, b2 = (self.decoder[name] for name in DECODER)
        decode.forward(
            points, rows, weights, rises, self.table, self.table.shape[1], self.lookup.corners, self.summed,
            w1, b1, np.ascontiguousarray(w2.T), b2, decode.tile_of(*w1.shape),
            outputs, outputs if slopes is None else slopes,
        )  # fmt: skip

    def _looked_up(
        self, points: Float32[np.ndarray, "n 3"], *, slopes: bool
    ) -> tuple[Int32[np.ndarray, "n slots"], Float32[np.ndarray, "n slots"], Float32[np.ndarray, "_ slots 3"]]:
        """Rows of the table that each point reads, their weights, and how these change along x, y, z."""
        n, slots = len(points), self.lookup.levels * self.lookup.corners
        rows, weights = np.zeros((n, slots), dtype=np.int32), np.zeros((n, slots), dtype=np.float32)
        rises = np.zeros((n if slopes else 0, slots, 3), dtype=np.float32)
        self.lookup(points, slice(0, n), rows, weights, rises)
        return rows, weights, rises


def first_tensors(
    architecture: Architecture, function: Function, lookup: Lookup, channels: int, summed: bool, outputs: int, seed: int
) -> dict[str, np.ndarray]:
    """Table and decoder before the first step: the decoder from the shared set, the table from the seed.

    The colour's outputs, where asked for, stand after the first and leave its weights as they are.
    """
    inputs = 3 + channels * (1 if summed else lookup.levels)
    shapes = {
        "decoder.weight1": Uniform((inputs, NEURONS), inputs**-0.5),  # PyTorch's default for Linear
        "decoder.bias1": Uniform((NEURONS,), inputs**-0.5),
        "decoder.weight2": Uniform((NEURONS, 1), NEURONS**-0.5),
        "decoder.bias2": Uniform((1,), NEURONS**-0.5),
        "colour.weight2": Uniform((NEURONS, 3), NEURONS**-0.5),
        "colour.bias2": Uniform((3,), NEURONS**-0.5),
    }
    drawn = initial_weights(architecture, function, shapes)
    weight2 = np.concatenate([drawn["decoder.weight2"], drawn["colour.weight2"]], axis=1)[:, :outputs]
    bias2 = np.concatenate([drawn["decoder.bias2"], drawn["colour.bias2"]])[:outputs]
    return {
        "table": initial_table(lookup.size, channels, seed),
        "decoder.weight1": drawn["decoder.weight1"],
        "decoder.bias1": drawn["decoder.bias1"],
        "decoder.weight2": np.ascontiguousarray(weight2),
        "decoder.bias2": bias2,
    }
