"""Gallery and queries of a library: copies never straddle, and the same shapes divide the same way anywhere."""

import numpy as np
import pytest

from fieldstone import Library, samples
from fieldstone.errors import QueryError
from fieldstone.files import write
from fieldstone.library.split import by_content, by_tags
from fieldstone.types import Mesh

IDS = [f"{i:02d}" for i in range(12)]
ALONE = np.arange(12)


def test_of_each_label_a_share_asks_and_the_rest_answers() -> None:
    labels = ["a"] * 8 + ["b"] * 3 + ["c"]
    chosen = by_content(ALONE, IDS, labels)
    assert [chosen[:8].sum(), chosen[8:11].sum(), chosen[11:].sum()] == [2, 1, 0]


def test_a_large_group_does_not_overrun_the_share() -> None:
    group = np.array([0] * 7 + [1, 2, 3, 4, 5])
    for salt in "abcdef":
        chosen = by_content(group, IDS, ["a"] * 12, salt=salt)
        assert chosen.sum() == 3
        assert not chosen[:7].any()
    assert by_content(np.array([0] * 7 + [1] * 5), IDS, ["a"] * 12).sum() == 5  # none fits: the smaller


def test_the_choice_follows_the_content_and_not_the_order() -> None:
    labels = ["a"] * 12
    chosen = by_content(ALONE, IDS, labels)
    turned = by_content(ALONE, IDS[::-1], labels)
    np.testing.assert_array_equal(turned, chosen[::-1])
    assert (by_content(ALONE, IDS, labels, salt="val") != chosen).any()


@pytest.mark.parametrize("salt", ["query", "val", "x", "y"])
def test_a_group_is_never_torn(salt: str) -> None:
    group = np.array([0, 0, 0, 1, 1, 2, 2, 3, 3, 3, 4, 5])
    chosen = by_content(group, IDS, ["a"] * 12, salt=salt)
    assert all(len(set(chosen[group == g].tolist())) == 1 for g in range(6))
    assert 0 < chosen.sum() < 12


def test_tags_say_what_asks() -> None:
    assert by_tags([["train"], []]) is None
    divided = by_tags([["train"], ["test"], [], ["train", "test"]])
    assert divided is not None
    assert [part.tolist() for part in divided] == [[True, False, False, True], [False, True, False, False]]
    divided = by_tags([["test"], [], ["x"]])
    assert divided is not None
    assert divided[0].tolist() == [False, True, True]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Four gears, each with a copy in another pose and size, and two mugs."""
    place = tmp_path_factory.mktemp("split")
    turn = np.array([[0.8, -0.6, 0.0], [0.6, 0.8, 0.0], [0.0, 0.0, 1.0]])
    for seed in range(4):
        gear = samples.make("gear", seed)
        (place / "models" / "gear").mkdir(parents=True, exist_ok=True)
        write(gear, place / "models" / "gear" / f"gear-{seed}.stl")
        write(Mesh(2.0 * gear.vertices @ turn.T, gear.faces), place / "models" / "gear" / f"copy-{seed}.stl")
    (place / "models" / "mug").mkdir()
    for seed in range(2):
        write(samples.make("mug", seed), place / "models" / "mug" / f"mug-{seed}.stl")
    made = Library(place / "a.fieldstone")
    made.add(place / "models", category="folder", workers=1)
    return made


def test_copies_of_a_library_stand_on_one_side(library: Library) -> None:
    division = library.divide("category")
    side = {shape.name: bool(asks) for shape, asks in zip(division.shapes, division.queries, strict=True)}
    assert division.by == "content"
    assert all(side[f"gear-{seed}"] == side[f"copy-{seed}"] for seed in range(4))
    assert sum(side.values()) == 3  # one gear and its copy, and one mug
    assert set(division.labels) == {"gear", "mug"}


def test_a_column_that_holds_no_labels_is_told(library: Library) -> None:
    with pytest.raises(QueryError, match=r"'volume' is no column of labels; give one of .*category"):
        library.divide("volume")
