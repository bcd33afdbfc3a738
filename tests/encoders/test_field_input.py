"""What an encoder of fields sees: the paper's lattice, the grid's own features there, and every weight of the decoder."""

import numpy as np
import pytest

from fieldstone.encoders.field_input import HALF, decoder_rows, field_input, lattice, siren_rows
from fieldstone.fields.grid import GridNetwork
from fieldstone.fields.registry import KINDS
from fieldstone.fields.siren import Siren, SirenConfig

SHELL = np.random.default_rng(0).standard_normal((20000, 3))
SHELL /= np.linalg.norm(SHELL, axis=1, keepdims=True) * 1.25


def network(architecture: str, outputs: int = 1) -> GridNetwork:
    kind = KINDS[architecture]
    return kind.network(kind.config(), kind.begin(kind.config(), "sdf", outputs, 0, SHELL))


def test_lattice_is_the_papers_set_with_its_innermost_places() -> None:
    places = lattice(2)
    values = sorted({float(value) for value in places[:, 0]})
    assert values == [-0.75, -0.25, 0.25, 0.75]  # +-(1/4 + n/2), n = 0, 1
    assert len(np.unique(places, axis=0)) == len(places) == 4**3
    np.testing.assert_array_equal(places[:2], [[-0.75, -0.75, -0.75], [-0.25, -0.75, -0.75]])


@pytest.mark.parametrize(("architecture", "channels"), [("hashgrid", 8), ("octree", 8), ("triplane", 12)])
def test_grids_give_features_in_place(architecture: str, channels: int) -> None:
    one = network(architecture)
    seen = field_input(one)
    assert seen.grid is not None
    assert seen.grid.shape == (channels, 2 * HALF, 2 * HALF, 2 * HALF)
    z, y, x = 3, 17, 30
    place = lattice(HALF)[(z * 2 * HALF + y) * 2 * HALF + x]
    np.testing.assert_allclose(place, (np.array([x, y, z]) + 0.5) / HALF - 1.0)
    np.testing.assert_array_equal(seen.grid[:, z, y, x], one.features(place[None])[:, 0])


@pytest.mark.parametrize("architecture", ["hashgrid", "octree", "triplane"])
def test_features_are_what_the_decoder_gets(architecture: str) -> None:
    """f(p) = W2 max(0, W1 [p, z(p)] + b1) + b2, with z(p) from `features`, in double precision."""
    one, points = network(architecture), np.random.default_rng(1).uniform(-1, 1, (5000, 3)).astype(np.float32)
    w1, b1, w2, b2 = (array.astype(np.float64) for array in one.decoder.values())
    inputs = np.concatenate([points.T, one.features(points)]).T.astype(np.float64)
    values = np.maximum(inputs @ w1 + b1, 0.0) @ w2 + b2
    np.testing.assert_allclose(one.forward(points), values, atol=1e-5)


@pytest.mark.parametrize("architecture", ["hashgrid", "octree", "triplane"])
def test_levels_come_together_in_two_ways(architecture: str) -> None:
    one = network(architecture)
    own, total, apart = (field_input(one, 2, levels).grid for levels in ("own", "sum", "concat"))  # type: ignore[arg-type]
    assert own is not None and total is not None and apart is not None  # noqa: PT018
    assert (own if one.summed else apart).any()
    np.testing.assert_allclose(total if one.summed else apart, own, atol=1e-7)
    assert len(apart) == len(total) * one.lookup.levels
    np.testing.assert_allclose(total, apart.reshape(one.lookup.levels, *total.shape).sum(axis=0), atol=1e-7)
    finest = one.levels(lattice(2))[-1]
    np.testing.assert_array_equal(apart[-one.table.shape[1] :].reshape(len(finest), -1), finest)


def test_an_octree_gives_nothing_far_from_its_voxels() -> None:
    one = network("octree")
    corner = np.full((1, 3), -0.99, dtype=np.float32)
    assert not one.features(corner).any()
    assert one.features(np.array([[0.8, 0, 0]], np.float32)).any()


@pytest.mark.parametrize(("architecture", "rows"), [("hashgrid", 14), ("octree", 14), ("triplane", 18)])
def test_every_weight_of_a_decoder_is_in_its_rows(architecture: str, rows: int) -> None:
    one = network(architecture)
    seen = decoder_rows(one)
    w1, b1, w2, b2 = one.decoder.values()
    assert seen.shape == (rows, 128)
    assert seen.dtype == np.float32
    np.testing.assert_array_equal(seen[:-3], w1)
    np.testing.assert_array_equal(seen[-3:], [b1, w2[:, 0], np.full(128, b2[0])])


def test_rows_may_be_of_neurons() -> None:
    one = network("hashgrid")
    seen = field_input(one, 2, row_of="neuron")
    np.testing.assert_array_equal(seen.rows, field_input(one, 2).rows.T)
    assert seen.rows.flags.c_contiguous


def test_colour_is_left_out() -> None:
    np.testing.assert_array_equal(decoder_rows(network("hashgrid", outputs=4)), decoder_rows(network("hashgrid")))


def test_siren_rows_are_inr2vecs() -> None:
    """3 * (512 + 1) rows of 512: each hidden layer as PyTorch keeps it, [outputs, inputs], and its biases."""
    config = SirenConfig()
    one = Siren.of(config, KINDS["siren"].begin(config, "sdf", 1, 0, SHELL))
    seen = field_input(one)
    assert seen.grid is None
    assert seen.rows.shape == (1539, 512)
    np.testing.assert_array_equal(seen.rows[513:1025], one.weights[2].T)
    np.testing.assert_array_equal(siren_rows(one)[[512, 1025, 1538]], np.stack(one.biases[1:4]))
