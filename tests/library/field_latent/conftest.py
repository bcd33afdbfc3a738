"""A folder of meshes, a cloud and fields, and libraries of it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from fieldstone import Library, fit, samples, save_field
from fieldstone.encoders import DESCRIPTOR
from fieldstone.files import write
from fieldstone.geometry.sample import sample_surface
from fieldstone.library import reading
from fieldstone.types import PointCloud
from tests.fields.fits import CONFIGS
from tests.library.field_latent.store import FIELDS, ID, KINDS, SHORT


@pytest.fixture(scope="module", autouse=True)
def in_this_process() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "RESOLUTION", 40)  # of the fields' surfaces, which nothing here is about
        yield


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The kinds of fields that were made for the encoder, each in a moment."""
    from tests.encoders.tiny_fields import quickly  # with torch, without which the tests of this folder are skipped

    return quickly(monkeypatch)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder of meshes, a cloud and fields, one in an archive, and of a weight file; a library of it on descriptors."""
    from tests.encoders.tiny_fields import tiny_fields

    place = tmp_path_factory.mktemp("latent")
    models = place / "models"
    models.mkdir()
    for kind in ("mug", "chair"):
        write(samples.make(kind, 0), models / f"{kind}.stl")
    points = sample_surface(samples.make("gear", 0), 3000, np.random.default_rng(0)).points
    write(PointCloud(points.astype(np.float64)), models / "scan.ply")
    for name, (sample, kind) in FIELDS.items():
        field = fit(samples.make(sample, 1), *kind, config=CONFIGS[kind[0]], up="z", **SHORT)
        save_field(field, models / f"{name}.field")
    (place / "aside").mkdir()
    (models / "occupied.field").rename(place / "aside" / "occupied.field")
    shutil.make_archive(str(models / "pack"), "zip", place / "aside")
    shutil.rmtree(place / "aside")
    tiny_fields(place / "fields.safetensors", KINDS, up="z")
    assert Library(place / "plain.fieldstone", encoder=DESCRIPTOR).add(models).added == 6
    return place, models


@pytest.fixture
def plain(made: tuple[Path, Path], tmp_path: Path) -> Library:
    """On descriptors, for a test to write to."""
    shutil.copytree(made[0] / "plain.fieldstone", tmp_path / "plain.fieldstone")
    return Library(tmp_path / "plain.fieldstone")


@pytest.fixture
def models(made: tuple[Path, Path], tmp_path: Path) -> Iterator[Path]:
    """The folder, for a test to change; it is as before afterwards."""
    shutil.copytree(made[1], tmp_path / "saved")
    yield made[1]
    shutil.rmtree(made[1])
    shutil.copytree(tmp_path / "saved", made[1])


@pytest.fixture(scope="module")
def latent(made: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Library:
    """In the latent of fields; tests only read it."""
    from tests.encoders.tiny_fields import quickly

    place = tmp_path_factory.mktemp("encoded") / "latent.fieldstone"
    shutil.copytree(made[0] / "plain.fieldstone", place)
    library = Library(place)
    with pytest.MonkeyPatch.context() as patch:
        quickly(patch)
        assert library.encode(made[0] / "fields.safetensors") == 6
    library.use(ID)
    return library
