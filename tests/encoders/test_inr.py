"""The encoder of fields: what it reads goes in as it is, the rest is distilled, and a strange file is refused."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fieldstone.encoders.inr import FieldEncoder, Kind, save_encoders  # noqa: E402
from fieldstone.encoders.networks.inr import Config, Inr  # noqa: E402
from fieldstone.encoders.weights import Header, open_weights, save  # noqa: E402
from fieldstone.errors import EncoderError  # noqa: E402
from fieldstone.fields.fit import fit  # noqa: E402
from fieldstone.fields.network import NeuralField  # noqa: E402
from fieldstone.fields.sampling import Sampling  # noqa: E402
from fieldstone.fields.schedule import Schedule  # noqa: E402
from tests.fields.fits import CONFIGS, ball  # noqa: E402

KINDS: dict[Kind, int] = {("hashgrid", "sdf"): 6, ("hashgrid", "udf"): 6, ("octree", "sdf"): 8}
QUICK: dict[str, Any] = {
    "sampling": Sampling(uniform=500, surface=500, near=500),
    "schedule": Schedule(epochs=1, batch=512, rate=1e-2),
}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("inr") / "fields.safetensors"
    encoders = {
        kind: Inr(
            Config(width=128, hidden=(16, 24), channels=channels, convolutions=3, groups=2, grid=8),
            torch.Generator().manual_seed(i),
        )
        for i, (kind, channels) in enumerate(KINDS.items())
    }
    save_encoders(path, encoders, CONFIGS, half=4, name="tiny-fields", version=1, card={"title": "tiny"})
    return path


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


def test_what_it_does_not_read_is_distilled_with_the_same_function(
    weights: Path, fields: dict[Kind, NeuralField], monkeypatch: pytest.MonkeyPatch
) -> None:
    from fieldstone.fields import distil as module

    asked = []
    usual = module.distil

    def quick(field: NeuralField, *given: Any, **settings: Any) -> NeuralField:
        found = usual(field, *given, **settings, **QUICK)
        asked.append((found.network.architecture, found.function, found.network.config))
        return found

    monkeypatch.setattr(module, "distil", quick)
    encoder = FieldEncoder(weights)
    rows = encoder.encode([fields["triplane", "udf"]])
    assert asked == [("hashgrid", "udf", CONFIGS["hashgrid"])]
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


@pytest.mark.parametrize(
    "config",
    [
        lambda kinds: {"half": 0},
        lambda kinds: {"half": "many"},
        lambda kinds: {"kinds": {}},
        lambda kinds: {"kinds": {"hashgrid-colour": kinds["hashgrid-sdf"]}},
        lambda kinds: {"kinds": {"pyramid-sdf": kinds["hashgrid-sdf"]}},
        lambda kinds: {"kinds": {"hashgrid-sdf": {**kinds["hashgrid-sdf"], "field": {"levels": 10**9}}}},
        lambda kinds: {"kinds": {"hashgrid-sdf": [1]}},
    ],
)
def test_strange_headers_are_refused(weights: Path, tmp_path: Path, config: Callable[[Any], dict[str, Any]]) -> None:
    with pytest.raises(EncoderError, match="holds no encoder of neural fields"):
        FieldEncoder(changed(weights, tmp_path / "strange", **config(first(weights))))


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"groups": 5}, "equal groups"),
        ({"hidden": [16] * 17}, "1 to 16 layers"),
        ({"wings": 2}, "no setting 'wings'"),
        ({"convolutions": 2}, "do not fit its header"),
        ({"width": 64}, "do not fit its header"),
        ({"hidden": [16, 12], "grid": 20}, "is of shape"),
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
