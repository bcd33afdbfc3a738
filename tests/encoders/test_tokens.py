"""Words as rows of a table: stable, in range, kin share rows."""

import numpy as np

from fieldstone.encoders.tokens import PIECES, WORDS, tokens


def test_case_and_punctuation_do_not_matter() -> None:
    np.testing.assert_array_equal(*(tokens([text], 1000) for text in ("A round, side-table!", "a ROUND side table")))


def test_known_rows() -> None:
    """The hash is CRC-32 of the marked word and of its runs of three: the same on every machine."""
    crc = [923022481, 3163519025, 3080540388, 1126504436]  # <cup>, <cu, cup, up>
    row = tokens(["cup"], 6144)[0, 0]
    np.testing.assert_array_equal(row[:4], [1 + value % 6143 for value in crc])
    assert not row[4:].any()


def test_kin_share_rows_and_strangers_do_not() -> None:
    cup, cups, ladder = (set(row[row > 0].tolist()) for row in tokens(["cup", "cups", "ladder"], 1 << 20)[:, 0])
    assert cup & cups
    assert not cup & ladder


def test_long_and_empty_texts() -> None:
    found = tokens(["", "word " * 100, "x" * 500], 50)
    assert found.shape == (3, WORDS, PIECES)
    assert not found[0].any()
    assert (found[1, :, 0] == found[1, 0, 0]).all()
    assert found.min() >= 0
    assert found.max() < 50
