"""The three grids: their sizes are the papers', and an octree knows where it is."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from fieldstone.fields.hashgrid import HashGridConfig, hash_lookup, wisp_hash_grid
from fieldstone.fields.initial import Uniform, initial_weights
from fieldstone.fields.octree import OctreeConfig, octree, octree_lookup, voxels_of, wisp_octree
from fieldstone.fields.registry import KINDS
from fieldstone.fields.triplane import TriplaneConfig, plane_lookup

SHELL = np.random.default_rng(0).standard_normal((20000, 3))
SHELL /= np.linalg.norm(SHELL, axis=1, keepdims=True) * 1.25


def checksum(weights: Mapping[str, np.ndarray]) -> str:
    """SHA-256 of the arrays' bytes in order of their names: two fields with one checksum started from one set."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        digest.update(name.encode() + np.ascontiguousarray(weights[name], dtype="<f4").tobytes())
    return digest.hexdigest()


def test_hash_grid_levels() -> None:
    lookup = hash_lookup(HashGridConfig())
    np.testing.assert_array_equal(lookup.nodes, [16, 50, 161, 512])
    np.testing.assert_array_equal(np.diff(lookup.starts), [4096, 125000, 2**19, 2**19])
    assert hash_lookup(wisp_hash_grid()).nodes[-1] == 2048
    assert hash_lookup(HashGridConfig(levels=1)).nodes[0] == 16
    with pytest.raises(ValueError, match="coarsest first"):
        HashGridConfig(coarsest=64, finest=16)


@pytest.mark.parametrize(("name", "count"), [("hashgrid", 1665), ("octree", 1665), ("triplane", 2177)])
def test_decoders_have_inrets_size(name: str, count: int) -> None:
    kind = KINDS[name]
    tensors = kind.begin(kind.config(), "sdf", 1, 0, SHELL)
    assert sum(tensors[key].size for key in tensors if key.startswith("decoder")) == count
    assert tensors["table"].std() == pytest.approx(0.01, rel=0.02)


def test_triplane_size() -> None:
    assert plane_lookup(TriplaneConfig()).size == 3 * 33 * 33


@pytest.mark.parametrize("architecture", ["hashgrid", "octree", "triplane"])
def test_decoders_start_from_one_set_for_each_function(architecture: str) -> None:
    kind = KINDS[architecture]

    def decoder(function: str, seed: int, outputs: int = 1) -> dict[str, np.ndarray]:
        tensors = kind.begin(kind.config(), function, outputs, seed, SHELL)
        return {name: tensor for name, tensor in tensors.items() if name.startswith("decoder")}

    assert checksum(decoder("sdf", 0)) == checksum(decoder("sdf", 7))
    assert len({checksum(decoder(function, 0)) for function in ("sdf", "udf", "occ")}) == 3
    colored = decoder("sdf", 0, outputs=4)
    np.testing.assert_array_equal(colored["decoder.weight2"][:, :1], decoder("sdf", 0)["decoder.weight2"])


def test_first_weights_are_the_stored_ones() -> None:
    """Encoders trained on fields rely on them: a change here makes every stored field of another kind."""
    stored = json.loads((Path(__file__).parents[1] / "golden" / "initial_weights.json").read_text())
    for name, digest in stored.items():
        architecture, function = name.split()
        kind = KINDS[architecture]
        first = kind.begin(kind.config(), function, 1, 0, SHELL)
        shared = {key: array for key, array in first.items() if key.split(".")[0] in ("decoder", "weights", "biases")}
        assert checksum(shared) == digest, name
    assert len(stored) == 12


def test_uniform_draws() -> None:
    drawn = initial_weights("siren", "udf", {"a": Uniform((500, 400), 0.25), "b": Uniform((3,), 1.0)})
    assert drawn["a"].dtype == np.float32
    assert np.abs(drawn["a"]).max() <= 0.25
    assert drawn["a"].std() == pytest.approx(0.25 / 3**0.5, rel=0.01)
    assert abs(drawn["a"].mean()) < 1e-3


def test_octree_has_the_voxels_of_the_surface() -> None:
    config = OctreeConfig(first=2, last=4)
    voxels = voxels_of(config, SHELL)
    finest = {tuple(cell) for cell in voxels["voxels.4"]}
    assert finest == {tuple(cell) for cell in np.floor((SHELL * 0.5 + 0.5) * 16).astype(int)}
    assert {tuple(cell) for cell in voxels["voxels.3"]} == {tuple(np.array(cell) // 2) for cell in finest}
    lookup = octree_lookup(config, voxels)
    assert lookup.size == sum(
        len(
            {
                (cell[0] + (k & 1), cell[1] + (k >> 1 & 1), cell[2] + (k >> 2))
                for cell in voxels[f"voxels.{level}"].tolist()
                for k in range(8)
            }
        )
        for level in (2, 3, 4)
    )


def test_octree_rules_out_where_it_has_no_voxel() -> None:
    kind, config = KINDS["octree"], OctreeConfig(first=2, last=4)
    network = octree(config, kind.begin(config, "sdf", 1, 0, SHELL))
    points = np.array([[0, 0, 0], [0.8, 0, 0], [0.55, 0, 0], [0.99, 0.99, 0.99]], dtype=np.float32)
    np.testing.assert_array_equal(network.may_hold(points, 0.01), [False, True, False, False])
    np.testing.assert_array_equal(network.may_hold(points, 0.25), [False, True, True, False])
    assert network.may_hold(points, 2.0).all()
    nowhere = np.array([[np.nan, 0, 0], [0, 0, np.nan], [0, 0.8, 0], [np.inf, 0, 0]], dtype=np.float32)
    np.testing.assert_array_equal(network.may_hold(nowhere, 0.1), [False, False, True, False])


def test_presets() -> None:
    assert (wisp_octree().last, wisp_octree().channels, wisp_hash_grid().channels) == (7, 16, 8)
    for first, last in ((5, 4), (2, 9)):
        with pytest.raises(ValueError, match="levels from 0 to 8"):
            OctreeConfig(first=first, last=last)
