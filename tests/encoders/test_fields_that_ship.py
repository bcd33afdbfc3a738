"""The encoder of fields that ships finds shapes by what it was made for: fields of other kinds, and meshes."""

import numpy as np
import pytest

pytest.importorskip("torch")

from fieldstone import encoders, fit, samples
from fieldstone.encoders.inr import FieldEncoder
from fieldstone.encoders.protocol import Card
from tests.encoders.solids import sampled

SEED = 90
"""Beyond those that it learnt from."""
CATEGORIES = ("chair", "plane", "table_lamp")


@pytest.fixture
def encoder() -> FieldEncoder:
    found = encoders.get(encoders.FIELDS)
    assert isinstance(found, FieldEncoder)
    return found


def test_its_card_says_what_it_learnt_from(encoder: FieldEncoder) -> None:
    card: Card = encoder.card
    assert encoder.dim == 1024
    assert card.up == "z"
    assert "generator" in card.training
    assert encoder.header.card["licences"].startswith("Apache-2.0")
    assert encoder.header.card["figures"]["nearest neighbour"]["same kind"] > 0.5
    kinds = {(grid, function) for grid in ("hashgrid", "octree") for function in ("sdf", "udf", "occ")}
    assert set(encoder.kinds) == kinds


@pytest.mark.slow
def test_fields_of_other_kinds_and_meshes_find_the_shape(encoder: FieldEncoder) -> None:
    meshes = [samples.make(category, SEED) for category in CATEGORIES]
    gallery = encoder.encode([fit(mesh, "octree", "udf") for mesh in meshes])
    for asked in ([fit(mesh, "hashgrid", "occ") for mesh in meshes], [sampled(mesh) for mesh in meshes]):
        likeness = encoder.encode(asked) @ gallery.T
        assert likeness.argmax(axis=1).tolist() == [0, 1, 2], np.round(likeness, 2)
