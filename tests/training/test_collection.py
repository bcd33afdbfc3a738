"""A collection says what does not fit, and never holds a test shape."""

import dataclasses

import numpy as np
import pytest

from fieldstone.errors import FieldstoneError

pytest.importorskip("torch")

from tests.training.toys import collection


def test_parts_are_rows_in_order() -> None:
    shapes = collection()
    assert len(shapes) == 40
    assert set(shapes.rows("train")) | set(shapes.rows("val")) == set(range(40))
    assert [shapes.split[i] for i in shapes.rows("val")] == ["val"] * 8


def test_test_shapes_are_refused() -> None:
    shapes = collection()
    with pytest.raises(FieldstoneError, match='split "test"; leave out'):
        dataclasses.replace(shapes, split=(*shapes.split[:-1], "test"))


def test_columns_that_do_not_fit_are_refused() -> None:
    with pytest.raises(FieldstoneError, match="differ in length"):
        collection(captions=(("a rod",),))
    with pytest.raises(FieldstoneError, match="outside its 4 classes"):
        collection(labels=np.full(40, 4))


def test_the_fingerprint_knows_every_column() -> None:
    shapes = collection(views=True)
    others = [
        collection(views=True, seed=1),
        collection(),
        dataclasses.replace(shapes, labels=np.roll(shapes.labels, 1)),
        dataclasses.replace(shapes, split=shapes.split[::-1]),
        dataclasses.replace(shapes, captions=shapes.captions[::-1] if shapes.captions else None),
        dataclasses.replace(shapes, descriptors=np.zeros((40, 1, 4), dtype=np.float32)),
    ]
    prints = {shapes.fingerprint(), *(other.fingerprint() for other in others)}
    assert len(prints) == 1 + len(others)
    assert shapes.fingerprint() == collection(views=True).fingerprint()
