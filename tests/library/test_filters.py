"""The filter language: what it keeps, what it says, and what it refuses."""

import numpy as np
import pyarrow as pa
import pytest

from fieldstone.errors import QueryError
from fieldstone.library.filters import apply

TABLE = pa.table(
    {
        "name": ["left hinge", "bolt", "Hinge 2", "o'ring"],
        "category": ["hinge", "bolt", "hinge", None],
        "unit": ["mm", "inch", None, "mm"],
        "volume": [10.0, 20.0, 30.0, None],
        "volume_mm": [10.0, 327741.28, None, None],
        "n_faces": pa.array([12, 100, 7, 0], pa.int64()),
        "watertight": [True, True, False, False],
        "tags": pa.array([["a", "b"], [], ["b"], ["c"]], pa.list_(pa.string())),
    }
)


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ("volume < 20", [0]),
        ("volume <= 20 and category = 'bolt'", [1]),
        ("volume < 15 or n_faces = 7", [0, 2]),
        ("not volume < 20", [1, 2]),
        ("volume is null", [3]),
        ("category is not null", [0, 1, 2]),
        ("category in ('bolt', 'nut')", [1]),
        ("category not in ('bolt')", [0, 2]),
        ("name like '%hinge%'", [0, 2]),
        ("name not like '%HINGE%'", [1, 3]),
        ("name = 'o''ring'", [3]),
        ("n_faces between 7 and 12", [0, 2]),
        ("watertight", [0, 1]),
        ("not watertight", [2, 3]),
        ("watertight = false", [2, 3]),
        ("tags = 'b'", [0, 2]),
        ("tags != 'b'", [1, 3]),
        ("(volume < 15 or volume > 25) AND Category = 'hinge'", [0, 2]),
        ("volume > -1e3", [0, 1, 2]),
        ("n_faces > 11.5 and n_faces in (12, 13.5)", [0]),
    ],
)
def test_keeps(where: str, rows: list[int]) -> None:
    assert np.flatnonzero(apply(TABLE, where).keep).tolist() == rows


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("", "a column"),
        ("weight < 3", "no column 'weight'; the columns are category"),
        ("volume <", "a number for volume at its end"),
        ("volume < 'x'", "a number for volume at ''?x"),
        ("category = bolt", "a text in 'quotes' for category"),
        ("volume < 3 volume", "'and', 'or' or nothing more"),
        ("(volume < 3", r"'\)' at its end"),
        ("volume ; drop", "cannot be read at ';"),
        ("tags < 'b'", "is a list"),
        ("tags like 'b'", "cannot be compared"),
        ("volume like 'b'", "cannot be compared"),
        ("watertight = 3", "true or false"),
        ("name", "a comparison"),
        ("(" * 60 + "volume < 3", "nested"),
        ("volume < 1 or " * 2000, "characters"),
    ],
)
def test_refuses(where: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        apply(TABLE, where)


def test_says_what_units_do() -> None:
    assert "mixes inch, mm, unknown" in apply(TABLE, "volume < 20").notes[0]
    (note,) = apply(TABLE, "volume_mm < 20").notes
    assert note == (
        "left out of volume_mm < 20: 1 shape without volume (not closed), "
        "1 shape without unit (state it with `fieldstone add --unit`)"
    )
    assert apply(TABLE, "n_faces < 20").notes == ()


def test_says_what_is_left_out() -> None:
    assert apply(TABLE, "volume < 20").notes[-1] == "left out of volume < 20: 1 shape without volume (not closed)"
    assert apply(TABLE, "volume_mm is null").notes == ()
    assert apply(TABLE, "volume_mm is not null").notes == ()
    assert apply(TABLE, "volume_mm < 20 or n_faces < 20").notes == (), "both of unknown volume are kept"
