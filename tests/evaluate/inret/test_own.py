"""Encoders of one's own: a file that opens, the same bytes again, and nothing fitted where it could not be written."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fieldstone.encoders.inr import FieldEncoder, Kind  # noqa: E402
from fieldstone.errors import EncoderError, FieldstoneError, FileError  # noqa: E402
from fieldstone.evaluate.inret.own import train_encoders  # noqa: E402
from fieldstone.evaluate.inret.shapes import Shape  # noqa: E402
from fieldstone.fields.fit import fit  # noqa: E402
from fieldstone.fields.octree import OctreeConfig  # noqa: E402
from fieldstone.fields.triplane import TriplaneConfig  # noqa: E402
from fieldstone.training.common_latent import Recipe  # noqa: E402
from tests.encoders.tiny_fields import CARD, QUICK  # noqa: E402
from tests.fields.fits import CONFIGS, ball  # noqa: E402

KINDS: tuple[Kind, ...] = (("triplane", "udf"), ("triplane", "sdf"))
SHAPES = [Shape(name=f"ball-{i}", category="ball", mesh=ball(8, radius=1.0 + i)) for i in range(3)]


def learn(path: Path, **changed: Any) -> None:
    fits = {"triplane": {"config": CONFIGS["triplane"], **QUICK}}
    given = {"shapes": SHAPES, "kinds": KINDS, "name": "own", "card": CARD, "fits": fits, "half": 4, **changed}
    shapes, kinds = given.pop("shapes"), given.pop("kinds")
    train_encoders(path, shapes, kinds, path.parent / "kept", Recipe(points=16, epochs=1, batch=2), **given)


def test_a_file_of_ones_own_reads_its_kinds(tmp_path: Path) -> None:
    path = tmp_path / "new" / "own.safetensors"
    learn(path)
    encoder = FieldEncoder(path)
    assert (encoder.id, encoder.kinds, encoder.card.title) == ("own@1", tuple(sorted(KINDS)), "tiny")
    field = fit(SHAPES[0].mesh, "triplane", "udf", config=CONFIGS["triplane"], **QUICK)
    assert encoder.reads(field)
    sizes = encoder.readers["triplane", "udf"].sizes
    assert (sizes["rows"], sizes["rank"], sizes["norm"]) == (18, 64, True)
    assert np.linalg.norm(encoder.encode([field])) == pytest.approx(1.0)
    assert len(list((tmp_path / "new" / "kept" / "fields").glob("*.field"))) == 6
    before = path.read_bytes()
    path.unlink()
    learn(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"shapes": SHAPES[:1]}, FieldstoneError, "two shapes or more, and there are 1"),
        ({"half": 3}, ValueError, "half is one of 1, 2, 4"),
        ({"half": 128}, ValueError, "half is one of 1, 2, 4"),
        ({"kinds": ()}, EncoderError, "holds no encoder"),
        ({"fits": {"triplane": {"config": 3}}}, ValueError, "TriplaneConfig"),
        ({"fits": {"triplane": {"config": TriplaneConfig(nodes=9, channels=64)}}}, ValueError, "32,768 numbers"),
        (
            {"kinds": (("octree", "udf"),), "fits": {"octree": {"config": OctreeConfig(last=8, channels=64)}}},
            EncoderError,
            "holds no encoder",
        ),
        ({"name": "No Name"}, EncoderError, "names an encoder 'No Name'"),
        ({"version": 0}, EncoderError, "cannot be"),
        ({"card": {"title": "t"}}, EncoderError, "lacks what a card must say"),
        ({"card": {**CARD, "up": "Z"}}, EncoderError, "lacks what a card must say"),
        ({"card": {**CARD, "figures": np.float32(1)}}, EncoderError, "no JSON can say"),
        ({"device": "cuda:77"}, FieldstoneError, "cuda:77"),
    ],
)
def test_what_could_not_be_written_is_refused_before_any_work(
    tmp_path: Path, changed: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        learn(tmp_path / "own.safetensors", **changed)
    assert not list(tmp_path.iterdir())


def test_a_place_that_is_no_folder_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(FileError, match="is no folder for weights"):
        train_encoders(
            tmp_path / "file" / "own", SHAPES, KINDS, tmp_path / "kept", Recipe(), name="own", card=CARD, half=4
        )
    assert not (tmp_path / "kept").exists()
