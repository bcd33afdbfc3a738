import subprocess
import sys

import numpy as np
import pytest

from fieldstone import encoders
from fieldstone.encoders import registry
from fieldstone.errors import EncoderError, GeometryError
from fieldstone.types import PointCloud, Sampled
from tests.encoders.solids import sampled, solids
from tests.encoders.tiny import LATENT, tiny


@pytest.fixture(autouse=True)
def _quick_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is fitted for the encoder of fields takes no time; what it finds is asked in test_fields_that_ship.py."""
    if encoders.FIELDS in encoders.available():
        from tests.encoders.tiny_fields import quickly

        quickly(monkeypatch)


def test_default_is_available_and_first() -> None:
    assert encoders.available()[0] == encoders.default()


def test_the_default_is_learned_where_it_can_run(tmp_path, monkeypatch) -> None:
    pytest.importorskip("torch")
    monkeypatch.setattr(registry, "WEIGHTS", tiny(tmp_path / "base", "fieldstone-base"))
    assert encoders.default() == encoders.available()[0] == encoders.BASE == encoders.get(encoders.BASE).id
    assert encoders.get(encoders.UPRIGHT).id == encoders.UPRIGHT in encoders.available()
    monkeypatch.setattr(registry, "has_torch", lambda: False)
    assert encoders.default() == encoders.DESCRIPTOR
    assert encoders.BASE not in encoders.available()
    assert encoders.get(encoders.BASE).dim == LATENT


def test_the_encoder_of_fields_is_there_where_it_can_run(tmp_path, monkeypatch) -> None:
    pytest.importorskip("torch")
    from tests.encoders.tiny_fields import tiny_fields

    monkeypatch.setattr(registry, "FIELD_WEIGHTS", tmp_path / "none.safetensors")
    with pytest.raises(EncoderError, match=r"none\.safetensors"):
        encoders.get(encoders.FIELDS)
    monkeypatch.setattr(registry, "FIELD_WEIGHTS", tiny_fields(tmp_path / "f.safetensors", named=encoders.FIELDS))
    assert encoders.get(encoders.FIELDS).id == encoders.FIELDS in encoders.available()
    assert encoders.default() == encoders.BASE
    monkeypatch.setattr(registry, "has_torch", lambda: False)
    assert encoders.FIELDS in encoders.shipped()
    assert encoders.FIELDS not in encoders.available()
    assert encoders.get(encoders.FIELDS).card.title == "tiny"


def test_a_weight_file_says_what_reads_it(tmp_path) -> None:
    pytest.importorskip("torch")
    from tests.encoders.tiny_fields import tiny_fields

    found = [encoders.of_file(path) for path in (tiny(tmp_path / "points"), tiny_fields(tmp_path / "fields"))]
    assert [type(encoder).__name__ for encoder in found] == ["Learned", "FieldEncoder"]
    (tmp_path / "text").write_bytes(bytes(8) + b"{}")
    with pytest.raises(EncoderError, match="no weight file"):
        encoders.of_file(tmp_path / "text")


def test_unknown_encoder_names_the_known_ones() -> None:
    with pytest.raises(EncoderError, match=r"'nonesuch@7'.*fieldstone-descriptor@1.*surflet-pairs@1"):
        encoders.get("nonesuch@7")


@pytest.mark.parametrize("name", encoders.available())
def test_contract(name: str) -> None:
    encoder = encoders.get(name)
    rows = encoder.encode([sampled(solid) for solid in solids()[:3]])
    assert encoder.id == name
    assert rows.shape == (3, encoder.dim)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    assert encoder.encode([]).shape == (0, encoder.dim)
    assert encoder.card.metric == "cosine"
    assert encoder.card.title
    assert encoder.card.source


@pytest.mark.parametrize("name", encoders.available())
def test_same_bytes_alone_and_in_a_batch(name: str) -> None:
    encoder, batch = encoders.get(name), [sampled(solid) for solid in solids()[:4]]
    together = encoder.encode(batch)
    alone = np.concatenate([encoder.encode([shape]) for shape in batch])
    assert together.tobytes() == alone.tobytes() == encoder.encode(batch).tobytes()


@pytest.mark.parametrize("name", encoders.available())
@pytest.mark.parametrize("n", [1, 2, 3, 40])
def test_few_points_still_give_a_vector(name: str, n: int) -> None:
    points = np.random.default_rng(n).standard_normal((n, 3)).astype(np.float32)
    row = encoders.get(name).encode([Sampled(shape=PointCloud(points), points=points)])
    assert np.isfinite(row).all()
    np.testing.assert_allclose(np.linalg.norm(row), 1.0, atol=1e-5)


@pytest.mark.parametrize("name", encoders.available())
def test_equal_points_still_give_a_vector(name: str) -> None:
    points = np.full((50, 3), 7.0, dtype=np.float32)
    row = encoders.get(name).encode([Sampled(shape=PointCloud(points), points=points)])
    assert np.isfinite(row).all()


def test_unfit_points_are_refused_with_a_reason() -> None:
    encoder = encoders.get(encoders.DESCRIPTOR)
    none, nan = np.zeros((0, 3), dtype=np.float32), np.full((9, 3), np.nan, dtype=np.float32)
    with pytest.raises(GeometryError, match="no points"):
        encoder.encode([Sampled(shape=PointCloud(none), points=none)])
    with pytest.raises(GeometryError, match="finite"):
        encoder.encode([Sampled(shape=PointCloud(nan), points=nan)])


def test_importing_the_package_loads_no_compiler() -> None:
    code = "import sys, fieldstone.encoders; assert not {'numba', 'scipy.spatial', 'torch'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
