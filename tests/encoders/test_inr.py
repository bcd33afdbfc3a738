"""The encoder of fields: what it reads goes in as it is, the rest is distilled, and a strange file is refused."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fieldstone.encoders.field_input import field_input  # noqa: E402
from fieldstone.encoders.inr import FieldEncoder, Kind  # noqa: E402
from fieldstone.encoders.networks.field_towers import save_encoders  # noqa: E402
from fieldstone.encoders.networks.inr import Fields  # noqa: E402
from fieldstone.encoders.weights import Header, open_weights, save  # noqa: E402
from fieldstone.errors import EncoderError  # noqa: E402
from fieldstone.fields.fit import fit  # noqa: E402
from fieldstone.fields.network import NeuralField  # noqa: E402
from fieldstone.fields.octree import OctreeConfig  # noqa: E402
from fieldstone.fields.siren import SirenConfig  # noqa: E402
from tests.encoders.tiny_fields import CARD, KINDS, QUICK, encoders, quickly, tiny_fields  # noqa: E402
from tests.fields.fits import CONFIGS, ball  # noqa: E402


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_fields(tmp_path_factory.mktemp("inr") / "fields.safetensors")


@pytest.fixture(scope="module")
def fields() -> dict[Kind, NeuralField]:
    wanted: tuple[Kind, ...] = (("hashgrid", "sdf"), ("octree", "sdf"), ("triplane", "udf"))
    return {kind: fit(ball(8), *kind, config=CONFIGS[kind[0]], **QUICK) for kind in wanted}


def test_rows_are_its_kinds_networks(weights: Path, fields: dict[Kind, NeuralField]) -> None:
    encoder = FieldEncoder(weights)
    assert (encoder.id, encoder.dim, encoder.kinds) == ("tiny-fields@1", 32, tuple(sorted(KINDS)))
    assert [encoder.reads(field) for field in fields.values()] == [True, True, False]
    both = encoder.encode([fields["hashgrid", "sdf"], fields["octree", "sdf"]])
    np.testing.assert_allclose(np.linalg.norm(both, axis=1), 1.0, rtol=1e-6)
    np.testing.assert_array_equal(both[1:], encoder.encode([fields["octree", "sdf"]]))
    assert not np.allclose(both[0], both[1])
    assert encoder.encode([]).shape == (0, 32)
    assert encoder.card.title == "tiny"
    before = encoders()["octree", "sdf"].eval()
    seen = field_input(fields["octree", "sdf"].network, 4)
    assert seen.grid is not None
    row = (
        before(Fields(torch.from_numpy(seen.rows)[None], torch.from_numpy(seen.grid.copy())[None]))[0].detach().numpy()
    )
    np.testing.assert_allclose(both[1], row / np.linalg.norm(row), atol=2e-3)


def test_what_it_does_not_read_is_distilled_with_the_same_function(
    weights: Path, fields: dict[Kind, NeuralField], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = quickly(monkeypatch)
    encoder = FieldEncoder(weights)
    rows = encoder.encode([fields["triplane", "udf"]])
    assert asked == [("hashgrid", "udf")]
    assert [encoder.reads(field) for field in encoder.prepared([fields["triplane", "udf"]])] == [True]
    np.testing.assert_allclose(np.linalg.norm(rows), 1.0, rtol=1e-6)


def test_a_function_that_none_knows_is_said(weights: Path) -> None:
    field = fit(ball(8), "hashgrid", "occ", config=CONFIGS["hashgrid"], **QUICK)
    with pytest.raises(EncoderError, match="reads fields of sdf, udf, not of occ"):
        FieldEncoder(weights).encode([field])


def changed(weights: Path, path: Path, **config: Any) -> Path:
    header, tensors = open_weights(weights)
    save(path, tensors, Header(**{**asdict(header), "config": {**header.config, **config}}))
    return path


def first(weights: Path) -> dict[str, Any]:
    return open_weights(weights)[0].config["kinds"]


BOMB = {"coarsest": 65536, "finest": 65536, "levels": 32, "channels": 32, "most_rows": 1 << 24}


@pytest.mark.parametrize(
    "config",
    [
        lambda kinds: {"half": 0},
        lambda kinds: {"half": "many"},
        lambda kinds: {"half": 4.5},
        lambda kinds: {"half": 128},
        lambda kinds: {"kinds": {"hashgrid-sdf": {**kinds["hashgrid-sdf"], "field": BOMB}}},
        lambda kinds: {"kinds": {"hashgrid-sdf": {**kinds["hashgrid-sdf"], "field": {**BOMB, "levels": 1.0}}}},
        lambda kinds: {"kinds": {}},
        lambda kinds: {"kinds": {"hashgrid-colour": kinds["hashgrid-sdf"]}},
        lambda kinds: {"kinds": {"pyramid-sdf": kinds["hashgrid-sdf"]}},
        lambda kinds: {"kinds": {"hashgrid-sdf": {**kinds["hashgrid-sdf"], "field": {"levels": 10**9}}}},
        lambda kinds: {"kinds": {"hashgrid-sdf": [1]}},
        lambda kinds: {"kinds": {"siren-sdf": {**kinds["hashgrid-sdf"], "field": asdict(SirenConfig(layers=1))}}},
        lambda kinds: {
            "kinds": {"octree-sdf": {**kinds["octree-sdf"], "field": asdict(OctreeConfig(last=8, channels=64))}}
        },
    ],
)
def test_strange_headers_are_refused(weights: Path, tmp_path: Path, config: Callable[[Any], dict[str, Any]]) -> None:
    with pytest.raises(EncoderError, match="holds no encoder of neural fields"):
        FieldEncoder(changed(weights, tmp_path / "strange", **config(first(weights))))


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"groups": 5}, "equal groups"),
        ({"hidden": [16] * 9}, "1 to 8 layers"),
        ({"hidden": [16.5, 24]}, "cannot be: "),
        ({"convolutions": 3.0}, "cannot be: "),
        ({"last": "no"}, "cannot be: "),
        ({"convolutions": 7, "channels": 64}, "2,048 channels"),
        ({"wings": 2}, "entries that it should have"),
        ({"convolutions": 2}, "do not fit its header"),
        ({"width": 64}, "do not fit its header"),
        ({"hidden": [16, 12], "grid": 20}, "is of shape"),
        ({"rows": 5}, "do not fit its header"),
        ({"rows": 12, "blocks": 2}, "lacks tensor"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(
    weights: Path, tmp_path: Path, fields: dict[Kind, NeuralField], sizes: dict[str, Any], message: str
) -> None:
    kinds = first(weights)
    one = {**kinds["hashgrid-sdf"], "encoder": {**kinds["hashgrid-sdf"]["encoder"], **sizes}}
    strange = changed(weights, tmp_path / "strange", kinds={**kinds, "hashgrid-sdf": one})
    with pytest.raises(EncoderError, match=message):
        FieldEncoder(strange).encode([fields["hashgrid", "sdf"]])


def test_files_from_before_there_was_a_straight_path_open(
    weights: Path, tmp_path: Path, fields: dict[Kind, NeuralField]
) -> None:
    kinds = first(weights)
    sizes = {k: v for k, v in kinds["hashgrid-sdf"]["encoder"].items() if k not in {"rows", "blocks", "rank"}}
    old = changed(
        weights, tmp_path / "old", kinds={**kinds, "hashgrid-sdf": {**kinds["hashgrid-sdf"], "encoder": sizes}}
    )
    shown = [fields["hashgrid", "sdf"]]
    np.testing.assert_array_equal(FieldEncoder(old).encode(shown), FieldEncoder(weights).encode(shown))


def test_a_straight_path_keeps_its_statistics(weights: Path) -> None:
    before, tensors = encoders()["octree", "sdf"].straight, open_weights(weights)[1]
    assert before is not None
    for name in ("mean", "spread"):
        np.testing.assert_array_equal(tensors[f"octree-sdf.straight.{name}"], getattr(before, name).numpy())


@pytest.mark.parametrize("spread", [0.0, -1.0])
def test_deviations_that_are_not_above_0_are_refused(
    weights: Path, tmp_path: Path, fields: dict[Kind, NeuralField], spread: float
) -> None:
    header, tensors = open_weights(weights)
    tensors["octree-sdf.straight.spread"][3] = spread
    save(tmp_path / "strange", tensors, header)
    with pytest.raises(EncoderError, match="a deviation is not above 0"):
        FieldEncoder(tmp_path / "strange").encode([fields["octree", "sdf"]])


@pytest.mark.parametrize("sizes", [None, [], "none"])
def test_sizes_that_are_no_entries_are_refused(
    weights: Path, tmp_path: Path, fields: dict[Kind, NeuralField], sizes: Any
) -> None:
    kinds = first(weights)
    strange = changed(
        weights, tmp_path / "strange", kinds={**kinds, "hashgrid-sdf": {**kinds["hashgrid-sdf"], "encoder": sizes}}
    )
    with pytest.raises(EncoderError, match="entries that it should have"):
        FieldEncoder(strange).encode([fields["hashgrid", "sdf"]])


def test_a_tensor_of_no_kind_is_refused(weights: Path, tmp_path: Path, fields: dict[Kind, NeuralField]) -> None:
    header, tensors = open_weights(weights)
    save(tmp_path / "strange", {**tensors, "wings.weight": np.zeros(3, np.float32)}, header)
    with pytest.raises(EncoderError, match=r"strange tensor wings\.weight"):
        FieldEncoder(tmp_path / "strange").encode([fields["hashgrid", "sdf"]])


def test_rows_that_are_no_numbers_are_refused(weights: Path, tmp_path: Path, fields: dict[Kind, NeuralField]) -> None:
    header, tensors = open_weights(weights)
    name = next(name for name in tensors if name.startswith("hashgrid-sdf") and name.endswith("running_var"))
    save(tmp_path / "strange", {**tensors, name: np.full_like(tensors[name], -1.0)}, header)
    with pytest.raises(EncoderError, match="not finite numbers"):
        FieldEncoder(tmp_path / "strange").encode([fields["hashgrid", "sdf"]])


def test_only_encoders_of_one_latent_are_saved(tmp_path: Path) -> None:
    for half, given in ((4, {}), (8, encoders())):
        with pytest.raises(ValueError, match="one latent"):
            save_encoders(tmp_path / "none", given, CONFIGS, half=half, name="none", version=1, card=CARD)
