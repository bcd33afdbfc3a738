"""Captions from names, and from a captioner."""

import numpy as np
import pytest

pytest.importorskip("torch")

from fieldstone.errors import FieldstoneError
from fieldstone.training.captions import captioned, templates, words_of
from tests.training.toys import collection


def test_four_captions_of_what_is_known() -> None:
    assert templates("table", "round side table") == (
        "a table", "a round side table", "a 3D model of a round side table", "round side table",
    )  # fmt: skip
    assert templates("gun", "mm bullet")[3] == "mm bullet, a kind of gun"
    assert templates("sofa", None, "models/OldArmchair_02.glb")[1] == "an old armchair"
    assert templates("chess_piece") == ("a chess piece", "a chess piece", "a 3D model of a chess piece", "chess piece")
    assert templates("", None, "part_0042.stl")[0] == "a part"
    assert templates("")[0] == "an object"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("desk_lamp", "desk lamp"),
        ("DeskLamp01", "desk lamp"),
        ("I_beam", "beam"),
        ("0042", ""),
        ("Table-LOD2_mesh", "table"),
    ],
)
def test_words_of_a_name(name: str, words: str) -> None:
    assert words_of(name) == words


def test_any_captioner_will_do() -> None:
    seen = []

    def captioner(name: str, views: np.ndarray | None) -> list[str]:
        seen.append(None if views is None else views.shape)
        return [f"something like {name}"]

    described = captioned(collection(views=True), captioner)
    assert described.captions is not None
    assert described.captions[0] == ("something like rod-0",)
    assert seen == [(2, 8, 8, 4)] * 40
    with pytest.raises(FieldstoneError, match="says nothing of rod-0"):
        captioned(collection(), lambda name, views: [])
