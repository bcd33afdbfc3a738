"""What an encoder of neural fields sees of one: its decoder's weights as rows, and its grid's features at a lattice.

INRet, section 3.2: "the flattened weights of the MLP become input vectors to the MLP encoder", and the features at
(2N)^3 places of the cube go to the Conv3D encoder. All fields of one architecture and function started from the same
first decoder (fields/initial.py), which is what makes their weights comparable. No torch.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Float32

from fieldstone.fields.grid import DECODER, GridNetwork
from fieldstone.fields.network import Network
from fieldstone.fields.siren import Siren

__all__ = ["HALF", "FieldInput", "Levels", "RowOf", "field_input", "lattice"]

Levels: TypeAlias = Literal["own", "sum", "concat"]
"""How a grid's levels come together: as in its field, or all summed, or all concatenated (INRet, section B.7)."""
RowOf: TypeAlias = Literal["input", "neuron"]
"""What a row of a grid's decoder holds: the weights of one input to all hidden neurons, or those of one neuron. The paper does not
say how 1,665 numbers become rows. As rows of inputs, which is what files of encoders mean, the first layer of the MLP encoder has a
weight for each neuron, and every neuron started alike in all fields; the maximum over rows of neurons forgets which is which
(benchmarks/inret_printed.py has both)."""
HALF = 16
"""The paper's N, which it does not state. Five convolutions that halve the lattice leave one place of 2N = 32, and the
octree's finest level has 32 cells a side, so that each of its voxels is seen once, in its middle."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FieldInput:
    """One field, ready for an encoder."""

    rows: Float32[np.ndarray, "rows width"]
    """Weights of the decoder; see `decoder_rows` and `siren_rows`."""
    grid: Float32[np.ndarray, "channels z y x"] | None
    """Features at the lattice's places; None where the field has no grid."""


def field_input(network: Network, half: int = HALF, levels: Levels = "own", row_of: RowOf = "input") -> FieldInput:
    """Rows and lattice of a network; `half` is the N of the (2N)^3 lattice.

    Encoders see a grid's levels as its field has them, summed or concatenated; the other ways lose accuracy, and are here
    for Table 14 of INRet. `row_of` is of grids alone: a SIREN's rows are inr2vec's.
    """
    if isinstance(network, Siren):
        return FieldInput(rows=siren_rows(network), grid=None)
    assert isinstance(network, GridNetwork), "a network is a siren or a grid"
    features = _features(network, lattice(half), levels)
    return FieldInput(rows=decoder_rows(network, row_of), grid=features.reshape(len(features), *[2 * half] * 3))


def _features(
    network: GridNetwork, places: Float32[np.ndarray, "places 3"], levels: Levels
) -> Float32[np.ndarray, "channels places"]:
    if levels == "own":
        return network.features(places)
    apart = network.levels(places)
    together: Float32[np.ndarray, "channels places"] = (
        apart.sum(axis=0) if levels == "sum" else apart.reshape(-1, len(places))
    )
    return together


def lattice(half: int) -> Float32[np.ndarray, "places 3"]:
    """The (2N)^3 cell centres +-(1/2N + n/N), n = 0 ... N - 1, of the cube [-1, 1]^3; x runs fastest.

    The paper prints n from 1, which leaves out the innermost places and makes (2(N - 1))^3 of them.
    """
    axis = (np.arange(2 * half, dtype=np.float32) + np.float32(0.5)) / np.float32(half) - np.float32(1.0)
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
    return np.stack([x.ravel(), y.ravel(), z.ravel()], axis=1)


def decoder_rows(network: GridNetwork, row_of: RowOf = "input") -> Float32[np.ndarray, "rows width"]:
    """All weights of a grid's decoder, a row as long as its hidden layer: one for each input, the hidden biases, the
    output's weights, and the output's bias as often as there are neurons. INRet's hash grid and octree make 14 x 128, or
    turned over, 128 x 14. Of a field with colour the distance's output is taken.
    """
    weight1, bias1, weight2, bias2 = (network.decoder[name] for name in DECODER)
    last = np.broadcast_to(bias2[:1], bias1.shape)
    rows = np.concatenate([weight1, bias1[None], weight2[:, :1].T, last[None]]).astype(np.float32)
    return rows if row_of == "input" else np.ascontiguousarray(rows.T)


def siren_rows(network: Siren) -> Float32[np.ndarray, "rows hidden"]:
    """Hidden weights and biases of a SIREN, one neuron's inputs a row and the layer's biases behind them; first and last
    layer are left out (De Luigi et al., inr2vec, 2023). Four layers of 512 make 1,539 x 512."""
    layers = range(1, len(network.weights) - 1)
    return np.concatenate([np.concatenate([network.weights[i].T, network.biases[i][None]]) for i in layers])
