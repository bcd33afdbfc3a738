"""Byte pairs: numbers of bytes are CLIP's own; merges go by their order; splitting as CLIP splits."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from fieldstone.encoders.bpe import BytePairs

MERGES = ["t h", "th e</w>", "h e", "c a", "ca t</w>", "t t"]


@pytest.fixture
def pairs(tmp_path: Path) -> BytePairs:
    path = tmp_path / "bpe.txt.gz"
    path.write_bytes(gzip.compress("\n".join(["#version", *MERGES, ""]).encode()))
    return BytePairs(path)


def byte(letter: str, *, last: bool = False) -> int:
    """Printable letters stand in the order of their codes from "!", and again with the mark of a word's end."""
    return ord(letter) - ord("!") + 256 * last


def test_the_number_that_every_clip_gives_to_a(pairs: BytePairs) -> None:
    assert pairs.encode("a") == [320]  # "a photo of a cat" begins with it in all that is written about CLIP


def test_earlier_merges_go_first(pairs: BytePairs) -> None:
    assert pairs.encode("the") == [513]
    assert pairs.encode("them") == [512, byte("e"), byte("m", last=True)]  # th before he
    assert pairs.encode("CAT") == [516]
    assert pairs.encode("tttt") == [517, byte("t"), byte("t", last=True)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("it's 90cm", ["it", "'s", "9", "0", "cm"]),
        ("don't...!", ["don", "'t", "...!"]),
        ("a &amp;amp; b\n\tc", ["a", "&", "b", "c"]),
        ("x²½", ["x", "²", "½"]),
        ("e\u0301t\xe9", ["été"]),
    ],
)
def test_splitting(pairs: BytePairs, text: str, words: list[str]) -> None:
    assert pairs.encode(text) == [i for word in words for i in pairs.encode(word)]
    assert len([i for i in pairs.encode(text) if 256 <= i < 512]) == len(words)  # a word's last byte is marked


def test_rows_keep_their_end(pairs: BytePairs) -> None:
    rows = pairs(["the cat", "", "the cat the cat"], 5)
    assert (pairs.start, pairs.end, pairs.size) == (518, 519, 520)
    assert np.array_equal(rows, [[518, 513, 516, 519, 0], [518, 519, 0, 0, 0], [518, 513, 516, 513, 519]])
